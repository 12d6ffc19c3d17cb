"""Make the pictures in docs/images: the example project, with a day's notifications, in Chromium.

    make screenshots

Chromium is `/usr/bin/chromium`, or what CLARION_CHROMIUM names. Some: `make screenshots ONLY='bell*'`.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
CHROMIUM = os.environ.get("CLARION_CHROMIUM", "/usr/bin/chromium")
PEOPLE = (
    "Kevin Osei",
    "Mia Laurent",
    "Tomás Rey",
    "Aiko Sato",
    "Noor Haddad",
    "Jan Novák",
    "Ines Costa",
    "Leo Berg",
)
PRODUCTS = (
    "Tide clock",
    "Brass lantern",
    "Deck chair",
    "Rope ladder",
    "Signal flag",
    "Sea chest",
    "Oak oar",
    "Fog horn",
)


class Picture(NamedTuple):
    """One picture: of which page, as whom, and what is done there first."""

    name: str
    path: str = "/notifications/"
    login: str = "ada"
    size: tuple[int, int] = (1280, 800)
    look: dict[str, Any] = {}
    first: Callable[[Any], None] = lambda page: None


def open_menu(page: Any) -> None:
    # One that is about one thing, which can be muted; a group is about several.
    row = page.get_by_role("article").filter(has=page.get_by_role("link", name="Product deleted"))
    row.evaluate("row => row.scrollIntoView({ block: 'start' })")
    row.locator(".clarion-more > summary").click()


def unfold(page: Any) -> None:
    page.locator(".clarion-group summary").first.click()


def archive(page: Any) -> None:
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("e")
    page.get_by_role("button", name="Undo").wait_for()


def ring(page: Any) -> None:
    page.locator("a.clarion-bell").click()
    page.locator("clarion-inbox").wait_for()


def go_offline(page: Any) -> None:
    page.context.set_offline(True)
    page.locator(".clarion-problem").wait_for()


def unfold_all(page: Any) -> None:
    for summary in page.locator(".clarion-section summary").all():
        if summary.locator("..").get_attribute("open") is None:
            summary.click()


PREFERENCES = "/notifications/preferences/"
DARK, FORCED = {"color_scheme": "dark"}, {"forced_colors": "active"}
PHONE = (320, 720)

PICTURES = (
    Picture("inbox"),
    Picture("inbox-dark", look=DARK),
    Picture("inbox-rtl", login="layla"),
    Picture("inbox-phone", size=PHONE),
    Picture("inbox-phone-rtl-dark", size=PHONE, login="layla", look=DARK),
    Picture("inbox-forced-colours", look=FORCED),
    Picture("inbox-group", first=unfold),
    Picture("inbox-menu", first=open_menu),
    Picture("inbox-menu-phone", size=PHONE, first=open_menu),
    Picture("inbox-undo", first=archive),
    Picture("inbox-keyboard", first=lambda page: page.keyboard.press("?")),
    Picture("inbox-offline", first=go_offline),
    Picture("inbox-empty", "/notifications/?state=snoozed", login="erin"),
    Picture("inbox-search", "/notifications/?q=lantern"),
    Picture("bell", "/", first=ring),
    Picture("bell-dark-rtl", "/", login="layla", look=DARK, first=ring),
    Picture("bell-phone", "/", size=PHONE, first=ring),
    Picture("preferences", PREFERENCES, first=unfold_all),
    Picture("preferences-dark", PREFERENCES, look=DARK, first=unfold_all),
    Picture("preferences-phone", PREFERENCES, size=PHONE, first=unfold_all),
    Picture("preferences-rtl", PREFERENCES, login="layla", first=unfold_all),
)


def main() -> None:
    pattern = sys.argv[1] if len(sys.argv) > 1 else "*"
    with tempfile.TemporaryDirectory() as var:
        prepare(Path(var))
        tell_a_day()
        with web_server() as url:
            take([picture for picture in PICTURES if fnmatch(picture.name, pattern)], url)


def prepare(var: Path) -> None:
    """Set the example project up in a folder of its own, an engine that works at once, no mail server."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "CLARION_EXAMPLE_VAR": str(var),
        "CLARION_EXAMPLE_ENGINE": "clarion.bus.engines.immediate.ImmediateEngine",
        "EMAIL_PORT": "9",
        "PYTHONPATH": os.pathsep.join(
            [str(ROOT / "src"), str(ROOT / "example"), os.environ.get("PYTHONPATH", "")]
        ),
    }
    sys.path[:0] = [str(ROOT / "src"), str(ROOT / "example")]
    import logging

    import django
    from django.core.management import call_command

    django.setup()
    logging.getLogger("clarion").setLevel(logging.CRITICAL)
    call_command("migrate", verbosity=0)
    call_command("seed")


