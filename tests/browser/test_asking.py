"""Nothing that is typed of a question is lost: not with the tab, the form or the session."""

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from focal.inquiries.models import Inquiry
from tests.browser.helpers import assert_no_serious_axe, fits_the_screen, screenshot, sign_in
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory, make_record

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("loaded")]
DESK = {"viewport": {"width": 1280, "height": 900}}
QUESTION = "How did others train mentors for young people?"


@pytest.fixture
def person(transactional_db):
    agency = OrganisationFactory(name="Probation Agency")
    MembershipFactory(person=PersonFactory(full_name="Arta Hoxha"), organisation=agency)
    return MembershipFactory(person=PersonFactory(full_name="Ana Ilievska")).person


@pytest.fixture
def ana(make_page, live_server, person):
    page = make_page(**DESK)
    sign_in(page, live_server.url, person, Client())
    return page


def write_background(page, text):
    page.get_by_role("textbox", name="Background").and_(
        page.locator("[contenteditable=true]")
    ).click()
    page.keyboard.type(text)


def saved(page):
    expect(page.locator("[data-save-state]")).to_have_attribute("data-state", "saved")


def test_nothing_that_is_typed_of_a_question_is_lost(ana, person, live_server):
    # A tab that is closed: the question stands in the form again, its background too.
    ana.goto("/inquiries/ask/")
    ana.get_by_label("Your question").fill(QUESTION)
    write_background(ana, "We plan a course.")
    saved(ana)
    again = ana.context.new_page()
    again.goto("/inquiries/ask/")
    expect(again.get_by_label("Your question")).to_have_value(QUESTION)
    expect(again.locator("[contenteditable=true]")).to_have_text("We plan a course.")
    expect(again.get_by_text("This is what you began.")).to_be_visible()
    screenshot(again, "asking-kept-desktop")
    assert_no_serious_axe(again)

    # Two tabs: the one that was left behind is told, and overwrites nothing.
    again.get_by_label("Your question").fill(f"{QUESTION} And how long?")
    saved(again)
    ana.bring_to_front()
    ana.get_by_label("Your question").fill("Older")
    expect(ana.locator("[data-save-state]")).to_contain_text("in another tab")
    screenshot(ana, "asking-two-tabs-desktop")
    ana.close(run_before_unload=False)

    # A refusal: editor, lists and what was typed are all there.
    again.bring_to_front()
    again.locator("input[name=marking][value=AMBER]").check()
    again.get_by_role("button", name="Ask", exact=True).last.click()
    expect(again.get_by_text("Say whom you ask")).to_be_visible()
    expect(again.locator("[contenteditable=true]")).to_have_text("We plan a course.")
    again.get_by_role("combobox", name="Organisations").fill("Probation")
    again.get_by_role("option", name="Probation Agency").click()
    again.keyboard.press("Escape")
    expect(again.locator(".seen-by")).to_contain_text("2 people in 2 organisations")
    again.get_by_role("button", name="Ask", exact=True).last.click()
    again.get_by_label("Yes, they are the ones I mean").check()
    screenshot(again, "asking-refused-desktop")
    again.set_viewport_size({"width": 390, "height": 844})
    assert fits_the_screen(again)
    screenshot(again, "asking-refused-phone")
    again.set_viewport_size(DESK["viewport"])

    # The session ends while typing: it is said at once, and what is sent is handed back.
    again.context.clear_cookies(name="focal_session")
    again.get_by_label("Your question").fill(f"{QUESTION} And what did it cost?")
    expect(again.locator("[data-save-state]")).to_contain_text("signed out")
    again.get_by_role("button", name="Ask", exact=True).last.click()
    expect(again.get_by_role("heading", name="You have been signed out")).to_be_visible()
    again.context.clear_cookies()
    sign_in(again, live_server.url, person, Client())
    other = again.context.new_page()
    other.goto("/desk/")  # sets a token of the new session
    again.bring_to_front()
    again.get_by_role("button", name="Send again").click()
    expect(again.get_by_role("heading", level=1)).to_contain_text("And what did it cost?")
    assert Inquiry.objects.for_system("to see what was asked").count() == 1


BRING_A_PART = """() => {
  const part = document.createElement("div");
  const address = document.querySelector("[data-rich-text]").dataset.richText;
  part.innerHTML = `<label for="late">Late</label><textarea id="late">Typed.</textarea>
    <p data-only-with-scripts hidden>For scripts</p>`;
  part.querySelector("textarea").dataset.richText = address;
  document.querySelector("main").append(part);
  part.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: part } }));
}"""


def test_scripts_begin_anew_on_what_comes_later(ana, person):
    ana.goto("/inquiries/ask/")
    ana.evaluate(BRING_A_PART)
    late = ana.get_by_role("textbox", name="Late").and_(ana.locator("[contenteditable=true]"))
    expect(late).to_have_text("Typed.")
    expect(ana.get_by_text("For scripts")).to_be_visible()

    # What htmx brings back after a refusal: the list of names to mention works like new.
    record = make_record(
        organisation=person.memberships.get().organisation,
        marking="GREEN",
        title="Training mentors",
        at=timezone.now(),
    )
    ana.goto(f"/threads/of/{record.reference}/")
    ana.get_by_text("Say something").click()
    ana.get_by_role("button", name="Send").click()
    expect(ana.get_by_text("Write something first.").first).to_be_visible()
    ana.get_by_role("textbox", name="Your message").fill("We did this too.")
    ana.get_by_role("combobox", name="Mention").fill("Arta")
    ana.get_by_role("option", name="Arta Hoxha").click()
    ana.get_by_role("button", name="Send").click()
    expect(ana.get_by_text("Told: Arta Hoxha")).to_be_visible()
