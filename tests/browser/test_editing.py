"""An editor's day in a browser: write, be interrupted, translate, publish, meet a colleague."""

import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from focal.records.content import read_content
from focal.records.models import Record, Translation, WorkingCopy
from tests.browser.helpers import (
    assert_no_serious_axe,
    find_axe_faults,
    fits_the_screen,
    screenshot,
    sign_in,
)
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory, make_record
from tests.records.editing.tools import path, reload

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("loaded")]

DESK = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@pytest.fixture
def organisation(loaded):
    return OrganisationFactory(name="Ministry of the Interior", reference="ministryaa2222")


@pytest.fixture
def enter(make_page, live_server, organisation):
    """Makes a person of the organisation and a browser in which they are signed in."""

    def make(name, role="editor", **options):
        person = PersonFactory(full_name=name)
        MembershipFactory(person=person, organisation=organisation, role=role)
        page = make_page(**(options or DESK))
        sign_in(page, live_server.url, person, Client())
        page.person = person
        return page

    return make


def make_of(page, organisation, **fields):
    from django.utils import timezone

    from focal.sharing.viewer import Viewer

    viewer = Viewer.from_person(page.person, on=timezone.localdate())
    return make_record(by=viewer, organisation=organisation, **fields)


def wait_until_kept(page):
    expect(page.locator("[data-save-state]")).to_have_attribute("data-state", "saved")


def type_text(page, *lines):
    page.locator("[role=textbox][contenteditable=true]").click()
    for at, line in enumerate(lines):
        if at:
            page.keyboard.press("Enter")
        page.keyboard.type(line)


def test_editor_writes_is_interrupted_goes_on_translates_and_publishes(enter, page):
    ana = enter("Ana")
    ana.goto("/desk/")
    ana.get_by_role("link", name="Write something new").click()
    ana.get_by_role("link", name="News", exact=True).click()

    ana.get_by_role("textbox", name="Title").first.fill("Teachers met in Skopje")
    type_text(ana, "It began in the morning.", "It ended late.")
    ana.get_by_role("button", name="Bulleted list").click()
    ana.get_by_role("combobox", name="Economies").first.fill("koso")
    ana.get_by_role("option", name="Kosovo*").click()
    wait_until_kept(ana)
    screenshot(ana, "editing-new-desktop")
    ana.close(run_before_unload=False)  # the tab is gone, the text is not

    again = ana.context.new_page()
    again.goto("/desk/")
    again.get_by_role("link", name="Teachers met in Skopje").click()
    expect(again.get_by_role("heading", name="You have unsaved changes")).to_be_visible()
    again.get_by_role("link", name="Continue with them").click()
    expect(again.get_by_role("textbox", name="Title").first).to_have_value("Teachers met in Skopje")
    again.get_by_role("button", name="Save as a draft").click()
    expect(again.locator("[data-error-summary]")).to_contain_text("Who may see it")
    again.get_by_label("TLP:CLEAR").check()
    again.get_by_role("button", name="Save as a draft").click()
    again.wait_for_url("**/preview/")
    record = Record._base_manager.get()
    content = read_content(reload(record))
    assert (
        content["body"] == "<p>It began in the morning.</p><ul><li><p>It ended late.</p></li></ul>"
    )
    assert content["economies"] == ["XK"]
    assert not WorkingCopy.objects.exists()
    assert_no_serious_axe(again)

    again.get_by_role("link", name="Translations").click()
    again.get_by_role("link", name="Albanian").click()
    again.get_by_role("textbox", name="Title").fill("Mësuesit u takuan në Shkup")
    type_text(again, "Filloi në mëngjes.")
    screenshot(again, "editing-translate-desktop")
    assert_no_serious_axe(again)
    again.get_by_role("button", name="Save the translation").click()
    again.wait_for_url("**/translations/")
    assert Translation.objects.get().body == "<p>Filloi në mëngjes.</p>"

    again.get_by_role("link", name="Preview and publish").click()
    again.get_by_role("link", name="Publish", exact=True).click()
    again.get_by_role("button", name="Publish").click()
    expect(again.locator(".messages")).to_contain_text("It is published.")

    page.goto(f"/records/{record.reference}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Teachers met in Skopje")


def test_two_editors_at_once_lose_nothing(enter, organisation):
    ana, bojan = enter("Ana"), enter("Bojan")
    record = make_of(ana, organisation, title="A conference in Skopje", summary="Base")
    for page in (ana, bojan):
        page.goto(path(record, "edit"))

    bojan.get_by_role("textbox", name="Title").first.fill("A conference in Ohrid")
    bojan.get_by_role("textbox", name="Summary").fill("Written by Bojan")
    wait_until_kept(bojan)
    ana.reload()
    expect(ana.get_by_text("Bojan is changing this record too")).to_be_visible()
    ana.get_by_role("textbox", name="Title").first.fill("A conference in Bitola")
    ana.get_by_role("button", name="Save", exact=False).last.click()
    ana.wait_for_url("**/preview/")

    bojan.get_by_role("textbox", name="Summary").fill("Written by Bojan, still")
    expect(bojan.locator("[data-newer]")).to_contain_text("Ana saved this record at")
    bojan.locator(".form-bar button[name=save]").click()

    expect(bojan.get_by_text("Ana saved it on")).to_be_visible()
    expect(bojan.locator(".dispute .side ins")).to_contain_text(["Ohrid", "Bitola"])
    screenshot(bojan, "editing-conflict-desktop")
    assert_no_serious_axe(bojan)
    bojan.get_by_label("Theirs").check()
    bojan.get_by_role("button", name="Save it like this").click()
    bojan.wait_for_url("**/preview/")
    saved = reload(record)
    assert (saved.title, saved.summary) == ("A conference in Bitola", "Written by Bojan, still")


