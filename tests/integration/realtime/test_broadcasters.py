"""Every broadcaster there is: it speaks at the commit, and one that was cut off says so when it is back."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import pytest
import redis
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from clarion.conf import get_settings
from clarion.realtime import broadcaster as module
from clarion.realtime.announcement import announce
from clarion.realtime.broadcaster import EVERYONE, Broadcaster, Keys, get_broadcaster
from tests.acceptance.engines.services import NOWHERE, need, silent_server
from tests.acceptance.engines.services import REDIS as REDIS_URL
from tests.integration.realtime.broadcasters import POSTGRES, REDIS

pytestmark = pytest.mark.django_db(transaction=True)

Announcements = AsyncGenerator[Keys | None]


@pytest.fixture(params=["postgres", "redis"])
def broadcaster(request: pytest.FixtureRequest, settings: Settings) -> Broadcaster:
    if request.param == "postgres":
        if connection.vendor != "postgresql":
            pytest.skip("for PostgreSQL")
        realtime: dict[str, Any] = POSTGRES
    else:
        need(REDIS_URL)
        realtime = {"BACKEND": REDIS, "OPTIONS": {"url": REDIS_URL, "channel": f"test-{uuid.uuid4()}"}}
    settings.CLARION = {**settings.CLARION, "REALTIME": realtime}
    chosen = get_broadcaster()
    assert chosen
    return chosen


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.01)


def hear(broadcaster: Broadcaster, story: Callable[[Announcements], Awaitable[None]]) -> None:
    """Play a story with a listener that is subscribed."""

    async def play() -> None:
        async with asyncio.timeout(20), aclosing(broadcaster.listen()) as heard:
            assert await anext(heard) is EVERYONE
            await story(heard)

    asyncio.run(play())


async def do(work: Callable[[], object]) -> None:
    """Do something with the database, in a thread whose connection is closed afterwards."""

    def in_thread() -> None:
        try:
            work()
        finally:
            connection.close()

    await asyncio.to_thread(in_thread)


def test_an_announcement_is_heard_at_the_commit_and_never_after_a_rollback(broadcaster: Broadcaster) -> None:
    def rolled_back() -> None:
        with pytest.raises(LookupError), transaction.atomic():
            announce([1])
            raise LookupError

    def committed() -> None:
        with transaction.atomic():
            announce([3, 2])

    async def story(heard: Announcements) -> None:
        await do(rolled_back)
        await do(committed)
        assert await anext(heard) == frozenset({"2", "3"})

    hear(broadcaster, story)


def test_what_is_not_committed_is_not_heard(broadcaster: Broadcaster) -> None:
    async def story(heard: Announcements) -> None:
        is_announced, may_commit = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def wait_within() -> None:
            with transaction.atomic():
                announce(["slow"])
                loop.call_soon_threadsafe(is_announced.set)
                asyncio.run_coroutine_threadsafe(may_commit.wait(), loop).result(10)

        slow = asyncio.create_task(do(wait_within))
        await is_announced.wait()
        await do(lambda: announce(["quick"]))
        assert await anext(heard) == frozenset({"quick"})
        may_commit.set()
        assert await anext(heard) == frozenset({"slow"})
        await slow

    hear(broadcaster, story)


def test_ten_thousand_people_are_announced_by_one_statement_at_the_most(broadcaster: Broadcaster) -> None:
    def announce_many() -> None:
        with CaptureQueriesContext(connection) as queries:
            announce(range(10_000))
        assert len(queries) <= 1

    async def story(heard: Announcements) -> None:
        await do(announce_many)
        found: set[str] = set()
        while len(found) < 10_000:
            keys = await anext(heard)
            assert keys is not EVERYONE
            found |= keys
        assert found == set(map(str, range(10_000)))

    hear(broadcaster, story)


def test_whoever_was_cut_off_is_told_to_look_at_everyone(broadcaster: Broadcaster) -> None:
    def cut_off() -> None:
        if connection.vendor == "postgresql" and "Postgres" in type(broadcaster).__name__:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE application_name = 'clarion-listen' AND datname = current_database()"
                )
        else:
            server = redis.Redis.from_url(REDIS_URL)
            chosen = get_settings().REALTIME
            assert chosen
            channel = chosen.OPTIONS["channel"]
            (listener,) = (one for one in server.client_list() if one["name"] == f"listens-to-{channel}")
            server.client_kill_filter(_id=listener["id"])

    async def story(heard: Announcements) -> None:
        for key in ("1", "2"):
            await do(cut_off)
            assert await anext(heard) is EVERYONE
            await do(lambda key=key: announce([key]))  # type: ignore[misc]
            assert await anext(heard) == frozenset({key})

    hear(broadcaster, story)


def test_a_silence_does_not_end_the_subscription(
    broadcaster: Broadcaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{type(broadcaster).__module__}.ALIVE", 0.05)

    async def story(heard: Announcements) -> None:
        await asyncio.sleep(0.3)  # the silence itself
        await do(lambda: announce([1]))
        assert await anext(heard) == frozenset({"1"})

    hear(broadcaster, story)


def test_a_redis_that_is_away_fails_nobody_who_announces(settings: Settings) -> None:
    realtime = {"BACKEND": REDIS, "OPTIONS": {"url": f"redis://{NOWHERE}"}}
    settings.CLARION = {**settings.CLARION, "REALTIME": realtime}
    for _ in range(3):
        announce([1])


def test_a_redis_that_does_not_answer_is_waited_for_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("clarion.contrib.redis.broadcaster.PATIENCE", 0.1)
    with silent_server() as place:
        realtime = {"BACKEND": REDIS, "OPTIONS": {"url": f"redis://{place}"}}
        settings.CLARION = {**settings.CLARION, "REALTIME": realtime}
        for _ in range(100):
            announce([1])
    assert [record.getMessage() for record in caplog.records] == ["realtime announcement lost"]
