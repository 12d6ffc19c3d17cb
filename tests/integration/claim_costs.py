"""What a claim costs: one statement; two in a savepoint on MariaDB, where UPDATE returns no rows."""

from django.db import connection

IN_TWO_STEPS = connection.vendor == "mysql"
STATEMENTS = 2 if IN_TWO_STEPS else 1
WITH_SAVEPOINT = 4 if IN_TWO_STEPS else 1
