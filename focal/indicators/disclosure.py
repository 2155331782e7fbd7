"""Which figures are not shown to anybody outside the desk, because they could point to somebody.

What is hidden depends on the figures and on whom the series is for, never on who asks: two
readers who compare what they see must learn nothing. So a series is protected together with those
it is part of, or that are part of it, where these are for exactly the same readers. Those that are
for more readers are taken as these see them: they never change for what others may not see.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from focal.indicators import protection
from focal.indicators.models import Observation, Series
from focal.indicators.protection import Cell, Sum, find_hidden
from focal.records.models import RecordAudience
from focal.sharing.tokens import COMMUNITY, PUBLIC
from focal.vocabulary.selectors import get_vocabulary

BELOW = (Observation.Qualifier.LESS_THAN, Observation.Qualifier.UP_TO)
ABOVE = (Observation.Qualifier.MORE_THAN, Observation.Qualifier.AT_LEAST)
ROUGH = (Observation.Qualifier.ABOUT, Observation.Qualifier.SOME)
LIGHT = (
    "pk", "series_id", "area", "group", "sex", "age", "value", "upper", "qualifier",
    "period_start", "period_end", "as_of", "edition", "source_title", "superseded_by_id",
    "withdrawn_at",
)  # fmt: skip
MOST_OVERLAPPING = 12  # parts that are tried against one another
Slot = tuple[str, str, str, str]  # area, group, sex, age


def get_threshold(marking: str) -> int:
    """Counts of persons below this are not shown where this marking stands."""
    return int(settings.SMALL_COUNTS[marking])


def find_hidden_figures(series: Collection[Series]) -> dict[int, bool]:
    """The keys of all figures of these series that are not shown; True where it may be said
    that it is for being small (nothing else follows from it)."""
    asked = [row for row in series if row.counts_persons and get_threshold(row.marking)]
    if not asked:
        return {}
    families = _gather_families(asked)
    rows = _read_rows([row.pk for family in families for row in family.series])
    hidden: dict[int, bool] = {}
    for family in families:
        hidden |= _protect(
            family, _select(family.series, rows), _select(family.wider, rows), hidden
        )
    return hidden


def find_given_away(series: Collection[Series]) -> list[tuple[Observation, list[Series]]]:
    """The small counts in these series that follow from what is shown beside them to some of their
    readers, and the series that give them away. Where series are for different readers,
    hiding cannot always help."""
    counted = [row for row in series if row.counts_persons]
    rows = _read_rows([row.pk for row in counted])
    standing = [row for row in _select(counted, rows) if row.is_standing]
    hidden = set(find_hidden_figures(counted))
    threshold = max((get_threshold(row.marking) for row in counted), default=0)
    cells, sums = [_to_cell(row) for row in standing], list(_find_sums(counted, standing))
    told = set(protection.find_given_away(cells, sums, hidden, threshold))
    by_pk = {row.pk: row for row in counted}
    of_cell = {row.pk: row.series_id for row in standing}
    found = []
    for row in standing:
        if row.pk in told:
            ties = [tie for tie in sums if row.pk in (tie.total, *tie.parts)]
            beside = {of_cell[int(str(key))] for tie in ties for key in (tie.total, *tie.parts)}
            others = [by_pk[pk] for pk in sorted(beside - {row.series_id})]
            found.append((row, others))
    return found


def list_relatives(references: Collection[str]) -> list[str]:
    """The series of persons that are tied to these, by their references; not these themselves."""
    system = Series.objects.for_system("what is hidden is the same for everybody")
    asked = list(system.filter(reference__in=references).only(*_SERIES_FIELDS))
    roots = {row.part_of or row.key for row in asked}
    tied = system.filter(Q(key__in=roots) | Q(part_of__in=roots)).only(*_SERIES_FIELDS)
    return sorted(
        row.reference for row in tied if row.counts_persons and row.reference not in references
    )


def mask(row: Observation) -> Observation:
    """The same figure without its number, for whoever must not see it."""
    masked = copy.copy(row)
    masked.value = None  # type: ignore[assignment]  # a shown figure may have none
    masked.upper = masked.margin_low = masked.margin_high = masked.margin_level = None
    masked.margin_kind = ""
    return masked


@dataclass(frozen=True, slots=True)
class _Family:
    """Series that are tied and for the same readers; `wider` ones are tied to them, and their
    readers see those as well."""

    series: tuple[Series, ...]
    wider: tuple[Series, ...] = ()


def _gather_families(asked: Sequence[Series]) -> list[_Family]:
    """Each series with those that its figures could be worked out from, the widest first."""
    wholes = {row.part_of for row in asked if row.part_of}
    related = Series.objects.for_system("what is hidden is the same for everybody").filter(
        Q(key__in=wholes) | Q(part_of__in=wholes | {row.key for row in asked})
    )
    by_pk = {row.pk: row for row in (*related.only(*_SERIES_FIELDS), *asked)}
    if len(by_pk) == len(asked) and not any(_is_tied(row, asked) for row in asked):
        return [_Family((row,)) for row in asked]
    audiences: dict[int, set[str]] = defaultdict(set)
    tokens = RecordAudience.objects.in_force(timezone.now()).filter(record_id__in=by_pk)
    for record_id, token in tokens.values_list("record_id", "token"):
        audiences[record_id].add(token)
    alike: dict[tuple[str, frozenset[str]], list[Series]] = defaultdict(list)
    for row in by_pk.values():
        if row.counts_persons:
            alike[row.part_of or row.key, frozenset(audiences[row.pk])].append(row)
    families = []
    for (root, readers), those in alike.items():
        wider = [
            row
            for (other_root, others), rows in alike.items()
            if other_root == root and others != readers and _reaches(others, readers)
            for row in rows
        ]
        families.append(_Family(tuple(those), tuple(wider)))
    return sorted(families, key=lambda family: len(family.wider))


def _reaches(wide: Collection[str], narrow: Collection[str]) -> bool:
    """Whether everybody who holds one of the narrow tokens holds one of the wide ones."""
    is_for_members = COMMUNITY in wide and PUBLIC not in narrow
    return PUBLIC in wide or is_for_members or set(wide) >= set(narrow)


def _select(
    series: Iterable[Series], rows: Mapping[int, Sequence[Observation]]
) -> list[Observation]:
    return [row for member in series for row in rows.get(member.pk, ())]


_SERIES_FIELDS = ("reference", "kind", "key", "unit", "measure", "part_of", "marking", "state")


def _is_tied(row: Series, others: Sequence[Series]) -> bool:
    return any(other.part_of in (row.key, row.part_of or row.key) for other in others)


def _read_rows(series_ids: Collection[int]) -> dict[int, list[Observation]]:
    rows: dict[int, list[Observation]] = defaultdict(list)
    for row in Observation.objects.filter(series_id__in=series_ids).only(*LIGHT).in_order():
        rows[row.series_id].append(row)
    return rows


def _protect(
    family: _Family,
    rows: Sequence[Observation],
    beside: Sequence[Observation],
    known: Mapping[int, bool],
) -> dict[int, bool]:
    """What of a family is hidden, from readers who see `beside` as well (`known`: hidden there)."""
    threshold = max(get_threshold(member.marking) for member in family.series)
    standing = [row for row in rows if row.is_standing]
    past = [row for row in rows if not row.is_standing]
    there = [row for row in beside if row.is_standing]
    sums = list(_find_sums((*family.series, *family.wider), [*standing, *there]))
    reasons = find_hidden(
        [_to_cell(row) for row in (*standing, *there)],
        sums,
        threshold,
        elsewhere={row.pk: row.pk in known for row in there},
    )
    tied = {key for tie in sums for key in (tie.total, *tie.parts)}
    hidden = {int(str(key)): key not in tied for key in reasons}
    # An edition that stands no more could be subtracted from the one that does: where
    # anything is hidden, it is not told either.
    small = {row.pk for row in past if _is_small(row, threshold)}
    told = {row.pk for row in past} if hidden else small
    return hidden | {pk: pk in small for pk in told}


def _to_cell(row: Observation) -> Cell:
    if row.upper is not None:
        return Cell(row.pk, bounds=(int(row.value), int(row.upper)))
    if row.qualifier in BELOW:
        top = int(row.value) - (row.qualifier == Observation.Qualifier.LESS_THAN)
        return Cell(row.pk, bounds=(0, max(0, top)))
    is_round = row.qualifier in ROUGH and row.value >= 100
    is_whole = row.value == row.value.to_integral_value() and row.value >= 0
    if row.qualifier in ABOVE or is_round or not is_whole:
        return Cell(row.pk, bounds=(0, None))  # told too loosely to be added up
    return Cell(row.pk, int(row.value))


def _is_small(row: Observation, threshold: int) -> bool:
    cell = _to_cell(row)
    return cell.value is not None and 0 < cell.value < threshold


def _find_sums(family: Sequence[Series], rows: Sequence[Observation]) -> Iterator[Sum]:
    """What adds up: within one source and time, along each dimension, and part by part."""
    by_key = {member.key: member.pk for member in family}
    parts = {member.pk: by_key[member.part_of] for member in family if member.part_of in by_key}
    tables: dict[tuple[str, ...], dict[tuple[int, Slot], Observation]] = defaultdict(dict)
    for row in rows:
        time = (row.source_title, row.edition, row.period_start, row.period_end, row.as_of)
        tables[time].setdefault((row.series_id, _slot(row)), row)
    for table in tables.values():
        yield from _find_sums_of_table(table, parts)
    yield from _find_twins(rows)


def _find_sums_of_table(
    table: dict[tuple[int, Slot], Observation], parts: dict[int, int]
) -> Iterator[Sum]:
    lines: dict[tuple[int, Slot], list[Observation]] = defaultdict(list)
    groups = get_vocabulary().groups
    for (series_id, slot), row in table.items():
        area, group, sex, age = slot
        if group:
            lines[series_id, (area, "", sex, age)].append(row)
        if sex:
            lines[series_id, (area, group, "", age)].append(row)
        if age:
            lines[series_id, (area, group, sex, "")].append(row)
        if series_id in parts:
            lines[parts[series_id], slot].append(row)
    for (series_id, slot), row in table.items():
        if slot[0] in groups:
            members = groups[slot[0]].get_members()
            found = [table.get((series_id, (code, *slot[1:]))) for code in members]
            yield from _make_sum(row, [part for part in found if part is not None])
        # Groups, sexes, ages and parts each split a total in their own way.
        for kind in _split(lines.get((series_id, slot), []), slot, series_id):
            yield from _make_sum(row, kind)


def _split(rows: Iterable[Observation], slot: Slot, series_id: int) -> list[list[Observation]]:
    kinds: dict[str, list[Observation]] = defaultdict(list)
    names = ("area", "group", "sex", "age")
    for row in rows:
        pairs = zip(names, _slot(row), slot, strict=True)
        differing = [name for name, own, other in pairs if own != other]
        kinds["part" if row.series_id != series_id else differing[0]].append(row)
    return list(kinds.values())


def _make_sum(total: Observation, parts: Sequence[Observation]) -> Iterator[Sum]:
    """The tie between a total and its parts, or those there are where parts overlap."""
    cells = [_to_cell(part) for part in parts]
    known = sum(cell.value for cell in cells if cell.value is not None)
    whole = _to_cell(total).value
    if not parts:
        return
    if whole is not None and known > whole:  # some parts hold others: ages 18-24 and 18-34
        yield from _find_sums_within([_to_cell(total), *cells])
        return
    is_whole = whole is not None and known == whole and all(c.value is not None for c in cells)
    yield Sum(total.pk, tuple(part.pk for part in parts), is_whole)


def _find_sums_within(cells: Sequence[Cell]) -> Iterator[Sum]:
    """Which of these make up which others, going by the numbers, where somebody could learn of it.
    What adds up by chance costs a figure more; what does by nature would give one away."""
    counts = {cell.key: cell.value for cell in cells if cell.value}
    least = max(settings.SMALL_COUNTS.values())
    if min(counts.values(), default=least) >= least or len(counts) > MOST_OVERLAPPING:
        return
    for size in range(2, len(counts)):
        for parts in combinations(counts, size):
            value = sum(counts[part] for part in parts)
            for key, whole in counts.items():
                if whole == value and key not in parts:
                    yield Sum(key, parts, is_whole=True)


def _find_twins(rows: Sequence[Observation]) -> Iterator[Sum]:
    """The same count of the same thing at the same time, told twice: hidden twice."""
    seen: dict[tuple[int, Slot, str, str, str, Decimal], int] = {}
    for row in rows:
        times = (row.period_start, row.period_end, row.as_of)
        key = (row.series_id, _slot(row), *times, row.value)
        if row.upper is None and (first := seen.setdefault(key, row.pk)) != row.pk:
            yield Sum(first, (row.pk,), is_whole=True)


def _slot(row: Observation) -> Slot:
    return row.area, row.group, row.sex, row.age
