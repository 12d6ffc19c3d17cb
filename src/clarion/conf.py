"""The one settings dict, `CLARION`: typed, read lazily, checked by `manage.py check`."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import Annotated, Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.dispatch import receiver
from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError


class RealtimeSettings(BaseModel):
    """Which broadcaster says that an inbox has changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    BACKEND: str
    """Dotted path of the broadcaster."""

    OPTIONS: dict[str, Any] = {}
    """What the broadcaster is made with."""


class ClarionSettings(BaseModel):
    """What a project may set in `CLARION`, with the defaults."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    ENGINE: str = "clarion.bus.engines.immediate.ImmediateEngine"
    """Dotted path of the engine that carries hints to workers."""

    BASE_URL: str = Field(default="", pattern=r"^(https?://[^/\s]+)?$")
    """Scheme and host that links in e-mails begin with, without a closing slash."""

    RETENTION: timedelta = Field(default=timedelta(hours=72), gt=timedelta(0))
    """How long events and e-mails are kept, where the event type does not say."""

    INBOX_RETENTION: timedelta | None = Field(default=None, gt=timedelta(0))
    """How long inbox items are kept, where the event type does not say; None means as long as events."""

    MAX_ATTEMPTS: int = Field(default=8, ge=1, le=100)
    """How often work is tried before it is dead."""

    LEASE: timedelta = Field(default=timedelta(minutes=5), gt=timedelta(0))
    """How long a worker owns what it claimed before another may take it over."""

    REALTIME: Annotated[RealtimeSettings, Strict(False)] | None = None
    """The broadcaster through which open pages hear of changes at once; None means that they poll."""


@lru_cache(maxsize=1)
def get_settings() -> ClarionSettings:
    """Return the project's settings for Clarion.

    Raises:
        ImproperlyConfigured: a key is unknown or a value has the wrong type; names each of them.
    """
    try:
        return ClarionSettings.model_validate(getattr(settings, "CLARION", {}))
    except ValidationError as invalid:
        problems = "; ".join(
            f"CLARION{''.join(f'[{part!r}]' for part in error['loc'])}: {error['msg']}"
            for error in invalid.errors()
        )
        raise ImproperlyConfigured(problems) from None


@receiver(setting_changed)
def _forget_settings(*, setting: str, **_: Any) -> None:
    if setting == "CLARION":
        get_settings.cache_clear()


def person_model_name() -> str:
    """Return `app_label.ModelName` of whom Clarion tells: `CLARION_PERSON_MODEL`, else the user model."""
    name: str = getattr(settings, "CLARION_PERSON_MODEL", settings.AUTH_USER_MODEL)
    return name
