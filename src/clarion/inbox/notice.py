"""Notice: what a page says of the change that led to it."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from django.contrib import messages
from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext_lazy as _

PARAMETER = "done"


class Notice(TextChoices):
    """The changes that people make here, as told to them afterwards."""

    READ = "read", _("Marked as read.")
    ALL_READ = "all-read", _("Everything is marked as read.")
    SAVED = "saved", _("Your choices are saved.")


def redirect_with(request: HttpRequest, target: str, notice: Notice) -> HttpResponseRedirect:
    """Redirect to a page of ours that says so: through Django's messages, else through its address."""
    parts = urlsplit(target)
    query = QueryDict(parts.query, mutable=True)
    query.pop(PARAMETER, None)
    try:
        messages.success(request, notice.label)
    except messages.MessageFailure:  # the project does without messages
        query[PARAMETER] = notice.value
    return HttpResponseRedirect(urlunsplit(parts._replace(query=query.urlencode())))


def notice_in(request: HttpRequest) -> str:
    """Return the text of the notice that the page's address asks for; "" if it asks for none we know."""
    asked = request.GET.get(PARAMETER)
    return str(Notice(asked).label) if asked in Notice.values else ""
