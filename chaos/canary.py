"""Canary: a word in addresses, payloads, texts and what handlers raise, and in no log."""

from __future__ import annotations

from pathlib import Path

CANARY = "canary7c41"

LOGS = ("workers-*.log", "relay-*.log", "publisher.log")
"""What Clarion's processes say. `run.log` is the mail sink's and the harness's, and a server of a run's own
may write whole statements: what those say is their own affair."""


def address_of(person: int) -> str:
    """Return where a person, by number, has their mail."""
    return f"person-{person}@{CANARY}.example"


def heard_in(folder: Path) -> list[str]:
    """Return the names of the logs of a run's folder that hold it."""
    logs = sorted(log for pattern in LOGS for log in folder.glob(pattern))
    return [log.name for log in logs if CANARY.encode() in log.read_bytes()]
