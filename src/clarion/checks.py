"""System checks: a misconfiguration is named, with its fix, before it can lose anything."""

from __future__ import annotations

from typing import Any, cast

from django.core.checks import CheckMessage, Error, Info, Tags, register
from django.core.checks import Warning as Caution
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.mail.backends.smtp import EmailBackend as SMTPBackend
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from clarion.bus.backoff import retry_horizon
from clarion.bus.engines.base import Engine, get_engine
from clarion.bus.engines.dummy import DummyEngine
from clarion.bus.engines.immediate import ImmediateEngine
from clarion.conf import get_settings, person_model_name
from clarion.delivery.connection import mail_connection
from clarion.events import EventTypes
from clarion.models import AppNotificationTemplate, EmailNotificationTemplate, NotificationTemplate
from clarion.models.lifetime import lifetime_of
from clarion.models.person import get_person_model
from clarion.realtime.broadcaster import get_broadcaster
from clarion.rendering.installation import declared_templates

Messages = list[CheckMessage]

SQLITE_TIMEOUT = 5
"""Seconds that SQLite waits for another writer, unless told otherwise: too short beside busy workers."""


@register
def check_settings(**_: Any) -> Messages:
    """CLARION can be read, and its engine loaded and relied on."""
    try:
        get_settings()
    except ImproperlyConfigured as wrong:
        hint = "Correct the key in CLARION."
        return [Error(str(wrong), hint=hint, id="clarion.E001")]
    try:
        engine = get_engine()
    except ImproperlyConfigured as wrong:
        hint = "Name an engine, such as 'clarion.contrib.django_q2.engine.DjangoQ2Engine'; install its extra."
        return [Error(str(wrong), hint=hint, id="clarion.E002")]
    try:
        broadcaster = get_broadcaster()
    except ImproperlyConfigured as wrong:
        hint = "Name a backend, such as 'clarion.contrib.postgres.broadcaster.PostgresBroadcaster'."
        return [Error(str(wrong), hint=hint, id="clarion.E012")]
    live = broadcaster.check() if broadcaster else []
    at_work = [] if isinstance(engine, ImmediateEngine) else _check_sqlite()
    return [*engine.check(), *live, *at_work, *_check_retention(), *_check_mail()]


@register(Tags.models)
def check_person_model(**_: Any) -> Messages:
    """CLARION_PERSON_MODEL names a model whose people can be told."""
    name = person_model_name()
    try:
        model = get_person_model()
    except (LookupError, ValueError):
        hint = "Set CLARION_PERSON_MODEL to 'app_label.ModelName' of an installed model."
        return [Error(f"CLARION_PERSON_MODEL: there is no model {name!r}.", hint=hint, id="clarion.E003")]
    if hasattr(model, "email"):
        return []
    hint = "Give it a field or a property `email`; without one nobody is sent an e-mail."
    return [Caution(f"{name} has no `email`.", hint=hint, obj=model, id="clarion.W001")]


@register(Tags.templates)
def check_declared_texts(**_: Any) -> Messages:
    """Every text that is declared keeps to the payload schema of its event type."""
    return [
        Error(problem, hint=f"Correct the text where {event_type.name} is declared.", id="clarion.E004")
        for event_type in EventTypes
        for template in declared_templates(event_type)
        for problem in _breaches_of(template)
    ]


@register(Tags.templates)
def check_stored_templates(**_: Any) -> Messages:
    """Every text that is stored does too. Only warnings: workers must start in spite of one broken text."""
    try:
        tables = connection.introspection.table_names()
        stored = [
            template
            for model in (AppNotificationTemplate, EmailNotificationTemplate)
            if model._meta.db_table in tables
            for template in model._default_manager.all()
        ]
    except (DatabaseError, ImproperlyConfigured) as unreachable:
        hint = "Run `manage.py check` again once the database answers and is migrated."
        return [Caution(f"Stored templates were not checked: {unreachable}", hint, id="clarion.W002")]
    return [
        Caution(
            problem,
            hint=f"Correct {template._meta.verbose_name} #{template.pk} in the admin, or delete it.",
            id="clarion.W008",
        )
        for template in stored
        for problem in _breaches_of(template)
    ]


@register(deploy=True)
def check_migrations(**_: Any) -> Messages:
    """The database is what this release expects."""
    try:
        executor = MigrationExecutor(connection)
    except (DatabaseError, ImproperlyConfigured):  # which check_stored_templates has said
        return []
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes("clarion"))
    if missing := ", ".join(migration.name for migration, _ in plan if migration.app_label == "clarion"):
        hint = "Run `manage.py migrate`."
        return [Error(f"Clarion's migrations are not applied: {missing}.", hint=hint, id="clarion.E013")]
    return []


