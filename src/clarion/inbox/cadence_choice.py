"""CadenceChoice: how often the e-mails of a category come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clarion.events import Category
from clarion.models import Cadence, NotificationPreference
from clarion.preferences.cadence import categories_that_may_wait

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PREFIX = "cadence-"
AT_ONCE = ""


@dataclass(frozen=True)
class CadenceChoice:
    """The select of one category."""

    field: str
    value: str
    """A `Cadence`, or AT_ONCE."""
    choices: tuple[tuple[str, StrOrPromise], ...] = (
        (AT_ONCE, gettext_lazy("at once")),
        *((cadence.value, cadence.label) for cadence in Cadence),
    )


def cadence_choice(
    category: Category, preference: NotificationPreference, data: QueryDict | None
) -> CadenceChoice | None:
    """Return the select as it was sent, else as it is stored; None where no mail may wait."""
    if category not in categories_that_may_wait():
        return None
    field = f"{PREFIX}{category.name}"
    stored = preference.cadence_for(category.name) or AT_ONCE
    return CadenceChoice(field, data.get(field, stored) if data else stored)


def problems_of(data: QueryDict) -> Iterator[str]:
    """Yield why the cadences that were sent cannot be saved."""
    categories = {category.name for category in categories_that_may_wait()}
    for category, value in _sent(data).items():
        if category not in categories or value not in (AT_ONCE, *Cadence.values):
            yield _("This page is out of date: there is no such choice any more.")


def write_to(preference: NotificationPreference, data: QueryDict) -> None:
    """Put the cadences that were sent into the record, and leave the others."""
    for category, value in _sent(data).items():
        preference.cadences.pop(category, None)
        if value != AT_ONCE:
            preference.cadences[category] = value


def _sent(data: QueryDict) -> dict[str, str]:
    return {name.removeprefix(PREFIX): data.get(name) or AT_ONCE for name in data if name.startswith(PREFIX)}
