"""Throttles: how often one user may ask, and how often change something."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rest_framework.settings import api_settings
from rest_framework.throttling import UserRateThrottle

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

READS = ("GET", "HEAD")


class ReadThrottle(UserRateThrottle):
    """Limits what changes nothing. The project's DEFAULT_THROTTLE_RATES may set another rate, or None."""

    scope = "clarion-read"
    default: ClassVar = "600/min"

    def get_rate(self) -> str | None:
        """Return the project's rate, else ours."""
        rate = api_settings.DEFAULT_THROTTLE_RATES.get(self.scope, self.default)
        return None if rate is None else str(rate)

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count requests that read, and pass all others."""
        return request.method not in READS or super().allow_request(request, view)


class WriteThrottle(ReadThrottle):
    """Limits what changes something."""

    scope = "clarion-write"
    default: ClassVar = "120/min"

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count requests that write, and pass all others."""
        return request.method in READS or super(ReadThrottle, self).allow_request(request, view)
