"""What is known of people is in no log."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.canary import CANARY, address_of, heard_in


@pytest.mark.parametrize("name", ["workers-0.log", "relay-1.log", "publisher.log"])
@pytest.mark.parametrize("said", [address_of(3), f"payload: {CANARY}"])
def test_a_log_that_tells_of_people_is_named(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "relay-0.log").write_text("relay: 5 offered\n")
    (tmp_path / name).write_text(f"e-mail not sent: {said}\n")
    assert heard_in(tmp_path) == [name]


def test_what_the_mail_server_says_is_its_own_affair(tmp_path: Path) -> None:
    (tmp_path / "run.log").write_text(address_of(3))
    assert heard_in(tmp_path) == []
