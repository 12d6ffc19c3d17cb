"""Change: what a person did to some of their notifications, told so that it can be undone exactly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from clarion.exceptions import InvalidCursor

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Action(StrEnum):
    """What can be done to a notification."""

    READ = "read"
    UNREAD = "unread"
    SEEN = "seen"
    ARCHIVE = "archive"
    UNARCHIVE = "unarchive"
    SNOOZE = "snooze"
    UNSNOOZE = "unsnooze"


STAMPS = {
    Action.READ: "read_at",
    Action.SEEN: "seen_at",
    Action.ARCHIVE: "archived_at",
    Action.SNOOZE: "snoozed_until",
}
"""The column that an action writes its stamp to."""


@dataclass(frozen=True)
class Change:
    """An action, and the rows that it changed; rows that were so already are not among them.

    What stamps a row is known by its stamp, to the microsecond, however many rows there are: the same
    person does not act twice within one. What takes a stamp away is known by the rows' ids.
    """

    action: Action
    count: int
    stamp: datetime | None = None
    """The moment written to all of the rows; None for actions that write none."""
    ids: tuple[int, ...] = ()
    """The rows, for actions without a stamp."""
    untils: tuple[datetime, ...] = ()
    """Until when each of them had been snoozed; for UNSNOOZE alone."""

    def __bool__(self) -> bool:
        return self.count > 0

    @property
    def token(self) -> str:
        """The change as a word for an address or a form; "" where there is nothing to undo, or no stamp.

        It is no secret: it undoes what the person who sends it did, and nobody else's.
        """
        if not self.count or self.stamp is None:
            return ""
        return f"{self.action}.{(self.stamp - EPOCH) // MICROSECOND}"

    @classmethod
    def of_token(cls, token: str) -> Change:
        """Return the change that a token stands for. How many rows it was is not in it.

        Raises:
            InvalidCursor: the token was not made here.
        """
        action, _, number = token.partition(".")
        is_number = number.isascii() and number.isdigit() and len(number) < 18
        if action not in {stamping.value for stamping in STAMPS} or not is_number:
            raise InvalidCursor(
                "undo", "text that no change gave", "a change's token", "take it from the change"
            )
        return cls(Action(action), 0, EPOCH + int(number) * MICROSECOND)
