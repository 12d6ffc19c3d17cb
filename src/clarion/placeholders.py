"""The template language: text with `{name}` placeholders, and nothing more.

A placeholder is a bare parameter name. `{{` and `}}` write braces. There is no way to reach an attribute,
an item or a format: `str.format` is never called, so a stored template can show parameters only.

What comes out is plain text. Escaping it, for HTML or elsewhere, is up to whoever puts it there.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from string import Formatter
from typing import Any, NamedTuple

from clarion.direction import is_rtl, isolated, shortened
from clarion.exceptions import InvalidTemplate, RenderingError

SAMPLE_LENGTH = 60
"""How many characters of a line an error shows."""

# Controls but tab and line feed; invisible characters but the joiners that scripts and emoji need; line
# separators; the embeddings, overrides and isolates that make text read in another order than it is
# written; surrogates, which cannot be stored.
_UNSEEN = (
    "\0-\x08\x0b-\x1f\x7f-\x9f\u115f\u1160\u180e\u200b\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\ud800-\udfff"
)
_STRIPPED = re.compile(f"[{_UNSEEN}]")
# Browsers submit textareas with CRLF.
_FORBIDDEN = re.compile(rf"(?!\r\n)[{_UNSEEN}]")

# Browsers skip these inside a link's scheme.
_GAP = r"[\t\r\n]*"
_SCRIPT_LINK = re.compile(
    r"(?<![a-z0-9])(?:"
    + "|".join(_GAP.join(scheme) + _GAP + ":" for scheme in ("javascript", "vbscript"))
    + f"|{_GAP.join('data')}{_GAP}:{_GAP}{_GAP.join('text/html')})",
    re.IGNORECASE,
)


class Rendered(str):
    """Text that was filled in here and is a value of another template now: shown as it is."""

    __slots__ = ()


class _Plan(NamedTuple):
    """A template ready to be filled in: its pieces, which of them are parameters, which way it reads."""

    pieces: tuple[str, ...]
    fields: tuple[tuple[int, str], ...]
    is_rtl: bool | None


def check(source: str, permitted: Collection[str]) -> None:
    """Check a template against the language and the names it may use.

    Raises:
        InvalidTemplate: with the line and column of the first fault.
    """
    for _, name, position in _parse(source, permitted):
        if name is not None and name not in permitted:
            meant = difflib.get_close_matches(name[:100], list(permitted), n=1)
            hint = f"; did you mean {{{meant[0]}}}?" if meant else ""
            raise _fault(f"unknown parameter {_quoted(name)}{hint}", source, position, permitted)


def render(source: str, params: Mapping[str, Any]) -> str:
    """Fill in a template. None shows as nothing; text is shown without invisible controls of its own.

    Within a template of the other direction text has a border: see `clarion.direction`.

    Args:
        source: a template. What is not in the language is refused here too.
        params: JSON scalars by name; those the template does not use are ignored.

    Raises:
        InvalidTemplate: the template breaks the language; `permitted` then names the params.
        RenderingError: a parameter is missing, or is a list, dict or other object.
    """
    try:
        plan = _plan(source)
    except InvalidTemplate as invalid:
        raise InvalidTemplate(
            invalid.problem, invalid.line, invalid.column, invalid.sample, tuple(params)
        ) from None
    pieces = list(plan.pieces)
    for index, name in plan.fields:
        try:
            value = params[name]
        except KeyError:
            fix = "pass it in the payload or in params, or take it out of the template"
            raise RenderingError(f"parameter {{{name}}} has no value; fix: {fix}") from None
        pieces[index] = _shown(name, value)
    in_rtl = plan.is_rtl
    for index, name in plan.fields:
        if in_rtl is None:  # the template has no letters: the first of its values that has some leads
            in_rtl = is_rtl(pieces[index])
        elif not isinstance(params[name], Rendered):
            pieces[index] = isolated(pieces[index], in_rtl=in_rtl)
    return "".join(pieces)


def render_line(source: str, params: Mapping[str, Any], limit: int) -> str:
    """Fill in a template on one line, for titles and subjects, in at most `limit` characters.

    Runs of whitespace become one space. What is cut off is marked by "…", which counts.

    Raises:
        InvalidTemplate, RenderingError: as `render`.
    """
    # Before they get their borders: of two lines each would have its own.
    lines = {name: _on_one_line(value) if type(value) is str else value for name, value in params.items()}
    return shortened(_on_one_line(render(source, lines)), limit)


def single_line(text: str, limit: int) -> str:
    """Return the text on one line, in at most `limit` characters, as `render_line` does.

    What cannot be seen is left out, borders too: this is for keys, and for words that were not rendered.
    """
    return shortened(_STRIPPED.sub("", _on_one_line(text)).strip(), limit)


@lru_cache(maxsize=512)
def _plan(source: str) -> _Plan:
    pieces: list[str] = []
    fields: list[tuple[int, str]] = []
    for literal, name, _ in _parse(source, ()):
        pieces.append(literal.replace("\r\n", "\n"))
        if name is not None:
            fields.append((len(pieces), name))
            pieces.append("")
    return _Plan(tuple(pieces), tuple(fields), is_rtl("".join(pieces)))


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _shown(name: str, value: object) -> str:
    if isinstance(value, Rendered):
        return value
    if isinstance(value, str):
        # Nearly all text is printable, and everything to strip is not.
        return value if value.isprintable() else _STRIPPED.sub("", value)
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return str(value)
    raise RenderingError(
        f"parameter {{{name}}} is of type {type(value).__name__}; fix: pass text, a number, a boolean or None"
    )


def _parse(source: str, permitted: Collection[str]) -> Iterator[tuple[str, str | None, int]]:
    """Yield each literal with the name that follows it, or None, and the position of that name's brace."""
    if match := _FORBIDDEN.search(source):
        character = match.group()
        called = unicodedata.name(character, "a control character")
        problem = f"invisible character U+{ord(character):04X} ({called}); remove it"
        raise _fault(problem, source, match.start(), permitted)
    if match := _SCRIPT_LINK.search(source):
        raise _fault("a link that runs a script; remove it", source, match.start(), permitted)
    position = 0
    try:
        for literal, name, _, _ in Formatter().parse(source):
            position += len(literal)
            if name is None:
                yield literal, None, position
                # The parser halves an escaped brace, and always ends the literal after it.
                position += literal.endswith(("{", "}"))
                continue
            if problem := _problem(name, source, position):
                raise _fault(problem, source, position, permitted)
            yield literal, name, position
            position += len(name) + len("{}")
    except ValueError:
        brace = re.compile("[{}]").search(source, position)
        assert brace is not None
        problem = {
            "{": "broken placeholder; close it as in {name}, or write {{ to show a brace",
            "}": "single }; write }} to show a brace",
        }[brace.group()]
        raise _fault(problem, source, brace.start(), permitted) from None


