"""The oracle catches what it is there for: each test breaks a sound world in one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chaos.expectation import EVERYBODY, Expectation
from chaos.oracle import Delivery, Event, Evidence, Letter, Run, Told, Verdict, judge
from chaos.strike import Strike

NOBODY_KNOWS = Expectation()
CREATED = {"app": "created:default", "email": "created:default"}

EVENTS = [Event(101, 1, "happened", "done", ""), Event(102, 2, "happened", "done", "")]
TOLD = [
    Told(201, 101, 11, "done", "", CREATED),
    Told(202, 101, 12, "done", "", CREATED),
    Told(203, 102, 11, "done", "", CREATED),
    Told(204, 102, 12, "done", "", CREATED),
]
LETTERS = [Letter(201, "<1>", "sent", ""), Letter(203, "<2>", "sent", "")]
FIRST, SECOND = Delivery("<1>", frozenset({(1, 11)}), 100), Delivery("<2>", frozenset({(2, 11)}), 200)

STRUCK = Expectation(strikes=[Strike(100, 100, 1)])
"""As the first mail was accepted."""


def sound_world() -> Evidence:
    """Two events for two people each; person 12 has no address."""
    return Evidence(
        acknowledged=[1, 2],
        happenings={1: [11, 12], 2: [11, 12]},
        events=EVENTS,
        runs=[Run(101, "done", ""), Run(102, "done", "")],
        told=TOLD,
        inbox=[201, 202, 203, 204],
        letters=LETTERS,
        effects=[1, 2],
        ledger=[FIRST, SECOND],
        with_address=[11],
    )


def counts(verdict: Verdict) -> tuple[int, int, int]:
    return verdict.lost, verdict.duplicated, verdict.left


def test_nothing_is_held_against_a_sound_world() -> None:
    verdict = judge(sound_world(), NOBODY_KNOWS)
    assert counts(verdict) == (0, 0, 0)
    assert verdict.complaints == []


LOST: dict[str, dict[str, Any]] = {
    "a committed happening": {"happenings": {2: [11, 12]}, "events": [EVENTS[1]]},
    "an event": {"events": [EVENTS[1]]},
    "a person": {"told": TOLD[:3]},
    "an inbox item": {"inbox": [201, 202, 203]},
    "an e-mail": {"letters": [Letter(201, "<1>", "sent", "")], "ledger": [FIRST]},
    "a mail that counts as sent": {"ledger": [FIRST]},
    "a mail that is dead": {
        "letters": [Letter(201, "<1>", "sent", ""), Letter(203, "<2>", "dead", "550")],
        "ledger": [FIRST],
    },
    "the effect of a handler": {"effects": [1]},
    "a batch of people that is dead": {"batches": [Run(101, "dead", "gave up")]},
    "an event that is dead": {
        "events": [Event(101, 1, "happened", "done", ""), Event(102, 2, "happened", "dead", "gave up")]
    },
}


@pytest.mark.parametrize("what", LOST)
def test_what_is_lost_is_counted(what: str) -> None:
    verdict = judge(replace(sound_world(), **LOST[what]), NOBODY_KNOWS)
    assert verdict.lost > 0, what


DUPLICATED: dict[str, dict[str, Any]] = {
    "an event": {"events": [*EVENTS, Event(103, 2, "happened", "done", "")]},
    "an event that was never committed": {"events": [*EVENTS, Event(103, 3, "happened", "done", "")]},
    "a person": {"told": [*TOLD, Told(205, 102, 12, "done", "", CREATED)]},
    "a person who is not concerned": {"told": [*TOLD, Told(205, 102, 13, "done", "", CREATED)]},
    "an inbox item": {"inbox": [201, 202, 203, 204, 204]},
    "an e-mail": {
        "letters": [*LETTERS, Letter(203, "<3>", "sent", "")],
        "ledger": [FIRST, SECOND, Delivery("<3>", SECOND.tells, 300)],
    },
    "a mail that was accepted twice": {"ledger": [FIRST, SECOND, SECOND]},
    "a mail that is nobody's": {"ledger": [FIRST, SECOND, Delivery("<9>", frozenset(), 300)]},
    "the effect of a handler": {"effects": [1, 2, 2]},
}


@pytest.mark.parametrize("what", DUPLICATED)
def test_what_is_duplicated_is_counted(what: str) -> None:
    verdict = judge(replace(sound_world(), **DUPLICATED[what]), NOBODY_KNOWS)
    assert verdict.duplicated > 0, what


LEFT: dict[str, dict[str, Any]] = {
    "an event": {"events": [Event(101, 1, "happened", "done", ""), Event(102, 2, "happened", "running", "")]},
    "a run": {"runs": [Run(101, "done", ""), Run(102, "failed", "")]},
    "a person": {"told": [*TOLD[:3], Told(204, 102, 12, "pending", "", {})]},
    "a mail": {"letters": [Letter(201, "<1>", "sent", ""), Letter(203, "<2>", "failed", "451")]},
}


@pytest.mark.parametrize("what", LEFT)
def test_what_is_left_over_is_counted(what: str) -> None:
    verdict = judge(replace(sound_world(), **LEFT[what]), NOBODY_KNOWS)
    assert verdict.left > 0, what


def test_a_mail_twice_is_excused_only_as_often_as_the_fault_sat_in_the_window() -> None:
    world = replace(sound_world(), ledger=[FIRST, FIRST, FIRST, SECOND])
    verdict = judge(world, STRUCK)
    assert (verdict.in_window, verdict.duplicated) == (1, 1)


def test_a_mail_twice_is_excused_only_if_a_fault_struck_as_the_copy_before_was_accepted() -> None:
    again = [FIRST._replace(accepted_at=150), SECOND._replace(accepted_at=250)]
    struck = judge(replace(sound_world(), ledger=[FIRST, SECOND, again[0]]), STRUCK)
    assert (struck.in_window, struck.duplicated) == (1, 0)
    unstruck = judge(replace(sound_world(), ledger=[FIRST, SECOND, again[1]]), STRUCK)
    assert (unstruck.in_window, unstruck.duplicated) == (0, 1)
    late = Expectation(strikes=[Strike(150, 150, 1)])
    assert judge(replace(sound_world(), ledger=[FIRST, SECOND, again[0]]), late).duplicated == 1


def test_poison_must_be_dead_with_its_reason_and_leave_no_effect() -> None:
    happenings = {**sound_world().happenings, 3: [11]}

    def with_poison(status: str, error: str, effects: list[int]) -> Verdict:
        poison = Event(103, 3, "poison", status, error)
        world = replace(sound_world(), happenings=happenings, events=[*EVENTS, poison], effects=effects)
        return judge(world, Expectation(poison={"poison"}))

    assert counts(with_poison("dead", "gave up", [1, 2])) == (0, 0, 0)
    assert counts(with_poison("dead", "", [1, 2])) == (0, 0, 1)
    assert counts(with_poison("done", "", [1, 2])) == (0, 0, 1)
    assert counts(with_poison("running", "", [1, 2])) == (0, 0, 1)
    assert counts(with_poison("dead", "gave up", [1, 2, 3])) == (0, 1, 0)


TRIED_TOO_OFTEN: dict[str, dict[str, Any]] = {
    "an event": {"events": [EVENTS[0], EVENTS[1]._replace(attempts=4)]},
    "a run": {"runs": [Run(101, "done", ""), Run(102, "done", "", 4)]},
    "a batch of people": {"batches": [Run(101, "done", "", 4)]},
    "a person": {"told": [*TOLD[:3], TOLD[3]._replace(attempts=4)]},
    "a mail": {"letters": [LETTERS[0], LETTERS[1]._replace(attempts=4)]},
}


@pytest.mark.parametrize("what", TRIED_TOO_OFTEN)
def test_nothing_is_tried_more_often_than_it_may_be(what: str) -> None:
    world = replace(sound_world(), **TRIED_TOO_OFTEN[what])
    assert counts(judge(replace(world, most_attempts=4), NOBODY_KNOWS)) == (0, 0, 0)
    assert counts(judge(replace(world, most_attempts=3), NOBODY_KNOWS)) == (0, 0, 1)


def test_poison_that_only_its_attempts_end_must_have_had_them_all() -> None:
    poison = Event(103, 3, "poison", "dead", "gave up")

    def with_attempts(attempts: int, expectation: Expectation) -> Verdict:
        world = replace(
            sound_world(),
            happenings={**sound_world().happenings, 3: [11]},
            events=[*EVENTS, poison],
            runs=[Run(101, "done", ""), Run(103, "done", ""), Run(103, "dead", "killed", attempts)],
            most_attempts=3,
        )
        return judge(world, expectation)

    exhausts = Expectation(poison={"poison"}, exhausts={"poison"})
    assert counts(with_attempts(3, exhausts)) == (0, 0, 0)
    assert counts(with_attempts(2, exhausts)) == (0, 0, 1)
    assert counts(with_attempts(2, Expectation(poison={"poison"}))) == (0, 0, 0)


def test_all_else_must_be_finished_before_the_last_poison_is_dead_where_that_is_fair() -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def with_end_after(seconds: float, *, is_overtaken: bool = True) -> Verdict:
        poison = [
            Event(103, 3, "poison", "dead", "gave up", 1, noon - timedelta(seconds=60)),
            Event(104, 4, "poison", "dead", "gave up", 1, noon),
        ]
        events = [event._replace(finished_at=noon + timedelta(seconds=seconds)) for event in EVENTS]
        happenings = {**sound_world().happenings, 3: [11], 4: [11]}
        world = replace(sound_world(), happenings=happenings, events=[*events, *poison])
        return judge(world, Expectation(poison={"poison"}, is_overtaken=is_overtaken))

    assert counts(with_end_after(-1)) == (0, 0, 0)
    assert counts(with_end_after(1)) == (0, 0, 2)
    assert counts(with_end_after(1, is_overtaken=False)) == (0, 0, 0)


def test_a_cancelled_mail_is_excused_only_where_the_fault_cancels_and_only_with_a_reason() -> None:
    def with_cancelled(reason: str, ledger: list[Delivery]) -> Evidence:
        letters = [Letter(201, "<1>", "sent", ""), Letter(203, "<2>", "cancelled", reason)]
        return replace(sound_world(), letters=letters, ledger=ledger)

    cancels = Expectation(cancels={11})
    assert counts(judge(with_cancelled("suppressed", [FIRST]), NOBODY_KNOWS)) == (1, 0, 0)
    assert counts(judge(with_cancelled("suppressed", [FIRST]), cancels)) == (0, 0, 0)
    assert counts(judge(with_cancelled("", [FIRST]), cancels)) == (0, 0, 1)
    assert counts(judge(with_cancelled("suppressed", [FIRST, SECOND]), cancels)) == (0, 1, 0)


def with_second_mail(status: str, outcomes: dict[str, str]) -> Evidence:
    """The second mail, of person 11, was not sent: it ended so, or was never written and so skipped."""
    letters = [LETTERS[0], *([Letter(203, "<2>", status, "a reason")] if status else [])]
    told = [row._replace(outcomes=outcomes) if row.key == 203 else row for row in TOLD]
    return replace(sound_world(), letters=letters, told=told, ledger=[FIRST])


@pytest.mark.parametrize("status", ["cancelled", ""])
def test_a_mail_may_be_cancelled_or_skipped_only_of_those_whom_the_fault_concerns(status: str) -> None:
    world = with_second_mail(status, {"app": "created:default", "email": "skipped:preference"})
    assert counts(judge(world, Expectation(cancels={11}))) == (0, 0, 0)
    assert counts(judge(world, Expectation(cancels=EVERYBODY))) == (0, 0, 0)
    assert counts(judge(world, Expectation(cancels={12}, kills_mail=EVERYBODY))) == (1, 0, 0)


@pytest.mark.parametrize("status", ["dead", "unknown"])
def test_a_mail_may_end_dead_or_unknown_only_of_those_whom_the_fault_concerns(status: str) -> None:
    world = with_second_mail(status, CREATED)
    assert counts(judge(world, Expectation(kills_mail={11}))) == (0, 0, 0)
    assert counts(judge(world, Expectation(kills_mail=EVERYBODY))) == (0, 0, 0)
    assert counts(judge(world, Expectation(kills_mail={12}, cancels=EVERYBODY))) == (1, 0, 0)


def test_whoever_is_deleted_may_be_gone_with_all_they_were_told() -> None:
    world = sound_world()
    gone = replace(
        world,
        happenings={1: [12], 2: [12]},
        told=[row for row in TOLD if row.person == 12],
        inbox=[202, 204],
        letters=[],
        with_address=[],
    )
    assert counts(judge(gone, Expectation(erases=True))) == (0, 0, 0)


DIGEST = Delivery("<d>", FIRST.tells | SECOND.tells, 100)


def with_digest(*ledger: Delivery, letters: Sequence[str] = ("<d>", "<d>")) -> Evidence:
    rows = [
        Letter(told, message_id, "sent", "") for told, message_id in zip((201, 203), letters, strict=True)
    ]
    return replace(sound_world(), letters=rows, ledger=ledger)


def test_a_digest_is_one_message_of_several_mails() -> None:
    assert counts(judge(with_digest(DIGEST), NOBODY_KNOWS)) == (0, 0, 0)


def test_a_digest_that_came_twice_is_one_mail_twice() -> None:
    verdict = judge(with_digest(DIGEST, DIGEST), STRUCK)
    assert (verdict.in_window, counts(verdict)) == (1, (0, 0, 0))
    assert counts(judge(with_digest(DIGEST, DIGEST), NOBODY_KNOWS)) == (0, 1, 0)


def test_a_mail_must_be_in_each_copy_of_its_digest() -> None:
    copies = Delivery("<d>", FIRST.tells, 100), DIGEST
    assert counts(judge(with_digest(*copies), STRUCK)) == (1, 0, 0)


def test_a_mail_must_not_be_in_a_digest_and_on_its_own() -> None:
    world = with_digest(DIGEST, SECOND, letters=("<d>", "<2>"))
    assert counts(judge(world, NOBODY_KNOWS)) == (0, 1, 0)


def test_a_mail_that_no_digest_holds_is_lost() -> None:
    assert counts(judge(with_digest(Delivery("<d>", FIRST.tells, 100)), NOBODY_KNOWS)) == (1, 0, 0)
