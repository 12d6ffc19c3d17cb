"""Settings of the project that is measured. Each process of a figure reads them anew.

Environment:
    BENCH_DATABASE: `sqlite` or `postgres`; BENCH_DATABASE_NAME: its name, or its file.
    BENCH_ENGINE: `waiting` (one worker in this process), `q2-orm` or `q2-redis`.
    BENCH_RUN: a name that no other run has; queues are named for it.
    BENCH_SMTP_PORT: where the mail sink listens.
    PGHOST, PGPORT, PGUSER, PGPASSWORD, REDIS_URL: the servers.
"""

import os

import django

from chaos.databases import DATABASES as KINDS
from clarion.contrib.django_q2.preset import q_cluster

RUN = os.environ.get("BENCH_RUN", "bench")
ENGINE = os.environ.get("BENCH_ENGINE", "waiting")

_database = KINDS[os.environ.get("BENCH_DATABASE", "sqlite")].settings(
    os.environ.get("BENCH_DATABASE_NAME", "bench.sqlite3")
)
# As the preset for workers says: Django-Q2 closes connections at every task that it queues.
DATABASES = {"default": {**_database, "CONN_MAX_AGE": 60}}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "clarion",
    "benchmarks.project",
    "benchmarks.peers.seed",
    "notifications",
    "vintasend_django",
    "django_q",
]
AUTH_USER_MODEL = "bench.Person"
ROOT_URLCONF = "benchmarks.project.urls"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
SECRET_KEY = "for benchmarks only"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LOGGING_CONFIG = None

DEFAULT_FROM_EMAIL = "bench@bench.example"
SMTP = "django.core.mail.backends.smtp.EmailBackend"
MAIL_PORT = int(os.environ.get("BENCH_SMTP_PORT", "1"))
if django.VERSION >= (6, 1):
    MAILERS = {
        "default": {"BACKEND": SMTP, "OPTIONS": {"host": "127.0.0.1", "port": MAIL_PORT, "timeout": 30}}
    }
else:
    EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT, EMAIL_TIMEOUT = SMTP, "127.0.0.1", MAIL_PORT, 30

CLARION = {
    "ENGINE": "benchmarks.project.engine.WaitingEngine"
    if ENGINE == "waiting"
    else "clarion.contrib.django_q2.engine.DjangoQ2Engine",
    "BASE_URL": "https://bench.example",
}

_broker = {"orm": None, "redis": os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/8")}
Q_CLUSTER = q_cluster(
    RUN, workers=2, log_level="WARNING", scheduler=False, **(_broker if ENGINE == "q2-redis" else {})
)

DJANGO_NOTIFICATIONS_CONFIG = {"USE_JSONFIELD": True, "CACHE_TIMEOUT": 0}
