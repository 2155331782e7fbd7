"""A RED record from upload through break-glass refused to access list; and choosing who sees it."""

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from focal.directory.models import FocalPoint, Format, FormatSeat
from focal.records.models import Portion, Record, Release
from focal.sharing.viewer import Viewer
from tests.browser.helpers import assert_no_serious_axe, fits_the_screen, screenshot, sign_in
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory, make_record
from tests.records.documents.files import make_plain_pdf
from tests.records.editing.tools import path

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("loaded")]

DESK = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@pytest.fixture
def organisation(loaded):
    return OrganisationFactory(
        name="Ministry of the Interior", reference="ministryaa2222", economy_id="MK"
    )


@pytest.fixture
def region(organisation):
    """Whom something can be released to."""
    agency = OrganisationFactory(
        name="Probation Agency", reference="probationn2222", economy_id="AL"
    )
    for name in ("Arta Hoxha", "Besnik Leka"):
        MembershipFactory(person=PersonFactory(full_name=name), organisation=agency)
    body = Format.objects.create(slug="nfp", name="Group of National Focal Points")
    for name, economy in (("Ivana Horvat", "HR"), ("Selma Begić", "BA")):
        person = PersonFactory(full_name=name)
        FocalPoint.objects.create(person=person, economy_id=economy)
        FormatSeat.objects.create(person=person, format=body)
    return {"agency": agency, "format": body}


@pytest.fixture
def enter(make_page, live_server, organisation):
    """Makes a person and a browser in which they are signed in."""

    def make(name, place=None, *, role="editor", options=None, **fields):
        person = PersonFactory(full_name=name, **fields)
        if place:
            MembershipFactory(person=person, organisation=place, role=role)
        page = make_page(**(options or DESK))
        sign_in(page, live_server.url, person, Client())
        page.person = person
        page.viewer = Viewer.from_person(person, on=timezone.localdate())
        return page

    return make


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_choosing_shows_live_who_will_see_it(enter, organisation, region, size):
    options = DESK if size == "desktop" else PHONE
    ana = enter("Ana Ilievska", organisation, options=options)
    record = make_record(
        by=ana.viewer, organisation=organisation, marking="GREEN", title="Plan for probation"
    )
    ana.goto(path(record, "sharing"))

    panel = ana.locator(".seen-by")
    expect(panel).to_contain_text("And everybody who becomes a member later.")
    ana.get_by_label("TLP:GREEN").check()
    expect(ana.locator("[data-reason-for=GREEN]")).to_be_visible()
    expect(ana.get_by_role("combobox", name="Formats")).to_be_hidden()

    ana.locator("input[name=marking][value=AMBER]").check()
    expect(panel).to_contain_text("1 person in 1 organisation of 1 economy")
    ana.get_by_role("combobox", name="Formats").fill("National")
    ana.get_by_role("option", name="Group of National Focal Points").click()
    ana.get_by_role("combobox", name="Organisations").fill("Probation")
    ana.get_by_role("option", name="Probation Agency").click()
    ana.keyboard.press("Escape")
    expect(panel).to_contain_text("5 people in 2 organisations of 4 economies")
    expect(panel).to_contain_text("Arta Hoxha, Besnik Leka")
    beside_the_button = ana.locator(".form-bar .audience-said")
    expect(beside_the_button).to_have_text(
        "Who will see it: 5 people in 2 organisations of 4 economies"
    )
    assert fits_the_screen(ana)
    assert_no_serious_axe(ana)
    screenshot(ana, f"sharing-choose-{size}")

    ana.get_by_role("button", name="Change", exact=False).click()
    expect(ana.locator(".confirm-new")).to_contain_text("Probation Agency")
    screenshot(ana, f"sharing-new-audience-{size}")
    ana.get_by_label("Yes, they are the ones I mean").check()
    ana.get_by_role("button", name="Change", exact=False).click()
    expect(ana.locator(".messages")).to_contain_text("It holds from this moment on.")
    assert Release.objects.count() == 2


