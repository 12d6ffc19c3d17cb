"""Connections of others to the test's database, cut as a server that goes down cuts them."""

from django.db import connection

OTHERS = {
    "postgresql": "SELECT pid FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    "mysql": "SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()",
}
CUT = {"postgresql": "SELECT pg_terminate_backend(%s)", "mysql": "KILL %s"}


def cut_other_connections() -> int:
    """Cut every connection to our database but our own; return how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(OTHERS[connection.vendor])
        others = [number for (number,) in cursor.fetchall()]
        for number in others:
            cursor.execute(CUT[connection.vendor], [number])
    return len(others)
