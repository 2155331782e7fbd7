"""Persons are not content, and files come in clean: as an editor meets both."""

import random

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from bench.identities import make_jmbg
from focal.records.models import Attachment
from tests.browser.helpers import (
    assert_no_serious_axe,
    fits_the_screen,
    screenshot,
    sign_in,
)
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory, make_record
from tests.records.documents import files
from tests.records.editing.tools import path, reload

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("loaded")]
NUMBER = make_jmbg(random.Random(11))
DESK = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
TEXT = f"The training in Novi Pazar. Contact: Marko Marković, JMBG {NUMBER}, of the municipality."


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA = tmp_path / "data"


@pytest.fixture
def editor(loaded):
    person = PersonFactory(full_name="Ana Anić")
    organisation = OrganisationFactory(name="Ministry of the Interior", reference="ministryaa2222")
    MembershipFactory(person=person, organisation=organisation, role="editor")
    return person, organisation


@pytest.fixture
def draft(editor):
    from django.utils import timezone

    from focal.sharing.viewer import Viewer

    person, organisation = editor
    return make_record(
        by=Viewer.from_person(person, on=timezone.localdate()),
        organisation=organisation,
        state="draft",
        title="Training for municipal councils",
        summary=TEXT,
    )


@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
def test_a_find_stops_publishing_shows_the_place_and_goes_on_with_a_reason(
    make_page, live_server, editor, draft, device
):
    page = make_page(**device)
    sign_in(page, live_server.url, editor[0], Client())
    name = "phone" if device is PHONE else "desk"
    page.goto(path(draft, "step", "publish"))
    page.get_by_role("button", name="Publish", exact=True).click()

    heading = page.get_by_role("heading", name="1 place that seems to identify a person")
    expect(heading).to_be_visible()
    expect(page.get_by_text("Marko Marković, JMBG •••••••••••")).to_be_visible()
    assert NUMBER not in page.content()
    assert_no_serious_axe(page)
    assert fits_the_screen(page)
    screenshot(page, f"persons-found-{name}")

    page.get_by_role("button", name="Not about persons: go on").click()
    expect(page.get_by_text("Take it out, or say why").first).to_be_visible()
    page.get_by_label("If none of this is about a person: why?").fill("The number of a decree.")
    page.get_by_role("button", name="Not about persons: go on").click()

    expect(page.get_by_text("It is published.")).to_be_visible()
    assert reload(draft).state == "published"


@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
def test_a_pdf_with_a_script_comes_in_clean_and_says_so(
    make_page, live_server, editor, draft, device, tmp_path
):
    page = make_page(**device)
    sign_in(page, live_server.url, editor[0], Client())
    name = "phone" if device is PHONE else "desk"
    source = files.make_pdf(tmp_path / "report.pdf", [[(12, files.ENGLISH[:70])]])
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.Root.OpenAction = pikepdf.Dictionary(
            S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.beep")
        )
        pdf.save(source)

    page.goto(reverse("records:attachments", args=[draft.reference]))
    page.locator("input[type=file]").last.set_input_files(source)
    assert_no_serious_axe(page)
    assert fits_the_screen(page)
    screenshot(page, f"documents-{name}")
    page.get_by_role("button", name="Add", exact=True).click()
    note = page.get_by_text("Removed from the file for safety: programs (scripts).")
    expect(note).to_be_visible(timeout=30_000)
    attachment = Attachment.objects.get()
    page.goto(f"/documents/{attachment.reference}/")

    note = page.get_by_text("Removed from the file for safety: programs (scripts).")
    expect(note).to_be_visible()
    assert_no_serious_axe(page)
    assert fits_the_screen(page)
    screenshot(page, f"document-cleaned-{name}")
