"""What is due is found by its index, however much waits for later."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clarion.jobs import run
from clarion.models import AppNotification
from tests.integration.orders import ship

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_workers")]

LOOKING = ("SELECT (SELECT count(*)", "UPDATE")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="others read small tables whole")
def test_no_table_is_read_whole(alice: User) -> None:
    ship(alice)
    with CaptureQueriesContext(connection) as queries:
        run("work", 0)

    assert AppNotification.objects.count() == 1
    looks = [query["sql"] for query in queries if query["sql"].startswith(LOOKING)]
    assert len(looks) > 5
    with connection.cursor() as cursor:
        for look in looks:
            plan = [row[-1] for row in cursor.execute(f"EXPLAIN QUERY PLAN {look}")]
            assert not [step for step in plan if step.startswith(("SCAN clarion_", "USE TEMP"))], (look, plan)
