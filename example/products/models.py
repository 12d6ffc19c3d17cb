"""A product, its owner, and the roles that people hold in it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from organisations.models import Organisation
from people.models import Person


class ProductQuerySet(models.QuerySet["Product"]):
    def visible_to(self, person: Person) -> ProductQuerySet:
        """The products that `person` owns, holds a role in, or shares an organisation with."""
        return self._concerning(person, Organisation.objects.filter(roles__person=person))

    def managed_by(self, person: Person) -> ProductQuerySet:
        """The products that `person` may rename and delete."""
        return self._concerning(person, Organisation.objects.managed_by(person))

    def _concerning(self, person: Person, organisations: models.QuerySet[Organisation]) -> ProductQuerySet:
        with_role = ProductRole.objects.filter(person=person).values("product")
        return self.filter(Q(person=person) | Q(pk__in=with_role) | Q(organisation__in=organisations))


class Product(models.Model):
    """A product belongs to an organisation or to a person, never to both or to neither."""

    name = models.CharField(_("name"), max_length=200)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="products",
        verbose_name=_("organisation"),
    )
    person = models.ForeignKey(
        Person,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="products",
        verbose_name=_("person"),
    )

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = (
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, person__isnull=True)
                | Q(organisation__isnull=True, person__isnull=False),
                name="product_has_one_owner",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("products:detail", args=[self.pk])

    @property
    def owner(self) -> Organisation | Person:
        owner = self.organisation or self.person
        assert owner is not None, "the constraint product_has_one_owner holds"
        return owner


class ProductRole(models.Model):
    """One role of one person; a person may hold several."""

    class Role(models.TextChoices):
        ADMIN = "admin", _("Administrator")
        MANAGER = "manager", _("Manager")

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="roles", verbose_name=_("product")
    )
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="product_roles", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role)

    class Meta:
        verbose_name = _("role in a product")
        verbose_name_plural = _("roles in products")
        constraints = (
            models.UniqueConstraint(fields=("product", "person", "role"), name="product_role_once"),
        )

    def __str__(self) -> str:
        return f"{self.person}, {self.get_role_display()}, {self.product}"