@register(deploy=True)
def check_deployment(**_: Any) -> Messages:
    """What is comfortable in development and wrong in production."""
    try:
        engine, base_url = get_engine(), get_settings().BASE_URL
    except ImproperlyConfigured:  # which check_settings has said
        return []
    messages = _check_abilities(engine)
    if not base_url:
        hint = "Set CLARION['BASE_URL'], such as 'https://shop.example'."
        messages.append(Caution("E-mails cannot link back to this site.", hint=hint, id="clarion.W004"))
    return messages


def _check_abilities(engine: Engine) -> Messages:
    if isinstance(engine, ImmediateEngine):
        hint = "Install django-clarion[q2] and set CLARION['ENGINE'] to the Django-Q2 engine."
        text = "The immediate engine creates notifications and sends mail within web requests."
        # With other engines `_check_sqlite` speaks in development already.
        return [Caution(text, hint=hint, id="clarion.W003"), *_check_sqlite()]
    if isinstance(engine, DummyEngine):
        hint = "Set CLARION['ENGINE'] to 'clarion.contrib.django_q2.engine.DjangoQ2Engine', or to another."
        return [Error("The dummy engine does no work.", hint=hint, id="clarion.E009")]
    messages: Messages = []
    if not engine.has_scheduler:
        hint = "Keep `manage.py clarion relay` running, and run `manage.py clarion cleanup` every hour."
        text = "The engine has no schedule for Clarion: what was lost stays lost, and nothing expires."
        messages.append(Caution(text, hint=hint, id="clarion.W010"))
    if not engine.has_receipts:
        hint = "Keep `manage.py clarion relay` running beside the workers."
        text = "The engine loses the hint of a worker that is killed; only the relay recovers its work."
        messages.append(Info(text, hint=hint, id="clarion.I011"))
    return messages


def _breaches_of(template: NotificationTemplate) -> list[str]:
    try:
        template.check_contract()
    except ValidationError as invalid:
        return [
            f"{template} {field}: {problem}"
            for field, problems in invalid.message_dict.items()
            for problem in problems
        ]
    return []


def _check_retention() -> Messages:
    horizon = retry_horizon(get_settings().MAX_ATTEMPTS)
    hint = "Lengthen the retention, or lower CLARION['MAX_ATTEMPTS']."
    return [
        Caution(
            f"{event_type.name} is kept for {kept}, but its retries may take {horizon}.",
            hint=hint,
            id="clarion.W005",
        )
        for event_type in EventTypes
        if (kept := lifetime_of(event_type).events) < horizon
    ]


def _check_mail() -> Messages:
    try:
        mailer = mail_connection()
    except (ImportError, ImproperlyConfigured) as wrong:
        hint = "Name an e-mail backend that can be imported."
        return [Error(f"The mail backend cannot be loaded: {wrong}", hint=hint, id="clarion.E006")]
    if not isinstance(mailer, SMTPBackend) or mailer.timeout:
        return []
    hint = "Set EMAIL_TIMEOUT = 30, or with MAILERS the option `timeout`."
    text = "No time limit for the mail server is set: one that hangs holds a worker."
    return [Caution(text, hint=hint, id="clarion.W006")]


def _check_sqlite() -> Messages:
    # In memory there is no other process.
    if connection.vendor != "sqlite" or cast("Any", connection).is_in_memory_db():
        return []
    try:
        missing = _missing_on_sqlite()
    except DatabaseError:  # which check_stored_templates says
        return []
    if not missing:
        return []
    hint = (
        'Set its OPTIONS to {"transaction_mode": "IMMEDIATE", "timeout": 20, '
        '"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"}.'
    )
    text = f"SQLite refuses writes when web and workers write at once. It lacks {', '.join(missing)}."
    return [Caution(text, hint=hint, id="clarion.W007")]


def _missing_on_sqlite() -> list[str]:
    """Return what SQLite itself says it is not set up for; WAL, once set, stays with the file."""
    mode = connection.settings_dict.get("OPTIONS", {}).get("transaction_mode") or "DEFERRED"
    with connection.cursor() as cursor:
        (journal,) = cursor.execute("PRAGMA journal_mode").fetchone()
        (timeout,) = cursor.execute("PRAGMA busy_timeout").fetchone()
    wanted = {
        "BEGIN IMMEDIATE": mode.upper() != "DEFERRED",
        "WAL": journal == "wal",
        f"a timeout above {SQLITE_TIMEOUT} seconds": timeout > SQLITE_TIMEOUT * 1000,
    }
    return [name for name, is_there in wanted.items() if not is_there]
