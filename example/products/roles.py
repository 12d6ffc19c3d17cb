"""Who manages what.

Products know organisations and never the other way round, so the service for the roles in both lives here.
"""

from django.db.models import QuerySet

from organisations.models import Organisation, OrganisationRole
from people.models import Person
from products.models import Product, ProductRole


class RoleService:
    @staticmethod
    def assign_organisation_role(
        person: Person, organisation: Organisation, role: OrganisationRole.Role
    ) -> OrganisationRole:
        """Give `person` the role, unless they hold it already."""
        return OrganisationRole.objects.get_or_create(person=person, organisation=organisation, role=role)[0]

    @staticmethod
    def assign_product_role(person: Person, product: Product, role: ProductRole.Role) -> ProductRole:
        """Give `person` the role, unless they hold it already."""
        return ProductRole.objects.get_or_create(person=person, product=product, role=role)[0]

    @staticmethod
    def get_organisation_managers(organisation: Organisation) -> QuerySet[Person]:
        """The administrators and managers of the organisation, each once."""
        held = OrganisationRole.objects.managing().filter(organisation=organisation)
        return Person.objects.filter(pk__in=held.values("person"))

    @staticmethod
    def get_product_managers(product: Product) -> QuerySet[Person]:
        """The administrators and managers of the product itself, each once."""
        held = ProductRole.objects.filter(product=product)
        return Person.objects.filter(pk__in=held.values("person"))
