"""The channels there are."""

from __future__ import annotations

from clarion.channels.app import AppChannel
from clarion.channels.base import Channel
from clarion.channels.email import EmailChannel

CHANNELS: tuple[Channel, ...] = (AppChannel(), EmailChannel())
