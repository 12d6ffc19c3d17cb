"""Settings of the test project: Clarion with Django's user model, on SQLite or on PostgreSQL.

Environment:
    CLARION_TEST_DB: `sqlite` (default), `postgres` or `mariadb`.
    CLARION_TEST_REALTIME: the dict `CLARION["REALTIME"]` as JSON; left out, pages poll.
    CLARION_TEST_DB_NAME: an existing database to use as it is: for the processes that a test starts.
    PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE: where PostgreSQL is.
    MYSQL_HOST, MYSQL_PORT, MYSQL_USER, MYSQL_PASSWORD: where MariaDB is.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import django

from clarion.contrib.django_q2.preset import q_cluster

# Each run has a database of its own, so that two runs on one machine never meet.
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))[:8]


def sqlite() -> dict[str, Any]:
    # In a file, not in memory: threads and worker processes must see it too.
    file = str(Path(tempfile.gettempdir(), f"test_clarion_{RUN}.sqlite3"))
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("CLARION_TEST_DB_NAME", file),
        "TEST": {"NAME": file},
        "OPTIONS": {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
        },
    }


def postgres() -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ.get("PGHOST", "127.0.0.1"),
        "PORT": os.environ.get("PGPORT", "5432"),
        "USER": os.environ.get("PGUSER", "postgres"),
        "PASSWORD": os.environ.get("PGPASSWORD", ""),
        "NAME": os.environ.get("CLARION_TEST_DB_NAME", os.environ.get("PGDATABASE", "postgres")),
        "TEST": {"NAME": f"test_clarion_{RUN}"},
        "OPTIONS": {"connect_timeout": 5},
    }


def mariadb() -> dict[str, Any]:
    import pymysql

    pymysql.install_as_MySQLdb()
    return {
        "ENGINE": "django.db.backends.mysql",
        "HOST": os.environ.get("MYSQL_HOST", "127.0.0.1"),
        "PORT": os.environ.get("MYSQL_PORT", "3306"),
        "USER": os.environ.get("MYSQL_USER", "root"),
        "PASSWORD": os.environ.get("MYSQL_PASSWORD", ""),
        "NAME": os.environ.get("CLARION_TEST_DB_NAME", "mysql"),
        "TEST": {"NAME": f"test_clarion_{RUN}"},
        "OPTIONS": {"charset": "utf8mb4", "connect_timeout": 5},
    }


CHOICES = {"sqlite": sqlite, "postgres": postgres, "mariadb": mariadb}
DATABASES = {"default": CHOICES[os.environ.get("CLARION_TEST_DB", "sqlite")]()}

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_q",
    "django_tasks_db",
    "drf_spectacular",
    "rest_framework",
    "rest_framework.authtoken",
    "clarion",
    "tests.testapp",
]

MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

ROOT_URLCONF = "tests.urls"
LOGIN_URL = "admin:login"
STATIC_URL = "static/"
ALLOWED_HOSTS = ["shop.example", "testserver", "localhost", "127.0.0.1"]

SECRET_KEY = "for tests only"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast; nothing is kept
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]

DEFAULT_FROM_EMAIL = "shop@shop.example"
LOCMEM = "django.core.mail.backends.locmem.EmailBackend"
if django.VERSION >= (6, 1):
    MAILERS = {"default": {"BACKEND": LOCMEM}}
else:
    EMAIL_BACKEND = LOCMEM

CLARION = {
    "ENGINE": "clarion.bus.engines.immediate.ImmediateEngine",
    "BASE_URL": "https://shop.example",
    "REALTIME": json.loads(os.environ.get("CLARION_TEST_REALTIME", "null")),
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ]
}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

Q_CLUSTER = q_cluster("clarion-tests", workers=2, timeout=60, retry=90, poll=0.1)
