"""Every exception Clarion raises on purpose.

The docstring of each says what happened and what to do; its first line is the message when none is given.
Messages name types, lengths and names, never payload values: those may be personal.
"""

from __future__ import annotations


class ClarionError(Exception):
    """Clarion could not do what it was asked."""

    def __init__(self, message: str = "") -> None:
        meaning, _, _ = (type(self).__doc__ or type(self).__name__).partition("\n")
        super().__init__(message or meaning)


class PermanentError(ClarionError):
    """Trying again cannot help; the work is given up at once, with this reason on record."""


class TransientError(ClarionError):
    """Trying again later may help; the work is retried with growing pauses."""


class CodeMissing(TransientError):
    """The code that this work needs is not in this worker: it waits for a deployment, which is no attempt."""


class InvalidInput(ClarionError):
    """A value handed to Clarion cannot be used; the message says where it is and how to mend it."""

    def __init__(self, path: str, got: str, expected: str, fix: str, event_type: str = "") -> None:
        """Keep the parts of the message `event_type: path: got …, expected …; fix: …`.

        `path` is where the value was found, as in "payload.name". `got` and `expected` describe kinds of
        value; `fix` is an instruction. `event_type` is "" where no event type is involved.
        """
        super().__init__(path)
        # Set again in full: pickling rebuilds an exception from its args.
        self.args = (path, got, expected, fix, event_type)
        self.path = path
        self.got = got
        self.expected = expected
        self.fix = fix
        self.event_type = event_type

    def put_in(self, place: str) -> None:
        """Say which of several values it was: the path then begins with `place`, as in "events[7]"."""
        self.path = f"{place}.{self.path}"
        self.args = (self.path, *self.args[1:])

    def __str__(self) -> str:
        where = f"{self.event_type}: {self.path}" if self.event_type else self.path
        return f"{where}: got {self.got}, expected {self.expected}; fix: {self.fix}"


class ImproperlyDeclared(InvalidInput):
    """A declaration in code (an event type, a category, a handler) is wrong; change the declaration."""


class UnknownEventType(InvalidInput, CodeMissing, LookupError):
    """No event type of this name is registered; check the spelling, or register it in an app's events.py."""


class UnknownPayloadVersion(InvalidInput, CodeMissing):
    """A stored payload has a version this code cannot read; deploy newer code, or add an upcaster."""


class InvalidPayload(InvalidInput):
    """A payload does not match its event type's schema; nothing was written. Mend what is published."""

    others: tuple[InvalidPayload, ...] = ()
    """The further faults found in the same payload."""

    def put_in(self, place: str) -> None:
        """Say it of the further faults too."""
        super().put_in(place)
        for other in self.others:
            other.put_in(place)

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *map(str, self.others)])


class InvalidSchedule(InvalidInput):
    """The time an event is due cannot be used; pass an aware datetime in the near future."""


class InvalidIdempotencyKey(InvalidInput):
    """An idempotency key is empty, too long or not text; pass a short text that names this one event."""


class IdempotencyConflict(InvalidInput):
    """An idempotency key was used before with another payload; use a key of its own for each event."""


class InvalidTask(InvalidInput):
    """A task cannot be queued: there is no such job, or its parameters are not one primary key."""


class InvalidSubject(InvalidInput):
    """What is to be resolved is no subject of events."""


class InvalidCursor(InvalidInput):
    """A page of a list was asked for with a cursor or a size that no list gave; begin at the first page."""


class InvalidRecipients(InvalidInput):
    """The people to notify are not people; pass a queryset or an iterable of the person model."""


class InvalidLink(InvalidInput):
    """A notification's link is not safe to follow; pass a path such as "/products/1/", or an http(s) URL."""


class InvalidTemplate(ClarionError):
    """A template breaks the rules of the template language; mend it at the line and column given."""

    def __init__(
        self,
        problem: str,
        line: int,
        column: int,
        sample: str,
        permitted: tuple[str, ...],
    ) -> None:
        """Say what is wrong (`problem`) and where.

        `line` and `column` count from 1. `sample` is the part of the line around the column.
        `permitted` names the parameters this template may use.
        """
        super().__init__(problem)
        self.args = (problem, line, column, sample, permitted)
        self.problem = problem
        self.line = line
        self.column = column
        self.sample = sample
        self.permitted = permitted

    def __str__(self) -> str:
        names = ", ".join(f"{{{name}}}" for name in self.permitted) or "none"
        return (
            f'line {self.line}, column {self.column}, in "{self.sample}": {self.problem}; '
            f"permitted parameters: {names}"
        )


class TemplateMissing(ClarionError):
    """No template is stored for this event type; install the defaults or write one in the admin."""


class RenderingError(ClarionError):
    """A template could not be filled in; mend the template, or pass the parameter it names."""


class SubjectGone(PermanentError):
    """What the event was about no longer exists, so there is nothing to tell.

    Handlers raise it: the run counts as done, with this as its note. So does an event type's `audience`: its
    mails are cancelled.
    """


class HandlerMissing(CodeMissing):
    """A handler that an event was dispatched to is not subscribed in this worker; another may have it."""


class TimeLimitExceeded(TransientError):
    """A handler, an audience or the making of a mail took longer than its engine allows; tried again."""


class AddressRefused(PermanentError):
    """A mail server will never accept mail for this address; the address is suppressed."""


class AnswerLost(TransientError):
    """A mail server went away before it answered; it may have accepted the mail."""


class ChannelUnavailable(TransientError):
    """A channel cannot deliver to anyone just now; its deliveries wait and are retried."""


class EngineUnavailable(TransientError):
    """The engine did not take the hint; the event is stored, and the relay offers it again."""


class BroadcasterUnavailable(TransientError):
    """The realtime connection is lost; it is made again, and all open streams are brought up to date."""


class TooManyStreams(ClarionError):
    """One person holds as many streams open in one process as one may; close some of them."""


class LeaseLost(ClarionError):
    """Another worker holds this row now; what was done under the old lease has been discarded."""
