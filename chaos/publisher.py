"""Publisher: a process of the product. It makes happenings, and publishes each in the same transaction.

Run as `python -m chaos.publisher`, with a JSON object on standard input; for each happening whose commit it
has seen it prints the number. It may be killed at any time; another goes on where it was.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from dataclasses import asdict, dataclass

from chaos.canary import CANARY

KEY = "happening-{}"


@dataclass(frozen=True)
class Order:
    """What to publish: `count` happenings from `start` on, for the people from `first` to `last`."""

    start: int
    count: int
    first: int = 1
    last: int = 5
    event_type: str = "chaos.happened"
    how: str = ""
    pause: float = 0
    copies: int = 1
    """How many threads publish the same at once."""

    def to_json(self) -> str:
        """Return what the process reads."""
        return json.dumps(asdict(self))


def publish_all(order: Order) -> None:
    """Publish, each number until its commit is certain."""
    for number in range(order.start, order.start + order.count):
        if order.copies == 1:
            _publish_surely(order, number)
        else:
            _publish_at_once(order, number)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        time.sleep(order.pause)


def _publish_at_once(order: Order, number: int) -> None:
    barrier = threading.Barrier(order.copies)

    def one() -> None:
        barrier.wait()
        _publish_surely(order, number)

    threads = [threading.Thread(target=one) for _ in range(order.copies)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _publish_surely(order: Order, number: int) -> None:
    """Try until it is known to be committed. Whether a lost commit happened is told by the unique key."""
    from django.db import Error, connection

    from clarion.faults import Struck

    try:
        for attempt in range(60):
            try:
                return _publish(order, number)
            except Struck:
                continue
            except Error as error:
                sys.stderr.write(f"publishing {number}: {type(error).__name__}: {error}\n")
                connection.close()
                time.sleep(0.1 * (attempt + 1))
        raise RuntimeError(f"{number} cannot be published")
    finally:
        if order.copies > 1:
            connection.close()


def _publish(order: Order, number: int) -> None:
    from django.db import transaction

    from chaos.project.events import CODE
    from chaos.project.models import Happening
    from clarion.bus import get_event_bus

    concerned = {"first": order.first, "last": order.last}
    payload = {"number": number, **concerned, "how": order.how, "secret": CANARY}
    if CODE > 1:
        payload["place"] = "here"
    with transaction.atomic():
        Happening.objects.get_or_create(number=number, defaults={"first": order.first, "last": order.last})
        get_event_bus().publish(order.event_type, payload, idempotency_key=KEY.format(number))


if __name__ == "__main__":
    import django

    django.setup()
    publish_all(Order(**json.load(sys.stdin)))
