"""Workers and whole clusters killed by SIGKILL while 200 events are in flight: everyone is told, once."""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.acceptance import story
from tests.acceptance.conftest import OpenWorkshop
from tests.acceptance.process import kill, process_connected_from
from tests.acceptance.waiting import wait_for
from tests.acceptance.workshop import Workshop

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.proves_most_on("postgres", reason="only a server lets several processes write at once"),
    pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="finds processes as Linux shows them"),
]

EVENTS = 200
WORKERS = 2
"""In a cluster of the example project."""
NAMES = [f"Lamp {number}" for number in range(EVENTS)]
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.acceptance.settings"}


def assert_everyone_was_told_once(workshop: Workshop, tally: story.Tally, killed: int) -> None:
    """Erin is told in the app and by e-mail, Carla in the app alone."""
    accepted = workshop.sink.message_ids
    duplicates = accepted.total() - len(accepted)
    sys.stdout.write(
        f"\n{killed} workers killed: {tally.events} events, {tally.told} people told, "
        f"{tally.app_notifications} app notifications, {tally.sent} mails sent, {duplicates} duplicates\n"
    )
    assert tally.products == tally.events == tally.handled == EVENTS
    assert tally.told == tally.processed == tally.app_notifications == 2 * EVENTS
    assert tally.told_twice == tally.dead == 0
    assert tally.emails == tally.sent == EVENTS
    assert accepted.keys() == tally.message_ids
    # A worker that dies between the server's 250 and its commit leaves a mail that is sent again.
    assert duplicates <= killed


def test_workers_killed_at_work_lose_nothing(open_workshop: OpenWorkshop) -> None:
    workshop = open_workshop({**SETTINGS, "CLARION_TEST_APPS": "tests.acceptance.ambush"})
    workshop.sink.open()
    (workshop.var / "ambush").touch()
    workshop.call(story.create_products, NAMES, "erin", "Lighthouse Press")
    killed: list[int] = []

    with workshop.cluster() as cluster:

        def kill_who_sends(port: int) -> str:
            mails = len(workshop.sink.ledger)
            if (mails, len(killed)) not in {(20, 1), (40, 2)}:
                return ""
            killed.append(process_connected_from(port, cluster.pid))
            os.kill(killed[-1], signal.SIGKILL)
            return "451 you are dead" if mails == 20 else ""

        (ambushed,) = wait_for(lambda: list(workshop.var.glob("ambushed-*")), "a worker in the ambush")
        killed.append(int(ambushed.name.partition("-")[2]))
        os.kill(killed[0], signal.SIGKILL)
        workshop.sink.interfere = kill_who_sends
        wait_for(lambda: len(killed) == 3, "two workers killed while they sent mail")
        with workshop.relay():
            tally = workshop.wait_until_settled()

    assert cluster.pid not in killed
    assert_everyone_was_told_once(workshop, tally, len(killed))


def test_clusters_killed_as_a_whole_lose_nothing(workshop: Workshop) -> None:
    workshop.call(story.create_products, NAMES, "erin", "Lighthouse Press")

    def under_way(done: str) -> bool:
        return int(getattr(workshop.call(story.tally), done)) >= 20

    phases = ("handled", "processed", "sent")
    for done in phases:
        with workshop.cluster() as cluster:
            wait_for(partial(under_way, done), f"work to be {done}")
            kill(cluster)
        assert workshop.call(story.tally).sent < EVENTS, "killed too late to show anything"
    with workshop.cluster(), workshop.relay():
        tally = workshop.wait_until_settled()

    assert_everyone_was_told_once(workshop, tally, WORKERS * len(phases))
