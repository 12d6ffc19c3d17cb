"""The pages of the example project, over HTTP: what each person can do, and what they cannot."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.acceptance.example_project import EXAMPLE, MANAGE, example_environment
from tests.acceptance.visitor import Page, Visitor

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.proves_most_on("sqlite", reason="pages are the same on every database"),
]


@pytest.fixture(scope="module")
def mail_folder(var: Path) -> Path:
    return var / "mail"


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("var")


@pytest.fixture(scope="module")
def site(seeded: Mapping[str, str], var: Path) -> Iterator[str]:
    """The example's web server, seeded, with an engine that works at once and mails that go nowhere."""
    with example_environment(var, like=seeded) as environment, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, never listening: each mail fails and is kept for later
        environment["CLARION_EXAMPLE_ENGINE"] = "clarion.bus.engines.immediate.ImmediateEngine"
        environment["EMAIL_PORT"] = str(closed.getsockname()[1])
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
        with (var / "web.log").open("wb") as log:
            command = [*MANAGE, "runserver", "--noreload", address]
            server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            wait_for(address, server)
            yield f"http://{address}"
        finally:
            server.terminate()
            server.wait(30)


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    host, port = address.split(":")
    deadline = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            assert server.poll() is None, "the web server has stopped"
            assert time.monotonic() < deadline, "the web server does not answer"
            time.sleep(0.05)


@pytest.fixture
def visitor(site: str) -> Visitor:
    return Visitor(site)


@pytest.fixture
def ada(site: str) -> Visitor:
    return person(site, "Ada Brook")


def person(site: str, name: str) -> Visitor:
    visitor = Visitor(site)
    visitor.log_in(name)
    return visitor


def test_a_visitor_is_sent_to_choose_a_person_and_then_back(visitor: Visitor) -> None:
    page = visitor.get("/products/new/")
    assert page.url.endswith("/log-in-as/?next=/products/new/")
    entry = re.search(r'action="(/log-in-as/\d+/)"', page.text)
    assert entry
    arrived = visitor.submit(entry[1], {"next": "/products/new/"}, form_on="/log-in-as/")
    assert arrived.url.endswith("/products/new/")


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_logging_in_never_leads_off_the_site(visitor: Visitor, site: str, evil: str) -> None:
    entry = re.search(r'action="(/log-in-as/\d+/)"', visitor.get("/log-in-as/").text)
    assert entry
    assert visitor.submit(entry[1], {"next": evil}, form_on="/log-in-as/").url == f"{site}/"


def test_logging_in_by_following_a_link_is_impossible(visitor: Visitor) -> None:
    assert visitor.get("/log-in-as/1/").status == 405


def test_a_form_without_its_csrf_token_is_refused(ada: Visitor) -> None:
    assert ada.post("/products/new/", {"name": "Forged"}).status == 403
    assert "Forged" not in ada.get("/").text


def test_the_creator_of_a_product_is_its_administrator(ada: Visitor) -> None:
    product = ada.create_product("Compass")
    assert re.search(r"<dd>Ada Brook · Administrator</dd>", ada.get(product).text)


def test_a_manager_finds_a_new_product_in_the_inbox(ada: Visitor, site: str) -> None:
    layla = person(site, "ليلى منصور")
    ada.create_product("Sextant", organisation="Harbour Works")
    inbox = layla.get("/notifications/")
    assert "منتج جديد: \u2068Sextant\u2069" in inbox.text
    assert inbox.text.count("تم إنشاء المنتج \u2068Sextant\u2069.") == 1


def test_a_person_with_two_roles_finds_a_new_product_once(ada: Visitor) -> None:
    ada.create_product("Barometer", organisation="Harbour Works")
    assert ada.get("/notifications/").text.count("Barometer was created.") == 1


def test_the_bell_counts_what_is_unread(site: str) -> None:
    erin = person(site, "Erin Walsh")
    before = unread_count(erin)
    erin.create_product("Telescope")
    assert unread_count(erin) == before + 1


def unread_count(visitor: Visitor) -> int:
    badge = re.search(r'class="clarion-count"[^>]*>(\d+)<', visitor.get("/").text)
    return int(badge[1]) if badge else 0


def test_renaming_says_both_names(ada: Visitor) -> None:
    product = ada.create_product("Sundial")
    assert "The product is now called Clock." in ada.submit(f"{product}rename/", {"name": "Clock"}).text
    assert "Sundial is now called Clock." in ada.get("/notifications/").text


