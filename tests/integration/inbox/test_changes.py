"""What a person does to their notifications: to one, to many, to all; and how it is taken back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import Model
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clarion.exceptions import InvalidCursor
from clarion.inbox.change import Action, Change
from clarion.inbox.listing import Listing, State
from clarion.inbox.service import NotificationService, Selection
from clarion.models import AppNotification, InboxState, Mute
from tests.integration.inbox.items import give

service = NotificationService()
LATER = timedelta(hours=3)

Act = Callable[[Model, Selection], Change]


def snooze(person: Model, which: Selection) -> Change:
    return service.snooze(person, which, timezone.now() + LATER)


ACTIONS: list[tuple[Act, dict[str, Any]]] = [
    (service.mark_read, {}),
    (service.mark_unread, {"is_read": True, "read_at": timezone.now()}),
    (service.mark_seen, {}),
    (service.archive, {}),
    (service.unarchive, {"archived_at": timezone.now()}),
    (snooze, {}),
    (service.unsnooze, {"snoozed_until": timezone.now() + LATER}),
]
"""Each action, with what a row must be like for it to have an effect."""

every_action = pytest.mark.parametrize(("act", "before"), ACTIONS)


def state_of(person: User) -> list[dict[str, Any]]:
    moments = ("is_read", "archived_at", "snoozed_until")
    rows = AppNotification.objects.filter(person=person).order_by("pk").values("pk", *moments)
    return [row | {"archived_at": row["archived_at"] is not None} for row in rows]


def everything_for(act: Act) -> Listing:
    if act == service.unarchive:
        return Listing(State.ARCHIVED)
    return Listing(State.SNOOZED if act == service.unsnooze else State.ALL)


def in_state(person: User, state: State) -> list[str]:
    return [item.title for item in service.get_notifications(person, Listing(state)).items]


@every_action
def test_one_many_or_all_are_changed_and_counted(alice: User, act: Act, before: dict[str, Any]) -> None:
    items = give(alice, 6, **before)
    assert act(alice, items[0].pk).count == 1
    assert act(alice, [items[0].pk, items[1].pk, items[2].pk]).count == 2
    assert act(alice, everything_for(act)).count == 3
    assert not act(alice, everything_for(act))


@every_action
def test_what_is_someone_else_s_is_as_good_as_none(
    alice: User, bob: User, act: Act, before: dict[str, Any]
) -> None:
    (other,) = give(bob, **before)
    as_it_was = state_of(bob)
    for which in (other.pk, [other.pk, other.pk + 1, 0, -1, 2**70], everything_for(act)):
        change = act(alice, which)
        assert change.count == 0
        assert service.undo(alice, change) == 0
    assert state_of(bob) == as_it_was
    assert not InboxState.objects.exists()


@every_action
@pytest.mark.parametrize("all_at_once", [True, False])
def test_undo_takes_back_what_was_changed_and_nothing_else(
    alice: User, act: Act, before: dict[str, Any], all_at_once: bool
) -> None:
    mine = give(alice, 3, **before)
    act(alice, mine[0].pk)
    as_it_was = state_of(alice)
    change = act(alice, everything_for(act) if all_at_once else [item.pk for item in mine])
    assert change.count == 2
    assert service.undo(alice, change) == 2
    assert state_of(alice) == as_it_was
    assert service.undo(alice, change) == 0


@every_action
def test_a_change_of_another_person_cannot_be_undone(
    alice: User, bob: User, act: Act, before: dict[str, Any]
) -> None:
    give(bob, 2, **before)
    change = act(bob, everything_for(act))
    as_it_was = state_of(bob)
    assert service.undo(alice, change) == 0
    assert state_of(bob) == as_it_was


@every_action
def test_a_change_raises_the_version_once_and_no_change_does_not(
    alice: User, act: Act, before: dict[str, Any]
) -> None:
    give(alice, 3, **before)
    for count in (1, 1):
        act(alice, everything_for(act))
        assert InboxState.objects.get(person=alice).version == count


def test_the_number_of_statements_does_not_grow_with_the_number_of_rows(
    alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    give(alice, 500)
    service.mark_read(alice, give(alice)[0].pk)
    with django_assert_max_num_queries(4):  # savepoint, rows, state, savepoint
        change = service.mark_read(alice, Listing())
    assert change.count == 500
    with django_assert_max_num_queries(4):
        assert service.undo(alice, Change.of_token(change.token)) == 500


def test_a_token_names_its_change_exactly(alice: User) -> None:
    give(alice, 2)
    for change in (service.archive(alice, Listing()), service.mark_read(alice, Listing(State.ARCHIVED))):
        found = Change.of_token(change.token)
        assert (found.action, found.stamp) == (change.action, change.stamp)
    assert service.mark_unread(alice, Listing(State.ARCHIVED)).token == ""
    assert service.mark_read(alice, 0).token == ""


@pytest.mark.parametrize(
    "token", ["", "read", "read.", "read.x", "burn.1", "unread.1", "read.٣", "read." + "9" * 18]
)
def test_a_token_that_no_change_gave_is_refused(token: str) -> None:
    with pytest.raises(InvalidCursor):
        Change.of_token(token)


@pytest.mark.parametrize("action", [Action.READ, Action.SEEN, Action.ARCHIVE, Action.SNOOZE])
def test_the_largest_token_is_undone_without_effect(alice: User, action: Action) -> None:
    give(alice)
    assert service.undo(alice, Change.of_token(f"{action}.{'9' * 17}")) == 0


def test_reading_is_seeing_and_seeing_is_not_reading(alice: User) -> None:
    read, seen, _ = give(alice, 3)
    service.mark_read(alice, read.pk)
    service.mark_seen(alice, seen.pk)
    counts = service.get_counts(alice)
    assert (counts.unread, counts.unseen) == (2, 1)
    read.refresh_from_db()
    assert read.seen_at is not None


def test_what_is_archived_is_in_the_archive_alone(alice: User) -> None:
    item, _ = give(alice, 2)
    service.archive(alice, item.pk)
    assert in_state(alice, State.ALL) == in_state(alice, State.UNREAD) == ["News 2"]
    assert in_state(alice, State.ARCHIVED) == ["News 1"]
    assert service.get_unread_count(alice) == 1
    assert service.get_counts(alice).archived == 1


def test_what_is_snoozed_is_in_no_count_until_it_wakes(alice: User) -> None:
    item, _ = give(alice, 2)
    service.snooze(alice, item.pk, timezone.now() + LATER)
    assert service.get_unread_count(alice) == 1
    assert in_state(alice, State.ALL) == in_state(alice, State.UNREAD) == ["News 2"]
    assert in_state(alice, State.SNOOZED) == ["News 1"]
    AppNotification.objects.filter(pk=item.pk).update(snoozed_until=timezone.now())
    assert service.get_unread_count(alice) == 2
    assert in_state(alice, State.ALL) == in_state(alice, State.UNREAD) == ["News 2", "News 1"]
    assert in_state(alice, State.SNOOZED) == []
    assert [woken.pk for woken in service.get_woken_notifications(alice)] == [item.pk]


def test_what_was_read_and_then_snoozed_comes_back_unread(alice: User) -> None:
    (item,) = give(alice)
    item.mark_as_read()
    service.snooze(alice, item.pk, timezone.now() + LATER)
    AppNotification.objects.update(snoozed_until=timezone.now())
    assert service.get_unread_count(alice) == 1


def test_nothing_is_snoozed_until_what_is_past(alice: User) -> None:
    (item,) = give(alice)
    with pytest.raises(ValueError, match="future"):
        service.snooze(alice, item.pk, timezone.now())


def test_two_snoozes_until_the_same_time_are_undone_apart(alice: User) -> None:
    first, second = give(alice, 2)
    tomorrow = timezone.now().replace(microsecond=0) + timedelta(days=1)
    service.snooze(alice, first.pk, tomorrow)
    change = service.snooze(alice, second.pk, tomorrow)
    assert service.undo(alice, change) == 1
    assert in_state(alice, State.SNOOZED) == ["News 1"]


def test_marking_all_as_read_leaves_what_is_snoozed_or_archived(alice: User) -> None:
    snoozed, archived, _ = give(alice, 3)
    service.snooze(alice, snoozed.pk, timezone.now() + LATER)
    service.archive(alice, archived.pk)
    assert service.mark_all_as_read(alice) == 1


def test_a_category_and_words_narrow_a_listing(alice: User) -> None:
    give(alice, 2)
    give(alice, title="Your account", event_type="account.locked", message="From 100% of Rome")

    def found(**listing: Any) -> list[str]:
        return [item.title for item in service.get_notifications(alice, Listing(**listing)).items]

    assert found(category="account") == ["Your account"]
    assert found(category="orders") == ["News 2", "News 1"]
    assert found(category="no such") == []
    assert found(search=" news 2 ") == ["News 2"]
    assert found(search="100%") == found(search="rome") == ["Your account"]
    assert found(search="100_") == found(search="\0") == []
    assert found(category="orders", search="account") == []
    assert service.mark_read(alice, Listing(category="account")).count == 1


def test_a_subject_is_muted_once_and_can_be_heard_again(alice: User, bob: User) -> None:
    assert service.mute(alice, "product:12", "Product renamed")
    assert not service.mute(alice, "product:12")
    assert [mute.title for mute in service.get_mutes(alice)] == ["Product renamed"]
    assert not service.unmute(bob, "product:12")
    assert service.unmute(alice, "product:12")
    assert not Mute.objects.exists()
    with pytest.raises(ValueError, match="without a subject"):
        service.mute(alice, "")
