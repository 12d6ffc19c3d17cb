"""`make demo`: it delivers everything, and says so; twice in a row, after SIGKILL, and until Ctrl-C."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.utils.module_loading import import_string

from clarion.models import EventLog
from tests.acceptance.conftest import OpenWorkshop
from tests.acceptance.example_project import DEMO, example_environment
from tests.acceptance.story import create_products, person

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.proves_most_on("sqlite", reason="a user meets it first on SQLite, which needs no server"),
]

CLOSING_LINE = re.compile(r"demo: 5 events, 7 people, 9 app notifications, 11 emails sent, \d+\.\d s")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Where no demo has been yet."""
    with example_environment(tmp_path) as environment:
        yield environment


@pytest.fixture
def environment(seeded: Mapping[str, str], tmp_path: Path) -> Iterator[dict[str, str]]:
    """Where a demo need not migrate any more."""
    with example_environment(tmp_path, like=seeded) as environment:
        yield environment


def run_once(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [*DEMO, "--once"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)


def start(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([*DEMO, *arguments], env=environment, stdout=subprocess.PIPE, text=True)


def read_until(demo: subprocess.Popen[str], word: str) -> str:
    assert demo.stdout is not None
    for line in demo.stdout:
        if word in line:
            return line
    raise AssertionError(f"the demo has ended without a word of {word!r}")


def wait_until_every_process_is_gone(var: Path) -> None:
    """The demo's processes share its lock, so whoever gets it is alone."""
    deadline = time.monotonic() + 30
    with (var / "demo.lock").open() as lock:
        while True:
            try:
                return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                assert time.monotonic() < deadline, "a process of the demo has survived it"
                time.sleep(0.1)


def test_the_demo_delivers_everything_twice_in_a_row(empty: dict[str, str], tmp_path: Path) -> None:
    for mails in (11, 22):
        demo = run_once(empty)
        assert demo.returncode == 0, demo.stdout + demo.stderr
        assert CLOSING_LINE.fullmatch(demo.stdout.splitlines()[-1])
        assert demo.stderr == ""
        assert len(list((tmp_path / "mail").glob("*.eml"))) == mails


def test_the_demo_tells_step_by_step_what_happens_to_whom(environment: dict[str, str]) -> None:
    story = run_once(environment).stdout
    steps = re.findall(r"s  (published|handled|notified|rendered|sent) +#1 (.*)", story)
    assert [step for step, _ in steps] == [
        "published",
        "handled",
        "notified",
        *["rendered"] * 5,
        *["sent"] * 3,
    ]
    assert ("rendered", "Dana Winter: app skipped, category choice; email skipped, category choice") in steps
    assert ("sent", "Bruno Keller at bruno@example.org: “Neues Produkt: Tide clock”") in steps


def test_what_a_killed_demo_has_left_is_delivered_by_the_next(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with start(environment, "--once") as killed:
        read_until(killed, "notified")
        killed.kill()
    wait_until_every_process_is_gone(tmp_path)
    demo = run_once(environment)
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert CLOSING_LINE.fullmatch(demo.stdout.splitlines()[-1])
    ada = [path for path in (tmp_path / "mail").glob("*.eml") if b"\r\nTo: ada@" in path.read_bytes()]
    assert len(ada) == 4, "one from the killed demo, three from the next"


def test_a_demo_clears_away_what_a_killed_one_and_its_killed_guards_have_left(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with start(environment, "--once") as killed:
        read_until(killed, "notified")
        guards = children_of(killed.pid)
        assert len(guards) == 2
        for process in (*guards, killed.pid):
            os.kill(process, signal.SIGKILL)
    demo = run_once(environment)
    assert demo.returncode == 0, demo.stdout + demo.stderr
    wait_until_every_process_is_gone(tmp_path)


def test_a_demo_beside_another_is_refused(environment: dict[str, str]) -> None:
    with start(environment) as first:
        read_until(first, "log in as")
        second = run_once(environment)
        first.terminate()
    assert second.returncode == 1
    assert (
        f"another demo is running in {environment['CLARION_EXAMPLE_VAR']}, as process {first.pid}"
        in second.stderr
    )


def children_of(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def forget_preference(login: str) -> None:
    person(login).notification_preference.delete()


def create_and_miss(folder: Path, *expected: str) -> list[str]:
    """Create a product of Carla's; say what is missing if those expected should know. Runs in the project."""
    create_products(["Globe"], "carla")
    event = EventLog.objects.latest("pk")
    return list(import_string("demonstration.tally.missing")({event.pk: frozenset(expected)}, folder))


def test_the_demo_says_who_was_not_told_who_was_by_mistake_and_which_mail_is_missing(
    open_workshop: OpenWorkshop, tmp_path: Path
) -> None:
    workshop = open_workshop(
        {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "CLARION_EXAMPLE_ENGINE": "clarion.bus.engines.immediate.ImmediateEngine",
        }
    )
    workshop.sink.open()
    workshop.call(forget_preference, "carla")
    missing = workshop.call(create_and_miss, tmp_path, "ada")
    assert [re.sub(r"#\d+", "#", line) for line in missing] == [
        "ada was not told of product.created #",
        "carla was told of product.created #",
        "product.created #: e-mail sent, 0 in the mailbox: ",
    ]


def test_the_demo_fails_and_shows_why_a_process_of_it_does_not_start(
    environment: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "sabotage"
    folder.mkdir()
    sabotage = 'import sys\nif "qcluster" in sys.orig_argv:\n    sys.exit("no workers today")\n'
    (folder / "sitecustomize.py").write_text(sabotage)
    path = os.pathsep.join(filter(None, [str(folder), environment.get("PYTHONPATH")]))
    demo = run_once(environment | {"PYTHONPATH": path})
    assert demo.returncode == 1
    assert "has stopped; the end of" in demo.stderr
    assert "no workers today" in demo.stderr


def test_ctrl_c_stops_the_site_and_everything_else(environment: dict[str, str], tmp_path: Path) -> None:
    with start(environment) as demo:
        url = re.search(r"http://127\.0\.0\.1:\d+/", read_until(demo, "log in as"))
        assert url
        read_until(demo, "Ctrl-C")
        with urlopen(url[0]) as page:
            assert "Ada Brook" in page.read().decode()
        demo.send_signal(signal.SIGINT)
        assert demo.wait(30) == 0
    wait_until_every_process_is_gone(tmp_path)
    with pytest.raises(OSError, match="refused"):
        urlopen(url[0])
