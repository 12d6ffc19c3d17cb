"""The template language: what an author may write, and what each mistake is told."""

import contextlib
from string import Formatter
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clarion import placeholders
from clarion.direction import without_borders
from clarion.exceptions import InvalidTemplate, RenderingError

PERMITTED = ("name", "url")
BARE = "write the bare name of a parameter"


def fault_in(source: str) -> InvalidTemplate | None:
    try:
        placeholders.check(source, PERMITTED)
    except InvalidTemplate as invalid:
        return invalid
    return None


def refusal(source: str) -> InvalidTemplate:
    with pytest.raises(InvalidTemplate) as caught:
        placeholders.check(source, PERMITTED)
    return caught.value


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("{nmae}", "unknown parameter {nmae}; did you mean {name}?"),
        ("{zzz}", "unknown parameter {zzz}"),
        ("{}", "positional placeholder {}; write a parameter's name between the braces"),
        ("{0}", "positional placeholder {0}; write a parameter's name between the braces"),
        ("{name.__class__}", f"attribute access {{name.__class__}}; {BARE}"),
        ("{name[0]}", f"index access {{name[0]}}; {BARE}"),
        ("{name[}]}", f"index access {{name[}}]}}; {BARE}"),
        ("{name!r}", f"conversion in the placeholder {{name}}; {BARE}"),
        ("{name:>300000000}", f"format in the placeholder {{name}}; {BARE}"),
        ("{name:{url}}", f"format in the placeholder {{name}}; {BARE}"),
        ("{name:}", f"format in the placeholder {{name}}; {BARE}"),
        ("{ name }", "{name} is not a parameter's name; write the bare name, without spaces"),
        ("{na-me}", "{na-me} is not a parameter's name; write the bare name, without spaces"),
        ("{", "broken placeholder; close it as in {name}, or write {{ to show a brace"),
        ("{name", "broken placeholder; close it as in {name}, or write {{ to show a brace"),
        ("{name!}", "broken placeholder; close it as in {name}, or write {{ to show a brace"),
        ("}", "single }; write }} to show a brace"),
        ("\0", "invisible character U+0000 (a control character); remove it"),
        ("\x1b", "invisible character U+001B (a control character); remove it"),
        ("\r", "invisible character U+000D (a control character); remove it"),
        ("\u202e", "invisible character U+202E (RIGHT-TO-LEFT OVERRIDE); remove it"),
        ("\u2066", "invisible character U+2066 (LEFT-TO-RIGHT ISOLATE); remove it"),
        ("\u200b", "invisible character U+200B (ZERO WIDTH SPACE); remove it"),
        ("\u2060", "invisible character U+2060 (WORD JOINER); remove it"),
        ("\ufeff", "invisible character U+FEFF (ZERO WIDTH NO-BREAK SPACE); remove it"),
        ("\ud800", "invisible character U+D800 (a control character); remove it"),
        ("javascript:alert(1)", "a link that runs a script; remove it"),
        ("JavaScript:alert(1)", "a link that runs a script; remove it"),
        ("java\tscr\nipt\t:alert(1)", "a link that runs a script; remove it"),
        ("vbscript:x", "a link that runs a script; remove it"),
        ("data:text/html,x", "a link that runs a script; remove it"),
    ],
)
def test_what_is_not_in_the_language_is_refused_where_it_stands(source: str, problem: str) -> None:
    invalid = refusal(f"Été {{{{ {{name}}\n  says “{source}")
    assert invalid.problem == problem
    assert (invalid.line, invalid.column) == (2, 9)
    assert invalid.permitted == PERMITTED


def test_the_message_has_line_column_sample_and_the_permitted_names() -> None:
    assert str(refusal("Hello,\n{nmae} was created.\nBye")) == (
        'line 2, column 1, in "{nmae} was created.": unknown parameter {nmae}; did you mean {name}?; '
        "permitted parameters: {name}, {url}"
    )


def test_the_message_of_a_template_without_parameters_says_none() -> None:
    with pytest.raises(InvalidTemplate, match="permitted parameters: none"):
        placeholders.check("{name}", ())


def test_the_sample_of_a_long_line_shows_the_place() -> None:
    invalid = refusal("x" * 500 + "{nmae}" + "y" * 500)
    assert invalid.column == 501
    assert invalid.sample == "x" * 30 + "{nmae}" + "y" * 24


def test_the_sample_shows_invisible_characters_as_escapes() -> None:
    assert refusal("Pay \u202e{name}").sample == r"Pay \u202e{name}"