def test_a_name_that_stays_the_same_is_no_news(ada: Visitor) -> None:
    product = ada.create_product("Anchor")
    ada.submit(f"{product}rename/", {"name": "Anchor"})
    assert "Anchor is now called" not in ada.get("/notifications/").text


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\0b"])
def test_a_name_that_is_none_is_refused_beside_its_field(ada: Visitor, name: str) -> None:
    page = ada.submit("/products/new/", {"name": name})
    assert page.url.endswith("/products/new/")
    assert re.search(r'class="errorlist"', page.text)


def test_looking_at_the_delete_page_deletes_nothing(ada: Visitor) -> None:
    product = ada.create_product("Lantern")
    assert "Lantern" in ada.get(f"{product}delete/").text
    assert ada.get(product).status == 200


def test_deleting_removes_the_product_and_tells_its_managers(ada: Visitor, site: str) -> None:
    layla = person(site, "ليلى منصور")
    product = ada.create_product("Foghorn", organisation="Harbour Works")
    assert "Foghorn was deleted." in ada.submit(f"{product}delete/").text
    assert ada.get(product).status == 404
    assert "تم حذف المنتج \u2068Foghorn\u2069." in layla.get("/notifications/").text


def test_markup_in_a_name_is_shown_as_text(ada: Visitor) -> None:
    name = "<script>alert('x')</script>"
    product = ada.create_product(name)
    for path in (product, "/", "/notifications/", f"{product}rename/", f"{product}delete/"):
        markup = ada.get(path).markup
        assert "<script>alert" not in markup
        assert "&lt;script&gt;alert" in markup


@pytest.mark.parametrize("action", ["", "rename/", "delete/"])
def test_a_product_of_others_does_not_exist(ada: Visitor, site: str, action: str) -> None:
    product = ada.create_product("Private chart")
    bruno = person(site, "Bruno Keller")
    assert bruno.get(product + action).status == 404
    assert bruno.submit(product + action, {"name": "Stolen"}, form_on="/products/new/").status in (404, 405)
    assert "Private chart" not in bruno.get("/").text
    assert "Private chart" in ada.get(product).text


def test_people_of_two_organisations_find_nothing_of_each_other_s(ada: Visitor, site: str) -> None:
    bruno, erin = person(site, "Bruno Keller"), person(site, "Erin Walsh")
    ada.create_product("Harbour secret", organisation="Harbour Works")
    own = erin.create_product("Lighthouse secret", organisation="Lighthouse Press")
    last = int(own.strip("/").rpartition("/")[2])
    every = {
        re.sub("<[^>]+>", str(number), pattern)
        for pattern in addresses_of_the_example()
        for number in range(1, max(last + 3, 25))
    }
    assert {"/products/1/delete/", "/notifications/2/", "/notifications/stream/"} <= every
    assert {
        "/api/v1/notifications/3/",
        "/api/v1/mutes/4/",
        "/api/v1/stream/",
        "/api/v1/openapi.json",
    } <= every
    inbox = "/api/v1/notifications/?size=100"
    assert "Lighthouse secret" in erin.get(inbox).text
    admin = {"/admin/", "/admin/clarion/eventlog/", "/admin/clarion/appnotification/1/change/"}

    for visitor, theirs, others in (
        (bruno, "Harbour secret", ("Lighthouse secret", "Lighthouse Press", "Erin Walsh")),
        (erin, "Lighthouse secret", ("Harbour secret", "Harbour Works", "Bruno Keller")),
    ):
        seen = crawl(visitor, {*every, *admin, inbox})
        assert {path for path, page in seen.items() for other in others if other in page.text} == set()
        assert any(theirs in page.text for page in seen.values())


