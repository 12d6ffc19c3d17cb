"""The entries for Celery's beat name the task and the jobs as they are."""

from __future__ import annotations

from clarion.bus.hints import Job
from clarion.contrib.celery.beat import beat_schedule
from clarion.contrib.celery.tasks import run_job


def test_beat_runs_the_relay_every_minute_and_the_clean_up_every_hour() -> None:
    entries = beat_schedule().values()
    assert {(entry["task"], *entry["args"], entry["schedule"].total_seconds()) for entry in entries} == {
        (run_job.name, Job.RELAY, 0, 60),
        (run_job.name, Job.CLEANUP, 0, 3600),
    }


def test_what_waits_for_a_worker_does_not_pile_up() -> None:
    assert all(
        entry["options"]["expires"] == entry["schedule"].total_seconds() for entry in beat_schedule().values()
    )
