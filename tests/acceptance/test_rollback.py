"""Publishing in a transaction that rolls back leaves nothing, and tells nobody."""

from __future__ import annotations

import pytest
from django.db import transaction

from tests.acceptance import story
from tests.acceptance.workshop import Workshop

pytestmark = pytest.mark.acceptance


class ChangeOfMind(Exception):
    """Raised where the product is as good as created."""


def create_and_think_better_of_it(name: str, login: str) -> None:
    with transaction.atomic():
        story.create_products([name], login)
        raise ChangeOfMind


def test_what_was_rolled_back_never_happened(workshop: Workshop) -> None:
    with workshop.cluster(), workshop.relay():
        with pytest.raises(ChangeOfMind):
            workshop.call(create_and_think_better_of_it, "Ghost", "erin")
        workshop.call(story.create_products, ["Lamp"], "erin")
        tally = workshop.wait_until_settled()
    assert (tally.products, tally.events, tally.told, tally.app_notifications, tally.sent) == (1, 1, 1, 1, 1)
    (mail,) = workshop.sink.mails
    assert mail["Subject"] == "New product: Lamp"
