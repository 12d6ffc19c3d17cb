"""Preferences in the admin: choices, not JSON."""

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clarion.models import NotificationPreference
from tests.integration.conftest import MakePerson

LIST = "/admin/clarion/notificationpreference/"


@pytest.fixture
def preference(alice: User) -> NotificationPreference:
    return NotificationPreference.objects.create(person=alice, categories={"orders": "email"})


def path_of(preference: NotificationPreference) -> str:
    return reverse("admin:clarion_notificationpreference_change", args=[preference.pk])


def test_choices_are_made_with_a_select_each(
    admin_client: Client, preference: NotificationPreference
) -> None:
    page = admin_client.get(path_of(preference)).content.decode()
    assert '<option value="email" selected>By e-mail</option>' in page
    assert 'name="categories-orders"' in page
    assert 'name="event_types-order.shipped"' in page
    assert "account.locked" not in page
    assert "<textarea" not in page


def test_choices_are_saved(admin_client: Client, preference: NotificationPreference) -> None:
    choices = {
        "person": preference.person_id,
        "categories-orders": "none",
        "event_types-order.shipped": "apps",
        "cadences-orders": "weekly",
    }
    assert admin_client.post(path_of(preference), choices).status_code == 302
    preference.refresh_from_db()
    assert preference.cadences == {"orders": "weekly"}
    assert preference.categories == {"orders": "none"}
    assert preference.event_types == {"order.shipped": "apps"}


def test_a_choice_is_taken_back(admin_client: Client, preference: NotificationPreference) -> None:
    admin_client.post(path_of(preference), {"person": preference.person_id, "categories-orders": ""})
    preference.refresh_from_db()
    assert preference.categories == {}


def test_a_record_is_added(admin_client: Client, bob: User) -> None:
    answer = admin_client.post(f"{LIST}add/", {"person": bob.pk, "categories-account": "apps"})
    assert answer.status_code == 302
    assert NotificationPreference.objects.get(person=bob).categories == {"account": "apps"}


def test_a_choice_that_there_is_not_is_refused_beside_its_field(
    admin_client: Client, preference: NotificationPreference
) -> None:
    choices = {"person": preference.person_id, "categories-orders": "pigeon"}
    page = admin_client.post(path_of(preference), choices).content.decode()
    assert "Select a valid choice. pigeon is not one of the available choices." in page
    preference.refresh_from_db()
    assert preference.categories == {"orders": "email"}


def test_a_choice_for_what_is_gone_does_not_stand_in_the_way(
    admin_client: Client, preference: NotificationPreference
) -> None:
    preference.event_types = {"order.forgotten": "none"}
    preference.save()
    choices = {"person": preference.person_id, "categories-orders": "apps"}
    assert admin_client.post(path_of(preference), choices).status_code == 302


def test_those_who_may_only_look_see_what_is_stored(
    client: Client, make_person: MakePerson, preference: NotificationPreference
) -> None:
    operator = make_person("operator", is_staff=True)
    operator.user_permissions.add(Permission.objects.get(codename="view_notificationpreference"))
    client.force_login(operator)
    page = client.get(path_of(preference)).content.decode()
    assert "&quot;orders&quot;: &quot;email&quot;" in page
    assert "<select" not in page
    assert client.post(path_of(preference), {"categories-orders": "none"}).status_code == 403


def test_the_list_says_the_choices_in_words_at_a_constant_cost(
    admin_client: Client, make_person: MakePerson, preference: NotificationPreference
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert "Orders: By e-mail" in admin_client.get(LIST).content.decode()
        return len(captured)

    few = queries()
    for _ in range(20):
        NotificationPreference.objects.create(person=make_person(), categories={"orders": "none"})
    assert queries() == few


def test_a_record_is_found_by_its_person(
    admin_client: Client, alice: User, bob: User, preference: NotificationPreference
) -> None:
    NotificationPreference.objects.create(person=bob)
    for term in ("alice", str(alice.pk)):
        page = admin_client.get(LIST, {"q": term}).content.decode()
        assert "1 notification preference" in page
