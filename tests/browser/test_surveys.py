"""A survey in a browser: answers in, tables out, small cells protected."""

import json

import pytest
from django.test import Client
from playwright.sync_api import expect

from focal.records.services import take_step
from focal.sharing.viewer import Viewer
from focal.surveys.models import Survey
from tests.browser.helpers import assert_no_serious_axe, fits_the_screen, screenshot, sign_in
from tests.factories import NOON, MembershipFactory, OrganisationFactory, PersonFactory
from tests.surveys.making import DESIGN, change, make_rows, write_csv

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("loaded")]


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def editor(loaded):
    person = PersonFactory(full_name="Vesna Editor")
    organisation = OrganisationFactory(name="Survey institute", reference="surveyaaaa2222")
    MembershipFactory(person=person, organisation=organisation, role="editor")
    return person


def test_microdata_come_in_and_tables_go_out(page, phone_page, live_server, editor, tmp_path):
    answers = write_csv(tmp_path / "answers.csv", make_rows())
    design = tmp_path / "design.json"
    sign_in(page, live_server.url, editor, Client())

    page.goto(f"{live_server.url}/surveys/")
    expect(page.get_by_text("No surveys yet")).to_be_visible()
    page.get_by_role("link", name="Bring a survey").click()
    design.write_text(json.dumps(change(weight="wieght")))
    page.get_by_label("Answers").set_input_files(answers)
    page.get_by_label("Design").set_input_files(design)
    page.get_by_role("button", name="Bring it in").click()
    expect(page.get_by_text("There is no column 'wieght' in the file.")).to_be_visible()
    assert_no_serious_axe(page)
    screenshot(page, "surveys-refused")

    design.write_text(json.dumps(DESIGN))
    page.get_by_label("Answers").set_input_files(answers)
    page.get_by_label("Design").set_input_files(design)
    page.get_by_role("button", name="Bring it in").click()
    expect(page.get_by_text("400 interviews came in.")).to_be_visible()
    viewer = Viewer.from_person(editor, on=NOON.date())
    survey = Survey.objects.visible_to(viewer).get()
    take_step(record=survey, step="publish", by=viewer, at=NOON)
    page.reload()
    assert_no_serious_axe(page)
    screenshot(page, "surveys-survey")

    page.get_by_role("link", name="How satisfied are you with security?").click()
    # The page answers to the click by itself, so that the box may be gone when it is looked at.
    page.locator("input[name=by][value=economy]").click()
    # The first estimate loads the library, which takes long on a busy machine.
    heading = page.get_by_role("heading", name="Answers by Economy")
    expect(heading).to_be_visible(timeout=60_000)
    page.locator(".chart-drawing").first.hover()
    expect(page.locator(".chart-live svg").first).to_be_visible(timeout=20_000)
    page.get_by_text("The figures as a table").click()
    row = page.get_by_role("row", name="Kosovo*")
    expect(row.get_by_role("cell").nth(2)).to_have_text("·")
    assert_no_serious_axe(page)
    screenshot(page, "surveys-question")

    sign_in(phone_page, live_server.url, editor, Client())
    phone_page.goto(page.url)
    expect(phone_page.get_by_role("heading", name="Answers by Economy")).to_be_visible()
    assert fits_the_screen(phone_page)
    screenshot(phone_page, "surveys-question-phone")

    page.get_by_role("button", name="Keep these estimates as figures").click()
    expect(page.get_by_text("Kept as a draft: publish it when it is ready.")).to_be_visible()
    expect(page.locator("table.observations")).to_contain_text("A barometer, 2024")
    assert_no_serious_axe(page)
    screenshot(page, "surveys-kept")
