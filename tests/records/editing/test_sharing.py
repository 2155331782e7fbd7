"""Who may see a record: chosen in words, refused in words, never widened by accident."""

import pytest

from focal.directory.models import Format
from focal.records.models import Release
from tests.factories import OrganisationFactory, PersonFactory
from tests.records.editing.tools import errors_of, path, record_of, reload


def releases():
    return set(Release.objects.values_list("token", flat=True))


def test_release_list_is_named_by_reference_and_kept_as_tokens(ana, organisation):
    record = record_of(ana, organisation, marking="AMBER")
    body = Format.objects.create(slug="nfp", name="Focal points")
    agency, person = OrganisationFactory(), PersonFactory()

    response = ana.post(
        path(record, "sharing"),
        {
            "marking": "AMBER",
            "to_formats": ["nfp"],
            "to_economies": ["XK"],
            "to_organisations": [agency.reference],
            "to_people": [person.reference],
            "confirmed_new": "on",
        },
    )

    assert response.status_code == 302
    assert releases() == {
        f"format:{body.pk}",
        "economy:XK",
        f"org:{agency.pk}",
        f"person:{person.pk}",
    }


def test_what_stands_is_chosen_when_the_page_opens(ana, organisation):
    record = record_of(ana, organisation, marking="AMBER", releases=("economy:XK",))

    form = ana.get(path(record, "sharing")).context["form"]

    assert (form["marking"].value(), form["to_economies"].value()) == ("AMBER", ["XK"])


@pytest.mark.parametrize(
    ("marking", "field", "value"),
    [
        ("GREEN", "to_economies", "XK"),
        ("AMBER+STRICT", "to_economies", "XK"),
        ("RED", "to_organisations", "ministryaa2222"),
    ],
)
def test_impossible_lists_are_refused_beside_the_list(ana, organisation, marking, field, value):
    record = record_of(ana, organisation, marking="CLEAR")

    response = ana.post(path(record, "sharing"), {"marking": marking, field: [value]})

    assert response.status_code == 422
    assert list(errors_of(response)) == [field]
    assert reload(record).marking == "CLEAR"


def test_letting_more_people_read_has_to_be_confirmed(ana, organisation):
    record = record_of(ana, organisation, marking="AMBER")

    asked = ana.post(path(record, "sharing"), {"marking": "CLEAR"})
    assert asked.status_code == 422
    assert list(errors_of(asked)) == ["confirmed"]
    assert reload(record).marking == "AMBER"

    ana.post(path(record, "sharing"), {"marking": "CLEAR", "confirmed": "on"})
    assert reload(record).marking == "CLEAR"


def test_narrowing_needs_no_confirmation_and_holds_at_once(ana, organisation, client):
    record = record_of(ana, organisation)

    ana.post(path(record, "sharing"), {"marking": "RED"})

    assert client.get(path(record)).status_code == 404
    assert reload(record).owner_person == ana.person


def test_without_a_marking_nothing_changes(ana, organisation):
    record = record_of(ana, organisation, marking="AMBER")

    response = ana.post(path(record, "sharing"), {})

    assert list(errors_of(response)) == ["marking"]
    assert reload(record).marking == "AMBER"


def test_only_its_owner_changes_who_sees_it(sign_in, ana, organisation):
    record = record_of(ana, organisation)
    stranger = sign_in("Stranger", place=OrganisationFactory())

    response = stranger.post(path(record, "sharing"), {"marking": "RED"})

    assert response.status_code == 403
    assert "can change who sees it" in response.content.decode()
    assert reload(record).marking == "CLEAR"


def test_page_says_in_words_who_sees_it(ana, organisation):
    record = record_of(ana, organisation, marking="AMBER", state="draft")

    page = ana.get(path(record, "sharing")).content.decode()

    assert "At present only those who write for Ministry of the Interior see it." in page
    assert "It is released to nobody yet, so only Ministry of the Interior will see it." in page


def test_an_audience_never_shared_with_before_is_asked_about_once(ana, organisation):
    first = record_of(ana, organisation, marking="AMBER")
    agency = OrganisationFactory(name="Agency")
    wanted = {"marking": "AMBER", "to_organisations": [agency.reference]}

    asked = ana.post(path(first, "sharing"), wanted)
    assert errors_of(asked) == {
        "confirmed_new": [
            "Your organisation has never shared anything with Agency."
            " Confirm that this is who you mean."
        ]
    }
    assert releases() == set()
    ana.post(path(first, "sharing"), wanted | {"confirmed_new": "on"})

    second = record_of(ana, organisation, marking="AMBER")
    assert ana.post(path(second, "sharing"), wanted).status_code == 302


def test_its_own_organisation_is_no_new_audience(ana, organisation):
    record = record_of(ana, organisation, marking="AMBER")

    response = ana.post(
        path(record, "sharing"),
        {"marking": "AMBER+STRICT", "to_organisations": [organisation.reference]},
    )

    assert response.status_code == 302
