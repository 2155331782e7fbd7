"""Small counts of persons are not given away, neither by a cell nor by what stands around it.

A cell that stands for 1 to `threshold - 1` persons is hidden. It could still be worked out from
the totals, so further cells are hidden until no hidden small cell follows from what is shown
(complementary suppression; Hundepool et al., Statistical Disclosure Control, 2012, chapter 4).
Whether it follows is decided by linear algebra: a hidden cell is known exactly when its unit
vector lies in the row space of the equations that the shown totals give.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]
NOT_DETERMINED = 1e-9


def hide_small(
    counts: Counts, threshold: int, totals_hidden: Sequence[Mask | None] | None = None
) -> Mask:
    """Which cells of a table must not be shown.

    `counts` are persons, with any number of axes; the sums along each axis count as published.
    Where one of them is not, `totals_hidden[axis]` (of the table's shape without that axis)
    is true: such a line then needs a hidden cell as well, or its sum would show the total.
    """
    hidden: Mask = (counts > 0) & (counts < threshold)
    totals = list(totals_hidden or [None] * counts.ndim)
    _break_open_lines(counts, hidden, totals)
    small = hidden.copy()
    while (known := _find_known(hidden, small, totals)) is not None and not hidden.all():
        hidden[_choose_one_more(counts, hidden, known)] = True
    return hidden


def _break_open_lines(counts: Counts, hidden: Mask, totals: Sequence[Mask | None]) -> None:
    """A line whose total is hidden must not be shown whole."""
    for axis, mask in enumerate(totals):
        if mask is None or not mask.any():
            continue
        lines = np.moveaxis(hidden, axis, -1)
        values = np.moveaxis(counts, axis, -1)
        for place in zip(*np.nonzero(mask & ~lines.any(axis=-1)), strict=True):
            lines[(*place, int(_first_smallest(values[place], lines[place])))] = True


def _first_smallest(values: Counts, hidden: Mask) -> int:
    """The smallest cell of a line that stands for somebody, else its first that is shown."""
    order = sorted(
        (place for place in range(len(values)) if not hidden[place]),
        key=lambda place: (values[place] == 0, values[place], place),
    )
    return order[0]


def _find_known(hidden: Mask, small: Mask, totals: Sequence[Mask | None]) -> tuple[int, ...] | None:
    """A hidden small cell that follows from what is shown, or None."""
    places = np.argwhere(hidden)
    equations = _list_equations(places, totals)
    if not len(equations):
        return None
    _left, sizes, right = np.linalg.svd(equations, full_matrices=False)
    basis = right[sizes > NOT_DETERMINED * max(1.0, sizes[0])]
    told = (basis**2).sum(axis=0)  # 1 where the unit vector lies in the row space
    for number in np.nonzero(small[hidden] & (told > 1 - NOT_DETERMINED))[0]:
        return tuple(map(int, places[number]))
    return None


def _list_equations(
    places: NDArray[np.int64], totals: Sequence[Mask | None]
) -> NDArray[np.float64]:
    """One row for each line whose total is published: which hidden cells it adds up."""
    rows: dict[tuple[int, ...], NDArray[np.float64]] = {}
    for number, place in enumerate(places):
        for line in _lines_through(tuple(map(int, place))):
            mask = totals[line[0]]
            if mask is None or not mask[line[1:]]:
                rows.setdefault(line, np.zeros(len(places)))[number] = 1
    return np.array(list(rows.values())) if rows else np.zeros((0, len(places)))


def _lines_through(place: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The lines that a cell lies in: axis, and the cell's other coordinates."""
    return [(axis, *place[:axis], *place[axis + 1 :]) for axis in range(len(place))]


def _choose_one_more(counts: Counts, hidden: Mask, known: tuple[int, ...]) -> tuple[int, ...]:
    """The shown cell near a known one that protects best: most of its lines are open already.

    Near is a cell that shares a line with it, or with a hidden cell that does. Among equals the
    smallest that stands for somebody; a zero only where nothing else is left.
    """
    around = _mark_lines([known], counts.shape)
    near = _mark_lines(np.argwhere(around & hidden), counts.shape) & ~hidden
    if not near.any():
        near = ~hidden
    axes = range(hidden.ndim)
    open_lines = sum(hidden.any(axis=axis, keepdims=True).astype(int) for axis in axes)
    ranks = np.lexsort(
        (counts[near], -np.broadcast_to(open_lines, counts.shape)[near], counts[near] == 0)
    )
    return tuple(map(int, np.argwhere(near)[ranks[0]]))


def _mark_lines(places: Sequence[Sequence[int]] | NDArray[np.int64], shape: Sequence[int]) -> Mask:
    """Every cell that shares a line with one of the places."""
    marked = np.zeros(shape, dtype=bool)
    for place in places:
        for axis in range(len(shape)):
            marked[(*place[:axis], slice(None), *place[axis + 1 :])] = True
    return marked
