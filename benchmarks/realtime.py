"""How soon open pages show what happened, and what it costs to keep them open.

    python -m benchmarks.realtime tabs      an event, seen in the second tab of a Chromium
    python -m benchmarks.realtime streams   a thousand open streams in one process
    python -m benchmarks.realtime fanout    announcing to a hundred thousand people
    python -m benchmarks.realtime poll      a state that has not changed

All on the example project, in a PostgreSQL database of its own on PGHOST, behind uvicorn. `tabs` also starts
the cluster, so that an event takes the whole way: publish, dispatch, notify, record, announce.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "example"
PORT = 8767
SITE = f"http://127.0.0.1:{PORT}"
CHROMIUM = os.environ.get("CLARION_CHROMIUM", "/usr/bin/chromium")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=["tabs", "streams", "fanout", "poll"])
    parser.add_argument("--events", type=int, default=100, help="events to time (tabs, streams)")
    parser.add_argument("--count", type=int, default=1000, help="streams, or requests")
    parser.add_argument("--minutes", type=int, default=1, help="how long streams are held, silent (streams)")
    parser.add_argument("--people", type=int, default=100_000, help="people of the fan-out")
    asked = parser.parse_args(arguments)
    with database():
        if asked.what == "tabs":
            with process("manage.py", "qcluster"), server():
                tabs(asked.events)
        elif asked.what == "streams":
            with server() as web:
                asyncio.run(streams(asked.count, asked.events, asked.minutes, web.pid))
        elif asked.what == "fanout":
            fanout(asked.people)
        else:
            with server():
                asyncio.run(poll(asked.count))


def tabs(events: int) -> None:
    """Rename a product again and again; time each until it shows in a tab that holds no connection."""
    from concurrent.futures import ThreadPoolExecutor

    from playwright.sync_api import sync_playwright

    from people.models import Person
    from products.models import Product
    from products.services import ProductManagementService

    person = Person.objects.get(user__username="ada")
    cookie = cookie_of(person.user)
    service = ProductManagementService()
    with ThreadPoolExecutor(1) as thread, sync_playwright() as playwright:

        def do(work: Any, *arguments: Any) -> Any:
            return thread.submit(work, *arguments).result()

        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        context = browser.new_context(base_url=SITE)
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": SITE}])
        first, second = context.new_page(), context.new_page()
        for tab in (first, second):
            tab.goto("/notifications/")
        second.evaluate(
            "() => { window.shown = 0; document.addEventListener('clarion:change', e => {"
            " requestAnimationFrame(() => setTimeout(() => { window.shown = e.detail.unread; })) }) }"
        )
        product: Product = do(lambda: service.create_product({"name": "Kite"}, person))
        shown = "count => window.shown === count ? Date.now() : 0"
        second.wait_for_function(shown, arg=1, timeout=30_000)
        took = []
        for number in range(events):
            before = time.time()
            do(service.update_product, product, {"name": f"Kite {number}"})
            committed = time.time()
            count = min(number + 2, 100)
            if number + 2 > 100:  # beyond, the badge says 99+: begin again
                break
            at = second.wait_for_function(shown, arg=count, timeout=30_000, polling=5).json_value()
            took.append((at / 1000 - before, at / 1000 - committed))
            time.sleep(0.1)
        browser.close()
    report("publish to second tab", [full for full, _ in took])
    report("commit to second tab", [after for _, after in took])


async def streams(count: int, events: int, minutes: int, server: int) -> None:
    """Open so many streams; watch memory, threads and connections; time events to one and to all.

    Within some minutes of silence every stream ends and is asked for again; then all must hear once more.
    """
    people = await asyncio.to_thread(make_people, count)
    heard: asyncio.Queue[tuple[int, float, int]] = asyncio.Queue()
    tasks: list[asyncio.Task[None]] = []
    print(f"{'streams':>8} {'RSS MB':>8} {'threads':>8} {'PG connections':>15}")

    def line() -> None:
        print(f"{len(tasks):8} {memory(server):8.1f} {threads(server):8} {connections():15}")

    await asyncio.to_thread(line)
    for start in range(0, count, 25):
        for person_id, cookie in people[start : start + 25]:
            tasks.append(asyncio.create_task(follow(person_id, cookie, heard)))
        await quiet(heard)
        assert not any(task.done() for task in tasks), "a stream has ended"
        if (start + 25) % 250 == 0:
            await asyncio.to_thread(line)

    ids = [person_id for person_id, _ in people]
    one = []
    for number in range(events):
        began = time.time()
        await asyncio.to_thread(give, [ids[number % count]])
        _, at, _ = await heard.get()
        one.append(at - began)
    report("transaction to one stream", one)
    for round_ in range(5):
        await to_all(ids, heard, f"commit to all {count}, round {round_ + 1}")
    await asyncio.to_thread(line)
    for minute in range(minutes):
        print(f"silence, minute {minute + 1}")
        await asyncio.sleep(60)
        await asyncio.to_thread(line)
    while not heard.empty():
        heard.get_nowait()
    await to_all(ids, heard, f"commit to all {count}, after the silence")
    await asyncio.to_thread(line)
    for task in tasks:
        task.cancel()
    await asyncio.sleep(1)
    tasks.clear()
    await asyncio.to_thread(line)


async def to_all(ids: Sequence[int], heard: asyncio.Queue[tuple[int, float, int]], name: str) -> None:
    """Give each of these people an item in one transaction; report when each of them first heard of it."""
    await asyncio.to_thread(give, ids)
    committed = time.time()
    first: dict[int, float] = {}
    while len(first) < len(ids):  # whose stream begins anew just then may hear twice
        person_id, at, _ = await heard.get()
        first.setdefault(person_id, at)
    report(name, [at - committed for at in first.values()])


def fanout(people: int) -> None:
    """Time what `announce` adds to recording so many people in chunks, by broadcaster and size of chunk."""
    from django.conf import settings
    from django.db import connection, transaction

    from clarion.realtime.announcement import announce

    redis = {
        "BACKEND": "clarion.contrib.redis.broadcaster.RedisBroadcaster",
        "OPTIONS": {"url": os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"), "channel": "bench"},
    }
    from django.core.signals import setting_changed

    for name, realtime in (("off", None), ("postgres", settings.LISTEN), ("redis", redis)):
        settings.CLARION = {**settings.CLARION, "REALTIME": realtime}
        setting_changed.send(sender=None, setting="CLARION", value=settings.CLARION, enter=True)
        for chunk in (500, 10_000):
            connection.queries_log.clear()
            connection.force_debug_cursor = True
            began = time.perf_counter()
            for start in range(0, people, chunk):
                with transaction.atomic():
                    announce(range(start, start + chunk))
            took = time.perf_counter() - began
            asked = [query for query in connection.queries if "pg_notify" in query["sql"]]
            connection.force_debug_cursor = False
            print(f"{name:>9}, chunks of {chunk:6}: {took * 1000:8.1f} ms, {len(asked):4} statements")


async def poll(count: int) -> None:
    """Ask for a state that has not changed, one request after another on one connection."""
    [(_, cookie)] = await asyncio.to_thread(make_people, 1)
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    etag, took = "", []
    for _ in range(count):
        began = time.perf_counter()
        writer.write(request("/notifications/state/", cookie, f'If-None-Match: "{etag}"\r\n'))
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        await reader.readexactly(length)
        etag = head.split('etag: "')[1].split('"')[0]
        if " 304 " in head:
            took.append(time.perf_counter() - began)
    writer.close()
    report("a 304", took)


async def follow(person_id: int, cookie: str, heard: asyncio.Queue[tuple[int, float, int]]) -> None:
    """Follow a person's stream, and ask for it again when it ends; report each change."""
    while True:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        try:
            writer.write(request("/notifications/stream/", cookie))
            head = await reader.readuntil(b"\r\n\r\n")
            assert b" 200 " in head, head
            while (text := await reader.readline()) not in (b"", b"0\r\n"):
                if text.startswith(b"data: "):
                    heard.put_nowait((person_id, time.time(), json.loads(text[6:])["unread"]))
        finally:
            writer.close()


