"""Work to claim."""

from datetime import timedelta

import pytest

from clarion.models import NotifiableEvent
from tests.integration.conftest import MakePerson

LEASE = timedelta(minutes=5)


@pytest.fixture
def rows(make_person: MakePerson) -> list[NotifiableEvent]:
    """Twenty pieces of work."""
    person = make_person()
    return [NotifiableEvent.objects.create(event_type="order.shipped", person=person) for _ in range(20)]
