"""Pauses, suppressed addresses and heartbeats in the admin: who may see them, and who may do what."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clarion.models import ChannelPause, Heartbeat, SuppressedAddress
from tests.integration.conftest import MakePerson

pytestmark = pytest.mark.django_db

CANARY = "535 <b>go away</b>"


def path_of(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:clarion_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def rows() -> dict[type[Model], Model]:
    ChannelPause.begin("email", timedelta(hours=1), CANARY)
    Heartbeat.beat("relay")
    return {
        ChannelPause: ChannelPause.objects.get(),
        Heartbeat: Heartbeat.objects.get(),
        SuppressedAddress: SuppressedAddress.objects.create(address="Gone@People.Example", error=CANARY),
    }


Rows = dict[type[Model], Model]


def test_each_can_be_listed_and_opened(admin_client: Client, rows: Rows) -> None:
    for model, row in rows.items():
        listed = admin_client.get(path_of(model, "changelist"))
        opened = admin_client.get(path_of(model, "change", row.pk))
        assert (listed.status_code, opened.status_code) == (200, 200)
        assert "<b>go away" not in listed.content.decode() + opened.content.decode()


def test_each_needs_its_permission(client: Client, make_person: MakePerson, rows: Rows) -> None:
    operator = make_person("operator", is_staff=True)
    client.force_login(operator)
    for model in rows:
        assert client.get(path_of(model, "changelist")).status_code == 403
        codename = f"view_{model._meta.model_name}"
        operator.user_permissions.add(Permission.objects.get(codename=codename))
    client.force_login(User.objects.get(pk=operator.pk))
    for model, row in rows.items():
        assert client.get(path_of(model, "changelist")).status_code == 200
        assert client.post(path_of(model, "change", row.pk), {}).status_code == 403
        assert client.post(path_of(model, "delete", row.pk), {"post": "yes"}).status_code == 403


def test_a_pause_is_ended_by_setting_its_time(admin_client: Client, rows: Rows) -> None:
    past = timezone.now() - timedelta(minutes=1)
    fields = {
        "until_0": f"{past:%Y-%m-%d}",
        "until_1": f"{past:%H:%M:%S}",
        "channel": "pigeon",
        "error": "nothing",
    }

    answer = admin_client.post(path_of(ChannelPause, "change", "email"), fields)

    assert answer.status_code == 302
    assert not ChannelPause.in_force("email").exists()
    # Nothing else of it can be changed.
    assert ChannelPause.objects.get().error == CANARY


def test_pauses_and_heartbeats_are_not_made_by_hand(admin_client: Client, rows: Rows) -> None:
    for model in (ChannelPause, Heartbeat):
        assert admin_client.get(path_of(model, "add")).status_code == 403


def test_a_heartbeat_is_not_changed_by_hand(admin_client: Client, rows: Rows) -> None:
    before = Heartbeat.last("relay")

    answer = admin_client.post(path_of(Heartbeat, "change", "relay"), {"beat_at_0": "2030-01-01"})

    assert answer.status_code == 403
    assert Heartbeat.last("relay") == before


def test_an_address_is_suppressed_and_cleared_by_hand_and_never_changed(
    admin_client: Client, rows: Rows
) -> None:
    answer = admin_client.post(path_of(SuppressedAddress, "add"), {"address": "Old@People.Example"})
    assert answer.status_code == 302
    added = SuppressedAddress.objects.get(address="old@people.example")

    changed = admin_client.post(path_of(SuppressedAddress, "change", added.pk), {"address": "x@y.example"})
    assert changed.status_code == 403

    admin_client.post(path_of(SuppressedAddress, "delete", added.pk), {"post": "yes"})
    assert list(SuppressedAddress.objects.values_list("address", flat=True)) == ["gone@people.example"]


def test_an_address_is_found_by_a_part_of_it(admin_client: Client, rows: Rows) -> None:
    found = admin_client.get(path_of(SuppressedAddress, "changelist"), {"q": "GONE@"}).content.decode()
    missed = admin_client.get(path_of(SuppressedAddress, "changelist"), {"q": "here@"}).content.decode()

    assert "gone@people.example" in found
    assert "gone@people.example" not in missed


def test_an_address_that_is_suppressed_already_is_refused_whatever_its_case(
    admin_client: Client, rows: Rows
) -> None:
    answer = admin_client.post(path_of(SuppressedAddress, "add"), {"address": "GONE@people.example"})

    assert answer.status_code == 200
    assert "already exists" in answer.content.decode()
