"""The example's mailbox: a mail as text, as HTML and raw, and harmless."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.acceptance.visitor import Visitor

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.proves_most_on("sqlite", reason="pages are the same on every database"),
]


def test_a_mail_can_be_read_as_text_as_html_and_raw(visitor: Visitor, mail_folder: Path) -> None:
    key = keep_mail(mail_folder, "one")
    page = visitor.get(f"/mailbox/{key}/")
    assert "Plain words" in page.text
    assert re.search(rf'<iframe [^>]*sandbox="[^"]*" src="/mailbox/{key}/html/"', page.text)
    assert "<b>Bold words</b>" in visitor.get(f"/mailbox/{key}/html/").text
    assert visitor.get(f"/mailbox/{key}/raw/").text.startswith("Subject: Kept")
    assert "Kept" in visitor.get("/mailbox/").text


def test_the_html_of_a_mail_can_run_and_load_nothing(visitor: Visitor, mail_folder: Path) -> None:
    key = keep_mail(mail_folder, "two")
    policy = visitor.get(f"/mailbox/{key}/html/").headers["Content-Security-Policy"]
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    assert policy.startswith("sandbox ")


@pytest.mark.parametrize("key", ["none", "..", "%2e%2e%2fdb", "-"])
def test_a_mail_that_is_not_there_is_not_found(visitor: Visitor, key: str) -> None:
    assert visitor.get(f"/mailbox/{key}/").status == 404


def keep_mail(folder: Path, key: str) -> str:
    folder.mkdir(exist_ok=True)
    lines = [
        "Subject: Kept", "From: a@example.org", "To: b@example.org", "Date: Mon, 23 Nov 2026 06:00:00 +0000",
        "MIME-Version: 1.0", 'Content-Type: multipart/alternative; boundary="--x"', "",
        "----x", "Content-Type: text/plain", "", "Plain words",
        "----x", "Content-Type: text/html", "", "<b>Bold words</b>", "----x--", "",
    ]  # fmt: skip
    (folder / f"{key}.eml").write_bytes("\r\n".join(lines).encode())
    return key
