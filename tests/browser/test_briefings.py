"""A briefing in a browser: written, translated, frozen, taken along, corrected once."""

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from focal.alerts.nudges import gather_nudges
from focal.briefings.models import Briefing
from focal.indicators.models import Observation
from focal.indicators.services import set_observations
from focal.records.services import take_step
from focal.sharing.viewer import Viewer
from tests.browser.helpers import assert_no_serious_axe, fits_the_screen, screenshot, sign_in
from tests.factories import NOON, MembershipFactory, OrganisationFactory, PersonFactory
from tests.indicators.making import FIGURES, make_series

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("loaded")]


@pytest.fixture
def editor(loaded):
    person = PersonFactory(full_name="Vesna Editor")
    organisation = OrganisationFactory(name="Council of the region", reference="councilaaa2222")
    MembershipFactory(person=person, organisation=organisation, role="editor")
    return person


def test_a_briefing_is_written_translated_frozen_and_follows_its_figure(
    page, phone_page, live_server, editor
):
    viewer = Viewer.from_person(editor, on=NOON.date())
    series = make_series(viewer, observations=[{**row, "area": "world"} for row in FIGURES])
    sign_in(page, live_server.url, editor, Client())

    page.goto(f"{live_server.url}/briefings/")
    page.get_by_role("link", name="New briefing").click()
    page.get_by_label("Title").fill("Where we stand")
    page.get_by_label("Profile of an economy").check()
    expect(page.locator("select[name=topic]")).to_be_hidden()
    page.get_by_label("Note on a topic").check()
    page.locator("select[name=topic]").select_option("prevention")
    page.get_by_label("Marking").select_option("CLEAR")
    assert_no_serious_axe(page)
    screenshot(page, "briefings-new")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("What is known")).to_be_visible()
    expect(page.locator(".block-row").first).to_contain_text("nothing stands under it")
    assert_no_serious_axe(page)
    screenshot(page, "briefings-edit")

    made = Briefing.objects.visible_to(viewer).get(title="Where we stand")
    figure = Observation.objects.filter(series_id=series.pk).order_by("position").first()
    page.goto(
        f"{live_server.url}/briefings/{made.reference}/edit/add/figure/?after={made.blocks[0]['id']}"
    )
    assert_no_serious_axe(page)
    page.locator("select[name=observation]").select_option(figure.reference, force=True)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".block-list")).to_contain_text("Key figure")
    expect(page.locator(".block-row").nth(1)).to_contain_text("875")
    heading = page.locator(".block-row").first
    before = heading.inner_text()
    page.get_by_role("button", name="Move block 1 down").click()
    expect(heading).not_to_have_text(before, use_inner_text=True)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(heading).to_have_text(before, use_inner_text=True)

    page.get_by_label("Texts in").select_option("sq")
    expect(heading).to_contain_text("not in this language yet")
    page.get_by_text("Title and summary").click()
    expect(page.get_by_text("The original: Where we stand")).to_be_visible()
    page.get_by_label("Title", exact=True).fill("Ku jemi")
    assert_no_serious_axe(page)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#show-language")).to_have_value("sq")
    heading.get_by_role("link", name="Change").click()
    expect(page.get_by_role("region", name="The original")).to_contain_text("What it is about")
    page.locator("[name=text]").fill("Çfarë dihet")
    page.get_by_role("button", name="Save").click()
    expect(heading).to_contain_text("Çfarë dihet")
    expect(heading).not_to_contain_text("not in this language yet")
    take_step(
        record=Briefing.objects.visible_to(viewer).get(pk=made.pk),
        step="publish", by=viewer, at=NOON,
    )  # fmt: skip

    page.goto(f"{live_server.url}/briefings/{made.reference}/?language=sq")
    expect(page.get_by_role("heading", name="Çfarë dihet")).to_be_visible()
    expect(page.get_by_role("heading", name="Ku jemi")).to_be_visible()
    page.goto(f"{live_server.url}/briefings/{made.reference}/")
    expect(page.get_by_text("875")).to_be_visible()
    assert_no_serious_axe(page)
    screenshot(page, "briefings-briefing")
    phone_page.goto(page.url)
    assert fits_the_screen(phone_page)
    screenshot(phone_page, "briefings-briefing-phone")

    page.get_by_role("link", name="Issue an edition").click()
    page.locator("input[name=marking][value=CLEAR]").check()
    assert_no_serious_axe(page)
    page.get_by_role("button", name="Approve and issue").click()
    expect(page.get_by_text("Edition 1 is out.")).to_be_visible()
    edition = page.url
    for name, start in (("PDF", b"%PDF-"), ("PDF, leaflet", b"%PDF-"), ("Word", b"PK")):
        address = page.get_by_role("link", name=name, exact=True).get_attribute("href")
        assert page.request.get(f"{live_server.url}{address}").body().startswith(start)
    assert_no_serious_axe(page)
    screenshot(page, "briefings-edition")

    set_observations(
        series=series,
        observations=[
            {**FIGURES[0], "area": "world", "value": 900, "reference": figure.reference},
            {**FIGURES[1], "area": "world"},
        ],
        by=viewer,
        at=NOON,
    )
    page.goto(f"{live_server.url}/briefings/{made.reference}/")
    page.get_by_role("link", name="Look at them").click()
    expect(page.get_by_text("superseded figure", exact=True)).to_be_visible()
    gather_nudges(timezone.now())
    page.goto(f"{live_server.url}/alerts/")
    expect(page.get_by_role("link", name="A figure that your briefing quotes")).to_be_visible()
    page.get_by_role("button", name="Take the new figure").click()
    expect(page.get_by_text("superseded figure", exact=True)).to_have_count(0)
    expect(page.locator("ins")).to_have_text("more than 900 people")
    page.goto(f"{live_server.url}/briefings/{made.reference}/")
    expect(page.locator(".stat .value")).to_contain_text("900")
    page.get_by_text("What changed since edition 1").click()
    expect(page.locator("del")).to_have_text("more than 875 people")
    page.goto(edition)
    expect(page.locator(".stat .value")).to_contain_text("875")

    secret = make_series(viewer, key="inside", title="Inside", marking="GREEN",
                         observations=[{**FIGURES[0], "area": "world"}])  # fmt: skip
    page.goto(f"{live_server.url}/briefings/{made.reference}/edit/add/chart/")
    page.locator("select[name=record]").select_option(secret.reference, force=True)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".error-summary")).to_contain_text("is marked TLP:GREEN")
    assert_no_serious_axe(page)
    screenshot(page, "briefings-forced")
