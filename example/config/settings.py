"""Settings of the example project.

Environment:
    CLARION_TEST_DB: `sqlite` (default) or `postgres`.
    CLARION_EXAMPLE_DATABASE: the database's name; for SQLite its file, `db.sqlite3` in the var folder.
    PGHOST, PGPORT, PGUSER, PGPASSWORD: where PostgreSQL is.
    CLARION_EXAMPLE_VAR: the folder of what the example writes; default `example/var`.
    CLARION_EXAMPLE_ENGINE: dotted path of Clarion's engine; default Django-Q2.
    CLARION_EXAMPLE_URL: where links in e-mails lead; default http://127.0.0.1:8000.
    CLARION_EXAMPLE_CONN_MAX_AGE: seconds for which a connection to PostgreSQL is kept; default 60.
    EMAIL_HOST, EMAIL_PORT: the mail server; default 127.0.0.1:1025.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

from clarion.contrib.django_q2.preset import q_cluster

EXAMPLE = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("CLARION_EXAMPLE_VAR", EXAMPLE / "var"))
MAIL_FOLDER = VAR / "mail"


def sqlite() -> dict[str, Any]:
    VAR.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("CLARION_EXAMPLE_DATABASE", VAR / "db.sqlite3"),
        # Web, cluster and relay all write: they must wait for each other, not fail.
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
        "NAME": os.environ.get("CLARION_EXAMPLE_DATABASE", "clarion_example"),
        "CONN_MAX_AGE": int(os.environ.get("CLARION_EXAMPLE_CONN_MAX_AGE", "60")),
    }


DATABASES = {"default": postgres() if os.environ.get("CLARION_TEST_DB") == "postgres" else sqlite()}

DEBUG = True  # it opens the pages that let anyone log in as anyone, and read all mail
SECRET_KEY = "an example, served on the loopback interface only"
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_q",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "clarion",
    "people",
    "organisations",
    "products",
    "postbox",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "people.middleware.person_language",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [EXAMPLE / "config" / "templates"],
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

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
LOGIN_URL = "log_in_as"
STATIC_URL = "static/"
STATICFILES_DIRS = [EXAMPLE / "config" / "static"]
LOCALE_PATHS = [EXAMPLE / "config" / "locale"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]

DEFAULT_FROM_EMAIL = "Workshop <workshop@example.org>"
MAIL_SERVER = {
    "host": os.environ.get("EMAIL_HOST", "127.0.0.1"),
    "port": int(os.environ.get("EMAIL_PORT", "1025")),
    "timeout": 10,
}
if django.VERSION >= (6, 1):
    MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": MAIL_SERVER}}
else:
    EMAIL_HOST, EMAIL_PORT, EMAIL_TIMEOUT = MAIL_SERVER.values()

LISTEN = {"BACKEND": "clarion.contrib.postgres.broadcaster.PostgresBroadcaster"}

CLARION_PERSON_MODEL = "people.Person"
CLARION = {
    "ENGINE": os.environ.get("CLARION_EXAMPLE_ENGINE", "clarion.contrib.django_q2.engine.DjangoQ2Engine"),
    "BASE_URL": os.environ.get("CLARION_EXAMPLE_URL", "http://127.0.0.1:8000"),
    # On SQLite pages poll.
    "REALTIME": LISTEN if os.environ.get("CLARION_TEST_DB") == "postgres" else None,
    # Short, so that what a killed demo had begun is soon taken up again.
    "LEASE": timedelta(seconds=20),
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ]
}
Q_CLUSTER = q_cluster("workshop", workers=2, timeout=15, retry=60)
