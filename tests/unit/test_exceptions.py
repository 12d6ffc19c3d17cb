"""Exceptions: their docstrings are their meaning, and they survive the way between processes."""

import inspect
import pickle

import pytest

from clarion import exceptions
from clarion.exceptions import (
    ClarionError,
    InvalidPayload,
    InvalidTemplate,
    LeaseLost,
    PermanentError,
    SubjectGone,
    TransientError,
    UnknownEventType,
)

ALL = [
    value for value in vars(exceptions).values() if inspect.isclass(value) and issubclass(value, ClarionError)
]


@pytest.mark.parametrize("exception", ALL)
def test_each_says_what_it_means(exception: type[ClarionError]) -> None:
    assert exception.__doc__
    assert exception.__doc__.splitlines()[0].endswith(".")


def test_the_meaning_is_the_message_unless_there_is_a_better_one() -> None:
    assert str(SubjectGone()) == "What the event was about no longer exists, so there is nothing to tell."
    assert str(SubjectGone("The product was deleted.")) == "The product was deleted."
    assert str(LeaseLost()).startswith("Another worker holds this row now")


@pytest.mark.parametrize(
    "exception",
    [
        UnknownEventType("event_type", "'x'", "a registered event type", "register it"),
        InvalidPayload("payload", "list", "dict", "pass a dict", event_type="product.created"),
        InvalidTemplate("unknown parameter {x}", 1, 2, "a{x}", ("name",)),
        LeaseLost(),
    ],
)
def test_each_survives_pickling(exception: ClarionError) -> None:
    copy = pickle.loads(pickle.dumps(exception))
    assert type(copy) is type(exception)
    assert str(copy) == str(exception)
    assert vars(copy) == vars(exception)


def test_the_further_faults_of_a_payload_survive_pickling() -> None:
    problem = InvalidPayload("payload.a", "int", "str", "pass str(a)")
    problem.others = (InvalidPayload("payload.b", "int", "str", "pass str(b)"),)
    assert str(pickle.loads(pickle.dumps(problem))) == (
        "payload.a: got int, expected str; fix: pass str(a)\n"
        "payload.b: got int, expected str; fix: pass str(b)"
    )


def test_permanent_and_transient_are_apart() -> None:
    assert not [
        exception
        for exception in ALL
        if issubclass(exception, PermanentError) and issubclass(exception, TransientError)
    ]
