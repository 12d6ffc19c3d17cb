"""Keys are packed into messages that the carrier takes, and come out as they went in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.realtime.broadcaster import keys_in, messages_of

LIMIT = 7999


@given(keys=st.lists(st.integers(0, 2**63).map(str) | st.uuids().map(str) | st.text(max_size=40), min_size=1))
def test_every_key_arrives_and_no_other(keys: list[str]) -> None:
    messages = list(messages_of(keys, 500))
    assert frozenset().union(*map(keys_in, messages)) == set(keys)
    assert all(message.isascii() and len(message) <= 500 for message in messages)


@pytest.mark.parametrize(("people", "messages"), [(1, 1), (500, 1), (10_000, 13), (100_000, 126)])
def test_a_message_holds_hundreds_of_people(people: int, messages: int) -> None:
    keys = [str(9_000_000 + number) for number in range(people)]
    assert len(list(messages_of(keys, LIMIT))) == messages
