"""A page with every mail the example has sent. The URLs exist only while DEBUG is on."""

from itertools import islice

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from postbox.mail import Mail, find_mail, mails

SHOWN = 200
STYLE_AND_LINKS_ONLY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; "
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
)


@require_GET
def mail_list(request: HttpRequest) -> HttpResponse:
    return render(request, "postbox/list.html", {"mails": list(islice(mails(), SHOWN)), "shown": SHOWN})


@require_GET
def mail_detail(request: HttpRequest, key: str) -> HttpResponse:
    return render(request, "postbox/detail.html", {"mail": _find(key)})


@require_GET
@xframe_options_sameorigin
def mail_html(request: HttpRequest, key: str) -> HttpResponse:
    """The HTML of a mail alone, for a frame: no scripts, no forms, nothing loaded from elsewhere."""
    # Links open beside the mailbox, as in a mail reader: no page of the site may load in the frame.
    html = _find(key).html.replace("<head>", '<head><base target="_blank">', 1)
    return HttpResponse(html, headers={"Content-Security-Policy": STYLE_AND_LINKS_ONLY})


@require_GET
def mail_raw(request: HttpRequest, key: str) -> HttpResponse:
    return HttpResponse(_find(key).raw, content_type="text/plain; charset=utf-8")


def _find(key: str) -> Mail:
    mail = find_mail(key)
    if mail is None:
        raise Http404("no such mail")
    return mail
