"""A hidden small count does not follow from what is shown, whatever else is asked for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from focal.indicators.protection import hide_in_table

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
