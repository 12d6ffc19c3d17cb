"""notify(): whom a handler may name, and how."""

import gc
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.utils.translation import gettext_lazy

from clarion.models import AppNotification, EventLog, HandlerRun, NotifiableEvent, Status
from clarion.notifiers import notify
from clarion.testing import assert_notified
from tests.integration.conftest import MakePerson
from tests.integration.happenings import happen, happenings

pytestmark = pytest.mark.django_db

Naming = Callable[[User, User], Any]

SOME_PEOPLE = "a queryset or an iterable of auth.User"
WRAP = "wrap one person in a list: people=[person]"


class Unspeakable:
    """A reason that cannot be put into words."""

    def __str__(self) -> str:
        raise LookupError("no such language")


def tell(people: Any, **options: Any) -> HandlerRun:
    """Publish an event whose handler names these people; return what became of the handler's run."""

    def handler(event: EventLog) -> None:
        notify(event, people=people, **options)

    with happenings(handler):
        return happen().runs.get()


@pytest.mark.parametrize(
    "people",
    [
        lambda alice, bob: User.objects.all(),
        lambda alice, bob: User.objects.order_by("-username"),
        lambda alice, bob: User.objects.filter(pk=alice.pk).union(User.objects.filter(pk=bob.pk)),
        lambda alice, bob: [alice, bob],
        lambda alice, bob: (alice, bob),
        lambda alice, bob: {alice, bob},
        lambda alice, bob: (person for person in [bob, alice]),
        lambda alice, bob: {alice: "owner", bob: "manager"},
        lambda alice, bob: User.objects.only("username"),
    ],
    ids=["queryset", "ordered", "union", "list", "tuple", "set", "generator", "dict", "deferred"],
)
def test_people_may_come_as_a_queryset_or_any_iterable(people: Naming, alice: User, bob: User) -> None:
    assert tell(people(alice, bob)).status == Status.DONE
    assert set(NotifiableEvent.objects.values_list("person", flat=True)) == {alice.pk, bob.pk}


def test_a_person_with_two_roles_is_notified_once(alice: User) -> None:
    for name in ("manager", "owner"):
        alice.groups.add(Group.objects.create(name=name))

    tell(User.objects.filter(groups__name__in=["manager", "owner"]))

    assert NotifiableEvent.objects.get().person == alice
    assert AppNotification.objects.count() == len(mail.outbox) == 1


def test_people_are_written_in_one_order_whatever_order_they_come_in(make_person: MakePerson) -> None:
    people = [make_person() for _ in range(5)]

    tell(reversed(people))

    assert list(NotifiableEvent.objects.order_by("pk").values_list("person", flat=True)) == [
        person.pk for person in people
    ]


@pytest.mark.parametrize("count", [2, 3, 4, 7])
def test_many_people_are_told_in_chunks(
    count: int, make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("clarion.notifiers.notify"), "CHUNK", 3)
    people = [make_person() for _ in range(count)]

    tell(User.objects.all())

    assert set(NotifiableEvent.objects.values_list("person", flat=True)) == {person.pk for person in people}
    assert AppNotification.objects.count() == count


def test_a_person_in_two_chunks_is_told_once(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("clarion.notifiers.notify"), "CHUNK", 2)

    tell([alice, bob, alice])

    assert NotifiableEvent.objects.count() == len(mail.outbox) == 2


def test_people_may_be_told_by_several_calls(alice: User, bob: User) -> None:
    def handler(event: EventLog) -> None:
        notify(event, people=[alice], reason="because you own it")
        notify(event, people=[alice, bob], reason="because you manage it")

    with happenings(handler):
        happen()

    reasons = dict(NotifiableEvent.objects.values_list("person", "reason"))
    assert reasons == {alice.pk: "because you own it", bob.pk: "because you manage it"}


def test_the_number_of_people_told_is_returned(alice: User, bob: User) -> None:
    returned = []

    def handler(event: EventLog) -> None:
        returned.append(notify(event, people=[alice, bob, alice]))

    with happenings(handler):
        happen()

    assert returned == [2]


@pytest.mark.parametrize(
    ("people", "where", "got", "expected", "fix"),
    [
        (lambda alice: alice, "people", "User", SOME_PEOPLE, WRAP),
        (lambda alice: "alice", "people", "str", SOME_PEOPLE, WRAP),
        (lambda alice: None, "people", "NoneType", SOME_PEOPLE, WRAP),
        (
            *(lambda alice: Group.objects.all(), "people", "a queryset of auth.Group", SOME_PEOPLE),
            "follow the relation to the person",
        ),
        (lambda alice: [alice, alice.pk], "people[1]", "int", "auth.User", "pass person instances"),
        (lambda alice: [alice, None], "people[1]", "NoneType", "auth.User", "pass person instances"),
        (lambda alice: [User()], "people[0]", "an unsaved auth.User", "a saved one", "save the person first"),
    ],
    ids=["person", "text", "none", "groups", "key", "none-in-list", "unsaved"],
)
def test_people_who_are_not_people_fail_the_handler_s_run_with_the_reason(
    people: Callable[[User], Any], where: str, got: str, expected: str, fix: str, alice: User
) -> None:
    handler_run = tell(people(alice))

    assert handler_run.status == Status.DEAD, "trying a mistake in the code again cannot help"
    assert handler_run.error == f"InvalidRecipients: {where}: got {got}, expected {expected}; fix: {fix}"
    assert not NotifiableEvent.objects.exists()


