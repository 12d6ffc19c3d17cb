"""The Tasks engine, with a time limit that a run can choose: there is no setting for it."""

from __future__ import annotations

import os
from datetime import timedelta

from clarion.contrib.django_tasks.engine import DjangoTasksEngine


class HurriedEngine(DjangoTasksEngine):
    """Lets a handler take as long as the other engines let a job."""

    time_limit = timedelta(seconds=int(os.environ.get("CHAOS_TASK_TIMEOUT", "60")))
