"""An English name within Arabic news, and the other way round: read, mailed, grouped and found again."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils.translation import override
from pydantic import BaseModel

from clarion.direction import END, ISOLATE
from clarion.events import AppText, EmailText, EventType
from clarion.inbox.item import item_page
from clarion.inbox.listing import Listing
from clarion.models import AppNotification, EmailNotification, EventLog
from clarion.notifiers import notify
from tests.integration.conftest import MakePerson
from tests.integration.happenings import happen, happenings
from tests.integration.orders import ship

pytestmark = pytest.mark.django_db

KITE = "Kite Pro!"
BORDERED = f"{ISOLATE}{KITE}{END}"


class Arrival(BaseModel):
    name: str
    who: str = ""


TEXTS = (
    AppText(
        locale="ar",
        title="منتج جديد: {name}",
        message="وصل المنتج {name}.",
        group="تغيّرت بواسطة {people}",
    ),
    EmailText(locale="ar", title="منتج جديد: {name}", template="وصل المنتج {name}.\n"),
)


@pytest.fixture
def layla(make_person: MakePerson, monkeypatch: pytest.MonkeyPatch) -> User:
    """Somebody who reads Arabic."""
    monkeypatch.setattr(User, "language", property(lambda user: user.last_name), raising=False)
    return make_person(last_name="ar")


@pytest.fixture
def arrivals(layla: User) -> Iterator[EventType]:
    """An event type that Layla is told of in Arabic."""

    def tell(event: EventLog) -> None:
        notify(event, people=[layla])

    with happenings(
        tell,
        payload=Arrival,
        texts=TEXTS,
        subject="arrival:{name}",
        group_by="type",
        actor="who",
    ) as event_type:
        yield event_type


@pytest.mark.usefixtures("arrivals")
def test_an_english_name_within_arabic_has_a_border_wherever_it_is_read(client: Client, layla: User) -> None:
    happen(name=KITE)

    item, letter = AppNotification.objects.get(), EmailNotification.objects.get()
    assert (item.title, item.message) == (f"منتج جديد: {BORDERED}", f"وصل المنتج {BORDERED}.")
    assert letter.subject == item.title
    client.force_login(layla)
    page = client.get("/notifications/").content.decode()
    assert f'dir="rtl">وصل المنتج {BORDERED}.</p>' in page
    message = mail.outbox[0]
    assert isinstance(message, EmailMultiAlternatives)
    assert message.subject == item.title
    assert item.message in message.body
    assert f'<div dir="rtl">\n<p>{item.message}</p>' in str(message.alternatives[0][0])


@pytest.mark.usefixtures("arrivals")
def test_what_an_event_is_about_is_a_key_without_borders() -> None:
    assert happen(name="طائرة!").subject == "arrival:طائرة!"


def test_an_arabic_name_does_not_turn_an_english_text_round(client: Client, alice: User) -> None:
    ship(alice, item="طائرة")

    assert AppNotification.objects.get().message == f"{ISOLATE}طائرة{END} is on its way."
    client.force_login(alice)
    assert 'class="clarion-message" dir="ltr"' in client.get("/notifications/").content.decode()
    message = mail.outbox[0]
    assert isinstance(message, EmailMultiAlternatives)
    assert f'<div dir="ltr">\n<p>{ISOLATE}' in str(message.alternatives[0][0])


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("منتج جديد: Kite", True),
        ("kite PRO!", True),
        ("Kite Pro!.", True),
        (f"جديد: {ISOLATE}Kite", True),
        ("Kite منتج", False),
        (ISOLATE, True),
    ],
)
@pytest.mark.usefixtures("arrivals")
def test_a_search_finds_what_one_reads_across_the_border(words: str, layla: User, *, is_found: bool) -> None:
    happen(name=KITE)
    assert Listing(search=words).of(layla).exists() is is_found


@pytest.mark.usefixtures("arrivals")
@pytest.mark.parametrize(
    ("names", "people"),
    [
        (["Kevin!"], f"{ISOLATE}Kevin!{END}"),
        (["ليلى", "Kevin!"], f"{ISOLATE}Kevin!{END} وليلى"),
        (["Ada", "Bob", "Kevin!"], f"{ISOLATE}Kevin!{END} وشخصين آخرين"),
        (["Ada", "Bob", "ليلى"], "ليلى وشخصين آخرين"),
    ],
)
def test_within_a_group_s_title_each_name_has_its_own(layla: User, names: list[str], people: str) -> None:
    for who in names * 2:
        happen(name="طائرة", who=who)
    with override("ar"):
        (item,) = item_page(layla, Listing(), "", 20).items
    assert item.title == f"تغيّرت بواسطة {people}"
