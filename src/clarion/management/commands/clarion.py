"""`manage.py clarion`: what operators do by hand or from a process supervisor."""

from __future__ import annotations

import json
import signal
import threading
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, connections

from clarion.bus.relay import relay
from clarion.delivery.repair import rerender
from clarion.delivery.retention import cleanup, count_expired
from clarion.events import EventTypes
from clarion.exceptions import EngineUnavailable, UnknownEventType
from clarion.health import problems
from clarion.rendering.installation import install_templates


class Command(BaseCommand):
    """Keep the pipeline going, tidy up, mend, describe."""

    help = "Relay lost work, delete expired rows, render fallbacks anew, install templates, print schemas."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the subcommands."""
        commands = parser.add_subparsers(dest="subcommand", required=True)

        def add(name: str, run: Callable[..., None], text: str) -> ArgumentParser:
            command = commands.add_parser(name, help=text, description=text)
            command.set_defaults(run=run)
            return command

        relaying = add("relay", self.relay, "Offer overdue work to the engine again, until stopped.")
        relaying.add_argument("--once", action="store_true", help="one pass, then exit")
        relaying.add_argument(
            "--interval", type=_seconds, default=10, metavar="SECONDS", help="between passes: 10"
        )
        cleaning = add(
            "cleanup", self.cleanup, "Delete rows past their delete_at, unless work on them goes on."
        )
        cleaning.add_argument("--dry-run", action="store_true", help="count, delete nothing")
        add("rerender", self.rerender, "Render anew what fell back to the stand-in text.")
        add("install-templates", self.install_templates, "Write the declared texts; edited templates stay.")
        add("health", self.health, "Say what is wrong, and exit with 1 if anything is.")
        describing = add("schema", self.schema, "Print the JSON Schema of payloads, by event type.")
        describing.add_argument("event_type", nargs="?", help="only this one")

    def handle(self, *args: Any, run: Callable[..., None], **options: Any) -> None:
        """Run the subcommand."""
        run(**options)

    def relay(self, *, once: bool, interval: float, **_: Any) -> None:
        """Relay until SIGTERM or SIGINT, or once."""
        stopped = threading.Event()
        if not once:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stopped.set())
            self.stdout.write(f"relay: every {interval:g} s; stop with Ctrl-C")
        while not stopped.is_set():
            try:
                offered = relay()
            except (EngineUnavailable, OperationalError, InterfaceError) as down:
                if once:
                    raise CommandError(str(down)) from down
                self.stderr.write(f"relay: {down}; trying again")
                connections.close_all()  # one that broke would stay broken
            else:
                if offered or once:
                    self.stdout.write(f"relay: {offered} offered")
            if once:
                return
            stopped.wait(interval)

    def cleanup(self, *, dry_run: bool, **_: Any) -> None:
        """Delete, or count, what has expired."""
        counts = count_expired() if dry_run else cleanup()
        for model, count in counts.items():
            self.stdout.write(f"{model}: {count} {'expired' if dry_run else 'deleted'}")

    def rerender(self, **_: Any) -> None:
        """Mend fallbacks."""
        repair = rerender()
        self.stdout.write(f"{repair.mended} mended, {repair.broken} still without a working template")

    def health(self, **_: Any) -> None:
        """List what is wrong."""
        found = list(problems())
        for problem in found:
            self.stderr.write(problem)
        if found:
            raise CommandError(f"problems: {len(found)}", returncode=1)
        self.stdout.write("all is well")

    def install_templates(self, **_: Any) -> None:
        """Install the declared texts."""
        self.stdout.write(f"{install_templates()} templates added or brought up to date")

    def schema(self, *, event_type: str | None, **_: Any) -> None:
        """Print JSON Schemas."""
        try:
            chosen = [EventTypes.get(event_type)] if event_type else list(EventTypes)
        except UnknownEventType as unknown:
            raise CommandError(str(unknown)) from unknown
        schemas = {each.name: {"version": each.version, "schema": each.json_schema()} for each in chosen}
        self.stdout.write(json.dumps(schemas, indent=2, default=str))


def _seconds(text: str) -> float:
    """Return a pause that `Event.wait` can take.

    Raises:
        ArgumentTypeError: it is no number from 0.01 to a day.
    """
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0.01 <= seconds <= 86_400:
        raise ArgumentTypeError(f"{text!r} is not a number of seconds from 0.01 to 86400")
    return seconds
