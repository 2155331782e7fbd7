"""Who is who: what a person shows is theirs to choose, and filters tell no more than pages."""

from datetime import timedelta

import pytest
from django.urls import reverse

from focal.directory import services, who
from focal.directory.models import FocalPoint, Format, FormatSeat, Membership, Person, Profile
from focal.kernel.errors import BadInput, Refused
from focal.vocabulary.models import Economy
from tests.directory.conftest import sign_in
from tests.factories import NOON, MembershipFactory, OrganisationFactory, PersonFactory, make_record

pytestmark = pytest.mark.django_db
TODAY = NOON.date()
LEVELS = Profile.Level.values


@pytest.fixture
def nora(db) -> Person:
    """Somebody with something to show in every field."""
    person = PersonFactory(email="nora@example.org", full_name="Nora Çela")
    ministry = OrganisationFactory(name="Quiet ministry")
    MembershipFactory(person=person, organisation=ministry, post="Head of heronry")
    MembershipFactory(
        person=person,
        organisation=OrganisationFactory(name="Former agency"),
        until=TODAY - timedelta(days=1),
    )
    circle = Format.objects.create(slug="circle", name="Circle")
    FormatSeat.objects.create(person=person, format=circle)
    return person


def show_all_to(person, level):
    services.change_profile(
        person=person,
        phone="+355 1",
        about="Knows herons",
        languages=["sq"],
        topics=["prison"],
        shown=dict.fromkeys(Profile.DEFAULTS, level),
        at=NOON,
    )


def seen_by(viewer, person):
    card = who.get_card(Person.objects.get(pk=viewer.pk), person.reference, on=TODAY)
    return {
        name
        for name in ("places", "former", "seats", "email", "phone", "about", "languages", "topics")
        if getattr(card, name)
    }


ALL = {"places", "former", "seats", "email", "phone", "about", "languages", "topics"}


@pytest.mark.parametrize(
    ("level", "stranger", "colleague", "fellow"),
    [("nobody", set(), set(), set()), ("mine", set(), ALL, ALL), ("members", ALL, ALL, ALL)],
)
def test_each_level_shows_a_field_to_those_it_says(nora, level, stranger, colleague, fellow):
    show_all_to(nora, level)
    people = {name: PersonFactory() for name in ("stranger", "colleague", "fellow")}
    organisation = Membership.objects.current(TODAY).get(person=nora).organisation
    MembershipFactory(person=people["colleague"], organisation=organisation)
    FormatSeat.objects.create(person=people["fellow"], format=Format.objects.get())

    seen = {name: seen_by(person, nora) for name, person in people.items()}

    assert seen == {"stranger": stranger, "colleague": colleague, "fellow": fellow}
    assert seen_by(nora, nora) == ALL


def test_each_field_is_chosen_by_itself(nora):
    show_all_to(nora, "nobody")
    stranger = PersonFactory()

    for field in Profile.DEFAULTS:
        shown = dict.fromkeys(Profile.DEFAULTS, "nobody") | {field: "members"}
        Profile.objects.update(shown=shown)
        assert seen_by(stranger, nora) == {{"formats": "seats"}.get(field, field)}


def test_a_new_member_shows_places_but_not_how_to_reach_them_to_strangers(nora):
    assert seen_by(PersonFactory(), nora) == {"places", "seats"}


@pytest.mark.parametrize(
    "wanted",
    [
        who.Wanted(text="heronry"),
        who.Wanted(text="quiet ministry"),
        who.Wanted(economy="AL"),
        who.Wanted(format="circle"),
        who.Wanted(topic="prison"),
    ],
)
def test_a_filter_finds_only_by_what_is_shown(nora, wanted):
    Economy.objects.get_or_create(code="AL")
    organisation = Membership.objects.current(TODAY).get(person=nora).organisation
    organisation.economy_id = "AL"
    organisation.save()
    stranger = PersonFactory()
    wanted_too = who.Wanted(organisation=organisation.reference)

    found = {}
    for level in ("members", "nobody"):
        show_all_to(nora, level)
        found[level] = [
            [card.name for card in who.list_cards(stranger, one, language="en", on=TODAY)]
            for one in (wanted, wanted_too)
        ]

    assert found == {"members": [["Nora Çela"]] * 2, "nobody": [[], []]}


def test_an_organisation_names_only_those_who_show_that_they_work_there(nora):
    organisation = Membership.objects.current(TODAY).get(person=nora).organisation
    stranger = PersonFactory()

    named = {}
    for level in ("members", "mine"):
        show_all_to(nora, level)
        cards = who.list_people_of(stranger, organisation, language="en", on=TODAY)
        named[level] = [card.name for card in cards]

    assert named == {"members": ["Nora Çela"], "mine": []}


@pytest.mark.parametrize("flag", ["is_confidential", "hides_members"])
def test_seats_that_are_not_to_be_known_are_shown_to_nobody_and_make_nobody_near(nora, flag):
    Format.objects.update(**{flag: True})
    show_all_to(nora, "mine")
    stranger, fellow, chair = PersonFactory(), PersonFactory(), PersonFactory()
    FormatSeat.objects.create(person=fellow, format=Format.objects.get())
    FormatSeat.objects.create(person=chair, format=Format.objects.get(), role="chair")

    assert seen_by(stranger, nora) == set()
    assert seen_by(fellow, nora) == (ALL if flag == "is_confidential" else set())
    assert seen_by(chair, nora) == ALL


