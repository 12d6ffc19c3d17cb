"""The handler."""

from __future__ import annotations

from benchmarks.project.events import CREATED, SEEN, URGENT
from benchmarks.project.models import Person
from clarion.bus import subscribe
from clarion.models import EventLog
from clarion.notifiers import notify


@subscribe(CREATED, SEEN, URGENT)
def handle_product_created(event: EventLog) -> None:
    """Tell the people concerned."""
    people = Person.objects.filter(pk__range=(event.payload["first"], event.payload["last"])).order_by("pk")
    notify(event, people=people, link=event.payload["url"], reason="because you follow new products")
