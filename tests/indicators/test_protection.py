"""Small counts cannot be worked out: an attacker who tries every possibility learns nothing.

The attack here is another than the code's own: it lists all whole numbers that fit.
"""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focal.indicators.protection import (
    COMPLEMENT,
    SMALL,
    Cell,
    Sum,
    find_given_away,
    find_hidden,
)

THRESHOLD = 5


def attack(cells, sums, hidden, highest=14):
    """Values each hidden cell may have, for who knows what is told, the sums, and that a
    hidden one is not zero. Only whole numbers up to `highest` are tried."""
    told = {cell.key: cell.value for cell in cells if cell.key not in hidden}
    totals = {tie.total for tie in sums}
    inner = [key for key in hidden if key not in totals]
    possible = {key: set() for key in hidden}
    for guess in itertools.product(range(1, highest), repeat=len(inner)):
        values = told | dict(zip(inner, guess, strict=True))
        if _fits(values, sums, hidden):
            for key in hidden:
                possible[key].add(values[key])
    return possible


def _fits(values, sums, hidden):
    """Whether the sums hold; totals that are hidden become what their parts give."""
    for tie in sums:
        parts = sum(values[part] for part in tie.parts)
        if tie.total in hidden and tie.total not in values:
            values[tie.total] = parts
            if parts == 0:
                return False
        elif values[tie.total] != parts if tie.is_whole else values[tie.total] < parts:
            return False
    return True


def make_table(counts):
    """Cells and sums of a table of rows and columns with all its totals."""
    rows, columns = len(counts), len(counts[0])
    cells = [Cell((r, c), counts[r][c]) for r in range(rows) for c in range(columns)]
    cells += [Cell((r, "all"), sum(counts[r])) for r in range(rows)]
    cells += [Cell(("all", c), sum(row[c] for row in counts)) for c in range(columns)]
    cells.append(Cell(("all", "all"), sum(map(sum, counts))))
    lines = [*range(rows), "all"], [*range(columns), "all"]
    sums = [Sum((r, "all"), tuple((r, c) for c in range(columns)), True) for r in lines[0]]
    sums += [Sum(("all", c), tuple((r, c) for r in range(rows)), True) for c in lines[1]]
    return cells, sorted(sums, key=lambda tie: tie.total == ("all", "all"))


def test_single_small_count_takes_a_second_one_with_it():
    cells = [Cell("all", 60), Cell("a", 3), Cell("b", 17), Cell("c", 40)]

    hidden = find_hidden(cells, [Sum("all", ("a", "b", "c"), True)], THRESHOLD)

    assert hidden == {"a": SMALL, "b": COMPLEMENT}


def test_without_sums_only_the_small_one_is_hidden():
    assert find_hidden([Cell("a", 3), Cell("b", 17), Cell("c", 0)], [], THRESHOLD) == {"a": SMALL}


def test_two_ones_do_not_hide_behind_each_other():
    """2 = 1 + 1 gives both away: the total goes too."""
    cells = [Cell("all", 2), Cell("a", 1), Cell("b", 1)]

    assert find_hidden(cells, [Sum("all", ("a", "b"), True)], THRESHOLD) == {
        "all": SMALL,
        "a": SMALL,
        "b": SMALL,
    }


def test_total_is_hidden_where_nothing_else_helps():
    cells = [Cell("all", 5), Cell("a", 1), Cell("b", 4)]

    hidden = find_hidden(cells, [Sum("all", ("a", "b"), True)], THRESHOLD)

    assert hidden == {
        "a": SMALL,
        "b": SMALL,
    }  # 1+4, 2+3, 3+2, 4+1 all fit


def test_rest_that_is_not_recorded_may_give_a_count_away():
    """'10 in all, 9 of them there' leaves one."""
    cells = [Cell("all", 10), Cell("a", 9), Cell("b", 1)]

    hidden = find_hidden(cells, [Sum("all", ("a", "b"), False)], THRESHOLD)

    assert attack(cells, [Sum("all", ("a", "b"), False)], hidden)["b"] >= {1, 2, 3, 4}
    assert hidden["a"] == COMPLEMENT


def test_count_told_as_a_range_is_not_made_exact_by_its_neighbours():
    cells = [Cell("all", 30), Cell("a", 27), Cell("b", bounds=(0, 4))]

    assert find_hidden(cells, [Sum("all", ("a", "b"), True)], THRESHOLD) == {"a": COMPLEMENT}


def test_rough_count_ties_nothing():
    cells = [Cell("all", bounds=(0, None)), Cell("a", 27), Cell("b", 3)]

    assert find_hidden(cells, [Sum("all", ("a", "b"), False)], THRESHOLD) == {"b": SMALL}


@pytest.mark.parametrize("threshold", [0, 1])
def test_threshold_of_nothing_hides_nothing(threshold):
    cells = [Cell("all", 3), Cell("a", 1), Cell("b", 2)]

    assert find_hidden(cells, [Sum("all", ("a", "b"), True)], threshold) == {}


@given(counts=st.lists(st.lists(st.integers(0, 6), min_size=2, max_size=2), min_size=2, max_size=2))
@settings(max_examples=15, deadline=None)
def test_attacker_by_differences_learns_nothing_in_any_table(counts):
    cells, sums = make_table(counts)

    hidden = find_hidden(cells, sums, THRESHOLD)

    possible = attack(cells, sums, hidden, highest=max(12, sum(map(sum, counts))))
    totals = {tie.total for tie in sums}
    for key, reason in hidden.items():
        if reason == SMALL and key not in totals:
            assert possible[key] >= set(range(1, THRESHOLD)), key
        elif reason == SMALL:  # at least as many as it has hidden parts; no more is known
            assert len(possible[key]) >= THRESHOLD - 2, key


def test_nothing_hidden_at_all_would_be_found_out():
    """The attack bites: without complements it names the count."""
    cells, sums = make_table([[3, 20], [10, 30]])

    assert attack(cells, sums, {(0, 0): SMALL})[0, 0] == {3}


def test_what_a_total_leaves_is_protected_as_if_it_were_written_down():
    """'30 in all, 27 of them men' tells of three women, though nobody wrote so."""
    cells = [Cell("all", 30), Cell("men", 27)]

    assert find_hidden(cells, [Sum("all", ("men",), False)], THRESHOLD) == {"men": COMPLEMENT}
    assert find_hidden(cells, [Sum("all", ("men",), False)], 3) == {}


def test_attack_over_two_tables_is_found_out():
    """Each is safe by itself; side by side they give the hidden cell away."""
    inner = [Cell("all", 30), Cell("a", 3), Cell("b", 27)]
    tie = Sum("all", ("a", "b"), True)

    assert find_given_away(inner, [tie], {"a"}, THRESHOLD) == ["a"]
    assert find_given_away(inner, [tie], {"a", "b"}, THRESHOLD) == []
