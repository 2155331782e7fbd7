"""A hidden small count does not follow from what is shown, whatever else is asked for."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from focal.indicators.protection import hide_in_table
from focal.surveys.estimation import estimate
from focal.surveys.selectors import get_groups
from tests.surveys.making import DESIGN, bring, find

THRESHOLD = 5
COUNT = st.integers(0, 12)


def is_given_away(counts, hidden):
    """An attacker's way, other than the code's: two tables with the same shown cells and totals.

    A cell is safe when some change of the hidden cells keeps every total and moves it.
    """
    places = np.argwhere(hidden)
    rows = []
    for axis in range(counts.ndim):
        for line in np.ndindex(*np.delete(counts.shape, axis)):
            row = [float(tuple(np.delete(place, axis)) == line) for place in places]
            if any(row):
                rows.append(row)
    if not rows:
        return []
    _u, sizes, right = np.linalg.svd(np.array(rows))
    rank = int((sizes > 1e-9).sum())
    free = right[rank:]
    return [
        tuple(place)
        for number, place in enumerate(places)
        if 0 < counts[tuple(place)] < THRESHOLD and not (abs(free[:, number]) > 1e-9).any()
    ]


def test_one_small_cell_takes_three_others_along():
    counts = np.array([[3, 20, 30], [40, 50, 60], [10, 12, 9]])

    hidden = hide_in_table(counts, THRESHOLD)

    assert hidden.astype(int).tolist() == [[1, 0, 1], [0, 0, 0], [1, 0, 1]]


def test_nothing_is_hidden_where_nothing_is_small():
    assert not hide_in_table(np.array([[5, 0], [7, 900]]), THRESHOLD).any()


def test_two_ones_do_not_hide_behind_each_other():
    """Of two that make up 2, each is 1: linear algebra alone would not see it."""
    assert hide_in_table(np.array([1, 1, 40]), THRESHOLD).all()


def test_what_nothing_can_keep_takes_no_more_along_than_it_must():
    """A total of 6 that is shown leaves at most 4 for each of three parts, whatever is hidden."""
    counts = np.array([[1, 2, 3], [60, 70, 80], [90, 95, 99]])

    assert hide_in_table(counts, THRESHOLD).sum() == 6


def test_a_line_whose_total_is_hidden_is_not_shown_whole():
    counts = np.array([[18, 22], [50, 60]])

    hidden = hide_in_table(counts, THRESHOLD, [None, np.array([True, False])])

    assert hidden[0].any()


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(
        arrays(np.int64, st.tuples(st.integers(2, 7)), elements=st.integers(0, 12)),
        arrays(
            np.int64, st.tuples(st.integers(2, 6), st.integers(2, 5)), elements=st.integers(0, 12)
        ),
        arrays(np.int64, (4, 2, 3), elements=st.integers(0, 12)),
    )
)
def test_no_small_count_can_be_worked_out(counts):
    hidden = hide_in_table(counts, THRESHOLD)

    small = (counts > 0) & (counts < THRESHOLD)
    assert hidden[small].all()
    assert hidden.all() or is_given_away(counts, hidden) == []


@pytest.mark.parametrize("shape", [(3, 3), (2, 4)])
def test_the_attack_would_notice(shape):
    counts = np.full(shape, 20)
    counts[0, 0] = 2

    assert is_given_away(counts, counts == 2) == [(0, 0)]


# Over all tables of a question that can be asked for

REGIONS = {"n1": "n", "n2": "n", "n3": "n", "s1": "s", "s2": "s", "": ""}
SEXES = ("f", "m", "")


def make_survey(editor, organisation, folder, sizes):
    """Answers by (region, sex, answer); north and south gather the regions."""
    rows = [
        {"region": region, "part": REGIONS[region], "sex": sex, "q1": answer}
        for (region, sex, answer), size in sizes.items()
        for _person in range(size)
    ]
    groups = [
        {"key": key, "label": key, "values": {code: code for code in codes}}
        for key, codes in (
            ("region", [code for code in REGIONS if code]),
            ("part", ["n", "s"]),
            ("sex", ["f", "m"]),
        )
    ]
    design = {
        **{name: DESIGN[name] for name in ("survey", "edition")},
        "groups": groups,
        "questions": DESIGN["questions"][:1],
    }
    return bring(editor, organisation, folder, rows=rows, design=design)


def list_tables(edition):
    """Every table that can be asked for."""
    groups = {group.key: group for group in get_groups(edition)}
    chosen = [keys for count in range(3) for keys in combinations(groups, count)]
    return [estimate(find(edition), [groups[key] for key in keys]) for keys in chosen]


def find_worked_out(tables, sizes):
    """Small counts, of cells and of groups, that follow from all that is shown taken together."""
    unknown = {key: place for place, key in enumerate(sizes)}

    def gather(table, group, answer):
        wanted = dict(zip((g.key for g in table.by), group, strict=True))
        row = np.zeros(len(unknown))
        for (region, sex, code), place in unknown.items():
            has = {"region": region, "part": REGIONS[region], "sex": sex}
            is_in = all(has[key] == step for key, step in wanted.items())
            row[place] = is_in and answer in ("", str(code))
        return row

    shown, secret = [], []
    for table in tables:
        for cell in table.cells:
            (secret if cell.estimate is None else shown).append(
                gather(table, cell.group, cell.answer)
            )
            (secret if cell.n is None else shown).append(gather(table, cell.group, ""))
    counts = np.array(list(sizes.values()))
    known = np.array(shown)
    small = [row for row in secret if 0 < row @ counts < THRESHOLD]
    rank = np.linalg.matrix_rank(known)
    return [row for row in small if np.linalg.matrix_rank(np.vstack([known, row])) == rank]


def fill(changes):
    """Thirty persons in each place, but for some."""
    places = {
        (region, sex, answer): 30
        for region in REGIONS
        for sex in SEXES
        for answer in (1, 2, 3)
        if region and sex
    }
    return places | changes


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        # a small count in a region, and the part of the country that the region lies in
        {("n1", "f", 3): 1, ("n1", "m", 3): 2},
        # some of whom it is not known whether they are women or men
        {("n1", "", 1): 3},
        # a region in which next to nobody was asked
        {("n1", sex, answer): int(answer == 1) for sex in "fm" for answer in (1, 2, 3)},
        # all of it, and some of whom it is not known where they live
        {("s2", "f", 1): 2, ("s2", "m", 1): 0, ("", "m", 2): 2, ("n2", "", 3): 4},
    ],
)
def test_no_tables_taken_together_give_a_small_count_away(editor, organisation, tmp_path, changes):
    sizes = fill(changes)
    _survey, edition = make_survey(editor, organisation, tmp_path, sizes)

    tables = list_tables(edition)

    assert find_worked_out(tables, sizes) == []
    assert any(cell.estimate is not None for table in tables for cell in table.cells if table.by)


@pytest.mark.slow
@pytest.mark.django_db
def test_readers_are_not_told_which_cell_is_the_small_one(editor, organisation, tmp_path):
    _survey, edition = bring(editor, organisation, tmp_path)

    table = estimate(find(edition), [get_groups(edition)[0]])

    assert {cell.suppressed for cell in table.cells if cell.hidden} == {"few"}
