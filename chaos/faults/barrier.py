"""Barrier: mails wait until all of them are written, and what they tell of has changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from chaos.world import World


@contextmanager
def mails_held_back() -> Iterator[None]:
    """Let no mail go out before the block has ended."""
    from clarion.models import ChannelPause

    ChannelPause.begin("email", timedelta(hours=1), "held back by chaos")
    yield
    ChannelPause._default_manager.all().delete()


def wait_for_mails(world: World, count: int) -> None:
    """Wait until so many mails are written, sent or not."""
    from clarion.models import EmailNotification

    world.wait_for(lambda: EmailNotification.objects.count() == count, f"{count} mails to be written")