def request(path: str, cookie: str, more: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid={cookie}\r\n{more}\r\n".encode()


async def quiet(heard: asyncio.Queue[tuple[int, float, int]]) -> None:
    """Wait until nothing is heard any more, and forget what was."""
    while True:
        try:
            async with asyncio.timeout(1):
                await heard.get()
        except TimeoutError:
            return


def give(person_ids: Sequence[int]) -> None:
    """Put an item into each of these inboxes, as the planner does: in one transaction, announced once."""
    from datetime import timedelta

    from django.db import connection, transaction
    from django.utils import timezone

    from clarion.models import AppNotification, NotifiableEvent
    from clarion.realtime.announcement import announce

    delete_at = timezone.now() + timedelta(days=1)
    with transaction.atomic():
        events = NotifiableEvent.objects.bulk_create(
            NotifiableEvent(event_type="product.created", person_id=person_id, delete_at=delete_at)
            for person_id in person_ids
        )
        AppNotification.objects.bulk_create(
            AppNotification(event=event, person_id=event.person_id, title="News", delete_at=delete_at)
            for event in events
        )
        announce(person_ids)
    connection.close()


def make_people(count: int) -> list[tuple[int, str]]:
    """Make people who are signed in; return each one's primary key and session cookie."""
    from django.contrib.auth.models import User
    from django.db import connection

    from people.models import Person

    users = User.objects.bulk_create(User(username=f"person-{number}") for number in range(count))
    people = Person.objects.bulk_create(Person(user=user, name=user.username) for user in users)
    signed_in = [(person.pk, cookie_of(person.user)) for person in people]
    connection.close()
    return signed_in


def cookie_of(user: Any) -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def connections() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid()"
        )
        (number,) = cursor.fetchone()
    connection.close()
    return int(number)


