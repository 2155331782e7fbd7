"""Figures and charts in a browser: typed, pasted, corrected, drawn, shown elsewhere."""

import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from focal.indicators.models import Chart, Observation
from tests.browser.helpers import (
    find_axe_faults,
    fits_the_screen,
    screenshot,
    sign_in,
)
from tests.factories import NOON, MembershipFactory, OrganisationFactory, PersonFactory
from tests.indicators.making import make_series

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("loaded")]
DESK = {"viewport": {"width": 1280, "height": 900}}
CODES = ("AL", "BA", "XK", "ME", "MK", "RS")
SURVEY = {"source_title": "A survey", "edition": "yearly"}


@pytest.fixture
def ana(make_page, live_server, loaded):
    """An editor, with a browser."""
    organisation = OrganisationFactory(name="Office of figures", reference="officeoffigure")
    person = PersonFactory(full_name="Ana")
    MembershipFactory(person=person, organisation=organisation, role="editor")
    page = make_page(**DESK)
    sign_in(page, live_server.url, person, Client())
    page.person = person
    return page


def assert_no_serious_axe(page):
    page.wait_for_load_state("networkidle")
    assert find_axe_faults(page) == []


def viewer_of(page):
    from focal.sharing.viewer import Viewer

    return Viewer.from_person(page.person, on=NOON.date())


def make_shares(page):
    observations = [
        {"area": code, "value": 40 + 7 * place + 3 * (year - 2022), "as_of": str(year), **SURVEY}
        for place, code in enumerate(CODES)
        for year in (2022, 2023, 2024)
    ]
    return make_series(
        viewer_of(page),
        key="feel-safe",
        observations=observations,
        title="People who feel safe",
        unit="%",
        measure="share",
    )


def make_rivals(page):
    rivals = [
        {"area": "BA", "value": 49, "as_of": "2019-12", "source_title": "A news agency"},
        {"area": "BA", "value": 50, "qualifier": "about", "as_of": "2019-03",
         "source_title": "The ministry", "rule": "children counted"},
        {"area": "BA", "value": 100, "qualifier": "more_than", "as_of": "2016",
         "source_title": "An institute"},
        {"area": "XK", "value": 110, "upper": 120, "as_of": "2019", "source_title": "Police"},
        {"area": "ME", "value": 3, "as_of": "2019", "source_title": "Police"},
    ]  # fmt: skip
    return make_series(viewer_of(page), observations=rivals, title="People who came back")


def test_figure_is_corrected_once_and_everything_follows(ana, page):
    series = make_rivals(ana)
    first = Observation.objects.get(value=49)
    ana.goto(f"/figures/{series.reference}/edit/")
    assert_no_serious_axe(ana)
    screenshot(ana, "figures-grid")
    expect(ana.get_by_label("Value, 5")).to_have_value("3")

    ana.get_by_label("Value, 1").fill("52")
    ana.get_by_label("What did you change?").fill("The agency corrected it")
    ana.get_by_role("button", name="Save, readers see it at once").click()
    page.goto(f"/figures/{series.reference}/")

    expect(page.locator("table.observations")).to_contain_text("52 people")
    expect(page.locator(".chart-wide svg")).to_contain_text("52")
    expect(page.locator("table.observations")).to_contain_text("fewer than 5 people")
    expect(page.get_by_role("heading", name="Why they differ")).to_be_visible()
    assert_no_serious_axe(page)
    screenshot(page, "figures-series")
    first.refresh_from_db()
    assert first.superseded_by.value == 52
    ana.goto(f"/figures/{series.reference}/history/")
    expect(ana.locator("main")).to_contain_text("49 became 52")
    screenshot(ana, "figures-history")
    ana.get_by_role("button", name="Let version 1 stand again").click()
    expect(ana.locator("main")).to_contain_text("The earlier figures stand again.")
    assert Observation.objects.standing().filter(value=49).count() == 1


def test_cells_are_pasted_from_a_spreadsheet_and_mistakes_stand_beside_them(ana):
    series = make_series(viewer_of(ana), observations=[], title="Trained teachers")
    ana.goto(f"/figures/{series.reference}/edit/")
    ana.get_by_label("Where, 1").focus()
    lines = ["Albania\t\t1.200,5", "Turkey\tabout\tmany", "Kosovo*\t\t300"]
    ana.evaluate(
        """(text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          document.activeElement.dispatchEvent(
            new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        "\n".join(lines),
    )
    expect(ana.locator("[data-grid-status]")).to_contain_text("9 cells pasted")
    for row in (1, 2, 3):
        ana.get_by_label(f"Source, {row}", exact=True).fill("The ministry")
    ana.get_by_role("button", name="Save, readers see it at once").click()

    expect(ana.locator(".error-summary")).to_contain_text("cannot be used")
    expect(ana.locator(".cell-error").first).to_contain_text("is not a number")
    assert_no_serious_axe(ana)
    screenshot(ana, "figures-grid-errors")
    assert not Observation.objects.exists()


def test_chart_is_made_without_code_and_shown_elsewhere(ana, page, phone_page, dark_page):
    series = make_shares(ana)
    ana.goto(f"/figures/{series.reference}/")
    ana.get_by_role("link", name="Make a chart of them").click()
    expect(ana.locator("#chart-preview svg").first).to_be_attached()
    ana.get_by_label("Map of the region").check()
    expect(ana.locator("#chart-preview .chart-summary")).to_contain_text("Highest")
    ana.get_by_label("Bars: one value beside another").check()
    ana.get_by_label("Title", exact=True).fill("Most people feel safe")
    expect(ana.locator("#chart-preview .chart-title")).to_have_text("Most people feel safe")
    assert_no_serious_axe(ana)
    screenshot(ana, "chart-maker")
    ana.locator("input[name=marking][value=CLEAR]").check()
    ana.get_by_role("button", name="Save as a draft").click()
    expect(ana.locator("main h1")).to_have_text("Most people feel safe")
    from focal.records.services import take_step

    chart = Chart._base_manager.get()
    take_step(record=chart, step="publish", by=viewer_of(ana), at=NOON)

    page.goto(chart.get_absolute_url())
    assert_no_serious_axe(page)
    page.locator(".chart-drawing").hover()
    expect(page.locator(".chart-live svg")).to_be_visible(timeout=20_000)
    screenshot(page, "chart-page")
    page.get_by_text("The figures as a table").click()
    expect(page.locator(".chart-table table")).to_contain_text("Albania")
    for other, name in ((phone_page, "chart-page-phone"), (dark_page, "chart-page-dark")):
        other.goto(chart.get_absolute_url())
        assert fits_the_screen(other)
        assert_no_serious_axe(other)
        screenshot(other, name)
    page.goto(f"{chart.get_absolute_url()}embed/")
    assert_no_serious_axe(page)
    screenshot(page, "chart-embed")


def test_pages_of_figures_fit_every_screen(ana, page, phone_page, dark_page):
    shares, rivals = make_shares(ana), make_rivals(ana)
    for name, address in (
        ("figures-list", "/figures/"),
        ("figures-lines", f"/figures/{shares.reference}/"),
        ("figures-rivals", f"/figures/{rivals.reference}/"),
    ):
        for other, suffix in ((page, ""), (phone_page, "-phone"), (dark_page, "-dark")):
            other.goto(address)
            assert fits_the_screen(other), name + suffix
            assert_no_serious_axe(other)
            screenshot(other, name + suffix)
    expect(page.locator(".chart-drawing")).to_have_attribute("data-chart", re.compile("json"))
