"""The texts an event type ships with. They are installed as templates, which editors may then change."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from clarion.events.names import is_name
from clarion.exceptions import ImproperlyDeclared

LOCALE = re.compile(r"[a-z]{2,8}(-[a-z0-9]{1,8})*")


@dataclass(frozen=True)
class AppText:
    """What the inbox shows, with `{name}` placeholders for payload fields.

    Args:
        title: one line.
        message: one or more lines.
        locale: a language code as in LANGUAGES, such as "de" or "pt-br"; "" stands for LANGUAGE_CODE.
        group: one line for several of them together, where the event type says `group_by`. Beside the
            newest one's fields it may use `{count}` and, where the event type names an `actor`,
            `{people}`: "Kevin and 7 others".

    Raises:
        ImproperlyDeclared: a text is not str, or the locale is not a language code.
    """

    title: str
    message: str
    locale: str = ""
    group: str = ""

    def __post_init__(self) -> None:
        _check(self)


@dataclass(frozen=True)
class EmailText:
    """What an e-mail says, with `{name}` placeholders for payload fields.

    Args:
        title: the subject, one line.
        template: the body, plain text.
        locale: a language code as in LANGUAGES, such as "de" or "pt-br"; "" stands for LANGUAGE_CODE.

    Raises:
        ImproperlyDeclared: a text is not str, or the locale is not a language code.
    """

    title: str
    template: str
    locale: str = ""

    def __post_init__(self) -> None:
        _check(self)


def _check(text: AppText | EmailText) -> None:
    kind = type(text).__name__
    for field in fields(text):
        value = getattr(text, field.name)
        if not isinstance(value, str):
            raise ImproperlyDeclared(
                path=f"{kind}.{field.name}",
                got=type(value).__name__,
                expected="str",
                fix="pass plain text, one object for each locale; lazy translations cannot be stored",
            )
    if text.locale and not is_name(text.locale, LOCALE):
        raise ImproperlyDeclared(
            path=f"{kind}.locale",
            got=repr(text.locale),
            expected="a language code in lower case",
            fix='write it as in LANGUAGES, such as "de" or "pt-br"',
        )
