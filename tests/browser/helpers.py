"""What every walk through the pages does: look with axe, and take a picture."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
SERIOUS = {"serious", "critical"}


def find_axe_faults(page: Page, *rules: str) -> list[str]:
    """What axe finds on a page and calls serious or critical, a line for each.

    With `rules` only those are looked at: other colours need `color-contrast` alone.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    options: dict[str, object] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = list(rules)
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{fault['id']} ({fault['impact']}): {node['target']} {node['failureSummary']}"
        for fault in found["violations"]
        if fault["impact"] in SERIOUS
        for node in fault["nodes"]
    ]


def assert_no_serious_axe(page: Page) -> None:
    """The page has no serious or critical fault of accessibility."""
    page.wait_for_load_state("networkidle")
    assert find_axe_faults(page) == []


def fits_the_screen(page: Page) -> bool:
    """Whether nothing sticks out to the right: a page never scrolls sideways."""
    wide, room = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    return wide <= room


def screenshot(page: Page, name: str) -> None:
    """A picture of the whole page in FOCAL_SCREENSHOTS, where that is set."""
    folder = os.environ.get("FOCAL_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def sign_in(page: Page, address: str, person: object, client: object) -> None:
    """Give the browser the session of a person (password sign-in has its own test)."""
    from django.conf import settings

    client.force_login(person)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
