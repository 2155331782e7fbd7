"""What two initiatives are to one another: rules over plain values."""

from dataclasses import replace
from datetime import date

import pytest

from focal.mapping.models import PairKind
from focal.mapping.overlaps.near import (
    AGREEING_MEANING,
    NEAR_MEANING,
    SAME_MEANING,
    Side,
    are_numbered,
    compare,
)

DAY = date(2025, 1, 1).toordinal()
SIDE = Side(
    record_id=1,
    title="Training teachers to see the signs",
    economies=frozenset({"AL", "XK"}),
    nodes=frozenset({("m", 3), ("t", "teacher")}),
    groups=frozenset({"teachers"}),
    funders=frozenset({7}),
    lead=1,
    start=DAY,
    end=DAY + 700,
    euro=100_000.0,
)
OTHER = replace(
    SIDE, record_id=2, title="Safe schools", funders=frozenset({8}), lead=2, start=DAY + 200,
    end=DAY + 900, euro=55_000.0,
)  # fmt: skip
SURE = (1 + SAME_MEANING) / 2


def test_two_projects_for_the_same_people_at_the_same_time_overlap():
    found = compare(SIDE, OTHER, SURE)

    assert found.kind == PairKind.OVERLAP
    assert found.reasons["economies"] == ["AL", "XK"]
    assert found.reasons["nodes"] == [["m", 3], ["t", "teacher"]]
    assert found.reasons["days"] == 501


@pytest.mark.parametrize(
    "change",
    [
        {"economies": frozenset({"RS"})},
        {"groups": frozenset({"prison-staff"})},
        {"nodes": frozenset({("m", 99)})},
        {"start": DAY + 701, "end": DAY + 900},
    ],
)
def test_each_of_economy_group_measure_and_time_is_needed(change):
    assert compare(SIDE, replace(OTHER, **change), SURE) is None


def test_texts_about_other_things_do_not_overlap():
    assert compare(SIDE, OTHER, NEAR_MEANING - 0.01) is None


def test_same_project_entered_twice_is_a_duplicate():
    again = replace(
        SIDE, record_id=2, title="Obuka nastavnika", groups=frozenset(), nodes=frozenset()
    )

    assert compare(SIDE, again, SURE).kind == PairKind.DUPLICATE


def test_same_lead_days_and_money_make_up_for_texts_that_are_a_little_less_near():
    again = replace(SIDE, record_id=2, title="Obuka nastavnika")
    just_near = (AGREEING_MEANING + SAME_MEANING) / 2

    assert compare(SIDE, again, just_near).kind == PairKind.DUPLICATE
    assert compare(SIDE, replace(again, euro=0.0), just_near) is None
    assert compare(SIDE, again, (NEAR_MEANING + AGREEING_MEANING) / 2) is None


@pytest.mark.parametrize(
    "change",
    [
        {"euro": 150_000.0},
        {"groups": frozenset({"elderly"}), "nodes": frozenset({("t", "media-literacy")}),
         "euro": 0.0},
    ],
    ids=["other money", "other people and themes"],
)  # fmt: skip
def test_projects_of_one_lead_and_donor_at_the_same_time_are_told_apart(change):
    other = replace(SIDE, record_id=2, title="Work in libraries", **change)

    assert compare(SIDE, other, SAME_MEANING + 0.005) is None


def test_one_identifier_makes_a_duplicate_whatever_the_texts_say():
    names = frozenset({("iati", "XM-1")})
    found = compare(replace(SIDE, identifiers=names), replace(OTHER, identifiers=names), 0.0)

    assert (found.kind, found.score) == (PairKind.DUPLICATE, 0.99)


def test_second_phase_of_the_same_people_is_a_phase_and_not_an_overlap():
    first = replace(SIDE, title="Mentoring in prisons, phase 1")
    second = replace(
        SIDE, record_id=2, title="Mentoring in prisons, phase 2", start=DAY + 710, end=DAY + 1400
    )

    assert compare(first, second, SURE).kind == PairKind.PHASE


def test_part_of_a_programme_does_not_overlap_with_it():
    assert compare(SIDE, replace(OTHER, parent=1), SURE) is None


def test_titles_that_differ_in_a_number_are_told_in_every_script():
    assert are_numbered("Obuka, faza I", "Obuka, faza II")
    assert are_numbered("Обука фаза 1", "Обука фаза 2")
    assert not are_numbered("Obuka nastavnika", "Obuka nastavnika")
    assert not are_numbered("Training 2024", "Something else 2025")
