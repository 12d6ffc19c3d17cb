"""Whatever a handler raises is on record, as text that every database takes and not endlessly long."""

from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.bus.error_text import TEXT_LIMIT, said_by
from clarion.exceptions import SubjectGone
from clarion.models import EventLog, Status
from tests.integration.happenings import happen, happenings


class Unspeakable(Exception):
    """An exception that cannot say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("speechless")


def record_of(error: Exception) -> EventLog:
    def fail(event: EventLog) -> NoReturn:
        raise error

    with happenings(fail):
        return happen()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "recorded"),
    [
        (ValueError("a\0b"), "ValueError: a�b"),
        (ValueError("a\ud800b"), "ValueError: a�b"),
        (Unspeakable(), "Unspeakable: its message cannot be had: RuntimeError"),
        (ValueError("x" * 10**6), f"ValueError: {'x' * (TEXT_LIMIT - 12)}"),
        (ValueError(), "ValueError: "),
    ],
    ids=["nul", "surrogate", "unspeakable", "endless", "empty"],
)
def test_an_error_that_is_hard_to_store_is_stored(error: Exception, recorded: str) -> None:
    handler_run = record_of(error).runs.get()

    assert (handler_run.status, handler_run.error) == (Status.FAILED, recorded)


@pytest.mark.django_db
def test_a_reason_for_nothing_to_tell_that_is_hard_to_store_is_stored() -> None:
    event = record_of(SubjectGone("the order\0 was deleted\ud800"))

    assert event.status == Status.DONE
    assert event.runs.get().note == "the order� was deleted�"


@given(st.text(st.characters(), max_size=100))
def test_any_message_can_be_encoded(message: str) -> None:
    said = said_by(ValueError(message))

    assert said.startswith("ValueError: ")
    assert "\0" not in said
    assert said.encode()
