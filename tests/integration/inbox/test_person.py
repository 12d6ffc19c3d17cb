"""The person behind a user, where the person is not the user.

Any model with a foreign key to the user model can stand for a person here; the example's pages are tested
with a person model of their own.
"""

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django import Settings

from clarion.inbox.person import person_of


@pytest.fixture
def person_is_a_log_entry(settings: Settings) -> None:
    settings.CLARION_PERSON_MODEL = "admin.LogEntry"


def test_the_user_is_the_person_where_the_project_says_nothing_else(alice: User) -> None:
    assert person_of(alice) == alice


def test_a_visitor_is_nobody() -> None:
    assert person_of(AnonymousUser()) is None


@pytest.mark.usefixtures("person_is_a_log_entry")
def test_the_person_is_the_one_that_leads_to_the_user(alice: User, bob: User) -> None:
    LogEntry.objects.create(user=bob, action_flag=ADDITION)
    person = LogEntry.objects.create(user=alice, action_flag=ADDITION)
    assert person_of(alice) == person


@pytest.mark.usefixtures("person_is_a_log_entry")
@pytest.mark.parametrize("path", ["/notifications/", "/notifications/preferences/"])
def test_a_user_who_is_nobodys_person_gets_a_page_that_says_so(
    client: Client, alice: User, path: str
) -> None:
    client.force_login(alice)
    answer = client.get(path)
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "This account gets no notifications" in page
    assert '<a href="/admin/login/">Sign in with another account</a>' in page


@pytest.mark.usefixtures("person_is_a_log_entry")
def test_a_user_who_is_nobodys_person_changes_nothing(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.post("/notifications/change/").status_code == 403


def test_a_person_model_that_leads_to_no_user_is_a_mistake_and_its_fix_is_named(
    settings: Settings, alice: User
) -> None:
    settings.CLARION_PERSON_MODEL = "contenttypes.ContentType"
    with pytest.raises(ImproperlyConfigured, match=r"no relation to auth\.User; add a OneToOneField"):
        person_of(alice)
