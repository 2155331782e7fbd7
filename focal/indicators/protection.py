"""Small counts of persons are not told, nor can they be worked out from what is told.

Pure: cells and the sums that tie them go in, what must stay hidden comes out. A cell below
the threshold is hidden (`SMALL`). Then an attacker who knows every shown cell, every sum
and that a hidden one is not zero works out the least and the most that each small cell can
be. As long as that tells more than 'from 1 to below the threshold', one more cell is hidden
(`COMPLEMENT`), the smallest that helps. Readers are not told which of the two a hidden cell
is: they would learn from it. A zero is told: it points to nobody.

The attacker's bounds are exact (linear programming over fractions), cell by connected cell.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Key = Hashable
Reason = Literal["small", "complement"]
SMALL: Reason = "small"
COMPLEMENT: Reason = "complement"


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


def find_hidden(cells: Iterable[Cell], sums: Iterable[Sum], threshold: int) -> dict[Key, Reason]:
    """Which cells are not to be told, and why."""
    table = {cell.key: cell for cell in cells}
    ties = [tie for tie in sums if tie.total in table and all(part in table for part in tie.parts)]
    hidden: dict[Key, Reason] = {
        key: SMALL
        for key, cell in table.items()
        if cell.value is not None and 0 < cell.value < threshold
    }
    sensitive = [*hidden, *(key for key, cell in table.items() if _is_small_range(cell, threshold))]
    waiting = list(sensitive)
    while waiting:
        key = waiting[-1]
        helper = _find_helper(key, table, ties, hidden, threshold)
        if helper is None:
            waiting.pop()
        else:
            hidden[helper] = COMPLEMENT
            waiting = list(sensitive)
    return hidden


def _is_small_range(cell: Cell, threshold: int) -> bool:
    return cell.bounds is not None and cell.bounds[1] is not None and cell.bounds[1] < threshold


def _find_helper(
    key: Key,
    table: Mapping[Key, Cell],
    ties: Sequence[Sum],
    hidden: Mapping[Key, Reason],
    threshold: int,
) -> Key | None:
    """One more cell to hide for the sake of this one; None when it is safe."""
    near = _connect(key, table, ties, hidden)
    if not near:
        return None
    low, high = table[key].bounds or (1, threshold - 1)
    least, most = _bound(key, table, near, hidden)
    if least <= low and (high is None or most is None or most >= high):
        return None
    own = [tie for tie in near if key in (tie.total, *tie.parts)]
    # A part before a total: totals are what most readers come for.
    for ties_of, is_part in ((own, True), (near, True), (own, False), (near, False)):
        members = [m for tie in ties_of for m in (tie.parts if is_part else (tie.total,))]
        shown = [m for m in members if m not in hidden and (table[m].value or 0) > 0]
        if shown:
            return min(shown, key=lambda member: (table[member].value or 0, str(member)))
    return None


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
) -> tuple[Fraction, Fraction | None]:
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
) -> tuple[Fraction, Fraction | None]:
    """Least and most of one variable under equations and bounds (two-phase simplex)."""
    width = len(low)
    equations: list[tuple[dict[int, Fraction], Fraction]] = []
    for row, known in rows:
        shifted = Fraction(known - sum(sign * low[place] for place, sign in row.items()))
        equations.append(({place: Fraction(sign) for place, sign in row.items()}, shifted))
    columns = width
    for place, top in enumerate(high):
        if top is not None:
            equations.append(
                ({place: Fraction(1), columns: Fraction(1)}, Fraction(top - low[place]))
            )
            columns += 1
    tableau = _Tableau(equations, columns)
    if not tableau.is_possible:  # what is told contradicts itself: it tells nothing
        return Fraction(low[target]), None if high[target] is None else Fraction(high[target] or 0)
    least = tableau.minimise(target, 1)
    most = tableau.minimise(target, -1)
    return (
        (least if least is not None else Fraction(0)) + low[target],
        None if most is None else low[target] - most,
    )


class _Tableau:
    """A simplex tableau over fractions with Bland's rule: small, exact, never cycling."""

    def __init__(self, equations: Sequence[tuple[dict[int, Fraction], Fraction]], columns: int):
        self.columns = columns
        self.basis = [columns + number for number in range(len(equations))]
        self.rows: list[list[Fraction]] = []
        for number, (row, right) in enumerate(equations):
            sign = -1 if right < 0 else 1
            line = [Fraction(0)] * (columns + len(equations) + 1)
            for place, value in row.items():
                line[place] = sign * value
            line[columns + number] = Fraction(1)
            line[-1] = sign * right
            self.rows.append(line)
        costs = [Fraction(0)] * columns + [Fraction(1)] * len(equations)
        self.is_possible = self._run(costs, columns + len(equations)) == 0
        if self.is_possible:
            self._drop_helpers()

    def minimise(self, target: int, sign: int) -> Fraction | None:
        """The least of `sign` times one variable; None when there is no least."""
        costs = [Fraction(0)] * (len(self.rows[0]) - 1 if self.rows else self.columns)
        costs[target] = Fraction(sign)
        return self._run(costs, self.columns)

    def _drop_helpers(self) -> None:
        """After the first phase: helpers that stayed in the basis at zero leave it."""
        for number, place in enumerate(list(self.basis)):
            if place >= self.columns:
                other = next((c for c in range(self.columns) if self.rows[number][c] != 0), None)
                if other is not None:
                    self._pivot(number, other)
        kept = [n for n, place in enumerate(self.basis) if place < self.columns]
        self.rows = [self.rows[n] for n in kept]
        self.basis = [self.basis[n] for n in kept]

    def _run(self, costs: Sequence[Fraction], allowed: int) -> Fraction | None:
        while True:
            entering = self._find_entering(costs, allowed)
            if entering is None:
                return sum(
                    (
                        costs[place] * row[-1]
                        for place, row in zip(self.basis, self.rows, strict=True)
                    ),
                    Fraction(0),
                )
            leaving = self._find_leaving(entering)
            if leaving is None:
                return None
            self._pivot(leaving, entering)

    def _find_entering(self, costs: Sequence[Fraction], allowed: int) -> int | None:
        in_basis = set(self.basis)
        paying = [(costs[place], row) for place, row in zip(self.basis, self.rows, strict=True)]
        paying = [(cost, row) for cost, row in paying if cost]
        for column in range(allowed):
            if column in in_basis:
                continue
            reduced = costs[column] - sum((cost * row[column] for cost, row in paying), Fraction(0))
            if reduced < 0:
                return column
        return None

    def _find_leaving(self, entering: int) -> int | None:
        ratios = [
            (row[-1] / row[entering], self.basis[number], number)
            for number, row in enumerate(self.rows)
            if row[entering] > 0
        ]
        return min(ratios)[2] if ratios else None

    def _pivot(self, leaving: int, entering: int) -> None:
        line = self.rows[leaving]
        factor = line[entering]
        line = self.rows[leaving] = [value / factor for value in line]
        for number, row in enumerate(self.rows):
            if number != leaving and row[entering]:
                times = row[entering]
                self.rows[number] = [a - times * b for a, b in zip(row, line, strict=True)]
        self.basis[leaving] = entering
