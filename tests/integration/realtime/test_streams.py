"""Streams beside Django: Django answers, with all its middleware, and then is done with the request."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth.models import User
from django.core.asgi import get_asgi_application
from django.db import connection
from django.test import Client
from pytest_django import Settings
from rest_framework.authtoken.models import Token

from clarion import asgi
from clarion.inbox import hub
from clarion.inbox.service import NotificationService
from clarion.realtime.broadcaster import get_broadcaster
from tests.integration.inbox.items import give
from tests.integration.realtime.broadcasters import RECORDING, RecordingBroadcaster

pytestmark = pytest.mark.django_db(transaction=True)

Message = MutableMapping[str, Any]
QUIET = 0.15


@pytest.fixture(autouse=True)
def _realtime(settings: Settings) -> None:
    settings.CLARION = {**settings.CLARION, "REALTIME": RECORDING}


class Site:
    """The test project under `with_streams`, and Alice's browser before it."""

    def __init__(self, person: User | None, language: str) -> None:
        client = Client()
        if person:
            client.force_login(person)
        self.cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        self.language = language
        self.application = asgi.with_streams(get_asgi_application())

    def open(
        self, path: str = "/notifications/stream/", method: str = "GET", token: str = "", query: str = ""
    ) -> Any:
        headers = [
            (b"host", b"testserver"),
            (b"cookie", self.cookies.encode()),
            (b"accept-language", self.language.encode()),
        ]
        if token:
            headers.append((b"authorization", f"Token {token}".encode()))
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": headers,
        }
        # Untyped, like all of its methods.
        return ApplicationCommunicator(  # type: ignore[no-untyped-call]
            self.application, scope
        )

    def announce(self, *people: User) -> None:
        broadcaster = get_broadcaster()
        assert isinstance(broadcaster, RecordingBroadcaster)
        broadcaster.queue.put_nowait(frozenset(str(person.pk) for person in people))


def play(story: Callable[[Site], Awaitable[None]], person: User | None, language: str = "en") -> None:
    site = Site(person, language)

    async def run() -> None:
        async with asyncio.timeout(20):
            await story(site)

    asyncio.run(run())


def read_everything(person: User) -> None:
    NotificationService().mark_all_as_read(person)
    connection.close()


async def head_of(browser: Any) -> Message:
    await browser.send_input({"type": "http.request"})
    start: Message = await browser.receive_output(5)
    assert start["type"] == "http.response.start"
    return start


async def event_in(browser: Any) -> dict[str, Any]:
    body = b""
    while b"data: " not in body:
        body = (await browser.receive_output(5))["body"]
    event: dict[str, Any] = json.loads(body.split(b"data: ")[1])
    return event


async def leave(browser: Any) -> None:
    await browser.send_input({"type": "http.disconnect"})
    await browser.wait(5)


def test_a_stream_begins_with_the_present_state_and_goes_on_with_every_change(alice: User) -> None:
    give(alice, 2)

    async def story(site: Site) -> None:
        browser = site.open()
        start = await head_of(browser)
        headers = dict(start["headers"])
        assert start["status"] == 200
        assert headers[b"Content-Type"] == b"text/event-stream"
        assert headers[b"X-Accel-Buffering"] == b"no"
        assert b"Content-Length" not in headers
        first = await event_in(browser)
        assert (first["unread"], first["label"]) == (2, "Notifications, 2 unread")
        while not await browser.receive_nothing(QUIET):
            await event_in(browser)
        await asyncio.to_thread(read_everything, alice)
        site.announce(alice)
        second = await event_in(browser)
        assert second["unread"] == 0
        assert second["tag"] != first["tag"]
        await leave(browser)

    play(story, alice)


