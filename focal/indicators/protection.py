"""Small counts of persons are not told, nor can they be worked out from what is told.

Pure: cells and the sums that tie them go in, what must stay hidden comes out. A cell below
the threshold is hidden (`SMALL`). Then an attacker who knows every shown cell, every sum
and that a hidden one is not zero works out the least and the most that each small cell can
be. As long as that tells more than 'from 1 to below the threshold', one more cell is hidden
(`COMPLEMENT`), the smallest that helps. Readers are not told which of the two a hidden cell
is: they would learn from it. A zero is told: it points to nobody.

What a total leaves when its recorded parts are taken away counts as a cell of its own: nobody
wrote it down, and everybody can work it out.

The attacker's bounds are those of linear programming (scipy, HiGHS), cell by connected cell.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

Key = Hashable
Reason = Literal["small", "complement"]
SMALL: Reason = "small"
COMPLEMENT: Reason = "complement"
IMPOSSIBLE, UNBOUNDED = 2, 3  # what linprog calls them
NOTHING = 1e-6


@dataclass(frozen=True, slots=True)
class Cell:
    """A count that is told exactly, unless it is hidden; `bounds` for one told as a range
    (the upper end None: open)."""

    key: Key
    value: int | None = None
    bounds: tuple[int, int | None] | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """`total` holds all `parts`; `is_whole` when they are all of it, else there is a rest."""

    total: Key
    parts: tuple[Key, ...]
    is_whole: bool


def find_hidden(
    cells: Iterable[Cell],
    sums: Iterable[Sum],
    threshold: int,
    *,
    elsewhere: Mapping[Key, bool] = MappingProxyType({}),
) -> dict[Key, Reason]:
    """Which cells are not to be told, and why.

    `elsewhere` are cells that readers see beside these, and whether they are hidden there: they
    are taken as they are.
    """
    given = frozenset(elsewhere.items())
    return dict(_find_hidden(tuple(cells), tuple(sums), threshold, given))


@lru_cache(maxsize=512)
def _find_hidden(
    cells: tuple[Cell, ...],
    sums: tuple[Sum, ...],
    threshold: int,
    elsewhere: frozenset[tuple[Key, bool]],
) -> Mapping[Key, Reason]:
    fixed = dict(elsewhere)
    table, ties = _complete(cells, sums, threshold)
    hidden: dict[Key, Reason] = {
        key: SMALL
        for key, cell in table.items()
        if fixed.get(key, cell.value is not None and 0 < cell.value < threshold)
    }
    ranges = (key for key, cell in table.items() if _is_small_range(cell, threshold))
    # What is hidden further makes nobody wiser: a cell that is safe stays so.
    for key in [key for key in (*hidden, *ranges) if key not in fixed]:
        while (helper := _find_helper(key, table, ties, hidden, threshold, fixed)) is not None:
            hidden[helper] = COMPLEMENT
    return {
        key: reason
        for key, reason in hidden.items()
        if key not in fixed and not isinstance(key, _Rest)
    }


@dataclass(frozen=True, slots=True)
class _Rest:
    """The key of what a total leaves; the number is that of its sum."""

    number: int


def _complete(
    cells: Iterable[Cell], sums: Iterable[Sum], threshold: int
) -> tuple[dict[Key, Cell], list[Sum]]:
    """The cells by key and the sums of known cells; small rests are cells as well."""
    table = {cell.key: cell for cell in cells}
    ties: list[Sum] = []
    for number, tie in enumerate(sums):
        members = [table.get(key) for key in (tie.total, *tie.parts)]
        if None in members:
            continue
        values = [cell.value for cell in members if cell is not None and cell.value is not None]
        rest = values[0] - sum(values[1:]) if len(values) == len(members) else 0
        if not tie.is_whole and 0 < rest < threshold:
            key = _Rest(number)
            table[key] = Cell(key, rest)
            ties.append(Sum(tie.total, (*tie.parts, key), is_whole=True))
        else:
            ties.append(tie)
    return table, ties


def find_given_away(
    cells: Iterable[Cell], sums: Iterable[Sum], hidden: Collection[Key], threshold: int
) -> list[Key]:
    """Which small cells that are hidden can be worked out all the same from what is shown here,
    more closely than 'from 1 to below the threshold'."""
    table, ties = _complete(cells, sums, threshold)
    all_hidden: dict[Key, Reason] = dict.fromkeys(hidden, SMALL)
    all_hidden |= {key: SMALL for key in table if isinstance(key, _Rest)}
    return [
        key
        for key, cell in table.items()
        if key in hidden
        and cell.value is not None
        and 0 < cell.value < threshold
        and _is_told(key, table, ties, all_hidden, threshold)
    ]


def _is_small_range(cell: Cell, threshold: int) -> bool:
    return cell.bounds is not None and cell.bounds[1] is not None and cell.bounds[1] < threshold


def _find_helper(
    key: Key,
    table: Mapping[Key, Cell],
    ties: Sequence[Sum],
    hidden: Mapping[Key, Reason],
    threshold: int,
    fixed: Collection[Key],
) -> Key | None:
    """One more cell to hide for the sake of this one; None when it is safe."""
    if not _is_told(key, table, ties, hidden, threshold):
        return None
    near = _connect(key, table, ties, hidden)
    own = [tie for tie in near if key in (tie.total, *tie.parts)]
    # A part before a total: totals are what most readers come for.
    for ties_of, is_part in ((own, True), (near, True), (own, False), (near, False)):
        members = [m for tie in ties_of for m in (tie.parts if is_part else (tie.total,))]
        free = (m for m in members if m not in hidden and m not in fixed)
        shown = [m for m in free if (table[m].value or 0) > 0]
        if shown:
            return min(shown, key=lambda member: (table[member].value or 0, str(member)))
    return None


def _is_told(
    key: Key,
    table: Mapping[Key, Cell],
    ties: Sequence[Sum],
    hidden: Mapping[Key, Reason],
    threshold: int,
) -> bool:
    """Whether what is shown tells more of a cell than that it is small."""
    near = _connect(key, table, ties, hidden)
    if not near:
        return False
    low, high = table[key].bounds or (1, threshold - 1)
    least, most = _bound(key, table, near, hidden)
    is_open = most is None or high is None or most >= high - NOTHING
    return least > low + NOTHING or not is_open


def _connect(
    key: Key, table: Mapping[Key, Cell], ties: Sequence[Sum], hidden: Mapping[Key, Reason]
) -> list[Sum]:
    """The sums that say something about a cell: through others that are not known."""
    reached, found = {key}, []
    grew = True
    while grew:
        grew = False
        for tie in ties:
            members = {tie.total, *tie.parts}
            if tie not in found and members & reached:
                found.append(tie)
                reached |= {m for m in members if m in hidden or table[m].value is None}
                grew = True
    return found


def _bound(
    key: Key,
    table: Mapping[Key, Cell],
    ties: Sequence[Sum],
    hidden: Mapping[Key, Reason],
) -> tuple[float, float | None]:
    """The least and the most that a hidden cell can be, for who knows all that is told."""
    columns: dict[Key, int] = {}
    low: list[int] = []
    high: list[int | None] = []

    def place(member: Key) -> int:
        if member not in columns:
            columns[member] = len(low)
            cell = table.get(member)
            bounds: tuple[int, int | None] = (1 if member in hidden else 0, None)
            if cell is not None and cell.bounds is not None:
                bounds = cell.bounds
            low.append(bounds[0])
            high.append(bounds[1])
        return columns[member]

    rows: list[tuple[dict[int, int], int]] = []
    for number, tie in enumerate(ties):
        row: dict[int, int] = {}
        known = 0
        for member, sign in ((tie.total, 1), *((part, -1) for part in tie.parts)):
            value = table[member].value
            if member in hidden or value is None:
                row[place(member)] = row.get(place(member), 0) + sign
            else:
                known -= sign * value
        if not tie.is_whole:
            row[place(("rest", number))] = -1
        if row:
            rows.append((row, known))
    target = place(key)
    return _optimise(rows, low, high, target)


def _optimise(
    rows: Sequence[tuple[dict[int, int], int]],
    low: Sequence[int],
    high: Sequence[int | None],
    target: int,
) -> tuple[float, float | None]:
    """Least and most of one variable under equations and bounds; None: there is no most."""
    import numpy as np  # noqa: PLC0415 -- slow import
    from scipy.optimize import linprog  # noqa: PLC0415 -- slow import

    left, right = np.zeros((len(rows), len(low))), np.zeros(len(rows))
    for number, (row, known) in enumerate(rows):
        left[number, list(row)], right[number] = list(row.values()), known
    costs = np.zeros(len(low))
    costs[target] = 1
    told = {"A_eq": left, "b_eq": right, "bounds": list(zip(low, high, strict=True))}
    least, most = (linprog(sign * costs, method="highs", **told) for sign in (1, -1))
    if least.status == IMPOSSIBLE:  # what is told contradicts itself: it tells nothing
        return low[target], high[target]
    return float(least.fun), None if most.status == UNBOUNDED else -float(most.fun)
