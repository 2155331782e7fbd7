"""Debian's Chromium, driven by Playwright, over a live server.

`page`, `phone_page` and `dark_page` are fresh visitors. At the end each has seen no fault of a
script and nothing that the content security policy had to block. Helpers: `helpers.py`.
"""

from __future__ import annotations

import os
import shutil
from importlib import import_module

import pytest
from django.db import connection

from focal.vocabulary import selectors as vocabulary
from focal.vocabulary.services import load_vocabulary
from tests.factories import NOON

# Playwright's own loop runs in this thread; the tests' rows are made in it all the same.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

DESK = {"viewport": {"width": 1280, "height": 900}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}


def find_chromium() -> str | None:
    """FOCAL_CHROMIUM, or the one of the system."""
    return os.environ.get("FOCAL_CHROMIUM") or shutil.which("chromium")


@pytest.fixture(scope="session")
def chromium():
    """The browser; without one the walks are left out, or fail where they are required."""
    path = find_chromium()
    if path is None:
        message = "No Chromium here: apt-get install chromium, or set FOCAL_CHROMIUM."
        if "browser" in os.environ.get("FOCAL_REQUIRE", ""):
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def make_page(chromium, live_server):
    """Makes visitors: `make_page(**options of a browser context)`."""
    contexts, faults = [], []

    def listen(message):
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    def make(**options):
        context = chromium.new_context(base_url=live_server.url, locale="en-GB", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def page(make_page):
    """A visitor at a desk."""
    return make_page(**DESK)


@pytest.fixture
def phone_page(make_page):
    """A visitor with a telephone."""
    return make_page(**PHONE)


@pytest.fixture
def dark_page(make_page):
    """A visitor whose system asks for dark colours."""
    return make_page(**DESK, color_scheme="dark")


@pytest.fixture(autouse=True)
def _log_can_be_emptied(transactional_db):
    """Such tests end by emptying every table, which the log refuses on SQLite."""
    if connection.vendor != "sqlite":
        yield
        return
    triggers = import_module("focal.audit.migrations.0002_append_only")
    with connection.cursor() as cursor:
        for statement in triggers.SQLITE:
            cursor.execute(statement.replace("CREATE TRIGGER", "CREATE TRIGGER IF NOT EXISTS", 1))
    yield
    with connection.cursor() as cursor:
        for statement in triggers.SQLITE_BACK:
            cursor.execute(statement)


@pytest.fixture
def loaded(transactional_db):
    """The shared lists, as every installation has them."""
    load_vocabulary(NOON)
    vocabulary.reset()
