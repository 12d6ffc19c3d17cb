"""EventType: one kind of thing that can happen, declared in code."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from django.utils.functional import Promise

from clarion import placeholders
from clarion.events.category import Category
from clarion.events.names import is_name
from clarion.events.payload_schema import PayloadSchema
from clarion.events.texts import AppText, EmailText
from clarion.exceptions import ImproperlyDeclared, InvalidTemplate, UnknownPayloadVersion

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
NAME_LIMIT = 100
SUBJECT_LIMIT = 200
"""Characters of a subject; what is longer is cut."""

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
Audience = Callable[[Mapping[str, Any], Collection[Any]], Collection[Any]]


@dataclass(frozen=True, kw_only=True, eq=False)
class EventType:
    """One kind of thing that can happen, and the contract of its payload. Equal only to itself.

    Args:
        name: words joined by dots, as in "product.created"; at most 100 characters. It is stored: keep it.
        display_name: what people read, as in "Product created"; may be a lazy translation.
        category: the group it belongs to in people's preferences.
        payload: the schema: a pydantic BaseModel, a dataclass or a TypedDict.
        texts: the default texts, one of each kind and locale.
        version: the version of the payload schema; raise it with every change older payloads cannot meet.
        upcasters: for each older version, a function that turns its payload into the next version's.
        channels: the names of the channels it may use.
        at_most_once: whether a mail whose sending was interrupted ends as `unknown`. Otherwise it is sent
            again with the same Message-ID, and may arrive twice.
        mandatory: whether people hear of it whatever they prefer.
        urgent: whether it overtakes, at every step, what is not.
        subject: what an event is about, as a template over the payload: "product:{product_id}". People can
            mute a subject, and `EventBus.resolve` settles all its events. Empty for none.
        retention: how long its events are kept; None for the project's RETENTION.
        inbox_retention: how long its inbox items are kept; None for the project's INBOX_RETENTION.
        audience: given the payload and people's primary keys, returns those who may still know, or raises
            `SubjectGone`. Asked just before mails go out, once for each event; None leaves everyone in.
        group_by: which inbox items are shown as one where they stand together: "type", those of this type;
            "subject", those of this type about the same subject; "" none.
        actor: the parameter that names who did it, for the `{people}` of a group's text; "" if none does.

    Raises:
        ImproperlyDeclared: something in the declaration is wrong; the message says how to mend it.
    """

    name: str
    display_name: StrOrPromise
    category: Category
    payload: type
    texts: tuple[AppText | EmailText, ...] = ()
    version: int = 1
    upcasters: Mapping[int, Upcaster] = field(default_factory=dict)
    channels: tuple[str, ...] = ("app", "email")
    at_most_once: bool = False
    mandatory: bool = False
    urgent: bool = False
    subject: str = ""
    retention: timedelta | None = None
    inbox_retention: timedelta | None = None
    audience: Audience | None = None
    group_by: Literal["", "type", "subject"] = ""
    actor: str = ""
    _schema: PayloadSchema = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._check_name()
        self._check_kinds()
        self._check_texts()
        self._check_versions()
        self._check_retention()
        object.__setattr__(self, "upcasters", MappingProxyType(dict(self.upcasters)))
        object.__setattr__(self, "_schema", PayloadSchema(self.name, self.payload))
        self._check_groups()
        self._check_subject()

    @property
    def constant(self) -> str:
        """The name as an attribute of EventTypes: "PRODUCT_CREATED" for "product.created"."""
        return self.name.replace(".", "_").upper()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names templates may use: payload fields that hold text, a number, a boolean, or None."""
        return self._schema.parameters

    @property
    def group_parameters(self) -> tuple[str, ...]:
        """The names the text of a group may use."""
        return (*self.parameters, "count", *(("people",) if self.actor else ()))

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema (draft 2020-12) of the payload, for documentation and for other languages.

        Raises:
            ImproperlyDeclared: a field has a type that JSON Schema cannot describe.
        """
        return self._schema.json_schema()

    def validate(self, payload: object) -> dict[str, Any]:
        """Return the payload as it will be stored: JSON values, with the schema's defaults filled in.

        Raises:
            InvalidPayload: it holds something that is not JSON, or does not match the schema.
        """
        return self._schema.validate(payload)

    def subject_of(self, payload: Mapping[str, Any]) -> str:
        """Return what an event with this payload, as it is stored, is about; "" if the type does not say."""
        return placeholders.single_line(placeholders.render(self.subject, payload), SUBJECT_LIMIT)

    def upcast(self, payload: dict[str, Any], version: int) -> dict[str, Any]:
        """Return a stored payload of an older version as one of this version. The argument stays as it is.

        Raises:
            UnknownPayloadVersion: the version is newer than this code, or no upcasters lead on from it.
            InvalidPayload: the upcasters returned something that does not match the schema.
        """
        if version == self.version:
            return payload
        older = range(version, self.version)
        if not older or not all(step in self.upcasters for step in older):
            raise self._unknown(version)
        payload = copy.deepcopy(payload)
        for step in older:
            payload = self.upcasters[step](payload)
        return self.validate(payload)

    def _unknown(self, version: int) -> UnknownPayloadVersion:
        if version > self.version:
            expected = f"version {self.version} or older"
            fix = "deploy the code that published it, then run it again"
        else:
            steps = ", ".join(map(str, sorted(self.upcasters))) or "none"
            expected = f"version {self.version}, or one with upcasters up to it (there are: {steps})"
            fix = f"add the missing upcasters from version {version} on"
        return UnknownPayloadVersion("payload_version", f"version {version}", expected, fix, self.name)

    def _improper(self, path: str, got: str, expected: str, fix: str) -> ImproperlyDeclared:
        return ImproperlyDeclared(path, got, expected, fix, self.name)

    def _check_name(self) -> None:
        if not is_name(self.name, NAME):
            raise ImproperlyDeclared(
                "EventType.name",
                repr(self.name),
                "lower-case words joined by dots",
                'write it as in "product.created"',
            )
        if len(self.name) > NAME_LIMIT:
            raise self._improper(
                "name", f"{len(self.name)} characters", f"at most {NAME_LIMIT} characters", "shorten it"
            )

    def _check_kinds(self) -> None:
        if not isinstance(self.display_name, (str, Promise)):
            raise self._improper(
                "display_name",
                type(self.display_name).__name__,
                "str or a lazy translation",
                'pass the text people read, as in _("Product created")',
            )
        if not isinstance(self.category, Category):
            raise self._improper(
                "category",
                type(self.category).__name__,
                "Category",
                'pass an object, as in Category("product", _("Products"))',
            )
        if not _is_tuple_of(str, self.channels):
            raise self._improper(
                "channels",
                repr(self.channels),
                "a tuple of channel names",
                'write it as in ("app", "email") or ("app",)',
            )

    def _check_texts(self) -> None:
        if not _is_tuple_of((AppText, EmailText), self.texts):
            raise self._improper(
                "texts",
                type(self.texts).__name__,
                "a tuple of AppText and EmailText",
                "write it as in (AppText(…), EmailText(…)) or (AppText(…),)",
            )
        seen = set()
        for text in self.texts:
            kind = (type(text).__name__, text.locale)
            if kind in seen:
                raise self._improper(
                    "texts",
                    f"two {kind[0]} for the locale {kind[1]!r}",
                    "one of each kind and locale",
                    "remove one, or set its locale",
                )
            seen.add(kind)

    def _check_versions(self) -> None:
        if type(self.version) is not int or self.version < 1:
            raise self._improper(
                "version", repr(self.version), "an int from 1 upward", "start with 1 and count up"
            )
        steps = list(self.upcasters)
        if len(steps) >= self.version or set(steps) != set(range(self.version - len(steps), self.version)):
            raise self._improper(
                "upcasters",
                f"upcasters from the versions {', '.join(map(str, steps))}",
                f"one from each version up to {self.version - 1}, without a gap",
                "key each upcaster by the version it upgrades from",
            )

    def _check_subject(self) -> None:
        try:
            placeholders.check(self.subject, self.parameters)
        except InvalidTemplate as invalid:
            raise self._improper(
                "subject",
                str(invalid),
                f"a text over {', '.join(self.parameters) or 'no parameters'}",
                'write it as in "product:{product_id}"',
            ) from None

    def _check_retention(self) -> None:
        for path in ("retention", "inbox_retention"):
            value = getattr(self, path)
            if value is not None and (not isinstance(value, timedelta) or value <= timedelta()):
                raise self._improper(
                    path, repr(value), "a positive timedelta or None", "write it as in timedelta(hours=72)"
                )

    def _check_groups(self) -> None:
        if self.group_by not in ("", "type", "subject"):
            raise self._improper(
                "group_by", repr(self.group_by), '"", "type" or "subject"', "choose one of these"
            )
        if self.actor and self.actor not in self.parameters:
            raise self._improper(
                "actor",
                repr(self.actor),
                f"one of {', '.join(self.parameters) or 'no parameters'}",
                "name a field of the payload that holds a name",
            )


def _is_tuple_of(kind: type | tuple[type, ...], value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(item, kind) for item in value)
