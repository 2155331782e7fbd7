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

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]
    Mask = NDArray[np.bool_]

Key = Hashable
Reason = Literal["small", "complement"]
Range = tuple[float, float | None]  # the least and the most; None: there is no most
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
    also: Collection[Key] = (),
    may_hide_zeros: bool = False,
) -> dict[Key, Reason]:
    """Which cells are not to be told, and why.

    `elsewhere` are cells that readers see beside these, and whether they are hidden there: they
    are taken as they are. `also` are hidden in any case. `may_hide_zeros`: where nothing else is
    left to hide, a zero is; the attacker then knows no more that what is hidden is not zero.
    """
    given = frozenset(elsewhere.items())
    told = (tuple(cells), tuple(sums), threshold, given, frozenset(also), may_hide_zeros)
    return dict(_find_hidden(*told))


def hide_in_table(
    counts: Counts,
    threshold: int,
    totals_hidden: Sequence[Mask | None] | None = None,
    others: Iterable[tuple[Sequence[tuple[int, ...]], bool]] = (),
) -> Mask:
    """The same for a table of any number of axes whose sums along each axis are published.

    Where one of them is not, `totals_hidden[axis]` (of the table's shape without that axis)
    is true: such a line then has a hidden cell as well, or its sum would tell the total.
    `others` are cells whose sum is published elsewhere, and whether it is hidden there.
    """
    import numpy as np  # noqa: PLC0415 -- slow import

    masks = list(totals_hidden or [None] * counts.ndim)
    places = list(np.ndindex(counts.shape))
    cells: dict[Key, Cell] = {place: Cell(place, int(counts[place])) for place in places}
    sums: list[Sum] = []
    elsewhere: dict[Key, bool] = {}
    also: set[Key] = set()
    for number, (parts, is_hidden) in enumerate(chain(_list_lines(counts.shape, masks), others)):
        total = ("total", number)
        cells[total] = Cell(total, int(sum(counts[part] for part in parts)))
        sums.append(Sum(total, tuple(parts), is_whole=True))
        elsewhere[total] = is_hidden
        if is_hidden:
            also.add(_choose_opening(parts, cells, also, threshold))
    hidden = find_hidden(
        cells.values(), sums, threshold, elsewhere=elsewhere, also=also, may_hide_zeros=True
    )
    mask_of_all = np.zeros(counts.shape, dtype=bool)
    for place in places:
        mask_of_all[place] = place in hidden
    return mask_of_all


def _list_lines(
    shape: tuple[int, ...], masks: Sequence[Mask | None]
) -> Iterator[tuple[list[tuple[int, ...]], bool]]:
    """The places of each line of a table, and whether its sum is hidden."""
    import numpy as np  # noqa: PLC0415 -- slow import

    for axis, mask in enumerate(masks):
        for line in np.ndindex(*np.delete(shape, axis)):
            parts = [(*line[:axis], step, *line[axis:]) for step in range(shape[axis])]
            yield parts, mask is not None and bool(mask[line])


def _choose_opening(
    parts: Sequence[Key], cells: Mapping[Key, Cell], also: Collection[Key], threshold: int
) -> Key:
    """The cell of a line that is hidden: one that is so already, else the smallest that stands for
    somebody."""

    def rank(part: Key) -> tuple[bool, bool, int]:
        count = cells[part].value or 0
        return not (part in also or 0 < count < threshold), count == 0, count

    return min(parts, key=rank)


@lru_cache(maxsize=512)
def _find_hidden(
    cells: tuple[Cell, ...],
    sums: tuple[Sum, ...],
    threshold: int,
    elsewhere: frozenset[tuple[Key, bool]],
    also: frozenset[Key],
    may_hide_zeros: bool,
) -> Mapping[Key, Reason]:
    fixed = dict(elsewhere)
    table, ties = _complete(cells, sums, threshold)
    hidden: dict[Key, Reason] = {
        key: SMALL
        for key, cell in table.items()
        if fixed.get(key, cell.value is not None and 0 < cell.value < threshold)
    }
    protected = [key for key in hidden if key not in fixed]
    hidden |= {key: COMPLEMENT for key in also if key not in hidden}
    ranges = (key for key, cell in table.items() if _is_small_range(cell, threshold))
    all_hidden = hidden | {
        key: COMPLEMENT
        for key, cell in table.items()
        if key not in hidden and key not in fixed and (may_hide_zeros or cell.value != 0)
    }
    # What is hidden further makes nobody wiser: a cell that is safe stays so.
    for key in [*protected, *(key for key in ranges if key not in fixed)]:
        aim = _find_aim(key, table, ties, all_hidden, threshold)
        while (
            helper := _find_helper(key, table, ties, hidden, aim, fixed, may_hide_zeros)
        ) is not None:
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
        and _is_told(key, table, ties, all_hidden, (1, threshold - 1))
    ]


