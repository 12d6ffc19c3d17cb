"""Text of one direction within text of the other keeps its punctuation; all other text is as it was typed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion import placeholders
from clarion.direction import END, ISOLATE, direction, shortened, without_borders

ENGLISH, ARABIC = "New product: {name}.", "منتج جديد: {name}."
KITE = "طائرة"


def shown(text: str) -> str:
    """Return the text with its borders made visible."""
    return text.replace(ISOLATE, "[").replace(END, "]")


def filled(source: str, value: object) -> str:
    return shown(placeholders.render(source, {"name": value}))


@pytest.mark.parametrize(
    ("source", "value", "text"),
    [
        (ARABIC, "Kite Pro!", "منتج جديد: [Kite Pro!]."),
        (ENGLISH, f"{KITE}!", f"New product: [{KITE}!]."),
        (ENGLISH, f"Kite {KITE}", f"New product: [Kite {KITE}]."),
        (ARABIC, f"{KITE} Pro", f"منتج جديد: [{KITE} Pro]."),
        ("{name} wurde umbenannt.", KITE, f"[{KITE}] wurde umbenannt."),
        ("חדש: {name}", "Kite!", "חדש: [Kite!]"),
    ],
)
def test_a_value_of_the_other_direction_has_a_border(source: str, value: str, text: str) -> None:
    assert filled(source, value) == text


@pytest.mark.parametrize(
    ("source", "value"),
    [
        (ENGLISH, "Kite Pro!"),
        (ENGLISH, "Café „Zoë“ 🪁 2024-0001 (€ 5)"),
        (ENGLISH, 7),
        (ARABIC, f"{KITE}!"),
        (ARABIC, f"{KITE} 15"),
        (ARABIC, "٧"),
        (ARABIC, "42"),
        (ARABIC, 42),
        (ARABIC, None),
        (ARABIC, "🪁!"),
        ("{name}", f"{KITE} Pro!"),
        ("{name}", "Kite Pro!"),
        ("7: {name}", f"{KITE}!"),
    ],
)
def test_text_of_one_direction_has_none(source: str, value: object) -> None:
    assert filled(source, value) == source.replace("{name}", "" if value is None else str(value))


def test_a_number_of_several_parts_has_a_border_within_right_to_left_text() -> None:
    assert filled(ARABIC, "2024-0001") == "منتج جديد: [2024-0001]."


def test_the_first_of_several_values_leads_where_the_template_has_no_words() -> None:
    source, of_both = "{who}: {what}", {"who": KITE, "what": "Kite Pro!"}
    assert shown(placeholders.render(source, of_both)) == f"{KITE}: [Kite Pro!]"
    of_both = {"who": "Kite Pro!", "what": KITE}
    assert shown(placeholders.render(source, of_both)) == f"Kite Pro!: [{KITE}]"


@pytest.mark.parametrize("link", ["https://site.example/products/1/", "See HTTPS://site.example/?q=1"])
def test_what_ends_with_a_link_has_no_border_that_would_be_followed(link: str) -> None:
    assert filled(ARABIC, link) == ARABIC.replace("{name}", link)
    assert filled(ARABIC, f"{link} now") == ARABIC.replace("{name}", f"[{link} now]")


def test_each_line_of_a_value_has_its_own_border() -> None:
    assert filled(ARABIC, f"Kite\r\n{KITE}\n\nPro!") == f"منتج جديد: [Kite]\n{KITE}\n\n[Pro!]."


def test_in_a_heading_the_lines_of_a_value_share_one() -> None:
    heading = placeholders.render_line(ARABIC, {"name": " Kite\r\n Pro! "}, 100)
    assert shown(heading) == "منتج جديد: [Kite Pro!]."


@pytest.mark.parametrize("control", ["\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u202a", "\u202c"])
def test_a_value_cannot_bring_or_end_a_border_of_its_own(control: str) -> None:
    assert filled(ARABIC, f"{control}Ki{control}te{control}") == "منتج جديد: [Kite]."


@given(st.sampled_from([ENGLISH, ARABIC, "{name}", "a\nb {name}\n{name} c"]), st.text())
def test_borders_are_all_that_is_added_and_none_is_left_open(source: str, value: str) -> None:
    rendered = placeholders.render(source, {"name": value})
    bare = placeholders.render("{name}", {"name": value})
    assert without_borders(rendered) == source.replace("{name}", bare)
    for line in rendered.split("\n"):
        pieces = [piece.split(END) for piece in line.split(ISOLATE)]
        assert [len(piece) for piece in pieces] == [1, *[2] * (len(pieces) - 1)]
        assert not any(unicodedata.bidirectional(c) in {"RLO", "LRO", "LRI", "RLI"} for c in line)


@given(st.text(alphabet="ab لط!. ", max_size=30), st.integers(3, 60))
def test_what_is_cut_keeps_its_border(value: str, limit: int) -> None:
    whole = placeholders.render("جديد {name} !", {"name": value})
    cut = shortened(whole, limit)
    assert len(cut) <= limit
    assert cut.count(ISOLATE) <= cut.count(END)
    assert (cut == whole) == (len(whole) <= limit)


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("جديد: [Kite Pro!] الآن", 13, "جديد: [Kite…]"),
        ("جديد: [Kite Pro!] الآن", 19, "جديد: [Kite Pro!]…"),
    ],
)
def test_a_cut_within_a_value_is_marked_within_its_border(text: str, limit: int, cut: str) -> None:
    assert shown(shortened(text.replace("[", ISOLATE).replace("]", END), limit)) == cut


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ("{name} wurde umbenannt.", KITE, "ltr"),
        ("{name} طائرة", "Kite", "rtl"),
        (ENGLISH, "Kite", "ltr"),
        ("{name}", KITE, "rtl"),
        ("{name}", "7!", "auto"),
    ],
)
def test_a_text_reads_as_its_template_does_and_not_as_its_values(
    source: str, value: str, expected: str
) -> None:
    assert direction(placeholders.render(source, {"name": value})) == expected
