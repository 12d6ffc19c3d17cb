"""Who should know what happened to a product."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from clarion.bus import subscribe
from clarion.events import EventTypes
from clarion.exceptions import SubjectGone
from clarion.models import EventLog
from clarion.notifiers import notify
from organisations.models import Organisation
from people.models import Person
from products.models import Product
from products.roles import RoleService

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@subscribe(EventTypes.PRODUCT_CREATED)
def handle_product_created(event: EventLog) -> None:
    product = _load(event)
    people = stakeholders(product, event)
    notify(event, people=people, link=product.get_absolute_url(), reason=_reason(product))


@subscribe(EventTypes.PRODUCT_UPDATED)
def handle_product_updated(event: EventLog) -> None:
    product = _load(event)
    people = stakeholders(product, event)
    notify(event, people=people, link=product.get_absolute_url(), reason=_reason(product))


@subscribe(EventTypes.PRODUCT_DELETED)
def handle_product_deleted(event: EventLog) -> None:
    product = _remember(event)
    people = stakeholders(product, event)
    notify(event, people=people, link=reverse("products:list"), reason=_reason(product))


def stakeholders(product: Product, event: EventLog) -> QuerySet[Person]:
    """The managers of the organisation and of its product, or the owner; else the person of the event."""
    people = Person.objects.none()
    if product.organisation:
        people = Person.objects.filter(
            Q(pk__in=RoleService.get_organisation_managers(product.organisation))
            | Q(pk__in=RoleService.get_product_managers(product))
            | Q(pk__in=event.payload.get("manager_ids", ()))
        )
    elif product.person:
        people = Person.objects.filter(pk=product.person.pk)
    return people if people.exists() else Person.objects.filter(pk=event.payload["person_id"])


def _load(event: EventLog) -> Product:
    product = (
        Product.objects.select_related("organisation", "person")
        .filter(pk=event.payload["product_id"])
        .first()
    )
    if product is None:
        raise SubjectGone(f"product {event.payload['product_id']} no longer exists")
    return product


def _remember(event: EventLog) -> Product:
    """The product as it was, from the payload; its owner only if they still exist."""
    payload = event.payload
    return Product(
        pk=payload["product_id"],
        name=payload["name"],
        organisation=Organisation.objects.filter(pk=payload["organisation_id"]).first(),
        person=Person.objects.filter(pk=payload["person_id"]).first(),
    )


def _reason(product: Product) -> StrOrPromise:
    if product.organisation:
        return format_lazy(
            _("because you manage products of {organisation}"), organisation=product.organisation.name
        )
    return _("because the product is yours")