def _is_small_range(cell: Cell, threshold: int) -> bool:
    return cell.bounds is not None and cell.bounds[1] is not None and cell.bounds[1] < threshold


def _find_helper(
    key: Key,
    table: Mapping[Key, Cell],
    ties: Sequence[Sum],
    hidden: Mapping[Key, Reason],
    aim: Range,
    fixed: Collection[Key],
    may_hide_zeros: bool,
) -> Key | None:
    """One more cell to hide for the sake of this one; None when it is safe."""
    if not _is_told(key, table, ties, hidden, aim):
        return None
    near = _connect(key, table, ties, hidden)
    is_open = {id(tie): any(m in hidden for m in (tie.total, *tie.parts)) for tie in near}
    # A part before a total, which most readers come for; a zero, which points to nobody, last.
    for is_part, least in ((True, 1), (False, 1), *([(True, 0)] if may_hide_zeros else [])):
        openings: dict[Key, int] = defaultdict(int)
        for tie in near:
            for member in tie.parts if is_part else (tie.total,):
                openings[member] += is_open[id(tie)]
        free = [m for m in openings if m not in hidden and m not in fixed]
        shown = [m for m in free if (table[m].value or 0) >= least]
        if shown:  # the one through which most sums are open already, then the smallest
            return min(shown, key=lambda m: (-openings[m], table[m].value or 0, str(m)))
    return None


def _find_aim(
    key: Key,
    table: Mapping[Key, Cell],
    ties: Sequence[Sum],
    all_hidden: Mapping[Key, Reason],
    threshold: int,
) -> Range:
    """What may be known of a cell: that it is small, and what would follow if all were hidden that
    can be. (A total of 6 in three parts that is shown elsewhere leaves at most 4 for each.)"""
    low, high = table[key].bounds or (1, threshold - 1)
    near = _connect(key, table, ties, all_hidden)
    least, most = _bound(key, table, near, all_hidden) if near else (low, high)
    highest = most if high is None else high if most is None else min(high, most)
    return max(low, least), highest


def _is_told(
    key: Key,
    table: Mapping[Key, Cell],
    ties: Sequence[Sum],
    hidden: Mapping[Key, Reason],
    aim: Range,
) -> bool:
    """Whether what is shown tells more of a cell than may be known."""
    near = _connect(key, table, ties, hidden)
    if not near:
        return False
    if aim[1] is not None and aim[1] <= aim[0] + NOTHING:  # nothing can keep it from who can count
        return _is_determined(key, table, near, hidden)
    least, most = _bound(key, table, near, hidden)
    is_open = most is None or aim[1] is None or most >= aim[1] - NOTHING
    return least > aim[0] + NOTHING or not is_open


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
) -> Range:
    """The least and the most that a hidden cell can be, for who knows all that is told."""
    has_zeros = any(member in table and table[member].value == 0 for member in hidden)
    columns, rows = _list_equations(key, table, ties, hidden)
    low: list[int] = []
    high: list[int | None] = []
    for member in columns:
        cell = table.get(member)
        bounds: tuple[int, int | None] = (int(member in hidden and not has_zeros), None)
        if cell is not None and cell.bounds is not None:
            bounds = cell.bounds
        low.append(bounds[0])
        high.append(bounds[1])
    return _optimise(rows, low, high, columns[key])


def _is_determined(
    key: Key, table: Mapping[Key, Cell], ties: Sequence[Sum], hidden: Mapping[Key, Reason]
) -> bool:
    """Whether a cell follows from the sums alone, by linear algebra: its unit vector lies in the
    space of their rows (Hundepool et al., Statistical Disclosure Control, 2012, chapter 4)."""
    import numpy as np  # noqa: PLC0415 -- slow import

    columns, rows = _list_equations(key, table, ties, hidden)
    matrix, unit = np.zeros((len(rows), len(columns))), np.zeros(len(columns))
    for number, (row, _known) in enumerate(rows):
        matrix[number, list(row)] = list(row.values())
    unit[columns[key]] = 1
    weights = np.linalg.lstsq(matrix.T, unit, rcond=None)[0]
    return bool(np.allclose(matrix.T @ weights, unit, atol=NOTHING))


def _list_equations(
    key: Key, table: Mapping[Key, Cell], ties: Sequence[Sum], hidden: Mapping[Key, Reason]
) -> tuple[dict[Key, int], list[tuple[dict[int, int], int]]]:
    """What is not known, by the number of its column, and what the sums say of it: factors by
    column, and what they add up to."""
    columns: dict[Key, int] = {}

    def place(member: Key) -> int:
        return columns.setdefault(member, len(columns))

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
    place(key)
    return columns, rows


def _optimise(
    rows: Sequence[tuple[dict[int, int], int]],
    low: Sequence[int],
    high: Sequence[int | None],
    target: int,
) -> Range:
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
