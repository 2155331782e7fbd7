"""From facts to cells: who counts, in which period, what comes together where.

The parts of a programme count and not the programme itself where both stand in a cell, and a
programme's money is what its parts leave of it: nothing is counted twice. Everything is counted
from what the viewer may see, so a record that they may not see changes no number.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from focal.mapping.coverage.axes import Axis, Row
from focal.mapping.coverage.cube import VIEWS, Change, Cube, Flags, Floats, Ints
from focal.mapping.coverage.facts import KINDS
from focal.mapping.coverage.rules import Numbers, Reading, read_cell

NEED, RESPONSE, INITIATIVE = range(len(KINDS))
# What a record is in this question: nothing, known (by kind), or past its date (by kind).
CODES = 1 + 2 * len(KINDS)
KNOWN, STALE = 1, 1 + len(KINDS)
Codes = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Period:
    """Days from the first to the last, both included."""

    first: date
    last: date

    @classmethod
    def of_years(cls, first: int, last: int) -> Period:
        """Whole years."""
        return cls(date(first, 1, 1), date(last, 12, 31))


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows the records. Groups come with what is below them; empty narrows nothing."""

    period: Period
    today: date
    groups: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    view: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One economy and one node: numbers, money in euro, and how they are read."""

    numbers: Numbers = field(default_factory=Numbers)
    euro: float = 0.0
    reading: Reading = Reading.UNKNOWN
    gaps_within: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """Each record once, however many cells it counts in."""

    needs: int = 0
    responses: int = 0
    initiatives: int = 0
    stale: int = 0
    euro: float = 0.0


@dataclass(frozen=True)
class Matrix:
    """Cells by row and economy, with what stands beside them."""

    axis: Axis
    economies: tuple[str, ...]
    rows: tuple[int, ...]
    cells: tuple[tuple[Cell, ...], ...]
    by_row: tuple[Totals, ...]
    by_economy: tuple[Totals, ...]
    total: Totals
    restricted: int = 0
    outside: int = 0
    without_amount: int = 0
    unconverted: int = 0
    readings: dict[Reading, int] = field(default_factory=dict)

    def get_row(self, number: int) -> Row:
        """The node of a row."""
        return self.axis.rows[self.rows[number]]


def count(
    cube: Cube,
    visible: Flags,
    axis: Axis,
    filters: Filters,
    *,
    economies: Sequence[str],
    rows: Sequence[int],
) -> Matrix:
    """The matrix for one question."""
    codes = tell_codes(cube, visible, filters)
    grid = get_grid(cube, axis)
    places = [cube.names["economy"].find(code) for code in economies]
    chosen = _choose(grid, codes, places, rows)
    chosen &= ~_find_wholes(cube, grid, codes, chosen)
    record, economy, node = grid.record[chosen], grid.economy[chosen], grid.node[chosen]
    width, height = grid.economies, len(axis.rows)
    code = codes[record].astype(np.int64)
    counted = np.bincount(
        (economy * height + node) * CODES + code, minlength=width * height * CODES
    ).reshape(width, height, CODES)
    money = _count_money(cube, grid, codes, visible, filters, height)
    doubled = find_doubled(cube, axis, codes, filters)
    made = [
        [
            _make_cell(counted[place, row], money[place, row], bool(doubled[place, row]))
            if place >= 0
            else Cell()
            for place in places
        ]
        for row in range(height)
    ]
    cells = _tell_gaps_within(axis, made, rows)
    shown, top = [place for place in places if place >= 0], _top(axis, rows)
    by_record = _flag(len(cube), record)
    return Matrix(
        axis=axis,
        economies=tuple(economies),
        rows=tuple(rows),
        cells=cells,
        by_row=_total_rows(rows, record, node, code, height, money, shown),
        by_economy=_total_economies(
            places, record, economy, code, width, money[:, top].sum(axis=1)
        ),
        total=_make_totals(
            np.bincount(codes[by_record], minlength=CODES),
            money[np.ix_(shown, top)].sum() if shown else 0.0,
        ),
        restricted=int((cube.is_restricted() & by_record).sum()),
        outside=int(((codes > 0) & ~_flag(len(cube), grid.record)).sum()),
        without_amount=int(
            (by_record & (codes == KNOWN + INITIATIVE) & ~cube.columns["has_money"]).sum()
        ),
        unconverted=int(
            (by_record & (codes == KNOWN + INITIATIVE) & cube.columns["unconverted"]).sum()
        ),
        readings=_tell_readings(axis, cells, rows),
    )


# Which records count, and as what


def tell_codes(cube: Cube, visible: Flags, filters: Filters) -> Codes:
    """For each record: 0 when it does not count here, else what it is and whether it still holds.

    A statement holds for a period when the day on which to ask again lies after the period's
    end, or after today where the period is not over yet.
    """
    columns = cube.columns
    first, last = filters.period.first.toordinal(), filters.period.last.toordinal()
    as_of = min(last, filters.today.toordinal())
    kind = columns["kind"]
    counts = visible & columns["counts"] & (columns["start"] <= last) & (columns["end"] >= first)
    if filters.groups:
        named = _has_tag(cube, "group", filters.groups)
        # A need or a response that names no group is one for everybody.
        counts &= named | ((kind != INITIATIVE) & ~_flag(len(cube), cube.tags["group"].record))
    if filters.levels:
        counts &= (kind != INITIATIVE) | _has_tag(cube, "level", filters.levels)
    if filters.view:
        counts &= (kind != NEED) | (columns["view"] == VIEWS.index(filters.view))
    stale = columns["due"] < as_of
    codes: Codes = np.where(counts, kind + np.where(stale, STALE, KNOWN), 0).astype(np.int8)
    return codes


def _has_tag(cube: Cube, name: str, keys: Collection[str]) -> Flags:
    numbers = [cube.names[name].find(key) for key in keys]
    tags = cube.tags[name]
    return _flag(len(cube), tags.record[np.isin(tags.tag, numbers)])


def _flag(length: int, places: Ints) -> Flags:
    flags = np.zeros(length, bool)
    flags[places] = True
    return flags


# Where they count


MOST_KEPT = 12  # ways to roll up that a cube keeps, of frames and topics together


@dataclass(frozen=True, slots=True)
class Grid:
    """Every record in every cell it belongs to, rolled up, once; `weight` is its share there."""

    axis: Axis
    record: Ints
    economy: Ints
    node: Ints
    weight: Floats
    economies: int

    def carry(self, change: Change) -> Grid:
        """The same for the next cube."""
        fresh = _make_grid(change.fresh, self.axis)
        return Grid(
            self.axis,
            change.join(self.record, fresh.record),
            change.append(self.record, self.economy, fresh.economy),
            change.append(self.record, self.node, fresh.node),
            change.append(self.record, self.weight, fresh.weight),
            max(self.economies, fresh.economies),
        )


def get_grid(cube: Cube, axis: Axis) -> Grid:
    """The rows of an axis; made once, and kept with the cube."""
    return _keep(cube, ("grid", axis.shape), lambda: _make_grid(cube, axis))


def _keep(cube: Cube, key: Any, make: Callable[[], Any]) -> Any:
    if key not in cube.cache:
        made = make()
        kept = [other for other in list(cube.cache) if isinstance(other, tuple)]
        if len(kept) >= MOST_KEPT:
            cube.cache.pop(kept[0], None)
        cube.cache[key] = made
    return cube.cache[key]


def _make_grid(cube: Cube, axis: Axis) -> Grid:
    record, economy, node, weight = _cross(cube, axis)
    above = np.array(
        [
            [*row.above, place, *[-1] * (axis.deepest - row.depth - 1)]
            for place, row in enumerate(axis.rows)
        ],
        np.int64,
    ).reshape(len(axis.rows), axis.deepest)
    levels = above[node]
    kept = levels >= 0
    repeats = kept.sum(axis=1)
    width, height = max(1, len(cube.names["economy"])), max(1, len(axis.rows))
    cell = np.repeat(record * width + economy, repeats) * height + levels[kept]
    cells, back = np.unique(cell, return_inverse=True)
    return Grid(
        axis=axis,
        record=cells // (width * height),
        economy=cells // height % width,
        node=cells % height,
        weight=_sum(back, np.repeat(weight, repeats), len(cells)),
        economies=width,
    )


def _cross(cube: Cube, axis: Axis) -> tuple[Ints, Ints, Ints, Floats]:
    """Each record with each of its economies and each of its own nodes in this axis."""
    own, economies = cube.tags[axis.by], cube.tags["economy"]
    to_place = np.array([axis.places.get(key, -1) for key in cube.names[axis.by].names], np.int64)
    node = to_place[own.tag] if len(own.tag) else own.tag
    inside = node >= 0
    record, node, weight = own.record[inside], node[inside], own.weight[inside]
    whole = np.bincount(record, weight, minlength=len(cube))
    number = np.bincount(record, minlength=len(cube))
    # Shares within this axis: where none of its nodes has one, equal parts.
    share = np.where(
        whole[record] > 0,
        weight / np.where(whole[record] > 0, whole[record], 1),
        1 / np.maximum(number[record], 1),
    )
    per_record = np.bincount(economies.record, minlength=len(cube))
    first = np.cumsum(per_record) - per_record
    repeats = per_record[record]
    which = np.repeat(np.arange(len(record)), repeats)
    step = np.arange(len(which)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    at = first[record[which]] + step
    return (
        record[which],
        economies.tag[at],
        node[which],
        share[which] * economies.weight[at],
    )


def _choose(grid: Grid, codes: Codes, places: Sequence[int], rows: Sequence[int]) -> Flags:
    chosen: Flags = codes[grid.record] > 0
    chosen &= np.isin(grid.economy, [place for place in places if place >= 0])
    chosen &= np.isin(grid.node, rows)
    return chosen


def get_parents(cube: Cube) -> Ints:
    """For each record the place of the programme it is a part of; -1 where there is none."""
    if "parents" not in cube.cache:
        ids = cube.columns["ids"]
        order = np.argsort(ids)
        wanted = cube.columns["parent"]
        at = np.searchsorted(ids, wanted, sorter=order)
        found = order[np.minimum(at, max(0, len(ids) - 1))] if len(ids) else at
        is_there = (ids[found] == wanted) & (wanted >= 0) if len(ids) else np.zeros(0, bool)
        cube.cache["parents"] = np.where(is_there, found, -1)
    return cube.cache["parents"]


def _find_wholes(cube: Cube, grid: Grid, codes: Codes, chosen: Flags) -> Flags:
    """Rows of programmes in whose cell a part of them counts already."""
    parents = get_parents(cube)
    is_whole = np.zeros(len(grid.record), bool)
    if not len(cube) or not (parents >= 0).any():
        return is_whole
    of_part = np.flatnonzero(chosen & (parents[grid.record] >= 0))
    if not len(of_part):
        return is_whole
    size = grid.economies * (int(grid.node.max()) + 1)
    cell = grid.economy * (int(grid.node.max()) + 1) + grid.node
    known = codes[grid.record[of_part]] == KNOWN + INITIATIVE
    held = parents[grid.record[of_part]] * size + cell[of_part]
    candidates = np.flatnonzero(chosen & _flag(len(cube), parents[parents >= 0])[grid.record])
    wanted = grid.record[candidates] * size + cell[candidates]
    is_stale = codes[grid.record[candidates]] == STALE + INITIATIVE
    is_whole[candidates] = np.isin(wanted, held[known]) | (is_stale & np.isin(wanted, held))
    return is_whole


# Money


def get_own_euro(cube: Cube, visible: Flags) -> Floats:
    """What each record's money is beside that of its parts: nothing is there twice."""
    parents = get_parents(cube)
    parts = visible & cube.columns["counts"] & (parents >= 0)
    of_parts = np.bincount(parents[parts], cube.columns["euro"][parts], minlength=len(cube))
    own: Floats = np.maximum(cube.columns["euro"] - of_parts, 0.0)
    return own


