"""Failure: what becomes of work that raised an error."""

from __future__ import annotations

import logging

from clarion.bus.claims import fail
from clarion.exceptions import LeaseLost
from clarion.models import Work

logger = logging.getLogger("clarion")


def record_failure(row: Work, error: Exception) -> None:
    """Record a claimed row's failed attempt, or log that another worker has the row by now."""
    about = {"kind": row._meta.model_name, "row_id": row.pk, "error": type(error).__name__}
    try:
        if isinstance(error, LeaseLost):
            raise error
        fail([row], error)
    except LeaseLost:
        logger.warning("lease lost; what this worker did was rolled back", extra=about)
    else:
        # Without the traceback: it may hold payload values. The row keeps what was said.
        logger.error("work failed", extra=about)