def test_a_person_deleted_meanwhile_does_not_hold_up_the_others(alice: User, bob: User) -> None:
    def handler(event: EventLog) -> None:
        notify(event, people=User.objects.all())

    bob.delete()
    with happenings(handler):
        assert happen().status == Status.DONE
        assert_notified(alice, "test.happened")


def test_a_stream_of_people_that_breaks_off_is_closed(
    make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        make_person()
    monkeypatch.setattr(import_module("clarion.notifiers.notify"), "CHUNK", 2)

    handler_run = tell(User.objects.order_by("pk"), reason=Unspeakable())

    assert handler_run.error == "LookupError: no such language"
    assert not NotifiableEvent.objects.exists()
    # A cursor left open complains when it is collected, and complaints are errors in these tests.
    gc.collect()


@pytest.mark.parametrize("named", [list, lambda people: User.objects.all()], ids=["list", "queryset"])
def test_a_language_that_cannot_be_read_fails_its_own_person_only(
    named: Callable[[list[User]], Any], alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def language(person: User) -> str:
        if person == alice:
            raise LookupError("no such language")
        return "en"

    monkeypatch.setattr(User, "language", property(language), raising=False)

    assert tell(named([alice, bob])).status == Status.DONE
    assert NotifiableEvent.objects.get(person=bob).status == Status.DONE
    assert NotifiableEvent.objects.get(person=alice).error == "LookupError: no such language"


@pytest.mark.parametrize(
    "link", ["", "/orders/7/", "/orders/?page=2#top", "https://shop.example/7", "http://a/b"]
)
def test_a_link_may_be_a_path_or_a_web_address(link: str, alice: User) -> None:
    tell([alice], link=link)

    assert AppNotification.objects.get().link == link


@pytest.mark.parametrize(
    ("link", "got"),
    [
        ("javascript:alert(1)", "the scheme 'javascript'"),
        ("JavaScript:alert(1)", "the scheme 'javascript'"),
        ("data:text/html,hi", "the scheme 'data'"),
        ("//evil.example/", "a link without a scheme"),
        ("/\\evil.example", "spaces, control characters or backslashes"),
        ("/orders/7/\n", "spaces, control characters or backslashes"),
        ("orders/7/", "a relative path"),
        ("https://", "a URL without a host"),
        ("/" + "x" * 2000, "2001 characters"),
        (7, "int"),
    ],
)
def test_a_link_that_leads_astray_fails_the_handler_s_run(link: Any, got: str, alice: User) -> None:
    handler_run = tell([alice], link=link)

    assert handler_run.error == (
        f'InvalidLink: link: got {got}, expected a path such as "/products/1/" or an http(s) URL; '
        "fix: pass product.get_absolute_url()"
    )
    assert not NotifiableEvent.objects.exists()


@pytest.mark.parametrize("named", [list, lambda people: User.objects.filter(pk__in=[p.pk for p in people])])
def test_a_reason_that_can_be_translated_is_in_each_person_s_language(
    named: Callable[[list[User]], Any], alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    languages = {alice.pk: "de", bob.pk: "en"}
    monkeypatch.setattr(User, "language", property(lambda user: languages[user.pk]), raising=False)

    tell(named([alice, bob]), reason=gettext_lazy("December"))

    reasons = dict(NotifiableEvent.objects.values_list("person", "reason"))
    assert reasons == {alice.pk: "Dezember", bob.pk: "December"}


def test_a_reason_is_kept_to_one_line_that_fits(alice: User) -> None:
    tell([alice], reason="because you\nmanage " + "A" * 300)

    reason = NotifiableEvent.objects.get().reason
    assert reason.startswith("because you manage AAA")
    assert (len(reason), reason[-1]) == (255, "…")


def test_parameters_are_held_to_the_schema(alice: User) -> None:
    handler_run = tell([alice], params={"text": 7, "colour": "red"})

    assert handler_run.error == (
        "InvalidPayload: test.happened: payload.text: got int, expected str; fix: pass str(text)\n"
        "test.happened: payload.colour: got a field that is not in the schema, expected only fields of the "
        "schema; fix: remove it, or add it to Happening"
    )
    assert not NotifiableEvent.objects.exists()
