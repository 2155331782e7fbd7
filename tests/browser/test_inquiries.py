"""An inquiry from the first keystroke to a published practice, by three people signed in."""

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from focal.records.models import Practice
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer
from focal.vocabulary.models import Economy
from tests.browser.helpers import (
    assert_no_serious_axe,
    fits_the_screen,
    screenshot,
    sign_in,
)
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory, make_record

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("loaded")]
DESK = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@pytest.fixture
def enter(make_page, live_server):
    """Makes a member of an organisation of their own, and a browser in which they are signed in."""

    def make(name, organisation, economy, **options):
        place = Economy.objects.get(code=economy)
        body = OrganisationFactory(name=organisation, economy=place)
        person = PersonFactory(full_name=name)
        MembershipFactory(person=person, organisation=body)
        page = make_page(**(options or DESK))
        sign_in(page, live_server.url, person, Client())
        page.person, page.organisation = person, body
        page.viewer = Viewer.from_person(person, on=timezone.localdate())
        return page

    return make


def look(page, name):
    """Axe, and a picture at the desk and on a telephone."""
    page.evaluate("document.activeElement?.blur()")
    assert_no_serious_axe(page)
    screenshot(page, f"{name}-desktop")
    page.set_viewport_size({"width": 390, "height": 844})
    assert fits_the_screen(page)
    screenshot(page, f"{name}-phone")
    page.set_viewport_size(DESK["viewport"])


def write(page, label, text):
    """Type into the rich text with that label."""
    editor = page.locator("[contenteditable=true]")
    page.get_by_role("textbox", name=label).and_(editor).click()
    page.keyboard.type(text)


def saved(page):
    """Where the page says that what was typed is kept."""
    return page.locator("[data-save-state][data-state='saved']").first


def test_inquiry_from_first_keystroke_to_published_practice(enter, in_step):
    ana = enter("Ana Hoxha", "Ministry of Interior", "AL")
    hana = enter("Hana Stojanova", "Prison Academy", "MK")
    boris = enter("Boris Jovanović", "Institute for Security", "RS")
    make_record(
        kind="practice",
        by=hana.viewer,
        organisation=hana.organisation,
        marking=Marking.GREEN,
        title="Training prison staff to notice radicalisation",
        summary="A course of five days for prison staff, held twice a year.",
        economies=["MK"],
    )
    in_step()

    # Ana types, sees what is held already and who is likely to know, and asks.
    ana.goto("/inquiries/")
    look(ana, "inquiries-empty")
    ana.get_by_role("link", name="Ask a question").first.click()
    ana.get_by_label("Your question").press_sequentially(
        "How do you train prison staff to notice radicalisation?"
    )
    near = ana.get_by_role("complementary", name="What is known already")
    expect(near.get_by_role("heading", name="Perhaps already answered")).to_be_visible()
    expect(near.get_by_role("link", name="Training prison staff").first).to_be_visible()
    near.get_by_role("button", name="Ask them : Prison Academy").or_(
        near.get_by_role("button", name="Ask them: Prison Academy")
    ).click()
    expect(near.get_by_text("Added to those you ask").first).to_be_visible()
    write(ana, "Background", "We plan a course for 2027 and have no curriculum.")
    ana.get_by_label("What form of answer would help?").fill("A curriculum, a contact.")
    ana.get_by_label("Answers help until").fill("1.1.2030")
    ana.get_by_role("radio", name="TLP:AMBER", exact=False).first.check()
    expect(ana.locator(".seen-by")).to_contain_text("2 people in 2 organisations of 2 economies")
    look(ana, "inquiries-ask")
    ana.get_by_role("button", name="Ask", exact=True).last.click()
    expect(ana.get_by_text("New for your organisation")).to_be_visible()
    ana.get_by_label("Yes, they are the ones I mean").check()
    ana.get_by_role("button", name="Ask", exact=True).last.click()
    expect(ana.get_by_role("heading", level=1)).to_contain_text("How do you train prison staff")
    address = ana.url
    look(ana, "inquiries-asked")
    in_step()

    # Hana is asked, answers, and says whom to ask as well. Boris sees nothing of it yet.
    assert boris.goto(address).status == 404
    hana.goto("/inquiries/?whose=for-me")
    look(hana, "inquiries-list")
    hana.get_by_role("link", name="How do you train prison staff").click()
    write(hana, "Your answer", "We hold a course of five days. The curriculum is attached.")
    expect(saved(hana)).to_be_visible(timeout=20_000)
    hana.goto(address)  # the tab was closed: what was typed is there again, on any device
    expect(hana.get_by_text("This is what you began.")).to_be_visible()
    expect(hana.locator("[contenteditable=true]").first).to_have_text(
        "We hold a course of five days. The curriculum is attached."
    )
    look(hana, "inquiries-answer-kept")
    hana.get_by_text("Files, records, language").click()
    hana.get_by_label("Files").first.set_input_files(
        {"name": "curriculum.txt", "mimeType": "text/plain", "buffer": b"Day one: signs."}
    )
    look(hana, "inquiries-answering")
    hana.get_by_role("button", name="Send the answer").click()
    expect(hana.get_by_text("Your answer stands here now")).to_be_visible()
    expect(hana.get_by_role("link", name="curriculum.txt")).to_be_visible()
    hana.get_by_text("Answer once more").click()
    hana.get_by_role("radio", name="Not us: ask somebody else").check()
    hana.get_by_role("combobox", name="Organisations to ask instead").fill("institute")
    hana.get_by_role("option", name="Institute for Security").click()
    hana.get_by_role("button", name="Send the answer").click()

    # Ana adds Boris with one click; he answers to her alone, then to all.
    ana.goto(address)
    ana.get_by_role("button", name="Ask them").click()
    expect(ana.get_by_text("Institute for Security has been asked.")).to_be_visible()
    boris.goto(address)
    write(boris, "Your answer", "Between us: our course was stopped.")
    boris.get_by_label("To Ana Hoxha alone").check()
    boris.get_by_role("button", name="Send the answer").click()
    expect(boris.get_by_text("For the asker alone")).to_be_visible()
    hana.goto(address)
    expect(hana.get_by_text("our course was stopped")).to_have_count(0)
    boris.goto(address)
    boris.get_by_text("Answer once more").click()
    write(boris, "Your answer", "We evaluated two courses in 2024.")
    boris.get_by_role("button", name="Send the answer").click()
    in_step()

    # Ana closes it with a summary that becomes a practice; the authors agree with one click.
    ana.goto(address)
    look(ana, "inquiries-answered")
    ana.get_by_role("link", name="Close it").click()
    write(ana, "What came of it?", "Courses of five days exist; two were evaluated.")
    ana.get_by_role("radio", name="A practice").check()
    ana.get_by_role("checkbox", name="Boris").first.uncheck()
    look(ana, "inquiries-close")
    ana.get_by_role("button", name="Close it").click()
    expect(ana.get_by_text("0 of 2 authors have agreed")).to_be_visible()
    for page in (hana, boris):
        page.goto(address)
        page.get_by_role("button", name="Yes, name it").click()
        expect(page.get_by_text("your answer will be named").first).to_be_visible()
    ana.goto(address)
    expect(ana.get_by_text("2 of 2 authors have agreed")).to_be_visible()
    look(ana, "inquiries-closed")
    ana.get_by_role("button", name="Make the draft").click()

    # The draft is published; those who answered can read it.
    expect(ana.get_by_text("The draft is yours to go on with")).to_be_visible()
    draft = Practice.objects.visible_to(ana.viewer).get(title__startswith="How do you")
    ana.goto(f"/records/{draft.reference}/step/publish/")
    ana.get_by_role("button", name="Publish").click()
    hana.goto(f"/records/{draft.reference}/")
    expect(hana.get_by_text("Courses of five days exist")).to_be_visible()
    expect(hana.get_by_text("Answer of Prison Academy")).to_be_visible()
    expect(hana.get_by_text("Answer of Institute for Security")).to_be_visible()
    ana.goto("/inquiries/report/?from=2029-01-01&to=2030-12-31")
    look(ana, "inquiries-report")


