"""Digest: all that waits for one person, in one message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable

from clarion.bus.claims import claim, is_due, put_back_unbegun
from clarion.database.clock import Now
from clarion.events import EventTypes
from clarion.models import EmailNotification, Status
from clarion.preferences.cadence import may_wait

GATHERED = 4000
"""Mails that a batch of digests takes along at the most; what is left makes other messages."""
LISTED = 100
"""Notifications in one message at the most."""


def first_of_each_digest() -> Combinable:
    """Match, of what each person's digest may hold now, the first mail; and mails that go at once.

    While a worker has the first, no other can begin with the second: so one worker gathers them all.
    """
    earlier = EmailNotification.objects.filter(
        is_due() | Q(status=Status.RUNNING, due_at__gt=Now()),
        person=OuterRef("person"),
        cadence__gt="",
        due_at__isnull=False,
        pk__lt=OuterRef("pk"),
    )
    return Q(cadence="") | ~Exists(earlier)


def gather(mails: QuerySet[EmailNotification], batch: list[EmailNotification]) -> list[EmailNotification]:
    """Claim, besides a batch, what else its digests may hold now, and return all of it.

    Args:
        mails: which mails there are, with what is to be read along.
    """
    people = {mail.person_id for mail in batch if mail.cadence}
    if not people:
        return batch
    waiting = mails.filter(person__in=people, cadence__gt="", due_at__isnull=False)
    return batch + claim(waiting, GATHERED, join=batch[0])


def without_parted(batch: Sequence[EmailNotification]) -> Sequence[EmailNotification]:
    """Put back what was tried in one message with mails that are not here but wait; return the others.

    Whoever folds duplicates would show one part of it alone. It is due when the last of those is.
    """
    tried = {mail.message_id: mail.person_id for mail in batch if mail.is_in_digest}
    if not tried:
        return batch
    waiting = EmailNotification.objects.filter(person__in=tried.values(), message_id__in=tried)
    missing = waiting.filter(due_at__isnull=False).exclude(pk__in=[mail.pk for mail in batch])
    due_of = dict(missing.order_by("due_at").values_list("message_id", "due_at"))
    for message_id, due_at in due_of.items():
        apart = [mail for mail in batch if mail.message_id == message_id]
        put_back_unbegun(apart, due_at=due_at)
    return [mail for mail in batch if mail.message_id not in due_of]


def messages(batch: Sequence[EmailNotification]) -> list[list[EmailNotification]]:
    """Return which mails go out in one message, in the order of the batch.

    A digest that was tried stays as it was, for it may have arrived: the same notifications in a message
    of the same Message-ID. What has come since makes another.
    """
    together: dict[Hashable, list[EmailNotification]] = defaultdict(list)
    for mail in batch:
        tried = mail.message_id if mail.is_in_digest else ""
        is_waiting = mail.cadence and may_wait(EventTypes.get(mail.event.event_type))
        together[(mail.person_id, tried) if is_waiting else mail.pk].append(mail)
    return [
        mails[start : start + LISTED] for mails in together.values() for start in range(0, len(mails), LISTED)
    ]
