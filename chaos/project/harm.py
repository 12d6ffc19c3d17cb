"""Harm: what poisonous work does to the process that takes it on."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable

from chaos.canary import CANARY


def _raise() -> None:
    raise RuntimeError(f"poison {CANARY}")


def _hang() -> None:
    time.sleep(3600)


def _eat_memory() -> None:
    eaten = []
    while True:
        eaten.append(bytearray(2**26))


def _segfault() -> None:
    ctypes.string_at(0)


HARM: dict[str, Callable[[], None]] = {
    "raises": _raise,
    "hangs": _hang,
    "eats memory": _eat_memory,
    "segfaults": _segfault,
}
"""By what an event asks for."""
