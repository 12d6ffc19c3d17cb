"""The Django app."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
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


def _install(**_: Any) -> None:
    from clarion.bus.engines.base import get_engine  # models are not loaded when this module is
    from clarion.rendering.installation import install_templates

    install_templates()
    get_engine().install_schedules()
