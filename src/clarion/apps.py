"""The Django app."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import connections, router
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ClarionConfig(AppConfig):
    """Finds what the project declares, and installs what must be in the database."""

    name = "clarion"
    verbose_name = _("Notifications")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Find each app's events, then its notifiers, which name events."""
        from clarion import checks  # noqa: F401  # registers them

        autodiscover_modules("events")
        autodiscover_modules("notifiers")
        post_migrate.connect(_install, sender=self)


def _install(using: str, **_: Any) -> None:
    """Install after every migration that leaves our tables in place."""
    from clarion.bus.engines.base import get_engine  # models are not loaded when this module is
    from clarion.models import EmailNotificationTemplate
    from clarion.rendering.installation import install_templates

    table = EmailNotificationTemplate._meta.db_table
    if using != router.db_for_write(EmailNotificationTemplate):
        return
    if table in connections[using].introspection.table_names():
        install_templates()
        get_engine().install_schedules()
