"""SearchAdmin: how an operator finds rows, by number or by person, whatever the person model."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import CharField, Field, IntegerField, Q, QuerySet, TextField
from django.http import HttpRequest

from clarion.models.person import get_person_model

NAMES = ("email", "name", "first_name", "last_name")


class SearchAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Looks numbers up by their indexes, where Django would read the whole table."""

    list_per_page = 50
    show_full_result_count = False  # it would count the whole table for every search
    ordering = ("-pk",)
    number_fields: ClassVar[tuple[str, ...]] = ("pk",)
    """The fields that a search for a number looks at."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search for a number in `number_fields`; for all else, and where it is not there, as Django does."""
        key = search_term.strip()
        if key.isascii() and key.isdigit() and len(key) < 19:
            matches = (Q((name, key)) for name in self.number_fields if self._accepts(name, key))
            found = queryset.filter(reduce(or_, matches, Q(pk__in=[])))
            if found.exists():
                return found, False
        return super().get_search_results(request, queryset, search_term)

    def _accepts(self, name: str, key: str) -> bool:
        field: Any = self.opts.pk if name == "pk" else self.opts.get_field(name)
        try:
            field.to_python(key)
        except ValidationError:  # a person's key may be a UUID
            return False
        return True


def person_search_fields() -> list[str]:
    """Return search fields over `person`: what it signs in with, its address and its names, if any."""
    person_model = get_person_model()
    fields = {field.name: field for field in person_model._meta.get_fields() if isinstance(field, Field)}
    wanted = dict.fromkeys([getattr(person_model, "USERNAME_FIELD", "username"), *NAMES])
    found = [name for name in wanted if isinstance(fields.get(name), CharField | TextField)]
    if not found or not isinstance(person_model._meta.pk, IntegerField):
        found.append("pk__exact")
    return [f"person__{name}" for name in found]
