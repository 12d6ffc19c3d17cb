"""Whom the example's handlers tell, by the rule that they share.

The functions without `test_` run in the example project.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.module_loading import import_string

from clarion.bus import get_event_bus
from clarion.models import EventLog, NotifiableEvent
from tests.acceptance.conftest import OpenWorkshop
from tests.acceptance.story import create_products, organisation_of, person, product, service
from tests.acceptance.workshop import Workshop

pytestmark = pytest.mark.acceptance

HARBOUR_MANAGERS = ["ada", "bruno", "dana", "gil", "layla"]


@pytest.fixture
def project(open_workshop: OpenWorkshop) -> Workshop:
    """The example project with an engine that works at once."""
    workshop = open_workshop(
        {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "CLARION_EXAMPLE_ENGINE": "clarion.bus.engines.immediate.ImmediateEngine",
        }
    )
    workshop.sink.open()
    return workshop


def told_of(event_type: str) -> list[str]:
    """The logins of those who were told of the latest event of a type, as often as they were."""
    event = EventLog.objects.filter(event_type=event_type).latest("pk")
    people: list[Any] = [told.person for told in NotifiableEvent.objects.filter(event_log=event)]
    return sorted(each.user.username for each in people)


def make_product_manager(login: str, product_id: int) -> None:
    product(product_id).roles.create(person=person(login), role="manager")


def rename_product(product_id: int, name: str) -> None:
    service().update_product(product(product_id), {"name": name})


def delete_product(product_id: int) -> None:
    service().delete_product(product(product_id))


def dissolve(organisation: str) -> None:
    """Take everyone's roles in an organisation and in its products."""
    gone = organisation_of(organisation)
    gone.roles.all().delete()
    for owned in gone.products.all():
        owned.roles.all().delete()


def employ(managers: int, organisation: str) -> None:
    role = organisation_of(organisation).roles.model
    employees = person("ada").__class__
    users = person("ada").user.__class__
    for number in range(managers):
        user = users.objects.create(username=f"employee-{number}")
        employee = employees.objects.create(user=user, name=f"Employee {number}")
        role.objects.create(organisation=organisation_of(organisation), person=employee, role="manager")


def publish(event_type: str, **changes: Any) -> None:
    nothing = {
        "product_id": 0,
        "organisation_id": None,
        "person_id": None,
        "name": "Globe",
        "url": "/products/0/",
    }
    get_event_bus().publish(event_type, {**nothing, **changes})


def key_of(login: str) -> int:
    return int(person(login).pk)


def latest_notes() -> list[str]:
    return list(EventLog.objects.latest("pk").runs.values_list("status", "note").get())


def queries_to_find_stakeholders(product_id: int) -> int:
    # Named, not imported: see `story`.
    stakeholders = import_string("products.notifiers.stakeholders")
    event = EventLog.objects.filter(event_type="product.created").latest("pk")
    owned = product(product_id)
    with CaptureQueriesContext(connection) as queries:
        list(stakeholders(owned, event))
    return len(queries)


def test_managers_of_an_organisation_are_told_once_each_and_members_not(project: Workshop) -> None:
    project.call(create_products, ["Globe"], "bruno", "Harbour Works")
    assert project.call(told_of, "product.created") == HARBOUR_MANAGERS


def test_a_manager_of_the_product_alone_is_told_even_that_it_is_gone(project: Workshop) -> None:
    [globe] = project.call(create_products, ["Globe"], "ada", "Harbour Works")
    project.call(make_product_manager, "erin", globe)
    project.call(rename_product, globe, "Atlas")
    assert project.call(told_of, "product.updated") == sorted([*HARBOUR_MANAGERS, "erin"])
    project.call(delete_product, globe)
    assert project.call(told_of, "product.deleted") == sorted([*HARBOUR_MANAGERS, "erin"])


def test_the_owner_of_a_personal_product_is_told_alone(project: Workshop) -> None:
    [globe] = project.call(create_products, ["Globe"], "carla")
    project.call(make_product_manager, "ada", globe)
    project.call(delete_product, globe)
    assert project.call(told_of, "product.created") == ["carla"]
    assert project.call(told_of, "product.deleted") == ["carla"]


def test_the_person_of_the_event_is_told_where_nobody_else_is_concerned(project: Workshop) -> None:
    [globe] = project.call(create_products, ["Globe"], "ada", "Harbour Works")
    project.call(dissolve, "Harbour Works")
    project.call(publish, "product.created", product_id=globe, person_id=project.call(key_of, "erin"))
    assert project.call(told_of, "product.created") == ["erin"]


def test_a_product_that_is_gone_before_its_handler_runs_is_no_failure(project: Workshop) -> None:
    project.call(publish, "product.created", product_id=1000)
    assert project.call(latest_notes) == ["done", "product 1000 no longer exists"]


def test_a_product_deleted_with_its_organisation_concerns_nobody(project: Workshop) -> None:
    project.call(publish, "product.deleted", organisation_id=1000, manager_ids=[])
    assert project.call(latest_notes) == ["done", "nobody to tell"]


def test_finding_the_stakeholders_takes_as_many_queries_for_five_as_for_fifty(project: Workshop) -> None:
    [globe] = project.call(create_products, ["Globe"], "ada", "Harbour Works")
    few = project.call(queries_to_find_stakeholders, globe)
    project.call(employ, 45, "Harbour Works")
    assert project.call(queries_to_find_stakeholders, globe) == few
