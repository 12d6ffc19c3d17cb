"""Recognisable values go through every fault, and come out in no log, no traceback and no queue message."""

import logging
import traceback
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from importlib import import_module
from typing import Any, NoReturn

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, transaction
from pytest_django import Settings

from clarion import jobs
from clarion.bus import dispatch, failure, get_event_bus
from clarion.bus.engines.base import Engine
from clarion.bus.engines.dummy import DummyEngine
from clarion.bus.engines.immediate import ImmediateEngine
from clarion.bus.relay import relay
from clarion.delivery import attempt, message, plan, sender
from clarion.faults import POINTS, Struck
from clarion.health import problems
from clarion.models import EventLog, NotificationPreference, Status
from clarion.notifiers import notify
from clarion.testing import commit
from tests.integration.clock import let_pass
from tests.integration.conftest import MakePerson
from tests.integration.email.sink import HANG_UP, Sink
from tests.integration.engines import RecordingEngine
from tests.integration.happenings import happenings

pytestmark = pytest.mark.django_db(transaction=True)

PAYLOAD = {"text": "canary-in-the-payload"}

WITH_POINTS = (
    "clarion.bus.event_bus",
    "clarion.bus.hints",
    "clarion.bus.dispatch",
    "clarion.notifiers.notify",
    "clarion.delivery.batches",
    "clarion.delivery.attempt",
)

Hints = list[tuple[str, int]]
Fault = Callable[["World"], object]


class World:
    """Where faults happen: what they may change."""

    def __init__(self, sink: Sink, patch: pytest.MonkeyPatch, person: User) -> None:
        self.sink = sink
        self.patch = patch
        self.person = person
        self.declaration: dict[str, Any] = {}

    def tell(self, event: EventLog) -> None:
        notify(
            event,
            people=[self.person],
            params={"text": "canary-in-the-params"},
            link="/canary-in-the-link/",
            reason="because of the canary",
        )


def sing(*_: Any, **__: Any) -> NoReturn:
    """Raise what a careless colleague would."""
    raise RuntimeError("canary-in-the-error") from LookupError("canary-in-the-cause")


def sing_unstorably(*_: Any, **__: Any) -> NoReturn:
    raise RuntimeError("canary-\0-\ud800")


def go_dark(*_: Any, **__: Any) -> NoReturn:
    raise OperationalError("the database went away")


def nothing_happens(world: World) -> None:
    """The quiet day."""


def handler_raises(world: World) -> None:
    world.patch.setattr(world, "tell", sing)


def handler_raises_what_cannot_be_stored(world: World) -> None:
    world.patch.setattr(world, "tell", sing_unstorably)


def handler_raises_while_the_database_is_away(world: World) -> None:
    handler_raises(world)
    world.patch.setattr(dispatch, "fail", go_dark)


def handler_breaks_a_constraint(world: World) -> None:
    world.patch.setattr(world, "tell", lambda event: User.objects.create(username=world.person.username))


def handler_passes_what_does_not_fit(world: World) -> None:
    def tell(event: EventLog) -> None:
        notify(event, people=[world.person], params={"text": ["canary"], "canary": 1})

    world.patch.setattr(world, "tell", tell)


def handler_passes_a_link_that_leads_astray(world: World) -> None:
    def tell(event: EventLog) -> None:
        notify(event, people=[world.person], link="canary:alert(1)")

    world.patch.setattr(world, "tell", tell)


def upcaster_raises(world: World) -> None:
    world.declaration = {"version": 2, "upcasters": {1: sing}}


def audience_raises(world: World) -> None:
    def audience(payload: Mapping[str, Any], people: Collection[int]) -> set[int]:
        raise KeyError(payload["text"])

    world.declaration = {"audience": audience}


def preference_cannot_be_read(world: World) -> None:
    unreadable = NotificationPreference(person=world.person, categories={"orders": "canary"})
    NotificationPreference.objects.bulk_create([unreadable])


def template_is_missing(world: World) -> None:
    world.declaration = {"texts": ()}


def renderer_raises(world: World) -> None:
    world.patch.setattr(plan, "content_for", sing)


def renderer_raises_while_the_database_is_away(world: World) -> None:
    renderer_raises(world)
    world.patch.setattr(failure, "fail", go_dark)


def mail_cannot_be_built(world: World) -> None:
    world.patch.setattr(message, "render_to_string", sing)


def mail_cannot_be_recorded(world: World) -> None:
    world.patch.setattr(attempt, "finish", go_dark)


def mail_fails_while_the_database_is_away(world: World) -> None:
    mail_cannot_be_built(world)
    world.patch.setattr(attempt, "fail", go_dark)


def batch_fails_while_the_database_is_away(world: World) -> None:
    audience_raises(world)
    world.patch.setattr(sender, "fail", go_dark)


