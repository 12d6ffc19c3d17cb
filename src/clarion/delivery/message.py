"""Message: what a mail or a digest says, as plain text and as HTML with everything in it escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from typing import Any, NamedTuple

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language_bidi, ngettext, override

from clarion.direction import isolated
from clarion.links import absolute, followable
from clarion.models import EmailNotification


class Words(NamedTuple):
    """All that a mail says, whoever it is for: templates get this, so that nobody reads another's name."""

    language: str
    subject: str
    body: str
    reason: str
    link: str


class Texts(NamedTuple):
    """The words in their frame."""

    plain: str
    html: str


def words_of(mail: EmailNotification) -> Words:
    """Return what a mail says."""
    return Words(mail.language, mail.subject, mail.body, mail.event.reason, mail.link)


def texts_of(words: Words) -> Texts:
    """Render what a mail says."""
    return _rendered("email", words.language, _entry(words))


def message_to(address: str, message_id: str, subject: str, texts: Texts) -> EmailMessage:
    """Return a message to one address."""
    message = EmailMultiAlternatives(
        subject=subject,
        body=texts.plain,
        to=[address],
        headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(texts.html, "text/html")
    return message


def digest_of(mails: Sequence[EmailNotification], message_id: str) -> EmailMessage:
    """Build the message that lists some mails of one person, in the language of the last one."""
    last = mails[-1]
    with override(last.language):
        subject = ngettext(
            "%(count)d notification from %(sender)s", "%(count)d notifications from %(sender)s", len(mails)
        ) % {"count": len(mails), "sender": isolated(_sender(), in_rtl=get_language_bidi())}
    context = {"subject": subject, "entries": [_entry(words_of(mail)) for mail in mails]}
    return message_to(last.address, message_id, subject, _rendered("digest", last.language, context))


def _rendered(template: str, language: str, context: Mapping[str, Any]) -> Texts:
    with override(language):
        around = {
            "language": language,
            "preferences": _preferences_url(),
            "direction": "rtl" if get_language_bidi() else "ltr",
        }
        plain, html = (
            render_to_string(f"clarion/{template}.{kind}", {**around, **context}) for kind in ("txt", "html")
        )
    return Texts(plain, html)


def _entry(words: Words) -> dict[str, Any]:
    return {"mail": words, "link": absolute(followable(words.link))}


def _sender() -> str:
    """Return by whose name people know the site: that in DEFAULT_FROM_EMAIL, else its domain."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return name or address.rpartition("@")[2]


def _preferences_url() -> str:
    try:
        return absolute(reverse("clarion:preferences"))
    except NoReverseMatch:  # a project may leave out clarion.urls
        return ""
