"""How soon a second tab shows an event."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.realtime.site import SITE
from benchmarks.realtime.times import report
from benchmarks.realtime.visitors import cookie_of
from people.models import Person
from products.models import Product
from products.services import ProductManagementService

CHROMIUM = os.environ.get("CLARION_CHROMIUM", "/usr/bin/chromium")


def tabs(events: int) -> None:
    """Rename a product again and again; time each until it shows in a tab that holds no connection."""
    person = Person.objects.get(user__username="ada")
    cookie = cookie_of(person.user)
    service = ProductManagementService()
    with ThreadPoolExecutor(1) as thread, sync_playwright() as playwright:

        def do(work: Any, *arguments: Any) -> Any:
            return thread.submit(work, *arguments).result()

        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        context = browser.new_context(base_url=SITE)
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": SITE}])
        first, second = context.new_page(), context.new_page()
        for tab in (first, second):
            tab.goto("/notifications/")
        second.evaluate(
            "() => { window.shown = 0; document.addEventListener('clarion:change', e => {"
            " requestAnimationFrame(() => setTimeout(() => { window.shown = e.detail.unread; })) }) }"
        )
        product: Product = do(lambda: service.create_product({"name": "Kite"}, person))
        shown = "count => window.shown === count ? Date.now() : 0"
        second.wait_for_function(shown, arg=1, timeout=30_000)
        took = []
        for number in range(events):
            before = time.time()
            do(service.update_product, product, {"name": f"Kite {number}"})
            committed = time.time()
            count = min(number + 2, 100)
            if number + 2 > 100:  # beyond, the badge says 99+: begin again
                break
            at = second.wait_for_function(shown, arg=count, timeout=30_000, polling=5).json_value()
            took.append((at / 1000 - before, at / 1000 - committed))
            time.sleep(0.1)
        browser.close()
    report("publish to second tab", [full for full, _ in took])
    report("commit to second tab", [after for _, after in took])
