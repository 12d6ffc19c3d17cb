"""Every migration leaves the tables so that workers of older releases can go on until they are replaced."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model
from django.db.models.fields import NOT_PROVIDED

from tests.integration.older_releases import for_each_older_release, tables_known_to

pytestmark = pytest.mark.django_db


@for_each_older_release
def test_an_older_release_can_still_write_every_table(last_migration: str) -> None:
    obstacles = [each for older in tables_known_to(last_migration) for each in _obstacles(older)]
    failing = f"workers whose last migration is {last_migration} would fail:"
    assert not obstacles, "\n".join([failing, *obstacles])


def _obstacles(older: type[Model]) -> Iterator[str]:
    """Yield what keeps a release that knows the table as `older` from writing it as it is in the database."""
    table = older._meta.db_table
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            yield f"{table} is gone: take it away in the release after the one that stops using it"
            return
        columns = {
            column.name: column for column in connection.introspection.get_table_description(cursor, table)
        }
    known = {str(field.column): field for field in older._meta.local_concrete_fields}
    for name in known.keys() - columns.keys():
        yield f"{table}.{name} is gone: take it away in the release after the one that stops using it"
    for name, column in columns.items():
        field = known.get(name)
        has_default = column.default not in {None, "NULL"}
        if field is None and not has_default and not column.null_ok:
            yield f"{table}.{name} is new, and older releases leave it out: give it a db_default or null=True"
        if field is not None and field.null and not column.null_ok:
            yield f"{table}.{name} refuses NULL, which older releases write"
        if field is not None and field.db_default is not NOT_PROVIDED and not has_default:
            yield f"{table}.{name} has lost its db_default, which older releases rely on"
    for constraint in _constraints(_newest(older)) - _constraints(older):
        yield f"{table} has the new constraint {constraint}, to which older releases do not keep"


def _newest(older: type[Model]) -> type[Model]:
    return next(model for model in apps.get_models() if model._meta.db_table == older._meta.db_table)


def _constraints(model: type[Model]) -> set[str]:
    unique = {f"unique {field.column}" for field in model._meta.local_concrete_fields if field.unique}
    return unique | {constraint.name for constraint in model._meta.constraints}
