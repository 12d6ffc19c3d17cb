"""A visitor to a web site: a browser without JavaScript, which has cookies, links and forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.message import Message
from html import unescape
from http.cookiejar import CookieJar
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener


class Page(NamedTuple):
    status: int
    url: str
    headers: Message
    markup: str

    @property
    def text(self) -> str:
        """The markup with its character references resolved, and names as part of their sentence."""
        return unescape(re.sub("</?bdi>", "", self.markup))


class Visitor:
    def __init__(self, site: str) -> None:
        self._site = site
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> Page:
        return self._open(Request(self._site + path))

    def post(self, path: str, fields: Mapping[str, str]) -> Page:
        """Send the fields as they are, without the token of a form."""
        return self._open(Request(self._site + path, urlencode(fields).encode()))

    def submit(self, path: str, fields: Mapping[str, str] | None = None, form_on: str | None = None) -> Page:
        """Submit the form on the page `form_on`, by default on `path` itself."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(form_on or path).text)
        assert token, f"no form on {form_on or path}"
        return self.post(path, {"csrfmiddlewaretoken": token[1], **(fields or {})})

    def log_in(self, name: str) -> Page:
        people = self.get("/log-in-as/").text
        entry = re.search(rf"<strong>{name}</strong>.*?action=\"([^\"]+)\"", people, re.DOTALL)
        assert entry, f"{name} is not on the list"
        return self.submit(entry[1], form_on="/log-in-as/")

    def create_product(self, name: str, organisation: str = "") -> str:
        """Create a product of the person, or of the organisation; return its path."""
        form = self.get("/products/new/").text
        owner = re.search(rf'value="(\d+)">{organisation}<', form) if organisation else None
        fields = {"name": name, "organisation": owner[1] if owner else ""}
        page = self.submit("/products/new/", fields)
        assert re.search(r"/products/\d+/$", page.url), page.text
        return page.url.removeprefix(self._site)

    def _open(self, request: Request) -> Page:
        try:
            with self._opener.open(request) as answer:
                return Page(answer.status, answer.url, answer.headers, answer.read().decode())
        except HTTPError as refusal:
            with refusal:
                return Page(refusal.code, refusal.url, refusal.headers, refusal.read().decode())
