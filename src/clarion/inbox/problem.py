"""A plain page for what cannot be done: what it is, and a way on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def problem_page(
    request: HttpRequest, *, status: int, title: str, text: str, next_step: str, target: str
) -> HttpResponse:
    """Return the page. `status` is the HTTP status; `next_step` is the words of a link to `target`."""
    context = {"title": title, "text": text, "next_step": next_step, "target": target}
    return render(request, "clarion/problem.html", context, status=status)
