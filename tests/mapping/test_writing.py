"""Forms that ask little, doubles that are told, partners without an account, one click."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from focal.alerts.models import Item
from focal.alerts.nudges import gather_nudges
from focal.directory.models import Organisation
from focal.kernel.errors import Refused
from focal.mail.models import Letter
from focal.mapping import asking, services
from focal.mapping.duplicates import find_likely, judge
from focal.mapping.models import Effort, Initiative, PartnerQuestion
from focal.mapping.selectors import count_kinds
from focal.records import changes
from focal.records.content import read_content
from focal.records.services import save_translation
from focal.sharing.markings import Marking
from focal.sharing.viewer import ANONYMOUS
from focal.vocabulary.models import Concept, ConceptLabel, Economy, Language
from focal.vocabulary.selectors import reset
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory, make_viewer

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def vocabulary(db):
    for code in ("AL", "ME"):
        Economy.objects.create(code=code)
    concept = Concept.objects.create(key="teacher", scheme="topics")
    ConceptLabel.objects.create(concept=concept, language="en", label="Teacher")
    Language.objects.create(code="en", endonym="English", script="Latn")
    reset()


@pytest.fixture
def office(db):
    return OrganisationFactory(name="Office", reference="officeofficeof")


@pytest.fixture
def person(office):
    return MembershipFactory(organisation=office, person=PersonFactory()).person


@pytest.fixture
def editor(person):
    return make_viewer(person)


@pytest.fixture
def desk(client, person):
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def make(editor, office, kind="initiative", *, confirmed=None, marking=Marking.CLEAR, **content):
    return services.create_mapped(
        kind=kind,
        content={"title": "Training of teachers", "language": "en", "economies": ["AL"], **content},
        owner_organisation=office,
        by=editor,
        at=NOW,
        marking=marking,
        confirmed=confirmed,
        publish=True,
    )


LITTLE = {
    "title": "Training of teachers",
    "economies": ["AL"],
    "language": "en",
    "organisation": "officeofficeof",
    "marking": "CLEAR",
}


# The form


def test_a_title_and_an_economy_are_enough(desk):
    answer = desk.post("/mapping/initiatives/new/", {**LITTLE, "publish": "yes"})

    record = Initiative.objects.for_system("test").get()
    assert (answer.status_code, answer["Location"]) == (302, f"/mapping/{record.reference}/")
    assert (record.state, record.last_confirmed_date) == ("published", NOW.date())
    assert Effort.objects.get().what == "written"


@pytest.mark.parametrize("kinds", ["needs", "responses"])
def test_needs_and_responses_have_their_own_form(desk, kinds):
    answer = desk.post(f"/mapping/{kinds}/new/", LITTLE)

    assert answer.status_code == 302
    page = desk.get(answer["Location"] + "edit/")
    assert page.status_code == 200


def test_form_takes_organisations_money_and_places_as_people_write_them(desk):
    OrganisationFactory(name="Otvorena ulica")
    desk.post(
        "/mapping/initiatives/new/",
        {
            **LITTLE,
            "lead": "Отворена улица",
            "donor": "First Donor (FD)",
            "money": "240.000 EUR First Donor\nband to_50k",
            "places": "Elbasan\nAL Kukës",
            "start_date": "3.5.2026",
            "topics": ["teacher"],
        },
    )

    content = read_content(Initiative.objects.for_system("test").get())
    names = dict(Organisation.objects.values_list("reference", "name"))
    assert [(names[key], role) for key, role in content["partners"]] == [
        ("First Donor", "donor"),
        ("Otvorena ulica", "lead"),
    ]
    assert [[names.get(row[0], ""), *row[1:5]] for row in content["funding"]] == [
        ["First Donor", "budget", "240000.00", "EUR", ""],
        ["", "budget", "", "", "to_50k"],
    ]
    assert content["places"] == [["AL", "Elbasan"], ["AL", "Kukës"]]
    assert content["start_date"] == "2026-05-03"


def test_errors_stand_beside_their_fields_and_nothing_is_lost(desk):
    answer = desk.post(
        "/mapping/initiatives/new/",
        {
            **LITTLE,
            "title": "",
            "money": "much",
            "start_date": "2026-01-01",
            "end_date": "1.1.2025",
        },
    )

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"title", "money", "end_date"}
    assert "much" in answer.content.decode()
    assert not Initiative.objects.for_system("test").exists()


def test_editing_shows_what_stands_and_keeps_what_is_not_asked(desk, editor, office):
    record = make(editor, office, identifiers=[["iati", "XX-1"]], confirmed=date(2024, 1, 1))
    page = desk.get(f"/mapping/{record.reference}/edit/")
    form = page.context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value()}

    desk.post(f"/mapping/{record.reference}/edit/", {**sent, "title": "Teachers trained"})

    record.refresh_from_db()
    assert (record.title, record.last_confirmed_date) == ("Teachers trained", NOW.date())
    assert read_content(record)["identifiers"] == [["iati", "XX-1"]]


def test_what_a_contributor_changes_of_what_is_out_waits_for_an_editor(
    desk, person, editor, office
):
    record = make(editor, office, confirmed=date(2024, 1, 1))
    person.memberships.update(role="contributor")
    page = desk.get(f"/mapping/{record.reference}/edit/")
    form = page.context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value()}

    desk.post(f"/mapping/{record.reference}/edit/", {**sent, "title": "Teachers trained"})

    assert "Send to review" in page.content.decode()
    record.refresh_from_db()
    assert (record.title, record.last_confirmed_date) == ("Training of teachers", date(2024, 1, 1))


def test_second_to_save_is_told_and_keeps_their_text(desk, editor, office):
    record = make(editor, office)
    services.edit_mapped(
        record=record, content={"summary": "First."}, base_version=1, by=editor, at=NOW
    )

    answer = desk.post(
        f"/mapping/{record.reference}/edit/",
        {**LITTLE, "summary": "Second.", "base_version": "1"},
    )

    assert answer.status_code == 422
    assert "Second." in answer.content.decode()
    record.refresh_from_db()
    assert record.summary == "First."


def test_what_is_known_is_offered_when_the_next_is_begun(desk, editor, office):
    record = make(editor, office, topics=["teacher"], identifiers=[["iati", "XX-1"]])

    page = desk.get(f"/mapping/initiatives/new/?from={record.reference}")

    form = page.context["form"]
    assert form["title"].value() == "Training of teachers"
    assert form["topics"].value() == ["teacher"]


# Doubles


def test_doubles_are_told_from_the_second_word_in_any_language(editor, office, in_step):
    record = make(editor, office)
    save_translation(
        record=record,
        language="sq",
        title="Trajnimi i mësuesve",
        summary="",
        body="",
        by=editor,
        at=NOW,
    )
    in_step()

    def find(title, **more):
        found = find_likely(editor, kind="initiative", title=title, **more)
        return [item.shown.reference for item in found]

    assert find("training") == []
    assert find("TRAINING of teachers") == [record.reference]
    assert find("Trajnimi i mesuesve") == [record.reference]
    assert find("Protection of borders") == []
    assert find("training of teachers", leave_out=record.reference) == []
    assert find("training of teachers", economies=["ME"]) == []


def test_doubles_are_silent_about_what_the_viewer_may_not_see(editor, office, in_step, client):
    make(editor, office, title="Quiet heron training", marking=Marking.AMBER)
    in_step()
    stranger = make_viewer(organisation=OrganisationFactory())

    assert find_likely(editor, kind="initiative", title="quiet heron training") != []
    assert find_likely(stranger, kind="initiative", title="quiet heron training") == []
    assert find_likely(ANONYMOUS, kind="initiative", title="quiet heron training") == []


def test_meaning_alone_can_tell_and_another_economy_weighs_against_it():
    same = judge(similarity=0.93, words=0.1, shares_economy=True)
    elsewhere = judge(similarity=0.93, words=1.0, shares_economy=False)

    assert same > 0.8 > 0.5 > elsewhere
    assert judge(similarity=0.8, words=0.5, shares_economy=True) == 0


# Partners


@pytest.fixture
def asked(editor, office, settings):
    settings.SITE_ADDRESS = "https://focal.example"
    record = make(editor, office, marking=Marking.GREEN, summary="As we see it.")
    _question, link = asking.ask_partner(
        record=record, partner="House", email="office@house.example", by=editor, at=NOW
    )
    return record, link.removeprefix("https://focal.example")


def test_partner_confirms_by_a_link_that_works_once(client, asked):
    record, link = asked
    Initiative._base_manager.filter(pk=record.pk).update(last_confirmed_date=date(2024, 1, 1))
    letter = Letter.objects.get()
    assert link in letter.text
    assert letter.is_secret

    shown = client.get(link)
    assert shown.status_code == 200
    assert "As we see it." in shown.content.decode()
    record.refresh_from_db()
    assert record.last_confirmed_date == date(2024, 1, 1)  # looking changes nothing

    done = client.post(link, {"answer": "confirm"})
    record.refresh_from_db()
    assert "counts as confirmed" in done.content.decode()
    assert record.last_confirmed_date == NOW.date()
    assert client.get(link).status_code == 404
    assert client.post(link, {"answer": "confirm"}).status_code == 404


def test_partner_corrects_only_what_is_asked(client, asked):
    record, link = asked
    answer = client.post(
        link,
        {
            "answer": "correct",
            "title": "Training for teachers",
            "summary": "As it is.",
            "status": "running",
            "marking": "RED",
            "owner_organisation": "1",
            "start_date": "",
            "end_date": "",
        },
    )

    record.refresh_from_db()
    assert answer.status_code == 200
    assert (record.title, record.summary, record.status) == (
        "Training for teachers",
        "As it is.",
        "running",
    )
    assert record.marking == Marking.GREEN
    assert PartnerQuestion.objects.get().answer == "corrected"


@pytest.mark.parametrize("path", ["x" * 43, "A" * 20])
def test_an_invented_link_shows_nothing(client, asked, path):
    assert client.get(f"/mapping/partner/{path}/").status_code == 404


def test_a_partner_of_a_contributor_corrects_by_a_reviewer(client, asked, person):
    record, link = asked
    editor = MembershipFactory(organisation=record.owner_organisation).person
    person.memberships.update(role="contributor")  # who sent the link

    sent = {"answer": "correct", "title": "Teachers trained", "summary": "Ours."}
    client.post(link, sent | {"status": "running", "start_date": "", "end_date": ""})

    record.refresh_from_db()
    waiting = changes.list_waiting(record)
    assert (record.title, len(waiting)) == ("Training of teachers", 1)
    reviewer = make_viewer(editor)
    changes.decide_change(asked=waiting[0], record=record, grant=True, by=reviewer, at=NOW)
    record.refresh_from_db()
    assert record.title == "Teachers trained"


def test_a_link_expires_and_ends_when_the_record_is_withdrawn(client, asked, editor):
    from focal.records.services import take_step

    record, link = asked
    secret = link.rstrip("/").rpartition("/")[2]
    assert asking.find_question(secret=secret, at=NOW + timedelta(days=31)) is None

    take_step(record=record, step="withdraw", by=editor, at=NOW, reason="Wrong.")
    assert client.get(link).status_code == 404


@pytest.mark.parametrize("marking", [Marking.RED, Marking.AMBER_STRICT])
def test_what_stays_inside_is_sent_to_nobody(editor, office, marking):
    record = make(editor, office, marking=marking)

    with pytest.raises(Refused, match="not sent to anybody outside"):
        asking.ask_partner(record=record, partner="H", email="a@h.example", by=editor, at=NOW)
    assert not Letter.objects.exists()


def test_only_who_may_share_it_asks_a_partner(editor, office):
    record = make(editor, office)
    stranger = make_viewer(organisation=OrganisationFactory())

    with pytest.raises(Refused):
        asking.ask_partner(record=record, partner="H", email="a@h.example", by=stranger, at=NOW)


# Still true?


def test_owners_are_asked_at_the_day_of_review_and_settle_it_by_one_click(
    desk, editor, office, person
):
    record = make(editor, office, confirmed=date(2024, 1, 1))
    make(editor, office, title="Fresh one")
    gather_nudges(NOW)

    item = Item.objects.get(person=person, kind=asking.NUDGE)
    assert item.record == record.reference
    assert count_kinds(ANONYMOUS, on=NOW.date())[2].stale == 1
    answer = desk.post(item.action_url, {"next": "/alerts/"})

    item.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, "/alerts/")
    assert item.settled_at is not None
    assert count_kinds(ANONYMOUS, on=NOW.date())[2].stale == 0
    gather_nudges(NOW)
    assert not Item.objects.filter(kind=asking.NUDGE, settled_at__isnull=True).exists()


def test_confirming_does_not_lead_away_from_the_site(desk, editor, office):
    record = make(editor, office, confirmed=date(2024, 1, 1))

    answer = desk.post(
        f"/mapping/{record.reference}/still-true/", {"next": "https://evil.example/"}
    )

    assert answer["Location"] == f"/mapping/{record.reference}/"


def test_reading_confirms_nothing(desk, editor, office):
    record = make(editor, office, confirmed=date(2024, 1, 1))

    assert desk.get(f"/mapping/{record.reference}/still-true/").status_code == 405
    record.refresh_from_db()
    assert record.last_confirmed_date == date(2024, 1, 1)


def test_burden_counts_what_an_organisation_was_asked(office):
    asking.note_effort(office, Effort.What.WRITTEN, at=NOW, offered=7, seconds=180)
    asking.note_effort(office, Effort.What.WRITTEN, at=NOW, seconds=60)
    asking.note_effort(office, Effort.What.CONFIRMED, at=NOW)
    asking.note_effort(OrganisationFactory(), Effort.What.CONFIRMED, at=NOW)

    found = asking.measure_burden(office, year=NOW.year)

    assert [(row.what, row.times, row.offered, row.minutes) for row in found] == [
        ("Form filled in", 2, 7, 4),
        ("Confirmed by one click", 1, 0, 0),
    ]


def test_form_is_known_to_readers_without_scripts(desk):
    page = desk.get("/mapping/initiatives/new/").content.decode()

    first = page.index('id="id_title"')
    folded = page.index("<details", first)
    assert all(page.index(f'id="id_{name}"') < folded for name in ("economies", "lead", "topics"))
    assert re.search(r'hx-get="/mapping/initiatives/likely/"', page)
