"""The faults, by name. One file for each family."""

from __future__ import annotations

from importlib import import_module

from chaos.faults.base import Fault
from chaos.faults.soak import SOAK

FAMILIES = (
    *("points", "detours", "mail", "broker", "database", "frozen", "poison"),
    *("change", "access", "templates", "deployment", "clock", "clusters", "crowd", "operation", "digest"),
)

_MODULES = [import_module(f"chaos.faults.{family}") for family in FAMILIES]

FAULTS: dict[str, Fault] = {fault.name: fault for module in _MODULES for fault in module.FAULTS}

FAMILY_OF: dict[str, str] = {
    fault.name: (module.__doc__ or "").partition("\n")[0] for module in _MODULES for fault in module.FAULTS
}
"""What each fault has in common with others, as a sentence."""

LONG: dict[str, Fault] = {SOAK.name: SOAK}
"""What is run by a command of its own."""
