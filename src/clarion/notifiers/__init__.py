"""Notifiers: what handlers use to say who should know, and what."""

from clarion.notifiers.notify import notify

__all__ = ["notify"]
