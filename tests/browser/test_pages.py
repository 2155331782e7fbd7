"""Pages of the roof in a browser: for everybody, light and dark, at a desk and on a telephone."""

import re

import pytest

from focal.directory.models import Format, FormatMember
from tests.browser.conftest import DESK
from tests.browser.helpers import (
    assert_no_serious_axe,
    find_axe_faults,
    fits_the_screen,
    screenshot,
)
from tests.factories import make_record

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("loaded")]

PAGES = {
    "home": "/",
    "about": "/about",
    "economies": "/economies/",
    "economy": "/economies/XK/",
    "topics": "/topics/",
    "topic": "/topics/prevention/",
    "formats": "/formats/",
    "format": "/formats/nfp/",
    "accessibility": "/accessibility",
    "privacy": "/privacy",
    "not-found": "/nothing-here",
    "sign-in": "/accounts/login/",
    "forgotten-password": "/accounts/password/reset/",
}


@pytest.fixture
def content(loaded):
    """A little of everything that these pages show."""
    make_record(
        title="Referral mechanisms in six towns",
        summary="What was tried, with whom, and what the evaluation found.",
        economies=["XK", "MK"],
        topics=["prevention"],
    )
    make_record(title="Водич за наставници", language="mk", economies=["XK"], topics=["prevention"])
    body = Format.objects.create(
        slug="nfp", name="Group of National Focal Points", description="They meet twice a year."
    )
    FormatMember.objects.create(format=body, economy_id="XK")


@pytest.mark.parametrize("look", ["desktop", "dark", "phone"])
def test_pages_have_no_serious_fault_and_fit_the_screen(content, request, look):
    page = request.getfixturevalue(f"{look}_page" if look != "desktop" else "page")
    faults = {}

    for name, address in PAGES.items():
        page.goto(address)
        page.wait_for_load_state("networkidle")
        found = find_axe_faults(page)
        found += [] if page.locator("h1").count() == 1 else ["not one heading of the first rank"]
        found += [] if fits_the_screen(page) else ["sticks out to the right"]
        faults |= {name: found} if found else {}
        screenshot(page, f"{name}-{look}")

    assert faults == {}
    assert page.locator("html").get_attribute("data-bs-theme") == (
        "dark" if look == "dark" else "light"
    )


def test_paper_keeps_the_marking_and_leaves_out_navigation(content, page):
    page.goto("/economies/XK/")
    page.emulate_media(media="print")

    assert page.locator(".marking").first.is_visible()
    assert page.get_by_text("UNSCR 1244/1999").is_visible()
    assert not page.locator(".site-nav").is_visible()
    assert not page.locator(".search-box").first.is_visible()
    screenshot(page, "economy-print")


def test_colours_are_dark_for_those_who_ask_even_without_scripts(content, make_page):
    page = make_page(color_scheme="dark", java_script_enabled=False)

    page.goto("/")

    paper = page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")
    assert paper == "rgb(15, 23, 23)"


def test_head_of_a_phone_is_one_row_and_leads_everywhere(content, phone_page):
    page = phone_page
    page.goto("/about")
    assert page.locator(".site-head").evaluate("e => e.offsetHeight") < 64

    page.locator("summary", has_text="Menu").tap()
    assert_no_serious_axe(page)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Library").tap()
    page.wait_for_url("**/library/")
    page.locator(".site-head summary", has_text="Search").tap()
    page.locator("#phone-search:focus").fill("рехабилитација")
    screenshot(page, "phone-search")
    page.keyboard.press("Enter")

    page.wait_for_url("**/search?q=*")


def test_chosen_colours_stay(content, page):
    page.goto("/")
    root, button = page.locator("html"), page.locator("[data-theme-toggle]:visible")
    assert root.get_attribute("data-bs-theme") == "light"

    button.click()  # light
    button.click()  # dark
    page.goto("/about")

    assert root.get_attribute("data-bs-theme") == "dark"


def test_page_can_be_walked_without_scripts(content, make_page):
    page = make_page(java_script_enabled=False)
    page.goto("/")

    page.locator("summary").get_by_text("English").click()
    page.get_by_role("button", name="Македонски").click()
    page.get_by_role("link", name="Косово*").first.click()

    assert page.url.endswith("/economies/XK/")
    assert page.locator("html").get_attribute("lang") == "mk"
    page.locator("#head-search").fill("рехабилитација")
    page.locator("#head-search").press("Enter")
    assert "/search?q=" in page.url


def test_keyboard_reaches_the_content_first(content, page):
    page.goto("/about")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_menu_closes_with_escape_and_gives_the_focus_back(content, page):
    page.goto("/about")
    menu = page.locator("details.menu:visible").first
    menu.locator("summary").click()
    assert menu.get_attribute("open") is not None

    page.keyboard.press("Escape")

    assert menu.get_attribute("open") is None
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_failed_sign_in_is_told_at_the_top_and_leads_to_the_field(content, page):
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in", exact=True).click()

    summary = page.get_by_role("alert")
    assert summary.evaluate("e => e === document.activeElement")
    summary.get_by_role("link").first.click()

    assert page.evaluate("document.activeElement.name") == "login"
    assert page.locator("#id_login").get_attribute("aria-invalid") == "true"
    assert_no_serious_axe(page)


def test_suggestions_can_be_chosen_with_the_keyboard(content, page):
    answer = [
        {"label": "rehabilitim", "kind": "Topic", "url": "/topics/"},
        {"label": "riintegrim", "kind": "Topic", "url": "/topics/prevention/"},
    ]
    page.route(re.compile(r"/search/suggest"), lambda route: route.fulfill(json=answer))
    page.goto("/about")
    box = page.locator("#head-search")

    box.press_sequentially("reha")
    page.get_by_role("option").first.wait_for()
    assert_no_serious_axe(page)
    box.press("ArrowDown")
    box.press("ArrowDown")
    chosen = page.locator('[role="option"][aria-selected="true"]')
    assert chosen.inner_text().split("\n")[0] == "riintegrim"
    box.press("Enter")

    page.wait_for_url("**/topics/prevention/")


def test_nothing_moves_for_readers_who_want_no_motion(make_page, content):
    page = make_page(**DESK, reduced_motion="reduce")
    page.goto("/economies/XK/")

    moving = page.evaluate(
        """() => {
            getComputedStyle(document.body).color;
            document.documentElement.dataset.bsTheme = "dark";
            getComputedStyle(document.body).color;
            return document.getAnimations().length;
        }"""
    )

    assert moving == 0