def _count_money(
    cube: Cube,
    grid: Grid,
    codes: Codes,
    visible: Flags,
    filters: Filters,
    height: int,
) -> Floats:
    first, last = filters.period.first.toordinal(), filters.period.last.toordinal()
    starts, ends = cube.columns["money_start"], cube.columns["money_end"]
    days = np.minimum(ends, last) - np.maximum(starts, first) + 1
    part = np.clip(days, 0, None) / np.maximum(ends - starts + 1, 1)
    euro = np.where(codes == KNOWN + INITIATIVE, get_own_euro(cube, visible) * part, 0.0)
    worth = euro[grid.record] > 0
    record = grid.record[worth]
    places = grid.economy[worth] * height + grid.node[worth]
    sums = _sum(places, euro[record] * grid.weight[worth], grid.economies * height)
    return sums.reshape(grid.economies, height)


def _sum(places: Ints, values: Floats, length: int) -> Floats:
    """The values added up by their places."""
    return np.bincount(places, values, minlength=length).astype(np.float64, copy=False)


# Two funders, one thing


@dataclass(frozen=True, slots=True)
class Runs:
    """Initiatives by cell and target group, in the order of their start."""

    axis: Axis
    record: Ints
    economy: Ints
    node: Ints
    group: Ints
    start: Ints

    def carry(self, change: Change) -> Runs:
        """The same for the next cube."""
        fresh = _make_runs(change.fresh, self.axis)
        return _sort_runs(
            self.axis,
            change.join(self.record, fresh.record),
            change.append(self.record, self.economy, fresh.economy),
            change.append(self.record, self.node, fresh.node),
            change.append(self.record, self.group, fresh.group),
            change.append(self.record, self.start, fresh.start),
        )


