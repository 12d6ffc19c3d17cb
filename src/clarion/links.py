"""Links: where a notification may lead."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from clarion.conf import get_settings
from clarion.exceptions import InvalidLink

LINK_LIMIT = 2000


def check_link(link: str) -> None:
    """Refuse a link that could run code or mislead: only paths on this site and http(s) URLs may pass.

    Raises:
        InvalidLink: names what was found.
    """
    problem = ""
    if not isinstance(link, str):
        problem = type(link).__name__
    elif not link:
        return
    elif len(link) > LINK_LIMIT:
        problem = f"{len(link)} characters"
    elif any(character.isspace() or not character.isprintable() or character == "\\" for character in link):
        problem = "spaces, control characters or backslashes"
    elif link.startswith("//"):
        problem = "a link without a scheme"
    elif not link.startswith("/"):
        scheme, host = _scheme_and_host(link)
        if scheme not in ("http", "https"):
            problem = f"the scheme {scheme!r}" if scheme else "a relative path"
        elif not host:
            problem = "a URL without a host"
    if problem:
        raise InvalidLink(
            "link",
            problem,
            'a path such as "/products/1/" or an http(s) URL',
            "pass product.get_absolute_url()",
        )


def followable(link: str) -> str:
    """Return the link if people may follow it, else "": rows may be written past `notify`."""
    try:
        check_link(link)
    except InvalidLink:
        return ""
    return link


def absolute(link: str) -> str:
    """Return the link with `CLARION["BASE_URL"]` before a path; "" where a path has no base to stand on."""
    base = get_settings().BASE_URL
    if not link.startswith("/"):
        return link
    return urljoin(base, link) if base else ""


def _scheme_and_host(link: str) -> tuple[str, str]:
    try:
        parts = urlsplit(link)
    except ValueError:
        return "", ""
    return parts.scheme.lower(), parts.netloc
