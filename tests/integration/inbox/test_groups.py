"""Groups: several of a kind stand as one, "Kevin and 7 others renamed products"."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.utils.translation import override
from pydantic import BaseModel
from pytest_django import DjangoAssertNumQueries

from clarion.events import AppText, EventType
from clarion.exceptions import ImproperlyDeclared
from clarion.inbox.item import Item, item_page
from clarion.inbox.listing import Listing
from clarion.inbox.service import NotificationService
from clarion.models import AppNotification, AppNotificationTemplate, NotifiableEvent
from tests.integration.happenings import happening, happenings
from tests.integration.inbox.items import give

KIND = "test.happened"


class Renaming(BaseModel):
    who: str = ""
    name: str = ""


TEXTS = (
    AppText(title="Renamed: {name}", message="", group="{people} renamed {count} things"),
    AppText(locale="de", title="Umbenannt: {name}", message="", group="{count} umbenannt von {people}"),
)


@pytest.fixture
def renamings(alice: User) -> Iterator[EventType]:
    """An event type whose items are grouped, and whose payload names who did it."""
    with happenings(payload=Renaming, texts=TEXTS, group_by="type", actor="who") as event_type:
        yield event_type


def give_by(person: User, *names: str) -> list[AppNotification]:
    """Give an item done by each of these."""
    items = give(person, len(names), event_type=KIND)
    for item, name in zip(items, names, strict=True):
        NotifiableEvent.objects.filter(pk=item.event_id).update(params={"who": name, "name": "x"})
    return items


def items_of(person: User, size: int = 20, cursor: str = "") -> list[Item]:
    return list(item_page(person, Listing(), cursor, size).items)


@pytest.mark.usefixtures("renamings")
@pytest.mark.parametrize(
    ("names", "title"),
    [
        (["Ada", "Kevin"], "Kevin and Ada renamed 2 things"),
        (["Ada", "Bob", "Kevin"], "Kevin and 2 others renamed 3 things"),
        ([*"abcdefg", "Kevin"], "Kevin and 7 others renamed 8 things"),
        (["Kevin"] * 8, "Kevin renamed 8 things"),
        (["", ""], "Someone renamed 2 things"),
    ],
)
def test_a_group_names_each_person_once(alice: User, names: list[str], title: str) -> None:
    give_by(alice, *names)
    (item,) = items_of(alice)
    assert item.title == title


@pytest.mark.usefixtures("renamings")
def test_a_group_speaks_the_readers_language(alice: User) -> None:
    give_by(alice, "Ada", "Bob", "Kevin")
    with override("de"):
        (item,) = items_of(alice)
    assert item.title == "3 umbenannt von Kevin und 2 weitere"


@pytest.mark.usefixtures("renamings")
def test_a_broken_text_leaves_the_name_of_the_kind(alice: User) -> None:
    AppNotificationTemplate.objects.all().delete()
    give_by(alice, "Ada", "Bob")
    (item,) = items_of(alice)
    assert item.title == "Something happened"


@pytest.mark.usefixtures("renamings")
def test_what_is_read_and_what_is_not_stand_apart(alice: User) -> None:
    first, second, _, _ = give_by(alice, *"abcd")
    NotificationService().mark_read(alice, [first.pk, second.pk])
    assert [len(item.notifications) for item in items_of(alice)] == [2, 2]


@pytest.mark.usefixtures("renamings")
def test_other_kinds_between_them_part_no_group(alice: User) -> None:
    give_by(alice, "a")
    give(alice)
    give_by(alice, "b")
    assert [len(item.notifications) for item in items_of(alice)] == [2, 1]


@pytest.mark.usefixtures("renamings")
def test_pages_hold_every_notification_once(alice: User) -> None:
    for _ in range(8):
        give_by(alice, "a", "b", "c")
        give(alice, 2)
    seen: list[int] = []
    cursor, pages = "", 0
    while pages < 40:
        page = item_page(alice, Listing(), cursor, 3)
        assert len(page.items) <= 3
        seen += [row.pk for item in page.items for row in item.notifications]
        pages += 1
        if not (cursor := page.next_cursor):
            break
    assert sorted(seen) == sorted(AppNotification.objects.values_list("pk", flat=True))


@pytest.mark.usefixtures("renamings")
def test_the_number_of_queries_does_not_grow(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    give_by(alice, "a", "b")
    with django_assert_num_queries(3):  # page, templates, preference
        items_of(alice)
    for _ in range(6):
        give_by(alice, *"abcdefgh")
        give(alice, 2)
    with django_assert_num_queries(3):
        items_of(alice)


@pytest.mark.parametrize(
    ("wrong", "path"), [({"group_by": "colour"}, "group_by"), ({"actor": "nobody"}, "actor")]
)
def test_a_grouping_that_cannot_be_is_refused_when_declared(wrong: dict[str, str], path: str) -> None:
    with pytest.raises(ImproperlyDeclared, match=re.escape(path)):
        happening(**wrong)


@pytest.mark.usefixtures("renamings")
def test_the_text_of_a_group_keeps_the_contract(alice: User) -> None:
    template = AppNotificationTemplate.objects.get(event_type=KIND, locale="en")
    template.group_template = "{persons} did it"
    with pytest.raises(Exception, match="unknown parameter"):
        template.save()