def memory(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


def threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def report(name: str, seconds: Sequence[float]) -> None:
    milliseconds = sorted(second * 1000 for second in seconds)
    cuts = statistics.quantiles(milliseconds, n=100, method="inclusive")
    print(
        f"{name}: n={len(milliseconds)}  p50 {cuts[49]:.1f} ms  p90 {cuts[89]:.1f}  p95 {cuts[94]:.1f}  "
        f"p99 {cuts[98]:.1f}  max {milliseconds[-1]:.1f}"
    )


@contextmanager
def database() -> Iterator[None]:
    """Have the example, seeded, in a database that is dropped afterwards."""
    import psycopg

    name = f"clarion_realtime_{uuid.uuid4().hex[:8]}"
    os.environ |= {
        "CLARION_TEST_DB": "postgres",
        "CLARION_EXAMPLE_DATABASE": name,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(EXAMPLE), str(ROOT)]),
    }
    sys.path[:0] = [str(ROOT / "src"), str(EXAMPLE)]
    host, user = os.environ.get("PGHOST", "127.0.0.1"), os.environ.get("PGUSER", "postgres")
    with psycopg.connect(host=host, user=user, dbname="postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            import django
            from django.core.management import call_command
            from django.db import connection

            django.setup()
            call_command("migrate", verbosity=0)
            call_command("seed")
            yield
            connection.close()
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def server() -> Iterator[subprocess.Popen[bytes]]:
    """Serve the example from one process."""
    import socket

    options = ["--port", str(PORT), "--log-level", "warning", "--timeout-graceful-shutdown", "1"]
    with process("-m", "uvicorn", "config.asgi:application", *options) as web:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", PORT)).close()
            except OSError:
                time.sleep(0.1)
            else:
                break
        yield web


@contextmanager
def process(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    with ExitStack() as stack:
        running = subprocess.Popen([sys.executable, *command], cwd=EXAMPLE, stdout=subprocess.DEVNULL)
        stack.callback(running.wait, 20)
        stack.callback(running.terminate)
        yield running


if __name__ == "__main__":
    main(sys.argv[1:])
