"""What is typed of a question is kept, for its asker alone, until it is asked or thrown away."""

import pytest
from django.test import Client
from django.urls import reverse

from focal.directory.models import Format, FormatSeat
from focal.records.models import WorkingCopy
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory

pytestmark = pytest.mark.django_db
ASK = "/inquiries/ask/"
AUTOSAVE = "/inquiries/ask/autosave/"


@pytest.fixture
def ministry(db):
    return OrganisationFactory(name="Ministry of Justice")


@pytest.fixture
def asker(ministry):
    return MembershipFactory(organisation=ministry).person


@pytest.fixture
def browser(asker):
    client = Client()
    client.force_login(asker)
    return client


def read_field(response, name):
    return response.context["form"][name].value()


def test_autosaved_question_stands_in_the_form_again_with_its_recipients(browser, ministry):
    agency = OrganisationFactory(name="Probation Agency")
    typed = {
        "title": "How did others train mentors?",
        "body": "<p>We plan a course.</p>",
        "marking": "AMBER",
        "to_organisations": agency.reference,
        "owner": ministry.reference,
    }

    answer = browser.post(AUTOSAVE, typed | {"writer": "one", "follows": ""})

    copy = WorkingCopy.objects.get()
    assert answer.json() == {"saved_at": copy.saved_at.isoformat()}
    page = browser.get(ASK)
    shown = {name: read_field(page, name) for name in typed}
    assert shown == typed | {"to_organisations": [agency.reference]}
    assert page.context["kept"] == copy


def test_what_one_person_types_is_not_there_for_another(browser, ministry):
    browser.post(AUTOSAVE, {"title": "How did others train mentors?"})
    colleague = Client()
    colleague.force_login(MembershipFactory(organisation=ministry).person)

    page = colleague.get(ASK)

    assert (page.context["kept"], read_field(page, "title")) == (None, None)


def test_a_tab_that_was_left_behind_is_told_and_overwrites_nothing(browser):
    browser.post(AUTOSAVE, {"title": "First", "writer": "one", "follows": ""})
    follows = browser.get(ASK).context["follows"]
    browser.post(AUTOSAVE, {"title": "First and more", "writer": "two", "follows": follows})

    answer = browser.post(AUTOSAVE, {"title": "Firs", "writer": "one", "follows": ""})

    assert (follows, answer.status_code, answer.json()["url"]) == ("one", 409, ASK)
    assert WorkingCopy.objects.get().fields["title"] == ["First and more"]
    assert browser.post(AUTOSAVE, {"title": "On", "writer": "two"}).status_code == 200


def test_a_question_that_is_refused_is_kept_and_one_that_is_asked_is_not(browser, ministry):
    agency = OrganisationFactory(name="Probation Agency")
    typed = {
        "title": "How did others train mentors?",
        "language": "en",
        "marking": "AMBER",
        "owner": ministry.reference,
    }

    refused = browser.post(ASK, typed)
    kept = WorkingCopy.objects.get()
    asked = browser.post(ASK, typed | {"to_organisations": agency.reference, "confirmed_new": "on"})

    assert (refused.status_code, kept.fields["title"]) == (422, [typed["title"]])
    assert asked.status_code == 302
    assert WorkingCopy.objects.count() == 0


def test_starting_afresh_throws_it_away_and_the_desk_leads_back_until_then(browser):
    browser.post(AUTOSAVE, {"title": "How did others train mentors?"})

    desk = browser.get(reverse("records:desk"))
    afresh = browser.post("/inquiries/ask/afresh/")

    assert [entry["url"] for entry in desk.context["copies"]] == [ASK]
    assert afresh["Location"] == ASK
    assert WorkingCopy.objects.count() == 0


def test_who_may_not_ask_or_is_signed_out_is_refused_and_nothing_is_kept():
    reader = Client()
    reader.force_login(PersonFactory())

    answers = [client.post(AUTOSAVE, {"title": "A"}).status_code for client in (reader, Client())]

    assert answers == [403, 403]
    assert WorkingCopy.objects.count() == 0


def test_a_link_names_recipients_and_only_those_who_may_be_chosen_are_taken(browser, asker):
    open_format = Format.objects.create(slug="nfp", name="Focal Points")
    FormatSeat.objects.create(format=open_format, person=asker)
    Format.objects.create(slug="secret-one", name="Secret", is_confidential=True)

    page = browser.get(f"{ASK}?to_formats=nfp&to_formats=secret-one&to_formats=none")

    assert read_field(page, "to_formats") == ["nfp"]
    assert read_field(page, "marking") == "AMBER"


def test_writers_are_led_from_a_person_and_an_organisation_to_a_question_for_them(browser, asker):
    agency = OrganisationFactory(name="Probation Agency")
    friend = MembershipFactory(organisation=agency, role="member").person
    reader = Client()
    reader.force_login(friend)
    for place, field, reference in (
        ("people", "to_people", friend.reference),
        ("organisations", "to_organisations", agency.reference),
    ):
        page, link = f"/directory/{place}/{reference}/", f"{ASK}?{field}={reference}"
        assert f'href="{link}"' in browser.get(page).text
        assert ASK not in reader.get(page).text
    assert read_field(browser.get(link), "to_organisations") == [agency.reference]
