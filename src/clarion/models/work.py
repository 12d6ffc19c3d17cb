"""Work: a row that some worker must bring to an end, and how far it has come."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from clarion.database.clock import Now
from clarion.models.transient import Transient


class Status(models.TextChoices):
    """How far a piece of work has come. Failed work is tried again; dead work is not."""

    PENDING = "pending", _("pending")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed, will be tried again")
    DEAD = "dead", _("dead, given up")
    CANCELLED = "cancelled", _("cancelled")
    UNKNOWN = "unknown", _("unknown, perhaps delivered")


UNFINISHED = (Status.PENDING, Status.RUNNING, Status.FAILED)
FINISHED = tuple(status for status in Status if status not in UNFINISHED)


def due_index(name: str) -> models.Index:
    """Index what a worker may take, by lane and by when; partial, so that finished rows cost nothing."""
    return models.Index(fields=["urgent", "due_at"], name=name, condition=models.Q(due_at__isnull=False))


class Work(Transient):
    """State that claims, retries, the relay and retention share.

    `due_at` is on the database's clock, so that a worker's wrong clock claims nothing early. A claim
    moves it to the end of the lease. `lease_token` fences: only the worker that holds it may write the
    outcome.
    """

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    urgent = models.BooleanField(_("urgent"), default=False, help_text=_("Overtakes what is not."))
    error = models.TextField(_("error"), blank=True, default="")
    note = models.TextField(_("note"), blank=True, default="")
    due_at = models.DateTimeField(
        _("due at"),
        null=True,
        blank=True,
        db_default=Now(),
        help_text=_("When a worker may take it; never, if it is finished or waits for other work."),
    )
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_finished(self) -> bool:
        """Whether no worker will touch this row again."""
        return self.status in FINISHED

    def add_note(self, text: str) -> None:
        """Keep a remark for whoever looks at this row: something odd that is not an error."""
        self.note = f"{self.note}\n{text}".strip()
        type(self)._default_manager.filter(pk=self.pk).update(note=self.note)
