"""Expectation: what a fault excuses, and whom it concerns."""

from __future__ import annotations

from collections.abc import Collection, Container
from dataclasses import dataclass

from chaos.strike import Strike


class _Everybody:
    def __contains__(self, _: object) -> bool:
        return True


NOBODY: Container[int] = frozenset()
EVERYBODY: Container[int] = _Everybody()


@dataclass(frozen=True)
class Expectation:
    """What the fault excuses."""

    poison: Collection[str] = ()
    """Kinds of events that must end dead, with a reason, and tell nobody."""
    exhausts: Collection[str] = ()
    """Those of them that die of nothing but having been tried as often as anything may be."""
    is_overtaken: bool = False
    """Whether all other events must be finished before the last of the poison is dead."""
    strikes: Collection[Strike] = ()
    """When it struck: a mail may come again if the copy before was accepted then, and was in the window."""
    cancels: Container[int] = NOBODY
    """Whose mails may be cancelled, or not written, with a reason."""
    kills_mail: Container[int] = NOBODY
    """Whose mails may end dead or unknown, with a reason."""
    erases: bool = False
    """Whether people may be deleted, and what they were told with them."""
