"""Fill the example: people who want to be told in different ways, two organisations, a staff login."""

from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.db import transaction

from clarion.models import NotificationPreference
from organisations.models import Organisation, OrganisationRole
from people.models import Person
from products.roles import RoleService

STAFF_LOGIN = "staff"
STAFF_PASSWORD = "clarion"

Told = NotificationPreference.Type
Role = OrganisationRole.Role


class SeededPerson(NamedTuple):
    login: str
    name: str
    language: str
    told: NotificationPreference.Type | None
    """None leaves the person without a preference record: the defaults hold."""
    is_active: bool = True


PEOPLE = (
    SeededPerson("ada", "Ada Brook", "en", Told.BOTH),
    SeededPerson("bruno", "Bruno Keller", "de", Told.EMAIL),
    SeededPerson("carla", "Carla Mendes", "en", Told.APPS),
    SeededPerson("dana", "Dana Winter", "de", Told.NONE),
    SeededPerson("erin", "Erin Walsh", "en", None),
    SeededPerson("layla", "ليلى منصور", "ar", Told.BOTH),
    SeededPerson("gil", "Gil Ortega", "en", Told.BOTH, is_active=False),
)

ORGANISATIONS = {
    "Harbour Works": (
        ("ada", Role.ADMIN),
        ("ada", Role.MANAGER),
        ("bruno", Role.MANAGER),
        ("dana", Role.MANAGER),
        ("layla", Role.MANAGER),
        ("gil", Role.MANAGER),
        ("carla", Role.MEMBER),
    ),
    "Lighthouse Press": (("erin", Role.ADMIN), ("carla", Role.MANAGER), ("ada", Role.MEMBER)),
}


class Command(BaseCommand):
    help = __doc__

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        people = {seeded.login: seed_person(seeded) for seeded in PEOPLE}
        for name, roles in ORGANISATIONS.items():
            organisation, _created = Organisation.objects.get_or_create(name=name)
            for login, role in roles:
                RoleService.assign_organisation_role(people[login], organisation, role)
        seed_staff()


def seed_person(seeded: SeededPerson) -> Person:
    """Create the person, or leave them as they have become since."""
    user, created = get_user_model().objects.get_or_create(username=seeded.login)
    if created:
        user.set_unusable_password()
        user.save()
    person, created = Person.objects.get_or_create(
        user=user,
        defaults={
            "name": seeded.name,
            "email": f"{seeded.login}@example.org",
            "language": seeded.language,
            "is_active": seeded.is_active,
        },
    )
    if created and seeded.told:
        preference = NotificationPreference(person=person)
        preference.product_notifications = seeded.told
        preference.save()
    return person


def seed_staff() -> None:
    """Make sure that the staff login works with the password that the demo prints."""
    users = get_user_model().objects
    staff = users.filter(username=STAFF_LOGIN).first() or users.create_superuser(STAFF_LOGIN)
    if not staff.check_password(STAFF_PASSWORD):
        staff.set_password(STAFF_PASSWORD)
        staff.save()
