"""A visitor's search in a browser: asked in Albanian, answered by a page in Macedonian."""

import re

import pytest
from playwright.sync_api import expect

from focal.outbox.services import deliver_all
from focal.search import nearness
from focal.search import services as engine
from focal.search.meaning.embedder import set_embedder
from focal.sharing.markings import Marking
from tests.browser.helpers import assert_no_serious_axe, fits_the_screen, screenshot
from tests.factories import OrganisationFactory, PersonFactory, make_record, make_viewer
from tests.records.finding.documents import add_document

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.usefixtures("loaded")]

ABOUT_TEACHERS = (
    "Наставниците често први забележуваат дека некој ученик се повлекува. Им помага кога знаат"
    " кому да му се обратат: психолог, стручна служба или социјален работник."
)
ABOUT_BORDERS = (
    "Граничната полиција разменува податоци со соседните економии. Заедничките патроли"
    " го скратија времето на чекање на преминот."
)
QUESTION = "Si ndihmohen mësuesit kur vërejnë se një nxënës po tërhiqet?"


@pytest.fixture
def library(loaded, settings, tmp_path):
    """Three records, one of them not for visitors, found by words and by meaning."""
    settings.INDEX_FOLDER = tmp_path / "index"
    organisation = OrganisationFactory(name="Institute for schools", reference="instituteschoo")
    editor = make_viewer(PersonFactory(), organisation=organisation)
    study = make_record(
        by=editor, organisation=organisation, title="Рана помош во училиштата", language="mk",
        economies=["MK", "XK"],
        organisations=[organisation.reference],
    )  # fmt: skip
    add_document(study, language="mk", pages=[ABOUT_BORDERS, ABOUT_TEACHERS], title="Извештај")
    make_record(
        kind="news", by=editor, organisation=organisation, title="Patrols at the border",
        summary="Border police met.", economies=["AL"],
    )  # fmt: skip
    make_record(
        by=editor, organisation=organisation, title="Quiet heron", summary=ABOUT_TEACHERS,
        marking=Marking.AMBER,
    )  # fmt: skip
    set_embedder(None)  # the real one: the question and the page share no word
    nearness.load_model()
    deliver_all()
    yield study
    engine.release()


def test_visitor_asks_in_albanian_and_opens_the_macedonian_page(library, page):
    page.goto("/")
    box = page.locator("main input[name=q]")
    box.fill(QUESTION)
    box.press("Enter")

    result = page.locator(".results-list > li").first
    expect(result.get_by_role("heading")).to_have_text("Рана помош во училиштата")
    expect(result).to_contain_text("by meaning, from Macedonian")
    expect(page.locator("body")).not_to_contain_text("heron")
    assert_no_serious_axe(page)
    screenshot(page, "search")

    result.get_by_role("link", name=re.compile("Page 2, in Macedonian")).click()
    expect(page).to_have_url(re.compile(r"/documents/[0-9a-z]{14}/pages/2/\?q="))
    expect(page.locator("body")).to_contain_text("стручна служба")


def test_visitor_narrows_switches_off_and_goes_back(library, page):
    page.goto("/search?q=")
    expect(page.locator(".results-bar .total")).to_have_text("2 results")

    page.locator("#filters").get_by_role("link", name=re.compile("^News")).click()
    expect(page).to_have_url(re.compile(r"kind=news"))
    expect(page.locator(".results-list > li")).to_have_count(1)
    page.go_back()
    expect(page.locator(".results-list > li")).to_have_count(2)

    page.goto("/search?q=" + QUESTION)
    page.locator(".how summary").click()
    page.get_by_role("link", name=re.compile(r"switch off\s*: Meaning")).click()
    expect(page).to_have_url(re.compile(r"meaning=0"))


def test_search_works_without_scripts_and_on_a_telephone(library, make_page):
    page = make_page(
        viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True,
        java_script_enabled=False,
    )  # fmt: skip
    page.goto("/search?q=училиштата")
    expect(page.locator(".results-list > li")).to_have_count(1)

    page.get_by_role("link", name="Рана помош во училиштата").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Рана помош во училиштата")
    page.get_by_role("link", name="Show records like this one").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Similar records")


def test_library_and_record_are_fit_to_be_looked_at(library, page, phone_page, dark_page):
    addresses = {
        "library": "/library/",
        "record": library.get_absolute_url(),
        "figures": "/figures/",
    }
    for visitor, colours in ((page, "desktop"), (phone_page, "phone"), (dark_page, "dark")):
        for name, address in addresses.items():
            visitor.goto(address)
            assert_no_serious_axe(visitor)
            assert fits_the_screen(visitor)
            screenshot(visitor, f"{name}-{colours}")
    page.goto(addresses["record"])
    page.emulate_media(media="print")
    expect(page.locator(".page-head .marking")).to_be_visible()
    screenshot(page, "record-print")


def test_suggestions_lead_to_a_record(library, page):
    page.goto("/search")
    page.locator("#page-search").press_sequentially("рана")
    page.get_by_role("option", name=re.compile("Рана помош во училиштата")).click()

    expect(page).to_have_url(re.compile(library.get_absolute_url()))
