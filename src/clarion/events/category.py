"""Category: the kind of events a person can choose channels for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise

from clarion.events.names import is_name
from clarion.exceptions import ImproperlyDeclared

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NAME = re.compile(r"[a-z][a-z0-9_]{0,49}")


@dataclass(frozen=True, eq=False)
class Category:
    """A group of event types that preferences treat as one.

    Args:
        name: a lower-case identifier of at most 50 characters, as in "product". It is stored: keep it.
        display_name: what people read, as in "Products"; may be a lazy translation.

    Raises:
        ImproperlyDeclared: the name or display name cannot be used.
    """

    name: str
    display_name: StrOrPromise

    def __post_init__(self) -> None:
        if not is_name(self.name, NAME):
            raise ImproperlyDeclared(
                path="Category.name",
                got=repr(self.name),
                expected="a lower-case identifier of at most 50 characters",
                fix='name it in the style of "product" or "team_billing"',
            )
        if not isinstance(self.display_name, (str, Promise)):
            raise ImproperlyDeclared(
                path=f'Category("{self.name}").display_name',
                got=type(self.display_name).__name__,
                expected="str or a lazy translation",
                fix='pass the text people read, as in _("Products")',
            )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Category):
            return NotImplemented
        return self.name == other.name and _untranslated(self) == _untranslated(other)

    def __hash__(self) -> int:
        return hash(self.name)


def _untranslated(category: Category) -> object:
    # Event types are declared before Django can translate, so lazy texts are compared by what they wrap.
    text = category.display_name
    return text.__reduce__() if isinstance(text, Promise) else text
