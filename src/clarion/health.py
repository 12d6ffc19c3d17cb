"""Health: what an operator should know tonight, as sentences. None means all is well."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import reduce
from operator import or_

from django.db.models import Q

from clarion.bus.claims import is_due
from clarion.bus.relay import HEARTBEAT, PIPELINE
from clarion.database.clock import Now
from clarion.exceptions import CodeMissing
from clarion.models import ChannelPause, Heartbeat, Status

RELAY_SILENCE = timedelta(minutes=3)
"""The relay's slowest schedule is once a minute."""

OVERDUE = timedelta(minutes=5)
"""Work that nobody has claimed for so long has no worker, or too few."""


def problems() -> Iterator[str]:
    """Yield what is wrong and what to do about it. Everything is asked of the database alone."""
    if not Heartbeat.objects.filter(name=HEARTBEAT, beat_at__gt=Now() - RELAY_SILENCE).exists():
        seen = Heartbeat.last(HEARTBEAT)
        yield f"The relay was last seen {seen or 'never'}: run `manage.py clarion relay` under a supervisor."
    for model in PIPELINE:
        name = model._meta.verbose_name_plural
        late = model._default_manager.filter(is_due() & Q(due_at__lt=Now() - OVERDUE)).count()
        if late:
            yield f"{late} {name} are overdue by more than {OVERDUE}: start workers, or more of them."
        waiting = model._default_manager.filter(_waits_for_code(), status=Status.FAILED).count()
        if waiting:
            yield f"{waiting} {name} wait for code that no worker has had so far: see which in the admin."
        dead = model._default_manager.filter(status=Status.DEAD).count()
        if dead:
            yield f"{dead} {name} are dead: see why in the admin, then retry or discard them."
    for pause in ChannelPause.objects.filter(until__gt=Now()):
        yield f"The channel {pause.channel} is paused until {pause.until}: see why in the admin."


def _waits_for_code() -> Q:
    """Match what `claims.fail` wrote of work that a newer or older release can do."""
    names = (missing.__name__ for missing in CodeMissing.__subclasses__())
    return reduce(or_, (Q(error__startswith=f"{name}: ") for name in names))
