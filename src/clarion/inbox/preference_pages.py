"""The preference centre: where the person is told of what, when not, and what they have muted."""

from __future__ import annotations

from django.db.models import Model
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clarion.inbox.notice import Notice, notice_in, redirect_with
from clarion.inbox.person import person_required
from clarion.inbox.preference_form import CHANNELS, PreferenceForm
from clarion.inbox.problem import wants_json
from clarion.inbox.service import NotificationService
from clarion.models.person import email_of

MUTES_SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@person_required
def preferences(request: HttpRequest, person: Model) -> HttpResponse:
    """Show the choices, or save those that are sent; a script is told how every row stands then."""
    form = PreferenceForm(person, request.POST if request.method == "POST" else None)
    if form.is_valid:
        form.save()
        if wants_json(request):
            return JsonResponse({"notice": str(Notice("saved")), "rows": _rows(form)})
        return redirect_with(reverse("clarion:preferences"), Notice("saved"))
    is_refused = request.method == "POST"
    if is_refused and wants_json(request):
        problems = [*form.problems, *(str(text) for texts in form.quiet.errors.values() for text in texts)]
        return JsonResponse({"problem": " ".join([_("Nothing was saved."), *problems])}, status=400)
    context = {
        "form": form,
        "channels": CHANNELS.values(),
        "has_address": bool(email_of(person)),
        "mutes": NotificationService().get_mutes(person)[:MUTES_SHOWN],
        "notice": notice_in(request),
        "here": reverse("clarion:preferences"),
    }
    return render(request, "clarion/preferences.html", context, status=400 if is_refused else 200)


def _rows(form: PreferenceForm) -> dict[str, dict[str, object]]:
    rows = (row for section in form.sections for row in (section.whole, *section.finer) if row)
    return {
        row.name: {"on": [box.channel for box in row.boxes if box.is_on], "follows": row.follows}
        for row in rows
    }
