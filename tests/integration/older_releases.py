"""Older releases: what their code knows of the tables, which is what its last migration says."""

from functools import cache

import pytest
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import StateApps
from django.db.models import Model

_LOADER = MigrationLoader(None)
_PLAN = _LOADER.graph.forwards_plan(*_LOADER.graph.leaf_nodes("clarion"))
MIGRATIONS = [migration for app, migration in _PLAN if app == "clarion"]

for_each_older_release = pytest.mark.parametrize("last_migration", MIGRATIONS[:-1])
"""Any migration but the newest may be the last one that an older release has."""


def tables_known_to(last_migration: str) -> list[type[Model]]:
    """Return the models of Clarion as the release knows them that has this migration and none after it."""
    return list(_apps_at(last_migration).get_app_config("clarion").get_models())


@cache
def _apps_at(migration: str) -> StateApps:
    return _LOADER.project_state(("clarion", migration)).apps
