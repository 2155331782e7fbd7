"""The space of a format: what its members find there, who looks after it, what stays a secret."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse

from focal.audit.models import Entry
from focal.directory import formats
from focal.directory.models import (
    Announcement,
    Format,
    FormatChair,
    FormatMember,
    FormatSeat,
    Membership,
)
from focal.kernel.errors import BadInput, Refused
from focal.sharing.viewer import Viewer
from focal.vocabulary.models import Economy, EconomyName
from tests.directory.conftest import sign_in
from tests.doors import plain_bytes
from tests.factories import NOON, MembershipFactory, OrganisationFactory, PersonFactory, make_record

pytestmark = pytest.mark.django_db
TODAY = NOON.date()
ABOUT = {
    "name": "Circle of herons",
    "acronym": "COH",
    "description": "",
    "rhythm": "",
    "website": "",
    "is_confidential": False,
    "hides_members": False,
}


@pytest.fixture
def body(db) -> Format:
    return Format.objects.create(slug="circle", name="Circle of herons")


def seat(body, role="member", **person):
    made = PersonFactory(**person)
    FormatSeat.objects.create(format=body, person=made, role=role, since=TODAY)
    return made


def tokens_of(person):
    return Viewer.from_person(person, on=TODAY).tokens


def test_those_who_sit_there_find_documents_announcements_and_each_other(client, body):
    chair, mira = seat(body, "chair", full_name="Cora"), seat(body, full_name="Mira")
    formats.announce(
        body=body,
        title="Meeting moved",
        text="To May.",
        until=None,
        language="en",
        by=chair,
        at=NOON,
    )
    make_record(marking="AMBER", releases=(f"format:{body.pk}",), title="A paper for herons")
    stranger = PersonFactory()

    shown = {}
    for person in (mira, stranger):
        sign_in(client, person)
        page = client.get("/formats/circle/").content.decode()
        shown[person] = [word in page for word in ("Meeting moved", "A paper for herons", "Cora")]

    assert shown == {mira: [True] * 3, stranger: [False] * 3}


def test_where_members_hide_one_sees_oneself_and_whom_to_turn_to(client, body):
    Format.objects.update(hides_members=True)
    chair = seat(body, "chair", full_name="Cora")
    mira, nora = seat(body, full_name="Mira"), seat(body, full_name="Nora")
    FormatMember.objects.create(format=body, organisation=OrganisationFactory(name="Ministry X"))

    shown = {}
    for person in (mira, chair):
        sign_in(client, person)
        page = client.get("/formats/circle/").content.decode()
        shown[person] = [name in page for name in ("Mira", "Nora", "Cora", "Ministry X")]

    assert shown == {mira: [True, False, True, False], chair: [True] * 4}
    assert nora.full_name == "Nora"


def test_what_went_to_the_format_is_told_to_those_who_sit_there_alone(client, body):
    """Whoever may read the record for another reason does not learn to whom else it went."""
    recipient = MembershipFactory()
    make_record(
        marking="AMBER",
        releases=(f"format:{body.pk}", f"org:{recipient.organisation_id}"),
        title="A paper for herons",
    )
    sign_in(client, recipient.person)

    assert "A paper for herons" not in client.get("/formats/circle/").content.decode()


@pytest.mark.parametrize("kind", ["chair", "secretary", "member", "secretariat", "administrator"])
def test_who_looks_after_a_format(body, secretary, administrator, kind):
    seat(body, "chair")
    person = {"secretariat": secretary, "administrator": administrator}.get(kind) or seat(
        body, kind
    )
    new = PersonFactory()

    def deed():
        formats.give_seat(body=body, person=new, role="member", by=person, at=NOON)

    if kind in {"chair", "secretary", "secretariat"}:
        deed()
        assert f"format:{body.pk}" in tokens_of(new)
        entry = Entry.objects.get()
        assert (entry.action, entry.target_key) == ("format.seat_given", str(body.pk))
    else:
        with pytest.raises(Refused):
            deed()
        assert not Entry.objects.exists()


def test_a_seat_that_ends_closes_the_format_at_once(body):
    chair, mira = seat(body, "chair"), seat(body)
    assert f"format:{body.pk}" in tokens_of(mira)

    formats.end_seat(seat=FormatSeat.objects.get(person=mira), by=chair, at=NOON)

    assert f"format:{body.pk}" not in tokens_of(mira)


def test_another_role_ends_the_one_before(body):
    chair = seat(body, "chair")
    mira = seat(body)

    formats.give_seat(body=body, person=mira, role="secretary", by=chair, at=NOON)

    current = FormatSeat.objects.current(TODAY).filter(person=mira)
    assert [row.role for row in current] == ["secretary"]


def test_the_chair_rotates(body):
    Economy.objects.get_or_create(code="AL")
    Economy.objects.get_or_create(code="MK")
    chair = seat(body, "chair")
    year = timedelta(days=365)
    more = {"body": body, "organisation": None, "note": "", "by": chair, "at": NOON}

    formats.add_chair(economy="AL", since=TODAY - year, until=None, **more)
    formats.add_chair(economy="MK", since=TODAY, until=None, **more)

    rows = FormatChair.objects.order_by("since").values_list("economy_id", "since", "until")
    assert list(rows) == [("AL", TODAY - year, TODAY), ("MK", TODAY, None)]


@pytest.mark.parametrize(
    ("economy", "has_organisation", "since", "until"),
    [("", False, None, None), ("AL", True, None, None), ("AL", False, TODAY, TODAY)],
)
def test_a_member_is_one_party_for_a_time(body, economy, has_organisation, since, until):
    Economy.objects.get_or_create(code="AL")
    with pytest.raises(BadInput):
        formats.add_member(
            body=body,
            economy=economy,
            organisation=OrganisationFactory() if has_organisation else None,
            status="member",
            since=since,
            until=until,
            by=seat(body, "chair"),
            at=NOON,
        )


# Confidential formats


def test_the_last_who_knows_a_confidential_format_stays(body):
    Format.objects.update(is_confidential=True)
    chair = seat(body, "chair")

    with pytest.raises(BadInput, match="the last"):
        formats.end_seat(seat=FormatSeat.objects.select_related("format").get(), by=chair, at=NOON)


def test_a_format_nobody_sits_in_cannot_become_confidential(body, secretary):
    with pytest.raises(BadInput, match="Nobody sits"):
        formats.change_format(
            body=body, by=secretary, at=NOON, **{**ABOUT, "is_confidential": True}
        )


def test_a_format_that_becomes_confidential_is_gone_from_its_old_address(client, body):
    chair = seat(body, "chair")
    formats.change_format(body=body, by=chair, at=NOON, **{**ABOUT, "is_confidential": True})
    sign_in(client, chair)

    assert client.get("/formats/circle/").status_code == 404
    assert client.get(f"/formats/{body.slug}/").status_code == 200


def test_entering_a_format_does_not_tell_that_there_is_a_confidential_one_of_its_name(secretary):
    told = []
    for is_there in (False, True):
        if is_there:
            Format.objects.all().delete()
            hidden = formats.enter_format(
                by=secretary, at=NOON, **{**ABOUT, "is_confidential": True}
            )
            assert hidden.slug != "coh"
        told.append(formats.enter_format(by=secretary, at=NOON, **ABOUT).slug)

    assert told == ["coh", "coh"]


DOORS = [
    ("get", "web:format", []),
    ("get", "directory:manage_format", []),
    ("post", "directory:change_format", []),
    ("post", "directory:add_to_format", ["seat"]),
    ("post", "directory:end_in_format", ["seat", 1]),
]


@pytest.mark.parametrize("who", ["member", "secretary", "administrator"])
def test_each_door_of_a_confidential_format_is_that_of_none(client, body, request, who):
    Format.objects.update(is_confidential=True, slug="heroncircle")
    seat(body, "chair")
    sign_in(client, request.getfixturevalue(who))

    for method, name, further in DOORS:
        told = [
            plain_bytes(getattr(client, method)(reverse(name, args=[slug, *further])), slug)
            for slug in ("heroncircle", "nowhereatall")
        ]
        assert told[0] == told[1], name
        assert told[0][0] == 404


def test_choosers_and_lists_do_not_name_it(client, body, secretary):
    Format.objects.update(is_confidential=True)
    seat(body, "chair", full_name="Cora")
    sign_in(client, secretary)
    pages = [
        reverse("directory:who"),
        reverse("directory:who") + "?format=circle",
        reverse("web:formats"),
        reverse("records:new_kind", args=["news"]),
        reverse("directory:member", args=[body.seats.get().person.reference]),
        reverse("directory:person", args=[body.seats.get().person.reference]),
    ]

    assert [page for page in pages if "herons" in client.get(page).content.decode()] == []


# The pages


def test_an_officer_does_it_all_on_one_page(client, body):
    Economy.objects.get_or_create(code="AL")
    chair, new = seat(body, "chair"), PersonFactory(full_name="Nora")
    sign_in(client, chair)

    def add(what, **sent):
        return client.post(reverse("directory:add_to_format", args=["circle", what]), sent)

    answers = [
        add("seat", person=new.reference, role="member"),
        add("announcement", title="Hello", text="All", language="en"),
        add("member", economy="AL", status="observer"),
        add("chair", economy="AL", since="2026-01-01"),
        client.post(reverse("directory:change_format", args=["circle"]), {"name": "Round"}),
    ]
    wrong = [
        add("seat", person="nobody", role="member"),
        add("announcement", title=""),
        add("member", status="member"),
        client.post(reverse("directory:change_format", args=["circle"]), {}),
    ]

    assert [answer.status_code for answer in answers] == [302] * 5
    assert [answer.status_code for answer in wrong] == [422] * 4
    assert add("emperor").status_code == 404
    page = client.get(reverse("directory:manage_format", args=["circle"])).content.decode()
    assert all(word in page for word in ("Nora", "Hello", "Observer", "Round"))
    for what, model in (
        ("seat", FormatSeat),
        ("announcement", Announcement),
        ("member", FormatMember),
        ("chair", FormatChair),
    ):
        row = model.objects.filter(format=body).exclude(**_own(what, chair)).get()
        ended = client.post(reverse("directory:end_in_format", args=["circle", what, row.pk]))
        assert ended.status_code == 302
    assert not FormatSeat.objects.filter(person=new, until=None).exists()
    assert not Announcement.objects.exists()


def _own(what, person):
    return {"person": person} if what == "seat" else {}


def test_nobody_reaches_rows_of_another_format_through_their_own(client, body):
    chair = seat(body, "chair")
    other = Format.objects.create(slug="other", name="Other")
    theirs = FormatSeat.objects.create(format=other, person=PersonFactory())
    sign_in(client, chair)

    answer = client.post(reverse("directory:end_in_format", args=["circle", "seat", theirs.pk]))

    assert answer.status_code == 404
    assert FormatSeat.objects.current(TODAY).filter(pk=theirs.pk).exists()


def test_the_secretariat_enters_a_format_and_others_do_not(client, secretary, member):
    page = reverse("directory:enter_format")
    sign_in(client, member)
    refused = client.post(page, {"name": "Mine"})
    sign_in(client, secretary)

    made = client.post(page, {"name": "Circle", "is_confidential": "on"})

    assert (refused.status_code, made.status_code) == (403, 302)
    body = Format.objects.get()
    assert body.is_confidential
    assert [(row.person, row.role) for row in body.seats.all()] == [(secretary, "secretary")]
    assert Membership.objects.filter(person=secretary).count() == 1


def test_what_a_format_was_asked_stands_beside_its_documents(client, body):
    mira = seat(body, full_name="Mira")
    make_record(
        kind="inquiry",
        marking="AMBER",
        releases=(f"format:{body.pk}",),
        title="How are prison staff trained?",
        due_date="2026-04-01",
    )
    sign_in(client, mira)

    answer = client.get("/formats/circle/")

    shown = {
        slot.key: [teaser.title for teaser in slot.filling.teasers]
        for slot in answer.context["slots"]
    }
    assert shown == {"documents": [], "requests": ["How are prison staff trained?"]}


def test_members_stand_by_their_names_as_the_reader_reads_them(client, body):
    """In Albanian Ç is a letter after C, and what has the code AL is called Shqipëri."""
    albania = Economy.objects.create(code="AL")
    EconomyName.objects.create(economy=albania, language="sq", name="Shqipëri", is_display=True)
    FormatMember.objects.create(format=body, economy=albania)
    for name in ("Çelësi", "Cikli", "Dora"):
        FormatMember.objects.create(format=body, other=name)
    sign_in(client, seat(body, "chair"))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "sq"

    for address in ("directory:manage_format", "web:format"):
        page = client.get(reverse(address, args=["circle"])).content.decode()

        page = page[page.index('id="members"') :]
        places = [page.index(name) for name in ("Cikli", "Çelësi", "Dora", "Shqipëri")]
        assert places == sorted(places)
