"""The mapping as people use it: template out and in again, IATI twice, still true by one click."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone

from focal.mapping import services
from focal.mapping.models import Initiative
from focal.outbox.services import deliver_all
from focal.sharing.markings import Marking
from tests.browser.helpers import (
    assert_no_serious_axe,
    fits_the_screen,
    screenshot,
    sign_in,
)
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory, make_viewer
from tests.mapping.test_importing import IATI, edit_template

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def office(loaded):
    return OrganisationFactory(name="Office of schools", acronym="OFS")


@pytest.fixture
def person(office):
    return MembershipFactory(organisation=office, person=PersonFactory()).person


def make(person, office, **content):
    return services.create_mapped(
        kind="initiative",
        content={"title": "Training of teachers", "language": "en", "economies": ["AL"], **content},
        owner_organisation=office,
        by=make_viewer(person),
        at=timezone.now(),
        marking=Marking.CLEAR,
        confirmed=date(2024, 1, 1),
        publish=True,
    )


def bring(page, live_server, name, content):
    page.goto(f"{live_server.url}/mapping/import/")
    page.set_input_files("#id_file", {"name": name, "mimeType": "text/plain", "buffer": content})
    page.get_by_role("button", name="Show what it would do").click()
    page.wait_for_url("**/import/*/")
    deliver_all("mapping-imports")
    page.reload()


def press(page, name):
    page.get_by_role("button", name=name).click()
    page.wait_for_load_state()
    deliver_all("mapping-imports")
    page.reload()


def test_template_out_filled_in_mended_applied_and_taken_back(
    page, live_server, client, person, office
):
    one = make(person, office)
    sign_in(page, live_server.url, person, client)
    page.goto(f"{live_server.url}/mapping/import/")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Office of schools").click()
    made = Path(taken.value.path()).read_bytes()
    screenshot(page, "mapping-import-desktop")
    assert_no_serious_axe(page)

    wrong = {("Initiatives", 3, "summary"): "Three hundred teachers.",
             ("Initiatives", 4, "title"): "A new one",
             ("Initiatives", 4, "economies"): "Atlantis"}  # fmt: skip
    bring(page, live_server, "ofs.xlsx", edit_template(made, wrong))
    assert page.get_by_text("Nothing has changed yet.").is_visible()
    assert page.get_by_text("'Atlantis' is not an economy of the region.").is_visible()
    screenshot(page, "mapping-preview-desktop")
    assert_no_serious_axe(page)
    with page.expect_download() as errors:
        page.get_by_role("link", name="What is wrong, as a sheet").click()
    assert errors.value.suggested_filename.endswith(".xlsx")

    mended = {**wrong, ("Initiatives", 4, "economies"): "Albania"}
    bring(page, live_server, "ofs.xlsx", edit_template(made, mended))
    press(page, "Apply")
    assert page.get_by_text("It has been applied.").is_visible()
    one.refresh_from_db()
    assert one.summary == "Three hundred teachers."
    assert Initiative.objects.for_system("test").filter(title="A new one").exists()

    press(page, "Take it all back")
    assert page.get_by_text("It has been taken back.").is_visible()
    one.refresh_from_db()
    assert one.summary == ""
    assert not Initiative.objects.for_system("test").filter(title="A new one").exists()


def test_iati_is_brought_twice_and_comes_in_once(page, live_server, client, person):
    sign_in(page, live_server.url, person, client)
    for time, expected in enumerate(("New", "Unchanged")):
        bring(page, live_server, "published.xml", IATI.encode())
        assert page.get_by_role("link", name=expected).first.is_visible()
        if not time:
            press(page, "Apply")
    assert Initiative.objects.for_system("test").count() == 2
    screenshot(page, "mapping-iati-twice")


def test_what_both_sides_changed_is_decided_field_by_field(
    page, phone_page, live_server, client, person, office
):
    table = (
        "id;Title;Country;Summary;Start\n"
        "1;Training of teachers;Albania;Three hundred of them;2025\n"
        "2;Work in prisons;Albania;In four prisons;2025\n"
    )
    sign_in(page, live_server.url, person, client)
    bring(page, live_server, "ours.csv", table.encode())
    press(page, "Apply")
    for record in Initiative.objects.for_system("test").order_by("title"):
        services.edit_mapped(
            record=record,
            content={"title": f"{record.title}, as we call it", "summary": "Written here."},
            base_version=record.version,
            by=make_viewer(person),
            at=timezone.now(),
        )
    newer = (
        table.replace("of teachers", "for teachers and heads")
        .replace("Three", "Four")
        .replace("Work in", "Mentors in")
        .replace("four", "five")
    )

    bring(page, live_server, "ours.csv", newer.encode())
    first = page.locator(".conflict").first
    assert page.locator(".conflict").count() == 2
    assert first.get_by_text("changed on both sides").count() == 2
    screenshot(page, "mapping-conflicts-desktop")
    assert_no_serious_axe(page)
    first.get_by_label("Four hundred of them").check()
    first.get_by_label("Training of teachers, as we call it").check()
    first.get_by_role("button", name="Keep these choices").click()
    page.wait_for_load_state()
    page.locator(".conflict").nth(1).get_by_role("button", name="All from the file").click()
    page.wait_for_load_state()
    screenshot(page, "mapping-decided-desktop")
    sign_in(phone_page, live_server.url, person, client)
    phone_page.goto(page.url)
    assert fits_the_screen(phone_page)
    assert_no_serious_axe(phone_page)
    screenshot(phone_page, "mapping-decided-phone")
    press(page, "Apply")

    told = Initiative.objects.for_system("test").order_by("pk").values_list("title", "summary")
    assert list(told) == [
        ("Training of teachers, as we call it", "Four hundred of them"),
        ("Mentors in prisons", "In five prisons"),
    ]


def test_still_true_by_one_click_on_a_phone(phone_page, live_server, client, person, office):
    record = make(person, office)
    sign_in(phone_page, live_server.url, person, client)

    phone_page.goto(f"{live_server.url}/mapping/{record.reference}/")
    assert phone_page.get_by_text("Nobody has confirmed this in time.").is_visible()
    assert fits_the_screen(phone_page)
    screenshot(phone_page, "mapping-stale-phone")
    phone_page.get_by_role("button", name="Still true").click()
    phone_page.wait_for_load_state()

    assert phone_page.get_by_text("It counts as confirmed today.").is_visible()
    assert not phone_page.get_by_text("Nobody has confirmed this in time.").is_visible()
    assert_no_serious_axe(phone_page)


def test_form_asks_little_and_tells_doubles_while_typing(
    page, phone_page, live_server, client, person, office
):
    make(person, office)
    sign_in(page, live_server.url, person, client)
    page.goto(f"{live_server.url}/mapping/initiatives/new/")
    page.locator("#id_title").press_sequentially("Training of teachers", delay=5)
    page.get_by_text("Is it one of these?").wait_for()
    screenshot(page, "mapping-form-desktop")
    assert_no_serious_axe(page)

    sign_in(phone_page, live_server.url, person, client)
    for name, path in (("form", "initiatives/new/"), ("home", ""), ("import", "import/")):
        phone_page.goto(f"{live_server.url}/mapping/{path}")
        assert fits_the_screen(phone_page)
        screenshot(phone_page, f"mapping-{name}-phone")
    page.goto(f"{live_server.url}/mapping/")
    screenshot(page, "mapping-home-desktop")
    assert_no_serious_axe(page)