def test_a_broken_connection_is_told_and_the_text_is_kept_when_it_is_back(enter, organisation):
    ana = enter("Ana")
    record = make_of(ana, organisation, summary="Base")
    ana.goto(path(record, "edit"))

    ana.context.set_offline(True)
    ana.get_by_role("textbox", name="Summary").fill("Written in a tunnel")
    expect(ana.locator("[data-save-state]")).to_have_attribute("data-state", "failed")
    ana.context.set_offline(False)

    wait_until_kept(ana)
    assert WorkingCopy.objects.get().fields["summary"] == ["Written in a tunnel"]


def test_a_session_that_ended_loses_nothing(enter, organisation, live_server):
    ana = enter("Ana")
    record = make_of(ana, organisation, summary="Base")
    ana.goto(path(record, "edit"))
    ana.context.clear_cookies(name="focal_session")

    ana.get_by_role("textbox", name="Summary").fill("Written signed out")
    expect(ana.locator("[data-save-state]")).to_contain_text("sign in in another tab")
    sign_in(ana, live_server.url, ana.person, Client())

    wait_until_kept(ana)
    ana.locator(".form-bar button[name=save]").click()
    ana.wait_for_url("**/preview/")
    assert reload(record).summary == "Written signed out"


def test_records_are_chosen_by_searching_and_rows_are_put_in_order(enter, organisation):
    ana = enter("Ana")
    for title in ("Guide for teachers", "Guide for parents"):
        make_record(title=title)
    toolkit = make_of(ana, organisation, kind="toolkit", title="For schools")
    ana.goto(path(toolkit, "edit"))

    def choose(text, title):
        ana.get_by_role("combobox", name="Record").last.fill(text)
        ana.get_by_role("option", name=re.compile(title)).click()

    choose("teach", "Guide for teachers")
    ana.get_by_role("button", name="Add a record").click()
    choose("parents", "Guide for parents")
    ana.get_by_role("button", name="Up").last.click()
    screenshot(ana, "editing-toolkit-desktop")
    ana.locator(".form-bar button[name=save]").click()
    ana.wait_for_url("**/preview/")

    titles = dict(Record._base_manager.values_list("reference", "title"))
    items = read_content(reload(toolkit))["items"]
    assert [titles[reference] for reference, _ in items] == [
        "Guide for parents",
        "Guide for teachers",
    ]


def test_links_are_set_with_the_keyboard(enter, organisation):
    ana = enter("Ana")
    record = make_of(ana, organisation, body="<p>Read this</p>")
    ana.goto(path(record, "edit"))
    ana.locator("[role=textbox][contenteditable=true]").click()
    ana.keyboard.press("Control+a")

    ana.get_by_role("button", name="Link", exact=True).click()
    ana.get_by_role("textbox", name="Address of the link").fill("example.org/a")
    ana.keyboard.press("Enter")
    ana.locator(".form-bar button[name=save]").click()
    ana.wait_for_url("**/preview/")

    assert reload(record).body == (
        '<p><a href="https://example.org/a" rel="noopener noreferrer nofollow">Read this</a></p>'
    )


def test_everything_works_without_scripts(enter, organisation):
    ana = enter("Ana", java_script_enabled=False, **DESK)
    ana.goto("/records/new/news/")
    ana.get_by_label("Title").first.fill("Plain")
    ana.locator("#id_body").fill("One.\n\nTwo.")
    ana.locator("#section-links > summary").click()
    ana.get_by_role("button", name="Add a source").click()
    assert ana.get_by_label("Title").first.input_value() == "Plain"
    assert ana.locator("[name=sources-title]").count() == 2
    ana.locator("[name=sources-title]").last.fill("A study")
    ana.get_by_label("TLP:GREEN").check()
    ana.get_by_label("Title").first.press("Enter")  # the first button must be the one that saves
    ana.wait_for_url("**/preview/")

    content = read_content(reload(Record._base_manager.get()))
    assert content["body"] == "<p>One.</p><p>Two.</p>"
    assert content["sources"] == [["A study", "", ""]]


PAGES = (
    "edit", "preview", "history", "difference", "restore/1", "sharing", "translations",
    "translate/mk", "step/withdraw",
)  # fmt: skip


@pytest.mark.parametrize("look", ["desktop", "phone", "dark"])
def test_pages_are_sound_and_fit(enter, organisation, look):
    options = {"desktop": DESK, "phone": PHONE, "dark": DESK | {"color_scheme": "dark"}}[look]
    ana = enter("Ana", **options)
    record = make_of(
        ana,
        organisation,
        kind="practice",
        title="Youth workers meet parents at the school gate",
        body="<h2>What was done</h2><p>Every morning.</p>",
        economies=["XK"],
        sources=[["A study", "https://example.org", "p. 3"]],
    )
    ana.goto(path(record, "edit"))
    ana.get_by_role("textbox", name="Summary").fill("Changed once.")
    ana.locator(".form-bar button[name=save]").click()
    ana.wait_for_url("**/preview/")
    faults = {}

    addresses = {page: path(record, page) for page in PAGES}
    for name, address in addresses.items() | {
        ("desk", "/desk/"),
        ("new", "/records/new/"),
        ("new-practice", "/records/new/practice/"),
    }:
        ana.goto(address)
        ana.wait_for_load_state("networkidle")
        screenshot(ana, f"editing-{name.replace('/', '-')}-{look}")
        found = find_axe_faults(ana) + ([] if fits_the_screen(ana) else ["wider than the screen"])
        if found:
            faults[name] = found

    assert faults == {}
