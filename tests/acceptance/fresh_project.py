"""A fresh project, as `django-admin startproject` makes it, in which people have been at work already."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from tests.acceptance.postgres import on_postgres

ON_POSTGRES = """
import os
DATABASES = {{
    "default": {{
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ.get("PGHOST", "127.0.0.1"),
        "PORT": os.environ.get("PGPORT", "5432"),
        "USER": os.environ.get("PGUSER", "postgres"),
        "PASSWORD": os.environ.get("PGPASSWORD", ""),
        "NAME": "{name}",
    }}
}}
"""

MAIL_AS_FILES = """
import django
if django.VERSION >= (6, 1):
    MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": BASE_DIR / "mail"},
        }
    }
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = BASE_DIR / "mail"
"""

BETWEEN_MAILS = b"-" * 79 + b"\n"
"""Written by Django's file backend, which has one file for each connection."""


class FreshProject:
    """Its settings are `mysite.settings`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "mysite.settings",
            "PYTHONPATH": str(folder),
        }
        self._run("-m", "django", "startproject", "mysite", ".")

    def add(self, path: str, code: str) -> None:
        """Add code at the end of a file, which need not be there yet."""
        file = self.folder / path
        file.parent.mkdir(exist_ok=True)
        with file.open("a") as opened:
            opened.write(code)

    def manage(self, *arguments: str) -> str:
        """Run a management command; return what it prints."""
        return self._run("manage.py", *arguments)

    @property
    def mails(self) -> list[EmailMessage]:
        """Every mail that was sent."""
        return [
            message_from_bytes(raw.lstrip(), EmailMessage, policy=policy.default)
            for file in sorted((self.folder / "mail").glob("*.log"))
            for raw in file.read_bytes().split(BETWEEN_MAILS)
            if raw.strip()
        ]

    def _run(self, *arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"
        return done.stdout


@contextmanager
def fresh_project(folder: Path) -> Iterator[FreshProject]:
    """Make a project that writes its mails to files; its database is SQLite's own or one on PostgreSQL."""
    project = FreshProject(folder)
    project.add("mysite/settings.py", MAIL_AS_FILES)
    if os.environ.get("CLARION_TEST_DB") != "postgres":
        yield project
        return
    name = f"clarion_fresh_{uuid.uuid4().hex[:12]}"
    project.add("mysite/settings.py", ON_POSTGRES.format(name=name))
    on_postgres(f"CREATE DATABASE {name}")
    try:
        yield project
    finally:
        on_postgres(f"DROP DATABASE {name} WITH (FORCE)")
