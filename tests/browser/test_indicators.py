"""Figures and charts in a browser: typed, pasted, corrected, drawn, shown elsewhere."""

import re

import pypdfium2
import pytest
from django.test import Client
from playwright.sync_api import expect

from focal.briefings.services import create_briefing
from focal.directory.models import Organisation
from focal.indicators.models import Chart, Observation
from focal.outbox.services import deliver_all
from focal.records.services import take_step
from focal.search import services as engine
from focal.search.meaning.embedder import set_embedder
from tests.browser.helpers import (
    find_axe_faults,
    fits_the_screen,
    screenshot,
    sign_in,
)
from tests.factories import NOON, MembershipFactory, OrganisationFactory, PersonFactory
from tests.fakes import FakeEmbedder
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


@pytest.fixture
def index(settings, tmp_path):
    """An index of this test alone."""
    settings.INDEX_FOLDER = tmp_path / "index"
    settings.CHART_FOLDER = tmp_path / "charts"
    set_embedder(FakeEmbedder())
    yield
    engine.release()


def make_briefing(page, series):
    """A published briefing with the first figure, a sentence about it, and the series' chart."""
    first = Observation.objects.get(series_id=series.pk, position=0)
    viewer = viewer_of(page)
    sentence = f"<p>In all [[figure:{first.reference}]] came back.</p>"
    briefing = create_briefing(
        title="Who came back",
        template="topic",
        language="en",
        owner_organisation=Organisation.objects.get(pk=min(viewer.writes_for)),
        by=viewer,
        at=NOON,
        blocks=[
            {"kind": "figure", "observation": first.reference},
            {"kind": "text", "texts": {"en": {"text": sentence}}},
            {"kind": "chart", "record": series.reference},
        ],
    )
    take_step(record=briefing, step="publish", by=viewer, at=NOON)
    return briefing


def read_pdf(page, address):
    answer = page.request.get(address)
    assert answer.ok
    document = pypdfium2.PdfDocument(answer.body())
    return " ".join(" ".join(sheet.get_textpage().get_text_range().split()) for sheet in document)


def search(page, words):
    """What a visitor's search finds, as text."""
    deliver_all()
    page.goto(f"/search?q={words}")
    return page.locator("main").inner_text()


def test_figure_is_corrected_once_and_everything_follows(ana, page, index):
    """Web page, chart, briefing, PDF, files for programs, search: one correction reaches all."""
    series = make_rivals(ana)
    briefing = make_briefing(ana, series)
    first = Observation.objects.get(value=49)
    page.goto(f"/figures/{series.reference}/")
    assert "49 people, Bosnia and Herzegovina" in search(page, "49")
    assert "49 people" in read_pdf(page, f"/briefings/{briefing.reference}/en/pdf")

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

    found = search(page, "52")
    assert "52 people, Bosnia and Herzegovina" in found
    screenshot(page, "figures-found")
    assert "People who came back" not in search(page, "49")
    for suffix in ("data.csv", "data.sdmx.csv", "data.sdmx.xml", "chart.json"):
        told = page.request.get(f"/figures/{series.reference}/{suffix}").text()
        told = re.sub(r"<mes:Prepared>[^<]*", "", told)  # the time may have a 49 in it
        assert re.search(r"\b52\b", told), suffix
        assert not re.search(r"\b49\b", told), suffix

    page.goto(f"/briefings/{briefing.reference}/")
    expect(page.locator(".chart-wide svg, .briefing svg").first).to_contain_text("52")
    expect(page.locator("main")).to_contain_text("superseded")
    ana.goto(f"/briefings/{briefing.reference}/edit/")
    for _time in range(2):
        ana.get_by_role("button", name="Take the new figure").first.click()
    expect(ana.get_by_role("button", name="Take the new figure")).to_have_count(0)
    page.reload()
    expect(page.locator(".stat .value")).to_contain_text("52")
    told = read_pdf(page, f"/briefings/{briefing.reference}/en/pdf")
    assert "In all 52 people came back." in told
    assert not re.search(r"\b49\b", told)

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
    ana.goto("/figures/charts/")
    ana.get_by_role("link", name="Make a chart").click()
    ana.get_by_role("button", name="Next").click()
    expect(ana.locator(".error-summary")).to_contain_text("Choose at least one series.")
    assert_no_serious_axe(ana)
    ana.get_by_role("combobox", name="Series").fill("feel")
    ana.get_by_role("option", name="People who feel safe").click()
    screenshot(ana, "chart-start")
    ana.get_by_role("button", name="Next").click()
    expect(ana.get_by_label("Lines over time")).to_be_checked()
    expect(ana.get_by_label("Title", exact=True)).to_have_value("People who feel safe")
    expect(ana.get_by_label("Order")).to_be_hidden()
    expect(ana.locator("#chart-preview svg").first).to_be_attached()
    ana.goto(f"/figures/{series.reference}/")
    ana.get_by_role("link", name="Make a chart of them").click()
    ana.get_by_label("Map of the region").check()
    expect(ana.locator("#chart-preview .chart-summary")).to_contain_text("Highest")
    ana.get_by_label("Bars: one value beside another").check()
    ana.get_by_label("Title", exact=True).fill("Most people feel safe")
    expect(ana.locator("#chart-preview .chart-title")).to_have_text("Most people feel safe")
    expect(ana.get_by_label("Order")).to_be_visible()
    assert_no_serious_axe(ana)
    screenshot(ana, "chart-maker")
    ana.locator("input[name=marking][value=CLEAR]").check()
    ana.get_by_role("button", name="Save as a draft").click()
    expect(ana.locator("main h1")).to_have_text("Most people feel safe")
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


def test_file_is_looked_at_first_and_what_is_wrong_stands_beside_it(ana):
    wide = b"Place,2022,Note\nAlbania,12.5,\nKosovo,101,\nTurkey,lots,\n"
    mapping = b'{"columns": {"area": "Place", "value": "2022"}, "series": {"unit": "%"}, "fixed":'
    ana.goto("/figures/")
    ana.get_by_role("link", name="Bring figures").click()
    ana.get_by_label("File with figures").set_input_files(
        {"name": "shares.csv", "mimeType": "text/csv", "buffer": wide}
    )
    ana.get_by_label("Who may see it once it is published?").select_option("GREEN")
    ana.get_by_role("button", name="Bring it in").click()
    field = ana.locator(".field", has=ana.get_by_label("A mapping of your own"))
    expect(field).to_contain_text("It is not clear what the columns mean: Place, 2022, Note.")
    assert_no_serious_axe(ana)
    screenshot(ana, "figures-bring-refused")

    for fixed, said in (
        (b"}", "The mapping shares.json cannot be read"),
        (b' {"source_title": "An office"}}', "Row 4:"),
    ):
        ana.get_by_label("A mapping of your own").set_input_files(
            {"name": "shares.json", "mimeType": "application/json", "buffer": mapping + fixed}
        )
        ana.get_by_role("button", name="Bring it in").click()
        expect(ana.locator("main")).to_contain_text(said)
        expect(ana.locator("main")).to_contain_text("Kept: shares.csv.")
    assert_no_serious_axe(ana)
    screenshot(ana, "figures-bring-looked-at")
    ana.set_viewport_size({"width": 390, "height": 844})
    assert fits_the_screen(ana)
    screenshot(ana, "figures-bring-phone")