def test_members_talk_beside_a_record_and_on_their_own(enter, in_step):
    from focal.threads import services

    ana = enter("Ana Hoxha", "Ministry of Interior", "AL")
    hana = enter("Hana Stojanova", "Prison Academy", "MK")
    record = make_record(
        by=hana.viewer,
        organisation=hana.organisation,
        marking=Marking.GREEN,
        title="Training prison staff",
    )
    thread = services.open_thread(
        title="You both plan courses for prison staff",
        audience=[f"org:{ana.organisation.pk}", f"org:{hana.organisation.pk}"],
        by=hana.viewer,
        at=timezone.now(),
    )

    ana.goto(f"/records/{record.reference}/")
    ana.get_by_text("Say something").click()
    ana.get_by_role("textbox", name="Your message").fill("We did this too, in 2023.")
    expect(saved(ana)).to_be_visible(timeout=20_000)
    ana.goto("/desk/")
    ana.get_by_role("link", name="Training prison staff").click()
    expect(ana.get_by_role("textbox", name="Your message")).to_have_value(
        "We did this too, in 2023."
    )
    ana.goto(f"/records/{record.reference}/")
    expect(ana.get_by_role("textbox", name="Your message")).to_have_value(
        "We did this too, in 2023."
    )
    ana.get_by_role("combobox", name="Mention").fill("hana")
    ana.get_by_role("option", name="Hana Stojanova").click()
    look(ana, "threads-of-record")
    ana.get_by_role("button", name="Send").click()
    expect(ana.get_by_text("We did this too, in 2023.")).to_be_visible()
    expect(ana.get_by_text("Told: Hana Stojanova")).to_be_visible()

    ana.goto(f"/threads/{thread.reference}/")
    ana.get_by_role("textbox", name="Your message").fill("Shall we join them?")
    ana.get_by_role("button", name="Send").click()
    expect(ana.get_by_text("Shall we join them?")).to_be_visible()
    look(ana, "threads-thread")
    ana.goto("/threads/")
    look(ana, "threads-list")
