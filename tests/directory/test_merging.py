"""Organisations: one for each, however written; merged by a person, and undone whole."""

import pytest

from focal.audit.models import Entry
from focal.directory import merging
from focal.directory.matching import (
    SURE,
    Candidate,
    Matcher,
    has_mixed_alphabets,
    mend_alphabets,
    split_acronym,
)
from focal.directory.models import Organisation, OrganisationName
from focal.kernel.errors import Refused
from focal.records.models import Record
from focal.sharing.markings import Marking
from tests.factories import NOON, MembershipFactory, OrganisationFactory, make_record, make_viewer

pytestmark = pytest.mark.django_db
STREET = Candidate(1, ("Otvorena ulica",), "OU", "BA")
TETOVO = Candidate(2, ("Municipality of Tetovo",), "", "MK")
BITOLA = Candidate(3, ("Municipality of Bitola",), "", "MK")
JUSTICE = Candidate(4, ("Ministry of Justice",), "", "RS")
OFFICE = Candidate(5, ("Regional Youth Cooperation Office",), "RYCO", "")


@pytest.mark.parametrize(
    ("name", "economy", "key"),
    [
        ("OTVORENA ULICA d.o.o.", "BA", 1),
        ("Udruženje „Otvorena ulica“", "BA", 1),
        ("Отворена улица", "BA", 1),
        ("Оtvorena ulica", "BA", 1),  # the first letter is Cyrillic
        ("Komuna e Tetovës", "MK", 2),
        ("Општина Тетово", "MK", 2),
        ("Министарство правде", "RS", 4),
        ("Adalet Bakanlığı", "TR", None),
        ("RYCO", "", 5),
        ("Regional Youth Co-operation Office (RYCO)", "", 5),
        ("Municipality of Struga", "MK", None),
        ("Zatvorena ulica", "BA", None),
        ("", "", None),
    ],
)
def test_a_name_means_the_same_organisation_however_it_is_written(name, economy, key):
    matcher = Matcher.from_candidates([STREET, TETOVO, BITOLA, JUSTICE, OFFICE])

    found = matcher.find_sure(name, economy=economy)

    assert (found and found.key) == key
    assert found is None or (found.score >= SURE and found.reason)


def test_letters_of_two_alphabets_are_told_and_mended():
    assert mend_alphabets("Oтворена улица Beograd") == "Отворена улица Beograd"
    assert has_mixed_alphabets("Beоgrad")  # with one Cyrillic о
    assert not has_mixed_alphabets("Beograd и Београд")
    assert split_acronym("Youth House (YHE)") == ("Youth House", "YHE")


def merge(kept, absorbed):
    return merging.merge_organisations(
        kept=kept,
        absorbed=absorbed,
        reason="the same name",
        by_person_id=None,
        actor_key="person:1",
        at=NOON,
    )


@pytest.fixture
def pair(db):
    one = OrganisationFactory(name="Otvorena ulica", acronym="OU")
    other = OrganisationFactory(name="Отворена улица")
    OrganisationName.objects.create(organisation=other, language="en", name="Open Street")
    return one, other


def test_merging_is_proposed_with_its_reason(pair):
    OrganisationFactory(name="Something else")

    found = merging.list_proposals()

    assert [{row.kept, row.absorbed} for row in found] == [set(pair)]
    assert found[0].match.reason.startswith("the same name")


def test_merging_moves_what_points_to_it_and_undoing_moves_it_back(pair):
    kept, absorbed = pair
    mine = make_record(title="Of one", organisations=[absorbed.reference])
    both = make_record(title="Of both", organisations=[kept.reference, absorbed.reference])

    def organisations():
        return [
            sorted(record.organisations.values_list("name", flat=True)) for record in (mine, both)
        ]

    before = organisations()
    done = merge(kept, absorbed)

    assert organisations() == [["Otvorena ulica"], ["Otvorena ulica"]]
    assert merging.make_matcher().find_sure("Open Street").key == kept.pk
    assert not Organisation.objects.filter(pk=absorbed.pk).exists()

    merging.undo_merge(merge=done, actor_key="person:1", at=NOON)
    assert organisations() == before
    assert Organisation.objects.get(pk=absorbed.pk).reference == absorbed.reference
    assert list(OrganisationName.objects.values_list("organisation_id", "name")) == [
        (absorbed.pk, "Open Street")
    ]
    assert [
        entry.action
        for entry in Entry.objects.filter(target_kind="organisation").order_by("number")
    ] == ["organisation.merged", "organisation.merge_undone"]


def test_no_merge_changes_who_sees_what(pair):
    kept, absorbed = pair
    make_record(marking=Marking.AMBER, releases=(f"org:{absorbed.pk}",))
    owner, member_of = OrganisationFactory(), OrganisationFactory()
    make_record(organisation=owner, by=make_viewer(organisation=owner))
    MembershipFactory(organisation=member_of)

    for organisation, sentence in (
        (absorbed, "is released to"),
        (owner, "owns records"),
        (member_of, "has members"),
    ):
        with pytest.raises(Refused, match=sentence):
            merge(kept, organisation)
    assert Record.objects.for_system("test").count() == 2


def test_what_was_said_to_differ_is_not_proposed_again(pair):
    merging.keep_apart(one=pair[1], other=pair[0], by_person_id=None, actor_key="person:1", at=NOON)

    assert merging.list_proposals() == []