def outage_cannot_be_recorded(world: World) -> None:
    world.sink.at_rcpt[world.person.email] = "535 no canary here"
    world.patch.setattr(sender, "put_back_unbegun", go_dark)


def server_says(stage: str, reply: str) -> Fault:
    def fault(world: World) -> None:
        getattr(world.sink, stage)[world.person.email] = reply

    fault.__name__ = f"server_says_{reply[:3]}_{stage}"
    return fault


def struck(point: str) -> Fault:
    def strike(name: str) -> None:
        if name == point:
            # Not on the line that raises: a traceback quotes that line.
            cause = LookupError("canary-at-the-point")
            raise Struck(name) from cause

    def fault(world: World) -> None:
        # By path: `clarion.notifiers.notify` is a function to whoever imports it, and a module beneath.
        for module in map(import_module, WITH_POINTS):
            world.patch.setattr(module, "fault_point", strike)

    fault.__name__ = f"struck_{point}"
    return fault


FAULTS: list[Fault] = [
    nothing_happens,
    handler_raises,
    handler_raises_what_cannot_be_stored,
    handler_raises_while_the_database_is_away,
    handler_breaks_a_constraint,
    handler_passes_what_does_not_fit,
    handler_passes_a_link_that_leads_astray,
    upcaster_raises,
    audience_raises,
    preference_cannot_be_read,
    template_is_missing,
    renderer_raises,
    renderer_raises_while_the_database_is_away,
    mail_cannot_be_built,
    mail_cannot_be_recorded,
    mail_fails_while_the_database_is_away,
    batch_fails_while_the_database_is_away,
    outage_cannot_be_recorded,
    *(
        server_says(stage, reply)
        for stage in ("at_rcpt", "at_data")
        for reply in (
            "550 no canary@people.example here",
            "451 canary@people.example is busy",
            "535 canary?",
            HANG_UP,
        )
    ),
    *(struck(point) for point in sorted(POINTS)),
]


def work(offered: Hints) -> list[str]:
    """Let time pass and do all that is due; note the queue's messages, and return what jobs raise."""
    raised: list[str] = []

    def attempted(job: Callable[..., object], *arguments: Any) -> None:
        try:
            with commit():
                job(*arguments)
        except Exception:  # noqa: BLE001  # as an engine would
            raised.append(traceback.format_exc())

    let_pass(timedelta(minutes=2))
    attempted(relay)
    while RecordingEngine.hints:
        offered.append(hint := RecordingEngine.hints.pop(0))
        attempted(jobs.run, *hint)
    return raised


def heard(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return each log record as text, with its traceback and whatever is attached to it."""
    formatter = logging.Formatter()
    # What is named "mail" is the mail server's own.
    ours = [record for record in caplog.records if not record.name.startswith("mail.")]
    return [f"{formatter.format(record)} {vars(record)}" for record in ours]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("engine", [ImmediateEngine, RecordingEngine])
def test_a_canary_that_goes_through_a_fault_is_not_heard(
    fault: Fault,
    engine: type[Engine],
    sink: Sink,
    make_person: MakePerson,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    settings: Settings,
) -> None:
    person = make_person("canary-the-name", first_name="Canary", email="canary@people.example")
    world = World(sink, monkeypatch, person)
    fault(world)
    offered: Hints = []
    raised: list[str] = []

    def handler(event: EventLog) -> None:
        world.tell(event)

    with caplog.at_level(logging.INFO), caplog.at_level(logging.DEBUG, logger="clarion"):
        settings.CLARION = settings.CLARION | {"ENGINE": f"{DummyEngine.__module__}.DummyEngine"}
        try:
            with happenings(handler, **world.declaration), commit(), transaction.atomic():
                get_event_bus().publish("test.happened", PAYLOAD, idempotency_key="canary-in-the-key")
        except Struck:  # its traceback is the caller's, who knows the payload
            assert not EventLog.objects.exists()
        EventLog.objects.update(payload_version=1)
        with happenings(handler, **world.declaration):
            settings.CLARION = settings.CLARION | {"ENGINE": f"{engine.__module__}.{engine.__qualname__}"}
            for _ in range(3):
                raised += work(offered)

    everything = [*heard(caplog), *raised, *map(str, offered), *problems()]
    assert [text for text in everything if "canary" in text.lower()] == []


def test_an_engine_s_own_errors_are_not_quoted_either(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    settings.CLARION = settings.CLARION | {"ENGINE": f"{RecordingEngine.__module__}.RecordingEngine"}
    monkeypatch.setattr(RecordingEngine, "enqueue", sing)

    with happenings(), commit():
        get_event_bus().publish("test.happened", PAYLOAD)

    assert [record.getMessage() for record in caplog.records] == [
        "hint failed; the relay will offer this again"
    ]
    assert [text for text in heard(caplog) if "canary" in text.lower()] == []
    assert EventLog.objects.get().status == Status.PENDING
