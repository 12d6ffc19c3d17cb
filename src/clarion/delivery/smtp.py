"""What a mail server's refusal means: never again, later, or nobody just now."""

from __future__ import annotations

import smtplib

from clarion.exceptions import (
    AddressRefused,
    ChannelUnavailable,
    ClarionError,
    PermanentError,
    TransientError,
)

AUTHENTICATION_CODES = frozenset({530, 534, 535, 538})
"""RFC 4954, section 6: our credentials are at fault, not the mail."""

ADDRESS_CODES = frozenset({550, 551, 553})
"""RFC 5321, section 4.2.2: no such mailbox, not here, not a mailbox's name. In reply to RCPT the person's
address is at fault; in reply to MAIL it is ours, and every mail would be refused."""

POLICY = "5.7."
"""How the text of a reply begins that refuses the sender, by policy, and not the address: RFC 3463, 3.8."""


def meaning_of(  # noqa: PLR0911  # one for each meaning
    error: Exception, unanswered: type[TransientError] = TransientError
) -> ClarionError:
    """Return the exception that says what to do about `error`.

    Reply codes: RFC 5321, section 4.2.1. 4yz is transient, 5yz is permanent.

    Args:
        error: what a mail backend raised.
        unanswered: what an error means that is no reply of a server.
    """
    match error:
        case ClarionError():
            return error
        case smtplib.SMTPRecipientsRefused(recipients=recipients) if recipients:
            code, text = next(iter(recipients.values()))
            return _about_address(code, text)
        case smtplib.SMTPSenderRefused(smtp_code=code, smtp_error=text) if code in ADDRESS_CODES:
            return ChannelUnavailable(_said(code, text))
        case smtplib.SMTPNotSupportedError():
            return PermanentError(f"the mail server lacks what this mail needs: {error}")
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=text):
            return _by_code(code, text)
        case ValueError():
            return PermanentError(f"the mail cannot be built: {error}")
        case _:
            return unanswered(f"{type(error).__name__}: {error}")


def _about_address(code: int, text: bytes | str) -> ClarionError:
    said = _said(code, text)
    is_the_address = code in ADDRESS_CODES and not said.startswith(f"{code} {POLICY}")
    return AddressRefused(said) if is_the_address else _by_code(code, text)


def _by_code(code: int, text: bytes | str) -> ClarionError:
    said = _said(code, text)
    if code in AUTHENTICATION_CODES:
        return ChannelUnavailable(said)
    return PermanentError(said) if 500 <= code < 600 else TransientError(said)


def _said(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
