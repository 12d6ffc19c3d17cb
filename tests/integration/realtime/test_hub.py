"""The hub: whoever is connected is told what has changed for them, and nobody else's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection

import pytest
from django.db import OperationalError

from clarion.exceptions import TooManyStreams
from clarion.inbox import hub as module
from clarion.inbox.hub import Hub, Stream
from clarion.realtime.broadcaster import EVERYONE
from tests.integration.realtime.broadcasters import RecordingBroadcaster

pytestmark = pytest.mark.django_db

SOON = 5.0
QUIET = 0.15


class Shelf:
    """Unread counts as a test sets them, and how often it was looked at them."""

    def __init__(self) -> None:
        self.unread: dict[str, int] = {}
        self.asked: list[list[int]] = []
        self.faults: list[Exception] = []

    def __call__(self, people: Collection[int]) -> dict[str, int]:
        self.asked.append(sorted(people))
        if self.faults:
            raise self.faults.pop()
        return {str(key): self.unread[str(key)] for key in people if str(key) in self.unread}


class Place:
    def __init__(self) -> None:
        self.broadcaster, self.shelf = RecordingBroadcaster(), Shelf()
        self.hub = Hub(self.broadcaster, self.shelf)

    async def settle(self, *streams: Stream) -> None:
        """Pass over what streams are told at first."""
        for stream in streams:
            assert await unread(stream) is not None
            while await unread(stream, QUIET) is not None:
                pass


async def unread(stream: Stream, timeout: float = SOON) -> int | None:
    change = await stream.next(timeout)
    return change[1] if change else None


def play(story: Callable[[Place], Awaitable[None]]) -> None:
    async def run() -> None:
        place = Place()
        try:
            async with asyncio.timeout(20):
                await story(place)
        finally:
            await place.hub.close()

    asyncio.run(run())


def test_a_new_stream_is_told_the_present_count() -> None:
    async def story(place: Place) -> None:
        place.shelf.unread = {"1": 3}
        with place.hub.stream(1) as mine, place.hub.stream(2) as another_s:
            assert await unread(mine) == 3
            assert await unread(another_s) == 0

    play(story)


def test_a_change_reaches_all_streams_of_the_person_and_no_other_s() -> None:
    async def story(place: Place) -> None:
        with place.hub.stream(1) as one, place.hub.stream(1) as two, place.hub.stream(2) as other:
            await place.settle(one, two, other)
            place.shelf.unread = {"1": 1}
            place.broadcaster.queue.put_nowait(frozenset({"1", "77"}))
            assert await unread(one) == await unread(two) == 1
            assert await unread(other, QUIET) is None

    play(story)


def test_people_who_are_not_connected_cost_no_query() -> None:
    async def story(place: Place) -> None:
        with place.hub.stream(1) as stream:
            await place.settle(stream)
            place.shelf.asked.clear()
            place.broadcaster.queue.put_nowait(frozenset(map(str, range(2, 10_000))))
            assert await unread(stream, QUIET) is None
            assert place.shelf.asked == []

    play(story)


def test_a_change_that_leaves_the_count_as_it_was_is_told_all_the_same() -> None:
    async def story(place: Place) -> None:
        with place.hub.stream(1) as stream:
            await place.settle(stream)
            place.broadcaster.queue.put_nowait(frozenset({"1"}))
            assert await unread(stream) == 0

    play(story)


def test_many_changes_are_looked_at_together() -> None:
    async def story(place: Place) -> None:
        with place.hub.stream(1) as one, place.hub.stream(2) as two:
            await place.settle(one, two)
            place.shelf.asked.clear()
            for _ in range(500):
                place.broadcaster.queue.put_nowait(frozenset({"1"}))
                place.broadcaster.queue.put_nowait(frozenset({"2"}))
            await place.settle(one, two)
            assert len(place.shelf.asked) < 10

    play(story)


def test_whoever_reads_slowly_finds_the_latest_alone() -> None:
    async def story(place: Place) -> None:
        with place.hub.stream(1) as quick, place.hub.stream(1) as slow:
            await place.settle(quick, slow)
            for number in (1, 2, 3):
                place.shelf.unread = {"1": number}
                place.broadcaster.queue.put_nowait(frozenset({"1"}))
                assert await unread(quick) == number
            assert await unread(slow) == 3
            assert await unread(slow, QUIET) is None

    play(story)


def test_every_change_has_a_tag_of_its_own() -> None:
    async def story(place: Place) -> None:
        tags = set()
        with place.hub.stream(1) as stream:
            for _ in range(3):
                place.broadcaster.queue.put_nowait(frozenset({"1"}))
                change = await stream.next(SOON)
                assert change
                tags.add(change[0])
        assert len(tags) == 3

    play(story)


def test_everyone_is_looked_at_when_a_subscription_is_back() -> None:
    async def story(place: Place) -> None:
        with place.hub.stream(1) as one, place.hub.stream(2) as two:
            await place.settle(one, two)
            place.shelf.unread = {"1": 5, "2": 6}
            place.broadcaster.queue.put_nowait(EVERYONE)
            assert (await unread(one), await unread(two)) == (5, 6)

    play(story)


def test_what_nobody_announced_is_found_at_the_next_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SWEEP", 0.4)

    async def story(place: Place) -> None:
        with place.hub.stream(1) as woken, place.hub.stream(2) as other:
            await place.settle(woken, other)
            place.shelf.unread = {"1": 1}
            assert await unread(woken) == 1
            assert await unread(other, 1) is None

    play(story)


def test_a_database_that_is_away_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)

    async def story(place: Place) -> None:
        with place.hub.stream(1) as stream:
            await place.settle(stream)
            place.shelf.unread, place.shelf.faults = {"1": 1}, [OperationalError(), OperationalError()]
            place.broadcaster.queue.put_nowait(frozenset({"1"}))
            assert await unread(stream) == 1

    play(story)


def test_whoever_has_left_is_forgotten() -> None:
    async def story(place: Place) -> None:
        with place.hub.stream(1) as stream:
            await place.settle(stream)
            assert len(place.hub) == 1
        assert len(place.hub) == 0
        place.shelf.asked.clear()
        place.broadcaster.queue.put_nowait(EVERYONE)
        await asyncio.sleep(QUIET)
        assert place.shelf.asked == []

    play(story)


def test_one_person_cannot_hold_any_number_of_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STREAM_LIMIT", 2)

    async def story(place: Place) -> None:
        with place.hub.stream(1), place.hub.stream(1):
            with pytest.raises(TooManyStreams), place.hub.stream(1):
                pass
            with place.hub.stream(2):
                assert len(place.hub) == 3

    play(story)
