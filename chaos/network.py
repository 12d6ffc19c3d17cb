"""Network: hosts beside this one, as network namespaces of Linux, each on a cable that can be pulled."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

SLOT = int(os.environ.get("CHAOS_SLOT", "0"))


class Network:
    """A bridge on this machine, with a namespace on it for each host; nothing else is reached from there."""

    def __init__(self, hosts: Sequence[str]) -> None:
        """`hosts` are their names, of seven letters at the most."""
        self.address = f"10.213.{SLOT}.1"
        """This machine's, as the hosts see it."""
        self._bridge = f"chaos{SLOT}"
        self._hosts = hosts

    def __enter__(self) -> Self:
        self._remove()  # what a killed run may have left
        _ip("link", "add", self._bridge, "type", "bridge")
        _ip("address", "add", f"{self.address}/24", "dev", self._bridge)
        _ip("link", "set", self._bridge, "up")
        for number, host in enumerate(self._hosts, start=2):
            space, cable = self._space(host), self._cable(host)
            _ip("netns", "add", space)
            _ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", space)
            _ip("link", "set", cable, "master", self._bridge, "up")
            _ip("-netns", space, "address", "add", f"10.213.{SLOT}.{number}/24", "dev", "eth0")
            for device in ("eth0", "lo"):
                _ip("-netns", space, "link", "set", device, "up")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    def on(self, host: str, command: Sequence[str]) -> list[str]:
        """Return the command as it is run on a host, which has a name of its own too."""
        named = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', host]
        return ["ip", "netns", "exec", self._space(host), *named, *command]

    def unplug(self, host: str) -> None:
        """Pull a host's cable: nothing arrives any more, and nobody is told."""
        _ip("link", "set", self._cable(host), "down")

    def plug(self, host: str) -> None:
        """Put the cable back."""
        _ip("link", "set", self._cable(host), "up")

    def _space(self, host: str) -> str:
        return f"chaos{SLOT}-{host}"

    def _cable(self, host: str) -> str:
        return f"chaos{SLOT}-{host}"

    def _remove(self) -> None:
        spaces = [("netns", "del", self._space(host)) for host in self._hosts]
        # A space lasts as long as a process in it, and with the space its cable.
        cables = [("link", "del", self._cable(host)) for host in self._hosts]
        for command in (*spaces, *cables, ("link", "del", self._bridge)):
            with suppress(subprocess.CalledProcessError):  # it is not there
                _ip(*command)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
