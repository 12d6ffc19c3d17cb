"""Settings of the project that is broken on purpose. Each process of a run reads them anew.

Environment:
    CHAOS_ENGINE: a key of `chaos.engines.ENGINES`.
    CHAOS_DATABASE: `sqlite`, `postgres` or `mariadb`; CHAOS_DATABASE_NAME: its name, or its file.
    CHAOS_RUN: a name that no other run on this machine has; queues are named for it.
    CHAOS_SLOT: a number that no other run has at the same time, from 0.
    CHAOS_HOST: where the run's own listeners are, as this process sees them: 127.0.0.1 by default.
    CHAOS_SMTP_PORT, CHAOS_SMTP_USER: the mail sink, and who logs in there, if anybody.
    CHAOS_BROKER_PORT: where the broker's proxy listens.
    CHAOS_TEMPLATES: a folder whose templates go before Clarion's, if any does.
    CHAOS_LEASE, CHAOS_TASK_TIMEOUT: seconds; CHAOS_ATTEMPTS: the most attempts.
    PGHOST, PGPORT, PGUSER, PGPASSWORD and MYSQL_HOST, MYSQL_PORT, MYSQL_USER, MYSQL_PASSWORD: the servers.
"""

import os
from datetime import timedelta

import django

from chaos.databases import DATABASES as KINDS
from chaos.engines import ENGINES

RUN = os.environ.get("CHAOS_RUN", "chaos")

DATABASES = {
    "default": KINDS[os.environ.get("CHAOS_DATABASE", "sqlite")].settings(
        os.environ.get("CHAOS_DATABASE_NAME", "chaos.sqlite3")
    )
}

_engine = ENGINES[os.environ.get("CHAOS_ENGINE", "immediate")]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "clarion",
    "chaos.project",
    *_engine.apps,
]
ROOT_URLCONF = "chaos.project.urls"
ALLOWED_HOSTS = ["chaos.example"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [os.environ["CHAOS_TEMPLATES"]] if "CHAOS_TEMPLATES" in os.environ else [],
        "APP_DIRS": True,
    }
]
SECRET_KEY = "for chaos only"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"

DEFAULT_FROM_EMAIL = "chaos@chaos.example"
SMTP = "django.core.mail.backends.smtp.EmailBackend"
_host = os.environ.get("CHAOS_HOST", "127.0.0.1")
_port, _user = int(os.environ.get("CHAOS_SMTP_PORT", "1")), os.environ.get("CHAOS_SMTP_USER", "")
if django.VERSION >= (6, 1):
    _options = {"host": _host, "port": _port, "username": _user, "password": _user, "timeout": 5}
    MAILERS = {"default": {"BACKEND": SMTP, "OPTIONS": _options}}
else:
    EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT, EMAIL_TIMEOUT = SMTP, _host, _port, 5
    EMAIL_HOST_USER = EMAIL_HOST_PASSWORD = _user

CLARION = {
    "ENGINE": _engine.path,
    "BASE_URL": "https://chaos.example",
    "LEASE": timedelta(seconds=float(os.environ.get("CHAOS_LEASE", "4"))),
    "MAX_ATTEMPTS": int(os.environ.get("CHAOS_ATTEMPTS", "8")),
}

globals().update(_engine.settings(RUN))
