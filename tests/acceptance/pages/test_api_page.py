"""The API's own page in a real Chromium: it leads to every operation, and to one's own answers."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from tests.acceptance.pages.conftest import API, Visit, in_one_setting
from tests.integration.inbox.items import give

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.django_db(transaction=True),
    pytest.mark.proves_most_on("sqlite", reason="pages are the same on every database"),
]


@in_one_setting
@pytest.mark.parametrize("with_script", [True, False])
def test_whoever_is_signed_in_can_follow_it_to_their_own_notifications(
    visit: Visit, alice: User, with_script: bool
) -> None:
    give(alice, title="Shipped: Kite")

    def story(page: Page) -> None:
        page.goto(API)
        page.get_by_role("link", name="GET /api/v1/notifications/", exact=True).click()
        expect(page.get_by_role("heading", name="List notifications, newest first")).to_be_in_viewport()
        page.get_by_role("link", name="/api/v1/notifications/", exact=True).click()
        expect(page.locator("body")).to_contain_text("Shipped: Kite")

    visit(story, java_script_enabled=with_script)
