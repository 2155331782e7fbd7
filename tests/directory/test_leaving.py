"""Somebody leaves: what goes on, what ends, what is kept for how long; and what one takes along."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from focal.audit.models import Entry
from focal.audit.services import verify
from focal.directory import leaving, services
from focal.directory.models import FocalPoint, Format, FormatSeat, Membership, Person, Profile
from focal.kernel.errors import BadInput, Refused
from focal.records.models import Record, Release
from focal.sharing.viewer import ANONYMOUS, Viewer
from focal.vocabulary.models import Economy
from tests.directory.conftest import PASSWORD, sign_in
from tests.factories import (
    NOON,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    make_record,
    make_viewer,
)

pytestmark = pytest.mark.django_db
TODAY = NOON.date()
ROLES = Membership.Role


@pytest.fixture
def ministry(db):
    return OrganisationFactory(name="Ministry")


@pytest.fixture
def lea(ministry):
    """Somebody who leaves: an editor, a focal point, a chair, the owner of records."""
    person = PersonFactory(email="lea@example.org", full_name="Lea")
    MembershipFactory(person=person, organisation=ministry, role=ROLES.EDITOR)
    FocalPoint.objects.create(person=person, economy=Economy.objects.get_or_create(code="AL")[0])
    body = Format.objects.create(slug="circle", name="Circle")
    FormatSeat.objects.create(person=person, format=body, role="chair")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


@pytest.fixture
def sam(ministry):
    """The successor: a colleague."""
    return MembershipFactory(organisation=ministry, role=ROLES.CONTRIBUTOR).person


def viewer_of(person):
    return Viewer.from_person(Person.objects.get(pk=person.pk), on=TODAY)


def sees(person, record):
    return Record.objects.visible_to(viewer_of(person)).filter(pk=record.pk).exists()


def owner_of(record):
    return Record._base_manager.get(pk=record.pk).owner_person_id


def own(person, ministry, **more):
    return make_record(organisation=ministry, by=viewer_of(person), **more)


def test_one_deed_hands_over_and_ends_access(client, lea, sam, secretary, ministry):
    sign_in(client, lea)
    draft = own(lea, ministry, marking="AMBER", state="draft")
    out = own(lea, ministry, marking="AMBER")

    handed = leaving.leave(person=lea, successor=sam, by=secretary, at=NOON)

    assert {key: count for key, count in handed.counts.items() if count} == {
        "focal_posts": 1,
        "offices": 1,
        "places": 1,
        "records": 2,
    }
    assert [owner_of(record) for record in (draft, out)] == [sam.pk] * 2
    tokens = viewer_of(sam).tokens
    assert {"economy:AL", f"format:{Format.objects.get().pk}"} <= tokens
    assert viewer_of(sam).publishes_for == {ministry.pk}
    assert viewer_of(lea) == ANONYMOUS
    assert client.get(reverse("directory:me")).status_code == 302
    actions = set(Entry.objects.values_list("action", flat=True))
    assert {"record.handed_over", "person.handed_over", "person.deactivated"} <= actions
    assert verify().intact


def test_what_is_red_is_never_handed_on_by_others(lea, sam, secretary, ministry):
    named = PersonFactory()
    red = own(lea, ministry, marking="RED", releases=(f"person:{named.pk}",))
    assert ("Records", 0) in leaving.get_duties(lea, secretary, at=NOON).holdings

    leaving.leave(person=lea, successor=sam, by=secretary, at=NOON, includes_sealed=True)

    assert owner_of(red) == lea.pk
    assert (sees(sam, red), sees(secretary, red), sees(named, red)) == (False, False, True)


@pytest.mark.parametrize("includes", [True, False])
def test_its_owner_may_hand_on_what_is_red(lea, sam, ministry, includes):
    red = own(lea, ministry, marking="RED")

    leaving.leave(person=lea, successor=sam, by=lea, at=NOON, includes_sealed=includes)

    assert sees(sam, red) == includes


def test_a_successor_gains_no_sight_of_organisations_they_do_not_write_for(
    lea, secretary, ministry
):
    stranger = MembershipFactory().person
    draft = own(lea, ministry, marking="AMBER", state="draft")
    colleague = MembershipFactory(organisation=ministry).person

    leaving.leave(person=lea, successor=stranger, by=secretary, at=NOON)

    assert (sees(stranger, draft), sees(colleague, draft), owner_of(draft)) == (False, True, None)
    assert ministry.pk not in viewer_of(stranger).writes_for


def test_what_was_released_to_the_leaver_is_closed_and_does_not_come_back(lea, sam, secretary):
    letter = make_record(marking="RED", releases=(f"person:{lea.pk}",))
    assert sees(lea, letter)

    leaving.leave(person=lea, successor=sam, by=secretary, at=NOON)

    assert not Release.objects.exists()
    Person.objects.filter(pk=lea.pk).update(is_active=True)
    assert (sees(lea, letter), sees(sam, letter)) == (False, False)


def test_an_administrator_hands_on_no_post_that_opens_content(lea, sam, administrator):
    leaving.leave(person=lea, successor=sam, by=administrator, at=NOON)

    tokens = viewer_of(sam).tokens
    assert not tokens & {"economy:AL", f"format:{Format.objects.get().pk}"}
    assert not FocalPoint.objects.current(TODAY).exists()


def test_seats_in_confidential_formats_are_handed_on_by_the_leaver_alone(lea, sam, secretary):
    body = Format.objects.create(slug="quiet", name="Quiet", is_confidential=True)
    FormatSeat.objects.create(person=lea, format=body, role="secretary")
    shown = leaving.get_duties(lea, secretary, at=NOON).offices
    assert [seat.format.slug for seat in shown] == ["circle"]

    leaving.leave(person=lea, successor=sam, by=secretary, at=NOON)
    assert f"format:{body.pk}" not in viewer_of(sam).tokens


def test_the_leaver_hands_on_a_confidential_office(lea, sam):
    body = Format.objects.create(slug="quiet", name="Quiet", is_confidential=True)
    FormatSeat.objects.create(person=lea, format=body, role="secretary")

    leaving.leave(person=lea, successor=sam, by=lea, at=NOON)

    assert f"format:{body.pk}" in viewer_of(sam).tokens


@pytest.mark.parametrize("case", ["oneself", "closed", "the one who does it"])
def test_who_cannot_be_successor(lea, secretary, case):
    successor = {
        "oneself": lea,
        "closed": PersonFactory(is_active=False),
        "the one who does it": secretary,
    }[case]

    with pytest.raises((BadInput, Refused)):
        leaving.leave(person=lea, successor=successor, by=secretary, at=NOON)
    assert Person.objects.get(pk=lea.pk).is_active
    assert not Entry.objects.exists()


def test_a_member_hands_nobody_else_over(lea, sam):
    with pytest.raises(Refused):
        leaving.leave(person=lea, successor=None, by=sam, at=NOON)


def test_the_only_administrator_stays(administrator):
    with pytest.raises(Refused, match="only administrator"):
        leaving.leave(person=administrator, successor=None, by=administrator, at=NOON)


def test_records_of_an_account_that_was_closed_before_still_go_on(lea, sam, secretary, ministry):
    record = own(lea, ministry, marking="GREEN")
    services.deactivate(person=lea, by=secretary, at=NOON)
    lea.refresh_from_db()

    handed = leaving.leave(person=lea, successor=sam, by=secretary, at=NOON)

    assert (handed.counts["records"], owner_of(record)) == (1, sam.pk)


# Contact data


def test_contact_data_goes_after_the_retention_period_and_the_name_stays(lea, settings):
    settings.CONTACT_RETENTION_DAYS = 30
    Profile.objects.create(person=lea, phone="+355 1")
    leaving.leave(person=lea, successor=None, by=None, at=NOON)

    assert leaving.remove_old_contact_data(NOON + timedelta(days=29)) == 0
    assert leaving.remove_old_contact_data(NOON + timedelta(days=30)) == 1
    assert leaving.remove_old_contact_data(NOON + timedelta(days=31)) == 0

    lea.refresh_from_db()
    assert (lea.full_name, lea.email) == ("Lea", f"{lea.reference}@left.invalid")
    assert not Profile.objects.exists()
    assert not EmailAddress.objects.exists()
    assert "lea@example.org" not in str(list(Entry.objects.values()))


def test_whoever_comes_back_in_time_keeps_their_address(lea, settings):
    leaving.leave(person=lea, successor=None, by=None, at=NOON)
    link = services.invite(
        email=lea.email,
        full_name="",
        organisation=None,
        role="member",
        invited_by=None,
        at=NOON,
        makes_administrator=True,
    )
    services.accept(
        secret=link.rstrip("/").rsplit("/", 1)[1],
        full_name="Lea",
        password=PASSWORD,
        language="en",
        at=NOON,
    )

    assert leaving.remove_old_contact_data(NOON + timedelta(days=9999)) == 0
    lea.refresh_from_db()
    assert (lea.is_active, lea.email, lea.successor) == (True, "lea@example.org", None)


def test_one_s_own_data_is_deleted_at_once_where_one_wishes(lea, secretary):
    leaving.leave(person=lea, successor=None, by=lea, at=NOON, deletes_contact=True)

    lea.refresh_from_db()
    assert (lea.full_name, lea.email) == ("–", f"{lea.reference}@left.invalid")


def test_others_do_not_delete_it_at_once(lea, secretary):
    leaving.leave(person=lea, successor=None, by=secretary, at=NOON, deletes_contact=True)

    lea.refresh_from_db()
    assert lea.email == "lea@example.org"


def test_the_worker_does_it_every_day():
    from focal.outbox.registry import get_periodics

    assert "directory.contact-data" in [periodic.name for periodic in get_periodics()]


# Taking it along


def test_the_export_holds_what_is_mine_and_nothing_of_others(client, lea, sam, ministry):
    own(lea, ministry, marking="RED", title="My red heron")
    own(sam, ministry, marking="AMBER", title="Not my heron", state="draft")
    make_record(marking="RED", releases=(f"person:{lea.pk}",), title="A letter to me")
    sign_in(client, lea)
    assert client.get(reverse("directory:my_data")).status_code == 200

    answer = client.post(reverse("directory:my_data"))

    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    text = archive.read("focal-my-data.json").decode()
    told = json.loads(text)
    assert answer["Content-Type"] == "application/zip"
    assert (told["account"]["email"], told["focal_point_of"][0]["economy"]) == (
        "lea@example.org",
        "AL",
    )
    assert [row["title"] for row in told["records"]] == ["My red heron"]
    assert "Not my heron" not in text
    assert "A letter to me" not in text
    assert "password" not in told["account"]
    assert Entry.objects.order_by("-number").first().action == "person.exported"


# The pages


def test_a_caretaker_hands_over_on_a_page(client, lea, sam, secretary):
    sign_in(client, secretary)
    page = reverse("directory:deactivate", args=[lea.reference])
    assert "Circle" in client.get(page).content.decode()

    unconfirmed = client.post(page, {"successor": sam.reference})
    done = client.post(page, {"successor": sam.reference, "confirmed": "on"})

    assert (unconfirmed.status_code, done.status_code) == (422, 302)
    lea.refresh_from_db()
    assert (lea.is_active, lea.successor) == (False, sam)
    shown = client.get(reverse("directory:member", args=[lea.reference])).content.decode()
    assert sam.full_name in shown


def test_sealed_is_not_a_caretaker_s_to_send(client, lea, sam, secretary, ministry):
    red = own(lea, ministry, marking="RED")
    sign_in(client, secretary)

    client.post(
        reverse("directory:deactivate", args=[lea.reference]),
        {
            "successor": sam.reference,
            "confirmed": "on",
            "includes_sealed": "on",
            "deletes_contact": "on",
            "by": str(lea.pk),
        },
    )

    lea.refresh_from_db()
    assert not sees(sam, red)
    assert lea.email == "lea@example.org"


def test_one_leaves_on_a_page(client, lea, sam, secretary):
    sign_in(client, lea)
    page = reverse("directory:leave")
    assert client.get(page).status_code == 200
    nobody = client.post(page, {"includes_sealed": "on", "confirmed": "on"})

    done = client.post(page, {"successor": sam.reference, "confirmed": "on"})

    assert (nobody.status_code, done.status_code) == (422, 200)
    assert "You have left" in done.content.decode()
    assert client.get(page).status_code == 302
    assert not Person.objects.get(pk=lea.pk).is_active
    assert make_viewer(sam).person_id == sam.pk


def test_a_page_of_leaving_says_so_where_there_is_nothing_to_hand_on(client, lea):
    idle = PersonFactory()
    for person, says_so in ((idle, True), (lea, False)):
        page = sign_in(client, person).get(reverse("directory:leave")).content.decode()

        assert ("Nothing is recorded." in page) == says_so
