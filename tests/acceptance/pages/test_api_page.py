"""The API's own page in a real Chromium: every operation is shown, and can be tried."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from clarion.models import AppNotification
from tests.acceptance.pages.conftest import INBOX, Visit
from tests.integration.inbox.items import give

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.django_db(transaction=True),
    pytest.mark.proves_most_on("sqlite", reason="pages are the same on every database"),
]


def test_a_change_can_be_tried_in_the_page_by_whoever_is_signed_in(visit: Visit, alice: User) -> None:
    (row,) = give(alice)

    def story(page: Page) -> None:
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(INBOX)  # which gives the browser its CSRF token
        page.goto(reverse("clarion_api:try"))
        expect(page.locator(".opblock")).to_have_count(13)

        operation = page.locator("#operations-notifications-change_notification")
        operation.locator(".opblock-summary-control").click()
        operation.get_by_role("button", name="Try it out").click()
        operation.get_by_placeholder("notification_id").fill(str(row.pk))
        operation.locator("textarea").fill('{"action": "read"}')
        operation.get_by_role("button", name="Execute").click()

        expect(operation.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
        assert not problems

    visit(story)
    assert AppNotification.objects.get(pk=row.pk).is_read