def test_a_focal_point_is_found_as_one(nora):
    Economy.objects.get_or_create(code="AL")
    FocalPoint.objects.create(person=nora, economy_id="AL")
    show_all_to(nora, "nobody")
    PersonFactory()

    cards = who.list_cards(
        PersonFactory(), who.Wanted(focal_points=True, economy="AL"), language="en", on=TODAY
    )

    assert [card.name for card in cards] == ["Nora Çela"]


def test_words_are_found_without_accents_and_from_their_beginning(nora):
    names = [
        [card.name for card in who.list_cards(nora, who.Wanted(text=text), language="en", on=TODAY)]
        for text in ("cela", "NOR çel", "ora", "head her")
    ]

    assert names == [["Nora Çela"], ["Nora Çela"], [], ["Nora Çela"]]


@pytest.mark.parametrize("count", [1, 12])
def test_the_list_asks_the_same_for_any_number(nora, count, django_assert_num_queries):
    for _number in range(count):
        MembershipFactory()

    with django_assert_num_queries(5):
        who.list_cards(nora, who.Wanted(), language="en", on=TODAY)


def test_nonsense_in_what_is_shown_is_refused(nora):
    with pytest.raises(BadInput):
        services.change_profile(
            person=nora,
            phone="",
            about="",
            languages=[],
            topics=[],
            shown={"is_administrator": "members"},
            at=NOON,
        )


# The pages


def test_pages_of_people_are_for_members(client, nora):
    for name, args in (("who", []), ("member", [nora.reference]), ("show_myself", [])):
        answer = client.get(reverse(f"directory:{name}", args=args))
        assert answer.status_code == 302
        assert "/accounts/login/" in answer["Location"]


def test_a_person_chooses_what_they_show_on_the_page(client, nora):
    sign_in(client, nora)
    page = reverse("directory:show_myself")
    assert client.get(page).status_code == 200
    levels = {f"shows_{name}": "members" for name in Profile.DEFAULTS}

    answer = client.post(page, {"phone": "+355 1", "about": "Herons", **levels})
    wrong = client.post(page, {"phone": "", "about": "", **levels, "shows_email": "everybody"})

    assert (answer.status_code, wrong.status_code) == (302, 422)
    sign_in(client, PersonFactory())
    shown = client.get(reverse("directory:member", args=[nora.reference])).content.decode()
    assert ("+355 1" in shown, "nora@example.org" in shown, "Herons" in shown) == (True,) * 3


def test_sending_more_than_the_form_has_changes_nothing_else(client, nora):
    sign_in(client, nora)
    levels = {f"shows_{name}": "members" for name in Profile.DEFAULTS}

    client.post(
        reverse("directory:show_myself"),
        {**levels, "person": "1", "is_administrator": "on", "is_active": "", "email": "x@x.org"},
    )
    client.post(
        reverse("directory:me"),
        {"full_name": "Nora", "language": "en", "is_administrator": "on", "email": "x@x.org"},
    )

    nora.refresh_from_db()
    assert (nora.is_administrator, nora.is_active, nora.email) == (False, True, "nora@example.org")


def test_an_organisation_s_page_is_open_its_people_are_not(client, nora):
    place = Membership.objects.current(TODAY).get(person=nora)
    make_record(
        marking="GREEN",
        title="A green heron",
        by=None,
        organisation=place.organisation,
    )
    page = reverse("directory:organisation", args=[place.organisation.reference])

    stranger = client.get(page).content.decode()
    sign_in(client, PersonFactory())
    member = client.get(page).content.decode()

    assert ("Nora" in stranger, "green heron" in stranger) == (False, False)
    assert ("Nora" in member, "green heron" in member) == (True, True)


def test_who_may_enter_and_change_an_organisation(secretary, member, nora):
    Economy.objects.get_or_create(code="AL")
    FocalPoint.objects.create(person=nora, economy_id="AL")
    albanian = OrganisationFactory(economy_id="AL")
    own = member.memberships.get().organisation

    def may(by, organisation, economy=None):
        try:
            services.save_organisation(
                organisation=organisation,
                name=f"Name {by.pk} {organisation and organisation.pk} {economy}",
                acronym="",
                description="",
                website="",
                kind="",
                economy=economy,
                by=by,
                at=NOON,
            )
        except Refused:
            return False
        return True

    assert [may(secretary, albanian), may(secretary, None), may(secretary, None, "AL")] == [
        True
    ] * 3
    assert [may(nora, albanian), may(nora, None, "AL")] == [True, True]
    assert [may(nora, own), may(nora, None), may(nora, None, "MK")] == [False] * 3
    assert [may(member, own), may(member, albanian), may(member, None, "AL")] == [
        True,
        False,
        False,
    ]


def test_two_organisations_do_not_share_a_name(secretary):
    OrganisationFactory(name="Ministry of herons")

    with pytest.raises(BadInput, match="already"):
        services.save_organisation(
            organisation=None,
            name="ministry of HERONS",
            acronym="",
            description="",
            website="",
            kind="",
            by=secretary,
            at=NOON,
        )


def test_only_the_secretariat_enters_focal_points(client, secretary, administrator, nora):
    Economy.objects.get_or_create(code="AL")
    with pytest.raises(Refused):
        services.appoint_focal_point(person=nora, economy_id="AL", by=administrator, at=NOON)
    assert not FocalPoint.objects.exists()

    for _time in range(2):
        services.appoint_focal_point(person=nora, economy_id="AL", by=secretary, at=NOON)
    post = FocalPoint.objects.get()
    services.end_focal_post(post=post, by=secretary, at=NOON)

    assert not FocalPoint.objects.current(TODAY).exists()
