"""Translations: complete, and compiled from what is written."""

import ast
import re
from collections.abc import Iterator
from gettext import GNUTranslations
from pathlib import Path

import pytest

import clarion

SOURCE = Path(clarion.__file__).parent
MARKERS = {"_", "gettext", "gettext_lazy", "ngettext"}
LANGUAGES = ["de", "ar"]


def catalogue_of(language: str) -> GNUTranslations:
    with (SOURCE / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as compiled:
        return GNUTranslations(compiled)


def marked_texts() -> Iterator[str]:
    """Yield what the code and the templates mark for translation."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKERS:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value
    for path in SOURCE.rglob("templates/**/*.*"):
        yield from (text for _, text in re.findall(r"""{% translate (["'])(.+?)\1""", path.read_text()))


def written_texts(language: str) -> Iterator[tuple[str, str]]:
    """Yield pairs of original and translation from the .po file; of plurals the first form."""
    source = (SOURCE / "locale" / language / "LC_MESSAGES" / "django.po").read_text()
    yield from re.findall(
        r'^msgid "(.+)"\n(?:msgid_plural .*\n)?msgstr(?:\[0\])? "(.*)"$', source, re.MULTILINE
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    translated = {original for original, translation in written_texts(language) if translation}
    assert {text for text in marked_texts() if text} - translated == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    catalogue = catalogue_of(language)
    for original, translation in written_texts(language):
        assert translation in (
            catalogue.gettext(original),
            catalogue.ngettext(original, original, 0),
            catalogue.ngettext(original, original, 1),
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_name_the_same_values(language: str) -> None:
    for original, translation in written_texts(language):
        if "%(count)d" not in original:  # an Arabic "none" or "one" needs no number
            assert sorted(re.findall(r"%\(\w+\)\w", original)) == sorted(
                re.findall(r"%\(\w+\)\w", translation)
            )
