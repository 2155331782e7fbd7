"""`focal people`: what a script may rely on."""

import json

import pytest
from click.testing import CliRunner
from django.utils import timezone

from focal.audit.models import Entry
from focal.directory import services
from focal.directory.cli import people as command
from focal.directory.models import Person
from focal.kernel.errors import BadInput
from focal.records.models import Record
from tests.directory.conftest import PASSWORD, secret_of
from tests.factories import (
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    make_record,
    make_viewer,
)

pytestmark = pytest.mark.django_db


def run(*arguments):
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


@pytest.mark.parametrize("wanted", ["ministry of the interior", "MoI", "ministryofinte"])
def test_invite_prints_a_link_that_works(wanted):
    OrganisationFactory(name="Ministry of the Interior", acronym="MOI", reference="ministryofinte")

    told = json.loads(
        run("invite", "New@example.org", "--organisation", wanted, "--role", "editor", "--json")
    )

    person = services.accept(
        secret=secret_of(told["link"]),
        full_name="New",
        password=PASSWORD,
        language="en",
        at=timezone.now(),
    )
    assert (told["email"], person.email) == ("new@example.org", "new@example.org")
    assert person.memberships.get().role == "editor"
    assert Entry.objects.order_by("number").first().actor_key == "system:command-line"


def test_invite_an_administrator_without_an_organisation():
    link = run("invite", "new@example.org", "--administrator").split()[-1]

    services.accept(
        secret=secret_of(link), full_name="N", password=PASSWORD, language="en", at=timezone.now()
    )
    assert Person.objects.get().is_administrator


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("invite", "new@example.org"), "Name the organisation"),
        (("invite", "new@example.org", "--organisation", "Nowhere"), "no organisation called"),
        (("invite", "new@example.org", "--organisation", "TWO"), "Several organisations"),
        (("invite", "not an address", "--administrator"), "not an e-mail address"),
        (("invite", "here@example.org", "--administrator"), "has an account already"),
        (("deactivate", "nobody@example.org"), "Nobody has an account"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(arguments, sentence):
    PersonFactory(email="here@example.org")
    OrganisationFactory.create_batch(2, acronym="TWO")

    with pytest.raises(BadInput, match=sentence):
        run(*arguments)


def test_list_shows_people_with_their_places_and_invitations():
    place = MembershipFactory(person__email="a@example.org", organisation__name="Ministry")
    run("invite", "new@example.org", "--administrator")

    told = json.loads(run("list", "--json"))

    assert told["people"] == [
        {
            "reference": place.person.reference,
            "email": "a@example.org",
            "name": place.person.full_name,
            "administrator": False,
            "second_factor": False,
            "places": [{"organisation": "Ministry", "role": "editor"}],
        }
    ]
    assert [row["email"] for row in told["invitations"]] == ["new@example.org"]
    assert "editor: Ministry" in run("list")
    assert run("list", "--closed") == "Nobody.\n"


def test_deactivate_closes_once():
    PersonFactory(email="a@example.org", is_administrator=True)

    told = [json.loads(run("deactivate", "A@example.org", "--json")) for _ in range(2)]

    assert [row["changed"] for row in told] == [True, False]
    assert not Person.objects.filter(is_active=True).exists()


def test_deactivate_hands_over_to_a_successor():
    place = MembershipFactory(person__email="a@example.org")
    sam = MembershipFactory(
        person__email="sam@example.org", organisation=place.organisation, role="contributor"
    ).person
    record = make_record(
        organisation=place.organisation, by=make_viewer(place.person), marking="GREEN"
    )

    told = json.loads(run("deactivate", "a@example.org", "--successor", sam.email, "--json"))

    handed = told.pop("handed_over")
    assert told == {"email": "a@example.org", "changed": True}
    assert {key: count for key, count in handed.items() if count} == {"places": 1, "records": 1}
    assert Record._base_manager.get(pk=record.pk).owner_person == sam
    assert Person.objects.get(email="a@example.org").successor == sam


def test_deactivate_refuses_a_successor_who_is_not_here():
    PersonFactory(email="a@example.org")

    with pytest.raises(BadInput, match="Nobody has an account"):
        run("deactivate", "a@example.org", "--successor", "nobody@example.org")
    assert Person.objects.get().is_active
