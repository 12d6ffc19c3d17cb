"""What every test can use."""

import os
from pathlib import Path

import pytest
from django.db import connection


def pytest_report_header() -> str:
    return f"database: {connection.vendor}"


@pytest.fixture
def process_environment(transactional_db: None) -> dict[str, str]:
    """The environment for a process that a test starts: the test project, on this test's own database."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "CLARION_TEST_DB_NAME": str(connection.settings_dict["NAME"]),
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
