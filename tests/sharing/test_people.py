"""Who would see it: counted and named as the door will have it, and no more than may be told."""

import pytest
from django.test import Client
from django.urls import reverse

from focal.directory.models import FocalPoint, Format, FormatSeat
from focal.sharing.people import Unnamed, describe_audience, find_organisations, find_people
from focal.sharing.tokens import compute_audience
from focal.sharing.viewer import Viewer
from focal.vocabulary.models import Economy
from tests.factories import NOON, MembershipFactory, OrganisationFactory, PersonFactory

pytestmark = pytest.mark.django_db
TODAY = NOON.date()


@pytest.fixture
def region():
    """Two ministries of two economies, an agency without members, two focal points, a format."""
    for code in ("AL", "MK"):
        Economy.objects.create(code=code)
    one = OrganisationFactory(name="Ministry one", economy_id="AL", reference="ministryone222")
    two = OrganisationFactory(name="Ministry two", economy_id="MK", reference="ministrytwo222")
    people = {
        name: PersonFactory(full_name=name, reference=f"{name.lower():a<14}")
        for name in ("Ana", "Bojan", "Cveta", "Dritan", "Elira")
    }
    MembershipFactory(person=people["Ana"], organisation=one)
    MembershipFactory(person=people["Bojan"], organisation=one, role="member")
    MembershipFactory(person=people["Cveta"], organisation=two, role="member")
    FocalPoint.objects.create(person=people["Dritan"], economy_id="MK")
    body = Format.objects.create(slug="circle", name="Circle")
    for name in ("Cveta", "Elira"):
        FormatSeat.objects.create(person=people[name], format=body)
    PersonFactory(full_name="Gone", is_active=False)
    return {"one": one, "two": two, "format": body, **people}


def describe(region, marking="AMBER", releases=(), **more):
    return describe_audience(
        marking=marking,
        releases=releases,
        owner_organisation_id=region["one"].pk,
        owner_person_id=region["Ana"].pk,
        on=TODAY,
        **more,
    )


def names(audience):
    return {group.organisation: group.people for group in audience.groups}


def test_people_are_counted_and_named_by_organisation(region):
    found = describe(region, releases=(f"format:{region['format'].pk}", "economy:MK"))

    assert (found.people, found.organisations, found.economies) == (5, 2, 2)
    assert found.headline == "5 people in 2 organisations of 2 economies"
    assert names(found) == {
        "Ministry one": ("Ana", "Bojan"),
        "Ministry two": ("Cveta",),
        "": ("Dritan", "Elira"),
    }


def test_red_names_its_owner_and_the_people_alone(region):
    found = describe(region, "RED", (f"person:{region['Cveta'].pk}",))

    assert names(found) == {"Ministry one": ("Ana",), "Ministry two": ("Cveta",)}


def test_everybody_is_not_counted_and_members_are(region):
    assert describe(region, "CLEAR").is_public
    community = describe(region, "GREEN")
    assert (community.is_community, community.people) == (True, 5)


def test_those_who_sit_in_a_format_that_hides_them_are_counted_apart(region):
    """The number of named people must not tell which of them sits there too."""
    body = region["format"].pk
    releases = (f"format:{body}", f"org:{region['two'].pk}")

    found = describe(region, releases=releases, hidden_formats={body})

    assert names(found) == {"Ministry one": ("Ana", "Bojan"), "Ministry two": ("Cveta",)}
    assert found.people == 3
    assert found.unnamed == (Unnamed("Circle", 2),)


@pytest.mark.parametrize(
    "tokens",
    [
        {"public"},
        {"community"},
        {"economy:MK"},
        {"secretariat"},
        {"desk:ONE"},
        {"org:ONE", "format:BODY"},
        {"person:CVETA", "desk:ONE"},
        {"org:x", "nonsense"},
    ],
    ids=lambda tokens: " ".join(sorted(tokens)),
)
def test_people_found_are_those_whose_viewers_hold_a_token(region, tokens):
    """The same answer as the door gives, asked from the other side."""
    keys = {
        "ONE": region["one"].pk,
        "BODY": region["format"].pk,
        "CVETA": region["Cveta"].pk,
    }
    tokens = {
        f"{kind}:{keys.get(key, key)}" if key else kind
        for kind, _colon, key in (token.partition(":") for token in tokens)
    }
    everybody = [region[name] for name in ("Ana", "Bojan", "Cveta", "Dritan", "Elira")]

    found = find_people(tokens, on=TODAY)

    assert found == {
        person.pk for person in everybody if Viewer.from_person(person, on=TODAY).tokens & tokens
    }


def test_organisations_reached_are_those_of_the_people(region):
    tokens = compute_audience(
        marking="AMBER",
        is_out=True,
        in_review=False,
        owner_organisation_id=region["one"].pk,
        owner_person_id=None,
        releases=(f"format:{region['format'].pk}",),
    )

    assert find_organisations(tokens, on=TODAY) == {region["one"].pk, region["two"].pk}


# The live preview


@pytest.fixture
def ana(region):
    client = Client()
    client.force_login(region["Ana"])
    return client


def ask(client, **data):
    return client.get(reverse("sharing:audience"), {"of": "ministryone222", **data})


def test_preview_counts_as_somebody_chooses(ana):
    page = ask(ana, marking="AMBER", to_formats="circle", to_economies="MK").content.decode()

    assert "5 people in 2 organisations of 2 economies" in page
    assert "Cveta" in page


def test_preview_leaves_out_what_the_marking_does_not_take(ana):
    page = ask(ana, marking="RED", to_formats="circle").content.decode()

    assert "1 person in 1 organisation of 1 economy" in page


def test_preview_does_not_name_those_who_hide(ana, region):
    Format.objects.filter(pk=region["format"].pk).update(hides_members=True)

    page = ask(ana, marking="AMBER", to_formats="circle").content.decode()

    assert "Cveta" not in page
    assert "and 2 people who sit in Circle, which does not show its members" in page


def test_a_confidential_format_previews_like_one_that_does_not_exist(ana, region):
    Format.objects.filter(pk=region["format"].pk).update(is_confidential=True)

    hidden = ask(ana, marking="AMBER", to_formats="circle")
    absent = ask(ana, marking="AMBER", to_formats="nowhere")

    assert hidden.content == absent.content


def test_preview_is_for_members(region):
    answer = ask(Client(), marking="GREEN")

    assert answer.status_code == 403
    assert "Ana" not in answer.content.decode()
