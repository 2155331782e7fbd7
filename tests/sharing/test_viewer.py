"""Which tokens a person holds."""

from datetime import timedelta

import pytest

from focal.directory.models import FocalPoint, Format, FormatSeat
from focal.sharing.viewer import ANONYMOUS, Viewer
from focal.vocabulary.models import Economy
from tests.factories import NOON, MembershipFactory, OrganisationFactory, PersonFactory

TODAY = NOON.date()
pytestmark = pytest.mark.django_db


def test_anonymous_holds_public_alone():
    assert ANONYMOUS.tokens == {"public"}


def test_member_without_a_place_holds_the_community_and_themself():
    person = PersonFactory()

    assert Viewer.from_person(person, on=TODAY).tokens == {
        "public",
        "community",
        f"person:{person.pk}",
    }


def test_inactive_person_is_anonymous():
    assert Viewer.from_person(PersonFactory(is_active=False), on=TODAY) == ANONYMOUS


@pytest.mark.parametrize(
    ("role", "desk", "publishes"),
    [("member", False, False), ("contributor", True, False), ("editor", True, True)],
)
def test_place_in_an_organisation_gives_its_tokens(role, desk, publishes):
    place = MembershipFactory(role=role)

    viewer = Viewer.from_person(place.person, on=TODAY)

    assert f"org:{place.organisation_id}" in viewer.tokens
    assert (f"desk:{place.organisation_id}" in viewer.tokens) == desk
    assert (place.organisation_id in viewer.publishes_for) == publishes
    assert not viewer.is_secretariat


@pytest.mark.parametrize(("role", "holds"), [("member", False), ("contributor", True)])
def test_secretariat_token_needs_a_writing_place_there(role, holds):
    place = MembershipFactory(role=role, organisation=OrganisationFactory(is_secretariat=True))

    viewer = Viewer.from_person(place.person, on=TODAY)

    assert (viewer.is_secretariat, "secretariat" in viewer.tokens) == (holds, holds)


def test_administrator_holds_no_token_for_it():
    person = PersonFactory(is_administrator=True)

    assert Viewer.from_person(person, on=TODAY).tokens == {
        "public",
        "community",
        f"person:{person.pk}",
    }


def place_from(since, until):
    """A person with an organisation, a post and a seat that hold from day to day."""
    person = PersonFactory()
    economy = Economy.objects.get_or_create(code="AL")[0]
    format_ = Format.objects.get_or_create(slug="f", name="F")[0]
    MembershipFactory(person=person, since=since, until=until)
    FocalPoint.objects.create(person=person, economy=economy, since=since, until=until)
    FormatSeat.objects.create(person=person, format=format_, since=since, until=until)
    return Viewer.from_person(person, on=TODAY)


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("since", "until", "holds"),
    [
        (None, None, True),
        (TODAY, None, True),
        (TODAY + DAY, None, False),
        (None, TODAY + DAY, True),
        (None, TODAY, False),
    ],
)
def test_dated_places_give_tokens_only_while_they_hold(since, until, holds):
    viewer = place_from(since, until)

    kinds = {token.partition(":")[0] for token in viewer.tokens}
    assert (kinds >= {"org", "desk", "economy", "format"}) == holds
    assert holds or kinds == {"public", "community", "person"}


def test_from_person_costs_three_queries(django_assert_num_queries):
    place = MembershipFactory()

    with django_assert_num_queries(3):
        Viewer.from_person(place.person, on=TODAY)
