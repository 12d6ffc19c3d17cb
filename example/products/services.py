"""What can be done with a product; each change and its event are committed together, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from clarion.bus import get_event_bus
from clarion.events import EventTypes
from organisations.models import Organisation
from people.models import Person
from products.models import Product, ProductRole
from products.roles import RoleService


class ProductManagementService:
    @staticmethod
    def create_product(
        form_data: Mapping[str, Any], person: Person, organisation: Organisation | None = None
    ) -> Product:
        """Create a product of the organisation, or else of the person, who becomes its administrator."""
        with transaction.atomic():
            product = Product.objects.create(
                name=form_data["name"], organisation=organisation, person=None if organisation else person
            )
            RoleService.assign_product_role(person, product, ProductRole.Role.ADMIN)
            get_event_bus().publish(EventTypes.PRODUCT_CREATED, _payload(product))
        return product

    @staticmethod
    def update_product(
        product: Product, form_data: Mapping[str, Any], person: Person | None = None
    ) -> Product:
        """Rename the product; `person` is who does it. A name that stays the same is no event.

        Raises Product.DoesNotExist if somebody deleted it meanwhile.
        """
        with transaction.atomic():
            product = Product.objects.select_for_update().get(pk=product.pk)
            old_name, product.name = product.name, form_data["name"]
            if product.name != old_name:
                product.save(update_fields=["name"])
                renamed_by = person.name if person else ""
                payload = _payload(product) | {"old_name": old_name, "renamed_by": renamed_by}
                get_event_bus().publish(EventTypes.PRODUCT_UPDATED, payload)
        return product

    @staticmethod
    def delete_product(product: Product) -> None:
        """Delete the product and the roles in it.

        Raises Product.DoesNotExist if somebody deleted it before.
        """
        with transaction.atomic():
            product = Product.objects.select_for_update().get(pk=product.pk)
            managers = RoleService.get_product_managers(product).order_by("pk").values_list("pk", flat=True)
            payload = _payload(product) | {"manager_ids": list(managers)}
            product.delete()
            get_event_bus().publish(EventTypes.PRODUCT_DELETED, payload)


def _payload(product: Product) -> dict[str, Any]:
    return {
        "product_id": product.pk,
        "organisation_id": product.organisation_id,
        "person_id": product.person_id,
        "name": product.name,
        "url": product.get_absolute_url(),
    }