def test_a_program_with_a_token_follows_the_stream_of_the_api(alice: User) -> None:
    token = Token.objects.create(user=alice).key

    async def story(site: Site) -> None:
        program = site.open("/api/v1/stream/", token=token)
        start = await head_of(program)
        assert start["status"] == 200
        assert dict(start["headers"])[b"Content-Type"] == b"text/event-stream"
        assert (await event_in(program))["unread"] == 0
        await leave(program)
        stranger = site.open("/api/v1/stream/", token="12345")
        assert (await head_of(stranger))["status"] == 401
        await stranger.wait(5)

    play(story, None)


def test_a_stream_tells_nothing_of_another_s_whoever_is_asked_for(alice: User, bob: User) -> None:
    give(alice, 2)
    give(bob, 5)

    async def story(site: Site) -> None:
        browser = site.open(query=f"person={bob.pk}&person_id={bob.pk}&user={bob.pk}")
        await head_of(browser)
        assert (await event_in(browser))["unread"] == 2
        while not await browser.receive_nothing(QUIET):
            await event_in(browser)
        await asyncio.to_thread(read_everything, bob)
        site.announce(bob)
        assert await browser.receive_nothing(QUIET)
        site.announce(alice, bob)
        assert (await event_in(browser))["unread"] == 2
        await leave(browser)

    play(story, alice)


def test_the_stream_speaks_the_language_of_its_page(alice: User) -> None:
    async def story(site: Site) -> None:
        browser = site.open()
        await head_of(browser)
        assert "ungelesen" in (await event_in(browser))["label"]
        await leave(browser)

    play(story, alice, "de")


def test_open_streams_hold_neither_a_thread_nor_a_database_connection_each(alice: User) -> None:
    before = threading.active_count()

    async def story(site: Site) -> None:
        browsers = [site.open() for _ in range(hub.STREAM_LIMIT)]
        for browser in browsers:
            await head_of(browser)
            await event_in(browser)
        assert threading.active_count() < before + len(browsers) / 2
        for browser in browsers:
            await leave(browser)

    play(story, alice)


def test_one_stream_too_many_is_refused(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "STREAM_LIMIT", 1)

    async def story(site: Site) -> None:
        first, second = site.open(), site.open()
        assert (await head_of(first))["status"] == 200
        assert (await head_of(second))["status"] == 429
        await second.wait(5)
        await leave(first)
        third = site.open()
        assert (await head_of(third))["status"] == 200
        await leave(third)

    play(story, alice)


def test_a_stream_ends_in_time_so_that_whoever_signed_out_gets_no_other(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asgi, "LIFE", 0.3)

    async def story(site: Site) -> None:
        browser = site.open()
        await head_of(browser)
        while (await browser.receive_output(5)).get("more_body"):
            pass
        await browser.wait(5)

    play(story, alice)


def test_a_silent_stream_gives_a_sign_of_life(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "BEAT", 0.2)

    async def story(site: Site) -> None:
        browser = site.open()
        await head_of(browser)
        while (await browser.receive_output(5))["body"] != b":\n\n":
            pass
        await leave(browser)

    play(story, alice)


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/notifications/", "GET", 200),
        ("/notifications/state/", "GET", 200),
        ("/notifications/stream/", "HEAD", 405),
        ("/notifications/stream/", "POST", 403),
        ("/nowhere/", "GET", 404),
    ],
)
def test_every_other_page_is_django_s_own(alice: User, path: str, method: str, status: int) -> None:
    async def story(site: Site) -> None:
        browser = site.open(path, method)
        assert (await head_of(browser))["status"] == status
        await browser.wait(5)

    play(story, alice)


def test_a_visitor_gets_no_stream(transactional_db: None) -> None:
    async def story(site: Site) -> None:
        browser = site.open()
        assert (await head_of(browser))["status"] == 403
        await browser.wait(5)

    play(story, None)


def test_other_protocols_are_passed_on(transactional_db: None) -> None:
    seen: list[str] = []

    async def application(scope: Message, receive: object, send: object) -> None:
        seen.append(scope["type"])

    async def story(site: Site) -> None:
        wrapped = asgi.with_streams(application)
        await wrapped({"type": "lifespan"}, None, None)

    play(story, None)
    assert seen == ["lifespan"]