def addresses_of_the_example() -> set[str]:
    """Every path of the example's URLconf but the admin's and the demo's, with <…> for what varies."""
    script = """
import django; django.setup()
from django.urls import URLPattern, get_resolver
def walk(patterns, before):
    for each in patterns:
        path = before + str(each.pattern)
        print(path) if isinstance(each, URLPattern) else walk(each.url_patterns, path)
walk(get_resolver().url_patterns, "/")
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(EXAMPLE)}
    listed = subprocess.run(
        [sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True
    )
    return {path for path in listed.stdout.split() if not path.startswith((*DEMO_ONLY, "/admin/"))}


# Anyone may become anyone there, and read all mail: these exist in the demo only.
DEMO_ONLY = ("/log-in-as/", "/log-out/", "/mailbox/")


def crawl(visitor: Visitor, paths: set[str]) -> dict[str, Page]:
    """Open these pages of the site, and all that they lead to."""
    waiting, seen = set(paths), dict[str, Page]()
    while waiting:
        path = waiting.pop()
        seen[path] = page = visitor.get(path)
        assert page.status < 500, path
        links = re.findall(r'(?:href|action)="(/[^/"#][^"#]*|/)"', page.text)
        waiting |= {link for link in links if not link.startswith((*DEMO_ONLY, "/static/"))} - set(seen)
    return seen


def test_a_member_sees_a_product_of_the_organisation_but_cannot_change_it(ada: Visitor, site: str) -> None:
    product = ada.create_product("Rudder", organisation="Harbour Works")
    carla = person(site, "Carla Mendes")
    assert carla.get(product).status == 200
    assert f"{product}rename/" not in carla.get(product).text
    assert carla.get(f"{product}rename/").status == 404


def test_an_organisation_offers_itself_as_owner_to_its_managers_alone(site: str) -> None:
    options = person(site, "Carla Mendes").get("/products/new/").text
    assert "Lighthouse Press" in options
    assert "Harbour Works" not in options


def test_pages_speak_the_language_of_the_person(site: str) -> None:
    layla, bruno = person(site, "ليلى منصور"), person(site, "Bruno Keller")
    assert '<html lang="ar" dir="rtl">' in layla.get("/").text
    assert '<html lang="de" dir="ltr">' in bruno.get("/").text
    assert "Neues Produkt" in bruno.get("/").text


@pytest.mark.parametrize(
    "path", ["/", "/products/new/", "/mailbox/", "/notifications/", "/notifications/preferences/"]
)
def test_every_page_has_landmarks_one_heading_and_a_skip_link(ada: Visitor, path: str) -> None:
    page = ada.get(path)
    assert page.status == 200
    assert page.text.count("<main") == page.text.count("<h1") == page.text.count('class="site-header"') == 1
    assert 'href="#content"' in page.text
    assert 'id="content"' in page.text


def test_a_mail_can_be_read_as_text_as_html_and_raw(visitor: Visitor, mail_folder: Path) -> None:
    key = keep_mail(mail_folder, "one")
    page = visitor.get(f"/mailbox/{key}/")
    assert "Plain words" in page.text
    assert re.search(rf'<iframe [^>]*sandbox="[^"]*" src="/mailbox/{key}/html/"', page.text)
    assert "<b>Bold words</b>" in visitor.get(f"/mailbox/{key}/html/").text
    assert visitor.get(f"/mailbox/{key}/raw/").text.startswith("Subject: Kept")
    assert "Kept" in visitor.get("/mailbox/").text


def test_the_html_of_a_mail_can_run_and_load_nothing(visitor: Visitor, mail_folder: Path) -> None:
    key = keep_mail(mail_folder, "two")
    policy = visitor.get(f"/mailbox/{key}/html/").headers["Content-Security-Policy"]
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    assert policy.startswith("sandbox ")


@pytest.mark.parametrize("key", ["none", "..", "%2e%2e%2fdb", "-"])
def test_a_mail_that_is_not_there_is_not_found(visitor: Visitor, key: str) -> None:
    assert visitor.get(f"/mailbox/{key}/").status == 404


def keep_mail(folder: Path, key: str) -> str:
    folder.mkdir(exist_ok=True)
    lines = [
        "Subject: Kept", "From: a@example.org", "To: b@example.org", "Date: Mon, 23 Nov 2026 06:00:00 +0000",
        "MIME-Version: 1.0", 'Content-Type: multipart/alternative; boundary="--x"', "",
        "----x", "Content-Type: text/plain", "", "Plain words",
        "----x", "Content-Type: text/html", "", "<b>Bold words</b>", "----x--", "",
    ]  # fmt: skip
    (folder / f"{key}.eml").write_bytes("\r\n".join(lines).encode())
    return key


def test_staff_reach_the_admin_and_have_no_inbox_of_their_own(visitor: Visitor) -> None:
    page = visitor.submit("/admin/login/", {"username": "staff", "password": "clarion", "next": "/admin/"})
    assert page.status == 200
    for path in ("people/person/", "organisations/organisation/", "products/product/", "clarion/eventlog/"):
        assert visitor.get(f"/admin/{path}").status == 200
    assert visitor.get("/").url.endswith("/log-in-as/?next=/")
