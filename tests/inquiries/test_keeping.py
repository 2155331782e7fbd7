"""What is typed of a question is kept, for its asker alone, until it is asked or thrown away."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from focal.directory.models import Format, FormatSeat
from focal.inquiries import services
from focal.records.models import WorkingCopy
from focal.sharing.viewer import Viewer
from focal.threads.models import Post
from focal.threads.services import open_thread
from tests.doors import plain_bytes
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory, make_record

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
    assert page.context["form"].kept == copy


def test_what_one_person_types_is_not_there_for_another(browser, ministry):
    browser.post(AUTOSAVE, {"title": "How did others train mentors?"})
    colleague = Client()
    colleague.force_login(MembershipFactory(organisation=ministry).person)

    page = colleague.get(ASK)

    assert (page.context["form"].kept, read_field(page, "title")) == (None, None)


def test_a_tab_that_was_left_behind_is_told_and_overwrites_nothing(browser):
    browser.post(AUTOSAVE, {"title": "First", "writer": "one", "follows": ""})
    follows = browser.get(ASK).context["form"].follows
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


# Answers, remarks, summaries and comments


@pytest.fixture
def asked(asker, ministry):
    """A question to the helper, and their browser."""
    helper = MembershipFactory().person
    inquiry = services.ask(
        content={"title": "How did others train mentors?", "language": "en"},
        owner_organisation=ministry,
        marking="AMBER",
        releases=[f"person:{helper.pk}"],
        by=Viewer.from_person(asker, on=timezone.localdate()),
        at=timezone.now(),
    )
    client = Client()
    client.force_login(helper)
    return inquiry, client


def test_answer_and_remark_stand_on_any_device_until_they_are_sent(asked):
    inquiry, client = asked
    page = f"/inquiries/{inquiry.reference}/"
    agency = OrganisationFactory(name="Probation Agency")
    typed = {
        "sort": "not_us",
        "text": "<p>Ask them.</p>",
        "to_organisations": agency.reference,
        "language": "en",
    }
    client.post(f"{page}answer/autosave/", typed | {"to_asker_only": "on", "writer": "one"})
    client.post(f"{page}remark/autosave/", {"text": "<p>By the way.</p>", "writer": "two"})

    shown = client.get(page).context

    form = shown["answer_form"]
    assert {name: form[name].value() for name in (*typed, "to_asker_only")} == typed | {
        "to_organisations": [agency.reference],
        "to_asker_only": True,
    }
    assert (form.follows, shown["remark_form"]["text"].value()) == ("one", "<p>By the way.</p>")
    client.post(f"{page}answer/", typed)
    assert [copy.place for copy in WorkingCopy.objects.all()] == ["remark"]


def test_answer_that_came_too_late_is_kept_for_its_writer_alone(asked, browser):
    inquiry, client = asked
    page = f"/inquiries/{inquiry.reference}/"
    client.post(f"{page}answer/autosave/", {"text": "<p>Five days.</p>"})
    before = plain_bytes(browser.get(page))
    WorkingCopy.objects.all().delete()
    assert plain_bytes(browser.get(page)) == before
    browser.post(f"{page}close/", {"outcome": "<p>Nothing.</p>", "becomes": ""})

    kept = client.post(f"{page}answer/autosave/", {"text": "<p>Five days.</p>"})
    desk = client.get(reverse("records:desk"))

    assert kept.status_code == 200
    assert [entry["url"] for entry in desk.context["copies"]] == [page]


def test_summary_is_kept_until_the_inquiry_is_closed(asked, browser):
    inquiry, _client = asked
    page = f"/inquiries/{inquiry.reference}/"
    browser.post(f"{page}outcome/autosave/", {"outcome": "<p>Courses exist.</p>"})

    assert (
        browser.get(f"{page}close/").context["form"]["outcome"].value() == "<p>Courses exist.</p>"
    )
    browser.post(f"{page}close/", {"outcome": "<p>Courses exist.</p>", "becomes": ""})
    assert not WorkingCopy.objects.exists()


def test_comment_is_kept_apart_from_the_text_of_its_record(browser, asker, ministry):
    record = make_record(
        by=Viewer.from_person(asker, on=timezone.localdate()), organisation=ministry, title="Guide"
    )
    place = f"/threads/of/{record.reference}/"
    browser.post(f"/records/{record.reference}/autosave/", {"title": "Guide, second edition"})
    browser.post(f"{place}autosave/", {"text": "We did this too.", "writer": "one"})
    behind = browser.post(f"{place}autosave/", {"text": "We did", "writer": "two"})

    form = browser.get(place).context["form"]
    assert (form["text"].value(), form.follows) == ("We did this too.", "one")
    assert (behind.status_code, behind.json()["url"]) == (409, place)
    browser.post(place, {"text": "We did this too."})
    assert [copy.fields["title"] for copy in WorkingCopy.objects.all()] == [
        ["Guide, second edition"]
    ]


def test_message_of_a_conversation_is_kept_and_can_be_thrown_away(browser, asker):
    viewer = Viewer.from_person(asker, on=timezone.localdate())
    thread = open_thread(title="Two of us", audience=["org:1"], by=viewer, at=timezone.now())
    page = f"/threads/{thread.reference}/"
    browser.post(f"{page}autosave/", {"text": "Shall we"})

    assert browser.get(page).context["form"]["text"].value() == "Shall we"
    desk = browser.get(reverse("records:desk"))
    assert [entry["url"] for entry in desk.context["copies"]] == [page]
    assert browser.post(f"{page}afresh/")["Location"] == page
    assert not WorkingCopy.objects.exists()


def test_text_of_a_comment_is_handed_back_to_whoever_was_signed_out(asker, ministry):
    viewer = Viewer.from_person(asker, on=timezone.localdate())
    record = make_record(by=viewer, organisation=ministry, marking="CLEAR")

    answer = Client().post(f"/threads/of/{record.reference}/", {"text": "We did this too."})

    assert (answer.status_code, "We did this too." in answer.text) == (403, True)


def test_paragraph_for_fewer_readers_is_refused_where_all_would_read_it(asked, browser):
    inquiry, client = asked
    page = f"/inquiries/{inquiry.reference}/"
    text = '<p>We have it.</p><p data-marking="RED">Nobody else knows.</p>'

    answers = [
        client.post(f"{page}answer/", {"sort": "answer", "text": text, "language": "en"}),
        client.post(f"{page}remark/", {"text": text}),
        browser.post(f"{page}close/", {"outcome": text, "becomes": ""}),
    ]

    assert [answer.status_code for answer in answers] == [422] * 3
    assert not Post.objects.exists()
    shown = client.get(page).text
    assert 'id="id_text"' in shown
    assert 'data-takes-portions="yes"' not in shown


def test_marked_paragraph_of_a_question_outlives_a_change_of_its_background(asked, browser, asker):
    inquiry, _client = asked
    page = f"/inquiries/{inquiry.reference}/edit/"
    text = '<p>For all.</p><p data-marking="RED">For us.</p>'
    form = browser.get(page).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields}
    browser.post(page, sent | {"body": text})

    again = browser.get(page).context["form"]

    assert again["body"].value() == text
