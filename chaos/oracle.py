"""Oracle: was anyone not told, or told twice; is anything left over? Of plain data, so it can be tested.

Domain rows = events = unique (event, person, channel) = inbox rows; the sink holds each Message-ID once,
except where a fault struck between accept and commit; what is told by mail is in each copy of one message,
be it alone or with others in a digest; nothing is left unfinished.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from chaos.expectation import EVERYBODY, NOBODY, Expectation
from chaos.strike import explained

FINISHED = frozenset({"done", "sent", "dead", "cancelled", "unknown"})


class Event(NamedTuple):
    """A row of EventLog."""

    key: int
    number: int
    kind: str
    status: str
    error: str
    attempts: int = 1
    finished_at: datetime | None = None


class Run(NamedTuple):
    """A row of HandlerRun, or of RecipientBatch."""

    event: int
    status: str
    error: str
    attempts: int = 1


class Told(NamedTuple):
    """A row of NotifiableEvent."""

    key: int
    event: int
    person: int
    status: str
    error: str
    outcomes: Mapping[str, str]
    attempts: int = 1


class Letter(NamedTuple):
    """A row of EmailNotification."""

    told: int
    message_id: str
    status: str
    reason: str
    attempts: int = 1


class Delivery(NamedTuple):
    """A message that the mail server accepted."""

    message_id: str
    tells: frozenset[tuple[int, int]]
    """Of which happenings it tells whom: (number, person)."""
    accepted_at: float
    """On the monotonic clock, as strikes are."""


@dataclass
class Evidence:
    """What is in the database and in the sink's ledger when all is over."""

    acknowledged: Collection[int]
    """Numbers whose publisher saw the commit."""
    happenings: Mapping[int, Collection[int]]
    """For each number in the product's own table, the people concerned who still exist."""
    events: Collection[Event]
    runs: Collection[Run]
    told: Collection[Told]
    inbox: Collection[int]
    """For each inbox item, the key of its Told."""
    letters: Collection[Letter]
    effects: Collection[int]
    """For each effect of a handler, its number."""
    ledger: Collection[Delivery]
    """In the order they were accepted."""
    with_address: Collection[int] = ()
    """People who can be sent mail."""
    batches: Collection[Run] = ()
    """Batches of people; their people count as told, or not, besides."""
    most_attempts: int = 8
    """How often anything may be tried."""


@dataclass
class Verdict:
    """The count, and for each thing counted a sentence."""

    lost: int = 0
    duplicated: int = 0
    in_window: int = 0
    left: int = 0
    complaints: list[str] = field(default_factory=list)

    def blame(self, what: str, number: int, sentence: str) -> None:
        """Add `number` to `what`, and the sentence, if there is anything to add."""
        if number > 0:
            setattr(self, what, getattr(self, what) + number)
            self.complaints.append(f"{number} {what}: {sentence}")


def judge(evidence: Evidence, expectation: Expectation) -> Verdict:
    """Compare what is there with what should be there."""
    verdict = Verdict()
    _judge_events(verdict, evidence)
    _judge_ends(verdict, evidence, expectation)
    _judge_attempts(verdict, evidence, expectation)
    if expectation.is_overtaken:
        _judge_flow(verdict, evidence, expectation)
    _judge_people(verdict, evidence, expectation)
    _judge_mail(verdict, evidence, expectation)
    return verdict


def _judge_events(verdict: Verdict, evidence: Evidence) -> None:
    published = Counter(event.number for event in evidence.events)
    for number in evidence.acknowledged:
        if number not in evidence.happenings:
            verdict.blame("lost", 1, f"happening {number} was committed and is gone")
    for number in evidence.happenings:
        if not published[number]:
            verdict.blame("lost", 1, f"happening {number} has no event")
    for number, count in published.items():
        if number not in evidence.happenings:
            verdict.blame("duplicated", count, f"the event of {number} was never committed by the product")
        else:
            verdict.blame("duplicated", count - 1, f"happening {number} has {count} events")


def _judge_ends(verdict: Verdict, evidence: Evidence, expectation: Expectation) -> None:
    kinds = {event.key: event.kind for event in evidence.events}
    work = [(event.key, event.status, event.error, f"event {event.key}") for event in evidence.events]
    work += [(run.event, run.status, run.error, f"a run of event {run.event}") for run in evidence.runs]
    work += [(batch.event, batch.status, batch.error, "a batch of people") for batch in evidence.batches]
    work += [(row.event, row.status, row.error, f"person of event {row.event}") for row in evidence.told]
    for key, status, error, name in work:
        doomed = kinds.get(key) in expectation.poison
        if status not in FINISHED:
            verdict.blame("left", 1, f"{name} is still {status}: {error}")
        elif status == "dead" and not error:
            verdict.blame("left", 1, f"{name} is dead without a reason")
        elif status == "dead" and not doomed:
            verdict.blame("lost", 1, f"{name} is dead: {error}")
    for event in evidence.events:
        if event.kind in expectation.poison and event.status in FINISHED and event.status != "dead":
            verdict.blame("left", 1, f"poisonous event {event.key} is {event.status}, not dead")


def _judge_attempts(verdict: Verdict, evidence: Evidence, expectation: Expectation) -> None:
    most = evidence.most_attempts
    tried = [(event.attempts, f"event {event.key}") for event in evidence.events]
    tried += [(run.attempts, f"a run of event {run.event}") for run in evidence.runs]
    tried += [(batch.attempts, f"a batch of event {batch.event}") for batch in evidence.batches]
    tried += [(row.attempts, f"person of event {row.event}") for row in evidence.told]
    tried += [(letter.attempts, f"mail of {letter.told}") for letter in evidence.letters]
    for attempts, name in tried:
        if attempts > most:
            verdict.blame("left", 1, f"{name} was tried {attempts} times, of {most}")
    stubborn = {event.key for event in evidence.events if event.kind in expectation.exhausts}
    for run in evidence.runs:
        if run.event in stubborn and run.status == "dead" and run.attempts < most:
            sentence = f"a run of event {run.event} died after {run.attempts} attempts, of {most}"
            verdict.blame("left", 1, sentence)


