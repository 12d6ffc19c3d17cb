"""The workshop: the example project at work, with its processes and its mail server."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import ParamSpec, TypeVar

from tests.acceptance import story
from tests.acceptance.console import Console
from tests.acceptance.example_project import MANAGE
from tests.acceptance.mail_sink import MailSink
from tests.acceptance.process import running
from tests.acceptance.waiting import wait_for

P = ParamSpec("P")
T = TypeVar("T")


class Workshop:
    def __init__(self, environment: Mapping[str, str], console: Console, sink: MailSink) -> None:
        self.environment = environment
        self.var = Path(environment["CLARION_EXAMPLE_VAR"])
        self.sink = sink
        self._console = console

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function of `story`, or of Clarion, in the example project."""
        return self._console.call(function, *args, **kwargs)

    def manage(self, *arguments: str) -> str:
        """Run a management command; return what it prints."""
        command = [*MANAGE, *arguments]
        return subprocess.run(
            command, env=self.environment, check=True, capture_output=True, text=True
        ).stdout

    def cluster(self) -> AbstractContextManager[subprocess.Popen[bytes]]:
        """Run a Django-Q2 cluster."""
        return running([*MANAGE, "qcluster"], self.environment, self.var / "qcluster.log")

    def relay(self) -> AbstractContextManager[subprocess.Popen[bytes]]:
        """Run the relay, with short pauses."""
        command = [*MANAGE, "clarion", "relay", "--interval=0.5"]
        return running(command, self.environment, self.var / "relay.log")

    def wait_until_settled(self) -> story.Tally:
        """Wait until no work is left; return what came of it."""

        try:
            wait_for(lambda: self.call(story.unfinished) == 0, "an end of all work")
        except TimeoutError as late:
            late.add_note(str(self.call(story.tally)))
            raise
        return self.call(story.tally)