def _problem(name: str, source: str, position: int) -> str:
    """Return what is wrong with the placeholder that opens at this position, or "" if nothing is."""
    if not source.startswith(f"{{{name}}}", position):
        what = "conversion" if source[position + 1 + len(name)] == "!" else "format"
        return f"{what} in the placeholder {_quoted(name)}; write the bare name of a parameter"
    if name.isidentifier():
        return ""
    written = _quoted(name)
    if not name or name.isdecimal():
        return f"positional placeholder {written}; write a parameter's name between the braces"
    if "." in name:
        return f"attribute access {written}; write the bare name of a parameter"
    if "[" in name:
        return f"index access {written}; write the bare name of a parameter"
    return f"{written} is not a parameter's name; write the bare name, without spaces"


def _quoted(name: str) -> str:
    return f"{{{single_line(name, 40)}}}"


def _fault(problem: str, source: str, position: int, permitted: Collection[str]) -> InvalidTemplate:
    start = source.rfind("\n", 0, position) + 1
    end = source.find("\n", position)
    line = source[start : end if end >= 0 else None]
    column = position - start
    first = max(0, min(column - SAMPLE_LENGTH // 2, len(line) - SAMPLE_LENGTH))
    sample = line[first : first + SAMPLE_LENGTH]
    return InvalidTemplate(
        problem=problem,
        line=source.count("\n", 0, position) + 1,
        column=column + 1,
        sample=_FORBIDDEN.sub(lambda match: f"\\u{ord(match.group()):04x}", sample).strip(),
        permitted=tuple(permitted),
    )
