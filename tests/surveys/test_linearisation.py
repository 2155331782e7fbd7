"""The quick arithmetic says what svy says, for every design it takes on."""

import random

import pytest

from focal.surveys import estimation, selectors
from tests.surveys.making import bring, change, find

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DESIGNS = {
    "drawn one by one": {"strata": "", "clusters": []},
    "of a known number": {"strata": "", "clusters": [], "population_size": ["size"]},
    "strata": {"clusters": []},
    "clusters": {"strata": ""},
    "both": {},
    "both, of a known number": {"population_size": ["points"]},
    "with replacement": {"population_size": ["points"], "with_replacement": True},
    "two stages, the first counts": {"clusters": ["point", "house"]},
}


def make_persons(seed):
    """Uneven clusters that recur in two strata, weights of nought, answers and groups missing."""
    dice = random.Random(seed)
    return [
        {
            "economy": dice.choice((1, 1, 2, 2, 2, "")),
            "sex": dice.choice("ffm"),
            "region": dice.choice(("north", "south", "west")),
            "point": dice.randint(1, 12),
            "house": place,
            "weight": dice.choice((0, 0.5, 1, 2.25)),
            "q1": dice.choice((1, 1, 2, 3, 9)),
            "age": dice.choice((-1, dice.randint(18, 90))),
            "size": 9_000,
            "points": 40,
        }
        for place in range(420)
    ]


@pytest.mark.parametrize("name", DESIGNS)
def test_cells_intervals_and_differences_are_those_of_svy(
    editor, organisation, tmp_path, monkeypatch, name
):
    design = change(**DESIGNS[name])
    _survey, edition = bring(
        editor, organisation, tmp_path, rows=make_persons(len(name)), design=design
    )

    def read():
        said = []
        for code, by in (("q1", ()), ("q1", ("economy", "sex")), ("age", ()), ("age", ("sex",))):
            table = estimation.estimate(
                find(edition, code), selectors.choose_groups(edition, by), threshold=0
            )
            said += [
                (cell.estimate, cell.standard_error, cell.low, cell.high)
                for cell in table.cells
                if not cell.hidden
            ]
        apart = table.compare(("f",), ("m",))
        return [*said, (apart.estimate, apart.standard_error, apart.low, apart.high)]

    ours = read()
    monkeypatch.setattr(estimation, "_linearise", lambda *_rest: None)
    theirs = read()

    assert len(ours) > 15
    for mine, svys in zip(ours, theirs, strict=True):
        assert mine == pytest.approx(svys, rel=1e-9, abs=1e-12)


def test_lonely_strata_are_left_to_svy(editor, organisation, tmp_path, monkeypatch):
    rows = make_persons(1)
    for row in rows:
        row["point"] = 1 if row["region"] == "west" else row["point"]
    _survey, edition = bring(editor, organisation, tmp_path, rows=rows)
    asked = []
    monkeypatch.setattr(
        estimation, "_ask_svy", lambda *rest, ask=estimation._ask_svy: asked.append(1) or ask(*rest)
    )

    estimation.estimate(find(edition))

    assert asked == [1]
