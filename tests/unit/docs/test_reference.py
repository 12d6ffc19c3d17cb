"""The reference names everything that is public, and nothing that is not there."""

from __future__ import annotations

import argparse
import ast
import re
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import clarion
from clarion import exceptions, urls
from clarion.conf import ClarionSettings
from clarion.exceptions import ClarionError
from clarion.inbox.service import NotificationService
from clarion.management.commands.clarion import Command
from clarion.models import Status
from clarion.preferences.decision import Reason
from clarion.templatetags.clarion import register
from clarion.testing import plugin
from tests.unit.docs.pages import CODE, REFERENCE, code_in, code_in_rows

PUBLIC = ("clarion.events", "clarion.bus", "clarion.notifiers", "clarion.models", "clarion.testing")


def test_every_setting_is_described_with_its_default() -> None:
    rows = [
        [cell.strip() for cell in line.split("|")]
        for line in (REFERENCE / "settings.md").read_text().splitlines()
        if line.startswith("| `")
    ]
    described = {key.strip("`"): _value(default.strip("`")) for _, key, _, default, *_ in rows}
    assert described == {name: field.default for name, field in ClarionSettings.model_fields.items()}


def test_every_system_check_is_described() -> None:
    ids = {
        check_id
        for file in Path(clarion.__file__).parent.rglob("*.py")
        for check_id in re.findall(r"\bclarion\.[EIW]\d+\b", file.read_text())
    }
    assert code_in_rows(REFERENCE / "checks.md") == ids


def test_every_subcommand_and_its_options_are_described() -> None:
    text = (REFERENCE / "commands.md").read_text()
    assert set(re.findall(r"^## `([\w-]+)`$", text, re.MULTILINE)) == set(_subcommands())
    for name, parser in _subcommands().items():
        section = text.split(f"## `{name}`\n")[1].split("\n## ")[0]
        for action in parser._actions:
            for option in set(action.option_strings) - {"-h", "--help"}:
                assert f"- `{option}" in section, f"{name} {option}"


def test_every_exception_is_described() -> None:
    public = {
        name
        for name, value in vars(exceptions).items()
        if isinstance(value, type) and issubclass(value, ClarionError)
    }
    assert code_in_rows(REFERENCE / "exceptions.md") == public - {"ClarionError"}
    assert "ClarionError" in code_in(REFERENCE / "exceptions.md")


def test_every_public_name_is_described() -> None:
    described = set().union(*(code_in(page) for page in REFERENCE.glob("*.md")))
    missing = {
        f"{module}.{name}"
        for module in PUBLIC
        for name in import_module(module).__all__
        if name not in described
    }
    assert not missing


def test_every_method_of_the_notification_service_is_described() -> None:
    public = {name for name in vars(NotificationService) if not name.startswith("_")}
    assert public <= code_in(REFERENCE / "public-names.md")


def test_every_status_and_every_reason_is_described() -> None:
    assert code_in_rows(REFERENCE / "codes.md") == {*Status.values, *Reason.values}


def test_every_fixture_is_described() -> None:
    fixtures = {
        name for name, value in vars(plugin).items() if type(value).__name__ == "FixtureFunctionDefinition"
    }
    assert fixtures
    assert fixtures <= code_in(REFERENCE / "testing.md")


def test_every_page_and_every_template_tag_is_described() -> None:
    described = (REFERENCE / "pages.md").read_text()
    named = {f"clarion:{pattern.name}" for pattern in urls.urlpatterns}
    assert named == {span for span in code_in_rows(REFERENCE / "pages.md") if ":" in span}
    for name in register.tags:
        assert f"{{% {name} %}}" in described
    for name in register.filters:
        assert f"|{name} }}}}" in described


def test_every_model_field_that_is_described_exists() -> None:
    from django.apps import apps

    text = (REFERENCE / "models.md").read_text()
    for section in text.split("\n## ")[1:]:
        heading, _, body = section.partition("\n")
        models = [apps.get_model("clarion", name) for name in CODE.findall(heading)]
        listed = re.search(r"^[^:\n]*: (`\w+`.*?)\.(?:\s|$)", body, re.MULTILINE | re.DOTALL)
        for name in CODE.findall(listed.group(1)) if models and listed else ():
            assert any(hasattr(model, name) for model in models), f"{heading}: {name}"


def _subcommands() -> dict[str, argparse.ArgumentParser]:
    parser = Command().create_parser("manage.py", "clarion")
    [choices] = [
        action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)
    ]
    return dict(choices)


def _value(written: str) -> object:
    if match := re.fullmatch(r"timedelta\((\w+)=(\d+)\)", written):
        return timedelta(**{match[1]: int(match[2])})
    return ast.literal_eval(written)
