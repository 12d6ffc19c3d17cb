"""A mail server that is away: mails wait, say why, and cost no attempts; then they go out."""

from __future__ import annotations

import pytest

from tests.acceptance import story
from tests.acceptance.conftest import OpenWorkshop
from tests.acceptance.waiting import wait_for

pytestmark = pytest.mark.acceptance


def test_mails_wait_for_a_mail_server_that_is_away(open_workshop: OpenWorkshop) -> None:
    workshop = open_workshop({"DJANGO_SETTINGS_MODULE": "tests.acceptance.settings"})

    def all_wait() -> list[story.Mail]:
        mails = workshop.call(story.mails)
        return mails if len(mails) == 2 and all(mail.waits for mail in mails) else []

    with workshop.cluster(), workshop.relay():
        workshop.call(story.create_products, ["Lamp", "Lantern"], "erin")
        for _ in range(3):
            for mail in wait_for(all_wait, "two mails that have met with the outage"):
                assert (mail.status, mail.attempts, mail.is_sent) == ("failed", 0, False)
                assert "ConnectionRefusedError" in mail.error
            assert len(workshop.call(story.inbox, "erin")) == 2, "the inbox does not wait"
            workshop.call(story.let_an_hour_pass)

        wait_for(all_wait, "two mails that wait once more")
        workshop.sink.open()
        workshop.call(story.let_an_hour_pass)
        workshop.wait_until_settled()

    assert workshop.call(story.mails) == [story.Mail("sent", 1, "", False, True)] * 2
    assert sorted(mail["Subject"] for mail in workshop.sink.mails) == [
        "New product: Lamp",
        "New product: Lantern",
    ]