def _judge_flow(verdict: Verdict, evidence: Evidence, expectation: Expectation) -> None:
    ended = [(event.finished_at, event) for event in evidence.events if event.finished_at]
    died = max((at for at, event in ended if event.kind in expectation.poison), default=None)
    for at, event in ended:
        if died and at > died:
            verdict.blame("left", 1, f"event {event.key} was finished only after all poison was dead")


def _judge_people(verdict: Verdict, evidence: Evidence, expectation: Expectation) -> None:
    wholesome = {event.key: event for event in evidence.events if event.kind not in expectation.poison}
    effects = Counter(evidence.effects)
    due = Counter(event.number for event in wholesome.values())
    for number in effects.keys() | due.keys():
        verdict.blame("lost", min(due[number], 1) - effects[number], f"the effect of {number}")
        verdict.blame("duplicated", effects[number] - min(due[number], 1), f"the effect of {number}")

    told = Counter((row.event, row.person) for row in evidence.told)
    for pair, count in told.items():
        verdict.blame("duplicated", count - 1, f"(event, person) {pair} is there {count} times")
    expected = {
        (event.key, person)
        for event in wholesome.values()
        for person in evidence.happenings.get(event.number, ())
    }
    for pair in expected - told.keys():
        verdict.blame("lost", 1, f"(event, person) {pair} was never told")
    for pair in told.keys() - expected:
        if not expectation.erases:
            verdict.blame("duplicated", 1, f"(event, person) {pair} was told without being concerned")

    items, letters = Counter(evidence.inbox), Counter(letter.told for letter in evidence.letters)
    for row in evidence.told:
        for channel, found in (("app", items[row.key]), ("email", letters[row.key])):
            wanted = _wanted(row, channel, evidence, expectation)
            verdict.blame("duplicated", found - 1, f"{row.key} has {found} rows on {channel}")
            if row.status in FINISHED:
                verdict.blame("lost", wanted - found, f"{row.key} has no row on {channel}: {row.outcomes}")


def _wanted(row: Told, channel: str, evidence: Evidence, expectation: Expectation) -> int:
    if row.status == "dead":  # counted where it died
        return 0
    if row.person in expectation.cancels and row.outcomes.get(channel, "").startswith("skipped:"):
        return 0
    return 1 if channel == "app" or row.person in evidence.with_address else 0


def _judge_mail(verdict: Verdict, evidence: Evidence, expectation: Expectation) -> None:
    copies: dict[str, list[Delivery]] = defaultdict(list)
    messages: dict[tuple[int, int], set[str]] = defaultdict(set)
    for delivery in evidence.ledger:
        copies[delivery.message_id].append(delivery)
        for about in delivery.tells:
            messages[about].add(delivery.message_id)
    numbers = {event.key: event.number for event in evidence.events}
    told = {row.key: (numbers.get(row.event, 0), row.person) for row in evidence.told}
    for letter in evidence.letters:
        about = told.get(letter.told, (0, 0))
        has_it = [about in copy.tells for copy in copies[letter.message_id]]
        _judge_letter(verdict, letter, about[1], has_it, expectation)
        elsewhere = len(messages[about] - {letter.message_id})
        verdict.blame("duplicated", elsewhere, f"mail of {letter.told} came in another message as well")
    known = {letter.message_id for letter in evidence.letters}
    # Of each further copy, when the one before it was accepted: whoever sent that one did not know of it.
    before = [copy.accepted_at for message_id in known for copy in copies[message_id][:-1]]
    verdict.in_window = explained(before, expectation.strikes)
    unexplained = len(before) - verdict.in_window
    verdict.blame("duplicated", unexplained, "mails accepted again, and no strike explains it")
    if not expectation.erases:
        strangers = sum(len(each) for message_id, each in copies.items() if message_id not in known)
        verdict.blame("duplicated", strangers, "mails arrived that are nobody's")


def _judge_letter(
    verdict: Verdict, letter: Letter, person: int, has_it: list[bool], expectation: Expectation
) -> None:
    """Compare how a person's mail ended with the copies of its message; `has_it` says which hold it."""
    whose = {
        "cancelled": expectation.cancels,
        "dead": expectation.kills_mail,
        "unknown": expectation.kills_mail,
        "sent": EVERYBODY,
    }
    if letter.status not in FINISHED:
        verdict.blame("left", 1, f"mail of {letter.told} is still {letter.status}: {letter.reason}")
    elif person not in whose.get(letter.status, NOBODY):
        verdict.blame("lost", 1, f"mail of {letter.told} is {letter.status}: {letter.reason}")
    elif letter.status != "sent" and not letter.reason:
        verdict.blame("left", 1, f"mail of {letter.told} is {letter.status} without a reason")
    elif letter.status == "sent" and not has_it:
        verdict.blame("lost", 1, f"mail of {letter.told} counts as sent and never arrived")
    elif letter.status == "sent" and not all(has_it):
        # Whoever folds duplicates shows one copy, and it may be this one.
        verdict.blame("lost", 1, f"mail of {letter.told} is not in each copy of its message")
    elif letter.status == "cancelled" and any(has_it):
        verdict.blame("duplicated", sum(has_it), f"mail of {letter.told} was cancelled and arrived")
