"""The Tasks engine keeps the contract on django-tasks-db, with a real worker."""

from __future__ import annotations

import json
import subprocess
from contextlib import AbstractContextManager

import pytest
from django.forms.models import model_to_dict
from django_tasks_db.models import DBTaskResult

from clarion.testing import Message, QueueEngineContract
from tests.acceptance.engines.services import table_away

pytestmark = pytest.mark.acceptance


class TestDjangoTasksOnTheDatabase(QueueEngineContract):
    engine = "clarion.contrib.django_tasks.engine.DjangoTasksEngine"

    def worker(self) -> AbstractContextManager[subprocess.Popen[bytes]]:
        return self.run_worker("-m", "django", "db_worker", "--interval=0.1", "--no-startup-delay")

    def broker_away(self) -> AbstractContextManager[object]:
        return table_away(DBTaskResult._meta.db_table)

    def messages(self) -> list[Message]:
        return [
            Message(tuple(task.args_kwargs["args"]), json.dumps(model_to_dict(task), default=str))
            for task in DBTaskResult.objects.all()
        ]