def tell_a_day() -> None:
    """Let things happen, so that there is something to see, then spread them over a day."""
    from django.contrib.auth import get_user_model
    from django.utils import timezone

    from clarion.inbox.service import NotificationService
    from clarion.models import AppNotification
    from organisations.models import Organisation, OrganisationRole
    from people.models import Person
    from products.roles import RoleService
    from products.services import ProductManagementService

    service, inbox = ProductManagementService(), NotificationService()
    harbour = Organisation.objects.get(name="Harbour Works")
    ada, layla = (Person.objects.get(user__username=login) for login in ("ada", "layla"))
    crew = []
    for number, name in enumerate(PEOPLE):
        user = get_user_model().objects.create(username=f"crew{number}")
        crew.append(Person.objects.create(user=user, name=name, email=f"crew{number}@example.org"))
        RoleService.assign_organisation_role(crew[-1], harbour, OrganisationRole.Role.MANAGER)
    products = [service.create_product({"name": name}, ada, harbour) for name in PRODUCTS]
    for person in (ada, layla):
        inbox.mark_read(person, [row.pk for row in inbox.get_recent_notifications(person, 5)])
    service.delete_product(products.pop(2))
    for product, person in zip(products[:2], crew[:2], strict=True):
        service.update_product(product, {"name": f"Large {product.name.lower()}"}, person)
    for person in (ada, layla):
        inbox.mark_read(person, [row.pk for row in inbox.get_recent_notifications(person, 2)])
    for product, person in zip([*products, products[0]], reversed(crew), strict=True):
        service.update_product(product, {"name": f"{product.name} II"}, person)
    lantern = service.create_product({"name": "Brass lantern, small"}, ada, harbour)
    for person in (ada, layla):
        rows = list(AppNotification.objects.filter(person=person).order_by("-pk"))
        for number, row in enumerate(rows):
            past = timezone.now() - timedelta(minutes=4 + 37 * number + number**2)
            AppNotification.objects.filter(pk=row.pk).update(created_at=past)
        old = rows[-1]
        AppNotification.objects.filter(pk=old.pk).update(
            is_read=False, read_at=None, snoozed_until=timezone.now() - timedelta(minutes=2)
        )
        inbox.mark_seen(person, [row.pk for row in rows[1:]])
        inbox.mute(person, f"product:{lantern.pk}", f"New product: {lantern.name}")


@contextmanager
def web_server() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [sys.executable, str(ROOT / "example" / "manage.py"), "runserver", "--noreload", address]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        host, port = address.split(":")
        for _ in range(300):
            with socket.socket() as caller:
                if caller.connect_ex((host, int(port))) == 0:
                    break
            time.sleep(0.1)
        yield f"http://{address}"
    finally:
        server.terminate()
        server.wait(30)


def take(pictures: list[Picture], url: str) -> None:
    from playwright.sync_api import sync_playwright

    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        for picture in pictures:
            width, height = picture.size
            context = browser.new_context(
                base_url=url, viewport={"width": width, "height": height}, **picture.look
            )
            page = context.new_page()
            page.goto("/log-in-as/")
            page.get_by_role("button", name=NAMES[picture.login]).click()
            page.goto(picture.path, wait_until="networkidle")
            picture.first(page)
            page.wait_for_timeout(250)  # for transitions and the fonts; nothing depends on it
            page.screenshot(path=IMAGES / f"{picture.name}.png")
            if picture.first is archive:
                page.get_by_role("button", name="Undo").click()
                page.locator(".clarion-status", has_text="Undone").wait_for()
            context.close()
            sys.stdout.write(f"docs/images/{picture.name}.png\n")
        browser.close()


NAMES = {"ada": "Ada Brook", "layla": "ليلى منصور", "erin": "Erin Walsh"}

if __name__ == "__main__":
    main()
