"""An organisation, and the roles that people hold in it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from people.models import Person


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def managed_by(self, person: Person) -> OrganisationQuerySet:
        """The organisations of which `person` is an administrator or a manager."""
        return self.filter(
            pk__in=OrganisationRole.objects.managing().filter(person=person).values("organisation")
        )


class Organisation(models.Model):
    name = models.CharField(_("name"), max_length=200, unique=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")

    def __str__(self) -> str:
        return self.name


class OrganisationRoleQuerySet(models.QuerySet["OrganisationRole"]):
    def managing(self) -> OrganisationRoleQuerySet:
        """The roles that come with the right to manage."""
        return self.filter(role__in=(OrganisationRole.Role.ADMIN, OrganisationRole.Role.MANAGER))


class OrganisationRole(models.Model):
    """One role of one person; a person may hold several."""

    class Role(models.TextChoices):
        ADMIN = "admin", _("Administrator")
        MANAGER = "manager", _("Manager")
        MEMBER = "member", _("Member")

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="roles", verbose_name=_("organisation")
    )
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="organisation_roles", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role)

    objects = OrganisationRoleQuerySet.as_manager()

    class Meta:
        verbose_name = _("role in an organisation")
        verbose_name_plural = _("roles in organisations")
        constraints = (
            models.UniqueConstraint(fields=("organisation", "person", "role"), name="organisation_role_once"),
        )

    def __str__(self) -> str:
        return f"{self.person}, {self.get_role_display()}, {self.organisation}"
