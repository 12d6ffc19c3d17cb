"""`manage.py clarion` with what it does not know: a plain line, an exit code, no stack."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from tests.integration.commands.command import clarion

ROOT = str(Path(__file__).parents[3])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: subcommand"),
        (["tidy"], "argument subcommand: invalid choice: 'tidy'"),
        (["cleanup", "--force"], "unrecognized arguments: --force"),
        (["schema", "order.shipped", "order.returned"], "unrecognized arguments: order.returned"),
        *(
            (
                ["relay", f"--interval={pause}"],
                f"argument --interval: '{pause}' is not a number of seconds from 0.01 to 86400",
            )
            for pause in ("soon", "0", "-1", "nan", "inf", "")
        ),
    ],
)
def test_unknown_input_is_refused(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError) as caught:
        clarion(*arguments)

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [(["tidy"], 2, "invalid choice: 'tidy'"), (["schema", "order.shiped"], 1, "CommandError: ")],
)
def test_a_shell_sees_one_line_and_an_exit_code(arguments: list[str], code: int, message: str) -> None:
    command = [sys.executable, "-m", "django", "clarion", *arguments]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": ROOT}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
