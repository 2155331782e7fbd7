"""From a gap to the record and to whom to turn; an overlap introduced; stale becomes unknown."""

import re
from datetime import date

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from focal.mapping.example.services import add_example
from focal.mapping.models import Need
from focal.mapping.overlaps.services import rebuild
from focal.outbox.services import deliver_all
from focal.search.meaning.embedder import set_embedder
from focal.sharing.viewer import ANONYMOUS
from tests.browser.helpers import assert_no_serious_axe, fits_the_screen, screenshot, sign_in
from tests.factories import PersonFactory
from tests.fakes import FakeEmbedder
from tests.mapping.coverage.test_pages import make
from tests.mapping.overlaps.test_overlaps import make as make_initiative
from tests.mapping.overlaps.test_overlaps import make_owner

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("loaded")]
PAGES = {
    "coverage": "/mapping/coverage/",
    "coverage-picture": "/mapping/coverage/picture/",
    "coverage-map": "/mapping/coverage/map/",
    "coverage-timeline": "/mapping/coverage/timeline/",
    "overlaps": "/mapping/overlaps/",
    "donors": "/mapping/donors/",
    "economy": "/mapping/economies/AL/",
    "cycle": "/mapping/cycles/",
}


@pytest.fixture
def example(loaded, settings, tmp_path):
    """The example data of the mapping, with what is derived from it."""
    settings.INDEX_FOLDER = tmp_path / "index"
    settings.CHART_FOLDER = tmp_path / "charts"
    set_embedder(FakeEmbedder())
    add_example(at=timezone.now())
    deliver_all("coverage", "meaning", "embeddings")
    rebuild()


@pytest.mark.parametrize("name", PAGES)
def test_page_can_be_read_by_everybody_on_every_screen(example, page, phone_page, name):
    for screen, kind in ((page, "desk"), (phone_page, "phone")):
        screen.goto(PAGES[name])
        assert_no_serious_axe(screen)
        assert fits_the_screen(screen)
        screenshot(screen, f"{name}-{kind}")


def test_pages_can_be_read_in_the_dark(example, dark_page):
    for name in ("coverage", "coverage-map", "overlaps"):
        dark_page.goto(PAGES[name])
        assert_no_serious_axe(dark_page)
        screenshot(dark_page, f"{name}-dark")


def test_visitor_goes_from_a_gap_to_the_need_and_those_behind_it(example, page):
    page.goto("/mapping/coverage/")
    page.locator("td.is-gap a").first.click()

    expect(page.locator(".coverage-answer .word")).to_contain_text("Gap")
    expect(page.locator(".coverage-contacts li").first).to_be_visible()
    assert_no_serious_axe(page)
    screenshot(page, "coverage-cell-desk")
    page.locator("section[aria-labelledby=behind-need] .title a").first.click()
    expect(page).to_have_url(re.compile(r"/mapping/[0-9a-z]{14}/$"))


def test_economy_of_the_house_leads_to_its_mappings_its_gap_and_those_behind_it(
    example, page, phone_page
):
    page.goto("/economies/XK/")
    screenshot(page, "web-economy-desk")
    page.get_by_role("link", name=re.compile("All of it")).click()
    expect(page.locator("#group-need")).to_be_visible()
    page.locator(".openings a").first.click()
    expect(page.locator(".coverage-contacts li").first).to_be_visible()

    phone_page.goto("/mapping/coverage/?economy=XK")
    expect(phone_page.locator("thead th")).to_have_count(2)
    assert fits_the_screen(phone_page)
    assert_no_serious_axe(phone_page)
    screenshot(phone_page, "coverage-one-economy-phone")


def test_donor_page_shows_gaps_within_its_themes(example, page, phone_page):
    page.goto("/mapping/donors/")
    page.locator(".donors a").first.click()
    expect(page.locator("#beside")).to_be_visible()
    assert_no_serious_axe(page)
    screenshot(page, "donor-desk")
    phone_page.goto(page.url)
    assert fits_the_screen(phone_page)
    screenshot(phone_page, "donor-phone")


def test_overlap_is_introduced_with_one_click(
    loaded, page, live_server, client, settings, tmp_path
):
    settings.INDEX_FOLDER = tmp_path / "index"
    set_embedder(FakeEmbedder())
    owners = make_owner("Ministry"), make_owner("Agency")
    make_initiative(owners[0], "Teachers and early signs")
    make_initiative(owners[1], "Early signs for teachers", start_date="2025-06-01")
    deliver_all("overlaps")
    sign_in(page, live_server.url, owners[0][1], client)
    page.goto("/mapping/overlaps/")

    page.get_by_role("button", name="Introduce them").click()

    expect(page).to_have_url(re.compile(r"/threads/[0-9a-z]{14}/$"))
    expect(page.locator("main")).to_contain_text("Early signs for teachers")


def test_stale_need_is_unknown_until_it_is_confirmed(loaded, page):
    from tests.factories import OrganisationFactory, make_viewer

    editor = make_viewer(PersonFactory(), organisation=OrganisationFactory(name="A ministry"))
    need = make(editor, "need", "Mentors", confirmed=date(2020, 1, 1))
    deliver_all("coverage")
    address = "/mapping/coverage/?by=topic&economy=AL&within=prison"
    page.goto(address)
    expect(page.locator("tbody td").first).to_have_class("is-unknown")

    from focal.mapping.services import confirm_mapped

    confirm_mapped(record=need, by=editor, at=timezone.now())
    deliver_all("coverage")
    page.goto(address)

    expect(page.locator("tbody td").first).to_have_class("is-gap")
    assert Need.objects.visible_to(ANONYMOUS).count() == 1