def test_a_long_name_does_not_flood_the_message() -> None:
    assert len(refusal("{" + "x" * 100_000 + "}").problem) < 200


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("{{{{{nmae}", 1, 5),
        ("}}}}\n}}{nmae}", 2, 3),
        ("{name}{name}{nmae}", 1, 13),
        ("👩‍👩‍👧 {nmae}", 1, 7),
        ("{name}\r\n{nmae}", 2, 1),
        ("{name}\n\n\n x }", 4, 4),
        ("{name} {{ {", 1, 11),
    ],
)
def test_places_are_counted_through_escapes_lines_and_unicode(source: str, line: int, column: int) -> None:
    invalid = refusal(source)
    assert (invalid.line, invalid.column) == (line, column)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("New product: {name}", "New product: Kite"),
        ("{name}{name} {url}", "KiteKite /p/"),
        ("{{name}} {{{name}}} }}{{", "{name} {Kite} }{"),
        ("", ""),
        ("One\r\ntwo\n\tthree", "One\ntwo\n\tthree"),
        ("👩‍👩‍👧 नमस्ते क्‍ष \u200emark\u200f", "👩‍👩‍👧 नमस्ते क्‍ष \u200emark\u200f"),
        (
            "JavaScript, the language; a myjavascript: prefix",
            "JavaScript, the language; a myjavascript: prefix",
        ),
    ],
)
def test_a_template_is_text_with_names_filled_in(source: str, text: str) -> None:
    placeholders.check(source, PERMITTED)
    assert placeholders.render(source, {"name": "Kite", "url": "/p/"}) == text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Kite", "Kite"),
        (None, ""),
        (7, "7"),
        (9.5, "9.5"),
        (True, "True"),
        ("", ""),
        ("{url} {0} {name.x}", "{url} {0} {name.x}"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("two\n\tlines", "two\n\tlines"),
        ("two\r\nlines", "two\nlines"),
        ("a\0b\x07c\x9bd", "abcd"),
        ("\u202egpj.exe", "gpj.exe"),
        ("pay\u200bpal\u2060\ufeff\u2066\u2069\u202a", "paypal"),
        ("half \ud83d", "half "),
        ("👩‍👩‍👧 क्‍ष \u200e\u200f", "👩‍👩‍👧 क्‍ष \u200e\u200f"),
    ],
)
def test_parameters_are_shown_as_plain_text(value: Any, shown: str) -> None:
    assert without_borders(placeholders.render("{name}", {"name": value})) == shown


def test_parameters_a_template_does_not_use_are_ignored() -> None:
    assert placeholders.render("Hello", {"name": object()}) == "Hello"


def test_a_parameter_without_value_is_named() -> None:
    with pytest.raises(RenderingError) as caught:
        placeholders.render("{name} {url}", {"name": "Kite"})
    assert str(caught.value) == (
        "parameter {url} has no value; "
        "fix: pass it in the payload or in params, or take it out of the template"
    )


@pytest.mark.parametrize("value", [["secret"], {"secret": 1}, object()])
def test_a_parameter_that_is_no_single_value_is_named_and_not_shown(value: object) -> None:
    with pytest.raises(RenderingError) as caught:
        placeholders.render("{name}", {"name": value})
    assert str(caught.value) == (
        f"parameter {{name}} is of type {type(value).__name__}; fix: pass text, a number, a boolean or None"
    )


@pytest.mark.parametrize("source", ["{name.__class__}", "{0}", "{name!r}", "{name:>10}", "{", "\u202e"])
def test_a_template_that_slipped_past_the_check_is_refused_when_it_is_used(source: str) -> None:
    with pytest.raises(InvalidTemplate) as caught:
        placeholders.render(source, {"name": "Kite"})
    assert caught.value.permitted == ("name",)


@pytest.mark.parametrize(
    ("text", "limit", "line"),
    [
        ("  New\r\n product:\t\x85Kite \u2028", 100, "New product: Kite"),
        ("Kite", 4, "Kite"),
        ("Kites", 4, "Kit…"),
        ("New kite", 5, "New…"),
        ("", 4, ""),
    ],
)
def test_a_heading_is_one_line_of_limited_length(text: str, limit: int, line: str) -> None:
    assert placeholders.single_line(text, limit) == line
    assert placeholders.render_line("{name}", {"name": text}, limit) == line


PIECES = ["{name}", "{url}", "{{", "}}", "{", "}", "!r", ":", ".", "[0]", "\n", "\r\n", "0"]
SOURCES = st.lists(st.sampled_from(PIECES) | st.text(max_size=4)).map("".join)


@given(SOURCES, st.text(), st.text())
def test_a_template_is_refused_at_a_place_it_has_or_can_be_rendered(source: str, name: str, url: str) -> None:
    if invalid := fault_in(source):
        assert 1 <= invalid.column <= len(source.split("\n")[invalid.line - 1]) + 1
    else:
        placeholders.render(source, {"name": name, "url": url}).encode()


@given(SOURCES)
def test_what_passes_means_what_it_means_to_python(source: str) -> None:
    assume(fault_in(source) is None)
    fields = {field for _, field, _, _ in Formatter().parse(source) if field is not None}
    assert fields <= set(PERMITTED)
    rendered = without_borders(placeholders.render(source, {"name": "Kite", "url": "/p/"}))
    assert rendered == source.format(name="Kite", url="/p/").replace("\r\n", "\n")


class Trap(str):
    """Text that tells when anything of it is reached but its characters."""

    __slots__ = ()

    def __getattribute__(self, attribute: str) -> Any:
        if attribute in {"isprintable", "isascii", "split", "__class__"}:
            return super().__getattribute__(attribute)
        raise AssertionError(f"reached {attribute}")

    def __getitem__(self, index: Any) -> str:
        raise AssertionError(f"reached [{index}]")

    def __format__(self, spec: str) -> str:
        raise AssertionError("formatted")


@given(SOURCES | st.sampled_from(["{name.real}", "{name[0]}", "{name:>9}", "{name!r}"]))
def test_rendering_never_reaches_into_a_parameter(source: str) -> None:
    with contextlib.suppress(InvalidTemplate, RenderingError):
        placeholders.render(source, {"name": Trap("Kite"), "url": Trap("/p/")})
