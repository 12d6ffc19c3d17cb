"""What happens in the demo: people create, rename and delete products."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from organisations.models import Organisation
from people.models import Person
from products.models import Product
from products.roles import RoleService
from products.services import ProductManagementService


class Step(NamedTuple):
    """One thing that was done to a product."""

    product_id: int
    told: frozenset[str]
    """The logins of those who should know."""


def tell(write: Callable[[str], None]) -> Iterator[Step]:
    """Do one thing after the other."""
    ada, bruno, carla, layla = (
        Person.objects.get(user__username=login) for login in ("ada", "bruno", "carla", "layla")
    )
    harbour = Organisation.objects.get(name="Harbour Works")
    lighthouse = Organisation.objects.get(name="Lighthouse Press")
    service = ProductManagementService()

    clock = new_name("Tide clock")
    write(f"{ada} creates “{clock}” for {harbour}.")
    clock_product = service.create_product({"name": clock}, ada, organisation=harbour)
    yield Step(clock_product.pk, managers_of(clock_product))

    moon = new_name("Moon clock")
    write(f"{bruno} renames it to “{moon}”.")
    service.update_product(clock_product, {"name": moon})
    yield Step(clock_product.pk, managers_of(clock_product))

    atlas = new_name("Atlas of <stars>")
    write(f"{carla} creates “{atlas}” for {lighthouse}.")
    atlas_product = service.create_product({"name": atlas}, carla, organisation=lighthouse)
    yield Step(atlas_product.pk, managers_of(atlas_product))

    lamp = new_name("مصباح")
    write(f"{layla} creates “{lamp}”, of her own.")
    lamp_product = service.create_product({"name": lamp}, layla)
    yield Step(lamp_product.pk, frozenset({"layla"}))

    write(f"{ada} deletes “{moon}”.")
    managers = managers_of(clock_product)
    service.delete_product(clock_product)
    yield Step(clock_product.pk, managers)


def managers_of(product: Product) -> frozenset[str]:
    """The logins of those who manage the product, or the organisation whose it is."""
    assert product.organisation is not None
    managers = (
        RoleService.get_organisation_managers(product.organisation),
        RoleService.get_product_managers(product),
    )
    return frozenset(person.user.username for people in managers for person in people.select_related("user"))


def new_name(name: str) -> str:
    """The name, with a number where earlier runs have left products that begin like it."""
    others = Product.objects.filter(name__startswith=name).count()
    return f"{name} {others + 1}" if others else name