def test_a_paragraph_is_marked_in_the_editor_and_is_not_there_for_others(enter, page, organisation):
    ana = enter("Ana Ilievska", organisation)
    record = make_record(
        by=ana.viewer,
        organisation=organisation,
        title="What we learned",
        body="<p>For everybody.</p><p>For the few.</p>",
    )
    ana.goto(path(record, "edit"))
    ana.locator("[contenteditable] p").last.click()
    ana.get_by_label("Marking of this paragraph").select_option("AMBER")
    expect(ana.locator("[contenteditable] p[data-marking=AMBER]")).to_have_text("For the few.")
    screenshot(ana, "sharing-portion-editor-desktop")
    assert_no_serious_axe(ana)
    ana.locator(".form-bar button[name=save]").click()
    ana.wait_for_url("**/preview/")
    assert Portion.objects.get().marking == "AMBER"

    ana.goto(path(record))
    expect(ana.locator(".portion")).to_contain_text("TLP:AMBER")
    screenshot(ana, "sharing-portion-owner-desktop")
    assert_no_serious_axe(ana)
    page.goto(path(record))
    expect(page.locator(".record-text")).to_have_text("For everybody.")
    ana.goto(path(record, "as", "CLEAR"))
    expect(ana.locator(".prose")).to_have_text("For everybody.")
    screenshot(ana, "sharing-as-clear-desktop")


def test_red_record_from_upload_through_break_glass_refused_to_access_list(
    enter, organisation, region, tmp_path
):
    ana = enter("Ana Ilievska", organisation)
    reader = enter("Rea Marku", region["agency"])
    adm = enter("Adem Kodra", is_administrator=True)
    office = OrganisationFactory(name="Secretariat", is_secretariat=True)
    sec = enter("Sonja Petrova", office)

    # Upload: a record of its own, RED, with a document, for one named reader.
    ana.goto("/records/new/news/")
    ana.get_by_role("textbox", name="Title").first.fill("What was said in the closed meeting")
    ana.locator("input[name=marking][value=RED]").check()
    ana.get_by_role("combobox", name="People").fill("Rea")
    ana.get_by_role("option", name="Rea Marku").click()
    ana.get_by_role("button", name="Save as a draft").click()
    expect(ana.locator(".confirm-new")).to_contain_text("Rea Marku")
    ana.get_by_label("Yes, they are the ones I mean").check()
    ana.get_by_role("button", name="Save as a draft").click()
    ana.wait_for_url("**/preview/")
    record = Record._base_manager.get()
    ana.goto(path(record, "documents"))
    ana.locator("input[type=file]").first.set_input_files(make_plain_pdf(tmp_path / "report.pdf"))
    ana.get_by_role("button", name="Add", exact=True).click()
    expect(ana.locator(".managed")).to_be_visible()
    ana.goto(path(record, "step", "publish"))
    expect(ana.locator(".seen-by")).to_contain_text("2 people in 2 organisations of 2 economies")
    screenshot(ana, "sharing-publish-desktop")
    ana.get_by_role("button", name="Publish").click()
    expect(ana.locator(".messages")).to_contain_text("It is published.")

    # Break-glass: asked, agreed by a second person, and refused all the same.
    adm.goto("/break-glass/")
    adm.get_by_label("Address or reference of the record").fill(path(record))
    adm.get_by_label("Something may be there that does not belong on the platform").check()
    adm.get_by_label("Why do you have to read it?").fill("A complaint about this record.")
    adm.get_by_role("button", name="Ask", exact=True).click()
    expect(adm.locator(".messages")).to_contain_text("has to agree")
    assert_no_serious_axe(adm)
    sec.goto("/desk/")
    expect(sec.locator(".notices")).to_contain_text("Adem Kodra asks to read a record")
    sec.goto("/break-glass/")
    expect(sec.locator(".sharing-waiting")).not_to_contain_text("A complaint about this record.")
    screenshot(sec, "sharing-glass-desktop")
    assert_no_serious_axe(sec)
    sec.get_by_role("button", name="Agree: let them read it").click()
    expect(sec.locator(".messages")).to_contain_text("Whoever asked is told whether it can be")
    adm.goto("/break-glass/")
    expect(adm.locator(".sharing-waiting")).to_contain_text("Cannot be opened")
    screenshot(adm, "sharing-glass-asker-desktop")
    assert adm.goto(path(record)).status == 404

    # The named reader opens it, and knows that this is seen.
    reader.goto(path(record))
    expect(reader.locator(".who-sees")).to_contain_text("sees that you opened it, and when")
    screenshot(reader, "sharing-red-reader-desktop")
    with reader.expect_download() as download:
        reader.get_by_role("link", name="Download").first.click()
    assert download.value.suggested_filename == "report.pdf"

    # The owner's list: who opened what, and the attempt.
    ana.goto(path(record, "sharing"))
    expect(ana.locator(".readers")).to_contain_text("Rea Marku")
    expect(ana.locator(".readers")).to_contain_text("A document, taken along")
    expect(ana.locator("#glass-head + ul")).to_contain_text("Adem Kodra")
    expect(ana.locator("#glass-head + ul")).to_contain_text("refused, not opened")
    assert_no_serious_axe(ana)
    assert fits_the_screen(ana)
    screenshot(ana, "sharing-access-list-desktop")
    ana.set_viewport_size({"width": 390, "height": 844})
    assert fits_the_screen(ana)
    screenshot(ana, "sharing-access-list-phone")

    # Recalled: gone at once, and the reader is told.
    ana.set_viewport_size({"width": 1280, "height": 900})
    ana.get_by_role("checkbox", name="Rea Marku").check()
    ana.get_by_role("button", name="Recall from those chosen").click()
    expect(ana.get_by_text("which no recall can undo")).to_be_visible()
    screenshot(ana, "sharing-recall-desktop")
    ana.get_by_role("button", name="Recall", exact=True).click()
    assert reader.goto(path(record)).status == 404
    reader.goto("/desk/")
    expect(reader.locator(".notices")).to_contain_text("has recalled")
    screenshot(reader, "sharing-desk-desktop")


