"""The faults, by name. One file for each family."""

from __future__ import annotations

from importlib import import_module

from chaos.faults.base import Fault
from chaos.faults.soak import SOAK

FAMILIES = (
    *("points", "detours", "mail", "broker", "database", "frozen", "poison"),
    *("change", "access", "templates", "deployment", "clock", "clusters", "crowd", "operation", "digest"),
)

FAULTS: dict[str, Fault] = {
    fault.name: fault for family in FAMILIES for fault in import_module(f"chaos.faults.{family}").FAULTS
}

LONG: dict[str, Fault] = {SOAK.name: SOAK}
"""What is run by a command of its own."""