def _sort_runs(
    axis: Axis, record: Ints, economy: Ints, node: Ints, group: Ints, start: Ints
) -> Runs:
    groups = int(group.max(initial=0)) + 1
    key = ((economy * max(1, len(axis.rows)) + node) * groups + group) * (1 << 22) + start
    order = np.argsort(key, kind="stable")  # what is nearly in order already costs little
    return Runs(axis, record[order], economy[order], node[order], group[order], start[order])


def find_doubled(cube: Cube, axis: Axis, codes: Codes, filters: Filters) -> Flags:
    """By economy and node: do two funders run at once for the same group at one of its nodes?

    Sorted by their start, two that overlap and differ exist exactly when one begins before the
    latest end so far of another funder's; the running maximum finds it in one pass.
    """
    runs = _get_runs(cube, axis)
    width, height = max(1, len(cube.names["economy"])), len(axis.rows)
    doubled = np.zeros((width, height), bool)
    is_part_of = get_parents(cube)
    stands_aside = np.zeros(len(cube), bool)
    known = codes == KNOWN + INITIATIVE
    stands_aside[is_part_of[known & (is_part_of >= 0)]] = True
    chosen = known[runs.record] & ~stands_aside[runs.record]
    if filters.groups:
        numbers = [cube.names["group"].find(key) for key in filters.groups]
        chosen &= np.isin(runs.group, numbers)
    at = np.flatnonzero(chosen)
    if len(at) < 2:
        return doubled
    record = runs.record[at]
    cell = (runs.economy[at] * height + runs.node[at]) * (1 + len(cube.names["group"]))
    cell += runs.group[at]
    opens = np.concatenate([[True], cell[1:] != cell[:-1]])
    run = np.cumsum(opens) - 1
    size = len(at)
    # The latest end so far within a run, and whose it is, in one number.
    latest = np.maximum.accumulate((run * (1 << 22) + cube.columns["end"][record]) * size
                                   + np.arange(size))  # fmt: skip
    whose, until = latest[:-1] % size, latest[:-1] // size % (1 << 22)
    funders = cube.columns["funders"][record]
    overlaps = ~opens[1:] & (runs.start[at][1:] <= until) & (funders[1:] != funders[whose])
    for place in np.unique((cell // (1 + len(cube.names["group"])))[1:][overlaps]):
        economy, node = divmod(int(place), height)
        doubled[economy, [*axis.rows[node].above, node]] = True
    return doubled


def _get_runs(cube: Cube, axis: Axis) -> Runs:
    return _keep(cube, ("runs", axis.shape), lambda: _make_runs(cube, axis))


def _make_runs(cube: Cube, axis: Axis) -> Runs:
    record, economy, node, _weight = _cross(cube, axis)
    mine = cube.columns["kind"][record] == INITIATIVE
    record, economy, node = record[mine], economy[mine], node[mine]
    groups = cube.tags["group"]
    per_record = np.bincount(groups.record, minlength=len(cube))
    first = np.cumsum(per_record) - per_record
    repeats = per_record[record]
    which = np.repeat(np.arange(len(record)), repeats)
    step = np.arange(len(which)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    group = groups.tag[first[record[which]] + step]
    record, economy, node = record[which], economy[which], node[which]
    return _sort_runs(axis, record, economy, node, group, cube.columns["start"][record])


# Cells and totals


def _make_cell(counted: Any, euro: float, is_doubled: bool) -> Cell:
    _none, *values = counted.tolist()
    numbers = Numbers(*values, is_doubled)  # type: ignore[call-arg]
    return Cell(numbers, float(euro), read_cell(numbers))


def _tell_gaps_within(
    axis: Axis, made: list[list[Cell]], rows: Sequence[int]
) -> tuple[tuple[Cell, ...], ...]:
    """The shown cells; each broad one says how many gaps at its leaves it covers up."""
    gaps = np.zeros((len(axis.rows), len(made[0]) if made else 0), np.int64)
    for place in axis.leaves:
        flags = [cell.reading == Reading.GAP for cell in made[place]]
        for upper in axis.rows[place].above:
            gaps[upper] += flags
    return tuple(
        tuple(
            Cell(cell.numbers, cell.euro, cell.reading, int(gaps[row, column]))
            for column, cell in enumerate(made[row])
        )
        for row in rows
    )


def _make_totals(counted: Any, euro: float) -> Totals:
    _none, needs, responses, initiatives, *stale = (int(value) for value in counted)
    return Totals(needs, responses, initiatives, sum(stale), float(euro))


def _total_rows(
    rows: Sequence[int],
    record: Ints,
    node: Ints,
    code: Ints,
    height: int,
    money: Floats,
    shown: Sequence[int],
) -> tuple[Totals, ...]:
    seen = np.unique(record * height + node, return_index=True)[1]
    counted = np.bincount(node[seen] * CODES + code[seen], minlength=height * CODES).reshape(
        height, CODES
    )
    return tuple(
        _make_totals(counted[row], money[shown, row].sum() if shown else 0.0) for row in rows
    )


def _total_economies(
    places: Sequence[int],
    record: Ints,
    economy: Ints,
    code: Ints,
    width: int,
    money: Floats,
) -> tuple[Totals, ...]:
    seen = np.unique(record * width + economy, return_index=True)[1]
    counted = np.bincount(economy[seen] * CODES + code[seen], minlength=width * CODES).reshape(
        width, CODES
    )
    return tuple(
        _make_totals(counted[place], money[place]) if place >= 0 else Totals() for place in places
    )


def _top(axis: Axis, rows: Sequence[int]) -> list[int]:
    """The shown rows with none of their broader ones shown: what sums to the whole."""
    shown = set(rows)
    return [row for row in rows if shown.isdisjoint(axis.rows[row].above)]


def _tell_readings(
    axis: Axis, cells: Sequence[Sequence[Cell]], rows: Sequence[int]
) -> dict[Reading, int]:
    """How many of the shown cells say what; of a tree, those with nothing shown below them."""
    inner = {upper for row in rows for upper in axis.rows[row].above}
    found = dict.fromkeys(Reading, 0)
    for row, line in zip(rows, cells, strict=True):
        if row not in inner:
            for cell in line:
                found[cell.reading] += 1
    return found