def test_reader_asks_owner_answers(enter, organisation, region):
    ana = enter("Ana Ilievska", organisation)
    reader = enter("Rea Marku", region["agency"], options=PHONE)
    record = make_record(
        by=ana.viewer,
        organisation=organisation,
        marking="AMBER",
        releases=(f"org:{region['agency'].pk}",),
        title="Draft strategy",
    )
    reader.goto(path(record))
    reader.get_by_role("link", name="Ask to release it to others").first.click()
    reader.get_by_role("combobox", name="Formats").fill("National")
    reader.get_by_role("option", name="Group of National Focal Points").click()
    reader.get_by_label("Why do they need it?").fill("They comment on it in May.")
    assert fits_the_screen(reader)
    assert_no_serious_axe(reader)
    screenshot(reader, "sharing-ask-phone")
    reader.get_by_role("button", name="Ask", exact=True).click()
    expect(reader.locator(".messages")).to_contain_text("has been asked")

    ana.goto("/desk/requests/")
    screenshot(ana, "sharing-requests-desktop")
    assert_no_serious_axe(ana)
    ana.get_by_role("button", name="Yes, release it").click()
    expect(ana.locator(".messages")).to_contain_text("Released, as they asked.")
    assert f"format:{region['format'].pk}" in set(Release.objects.values_list("token", flat=True))


def test_a_change_of_what_is_published_goes_by_a_reviewer(enter, organisation):
    con = enter("Con Tributor", organisation, role="contributor")
    ana = enter("Ana Ilievska", organisation, options=PHONE)
    record = make_record(by=ana.viewer, organisation=organisation, title="Plan for probation")

    con.goto(path(record, "edit"))
    con.locator("[name=summary]").fill("What it is to cost.")
    con.get_by_role("button", name="Send to review").click()
    expect(con.get_by_text("Sent to review.")).to_be_visible()
    assert_no_serious_axe(con)
    screenshot(con, "change-sent")

    ana.goto("/desk/")
    ana.get_by_role("link", name="Con Tributor has changed").tap()
    expect(ana.get_by_role("heading", name="What would change")).to_be_visible()
    assert_no_serious_axe(ana)
    assert fits_the_screen(ana)
    screenshot(ana, "change-review-phone")
    ana.get_by_role("button", name="Publish").tap()

    expect(ana.get_by_text("It is published.")).to_be_visible()
    con.goto(path(record))
    expect(con.get_by_text("What it is to cost.")).to_be_visible()
