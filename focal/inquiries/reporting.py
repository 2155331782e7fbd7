"""What fraction of inquiries was answered in time, by economy.

Counted from what the viewer may see: inquiries that are not released to them are not in it, nor
are answers that somebody gave to the asker alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

import numpy as np
from django.core.cache import cache
from django.db.models import Min, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from focal.audit.models import ChainHead
from focal.inquiries.models import Answer, Inquiry
from focal.inquiries.parties import Directory, find_parties_of, read_directory
from focal.inquiries.selectors import find_answers, read_parties
from focal.records.models import OUT, RecordAudience, Release
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary

KEPT_FOR = 3600  # seconds; what has changed is never looked up, this only makes room


@dataclass(slots=True)
class Row:
    """One economy: how often its parties were asked, and what became of it."""

    economy: str
    name: str
    asked: int = 0
    answered: int = 0
    in_time: int = 0
    nothing: int = 0

    @property
    def fraction(self) -> float | None:
        """The share of all that was asked which was answered in time, from 0 to 1."""
        return self.in_time / self.asked if self.asked else None

    @property
    def percent(self) -> int | None:
        """The same in whole per cent."""
        return None if self.fraction is None else round(100 * self.fraction)


@dataclass(frozen=True, slots=True)
class Report:
    """Rows by the name of the economy, and over how many inquiries they are counted."""

    rows: tuple[Row, ...]
    inquiries: int
    since: date
    until: date


def read_report(viewer: Viewer, *, since: date, until: date, language: str) -> Report:
    """The report as `make_report` makes it, kept for as long as nothing changes.

    Each change writes an entry in the log, in its own transaction: while the log's head is the
    same, the facts are (docs/decisions/0601). What changes by the clock alone is the day, which is
    part of the key, and the end of releases, beyond which nothing is kept.
    """
    now = timezone.now()
    asked = (
        ChainHead.objects.values_list("digest", flat=True).first() or "",
        get_vocabulary().version,
        *(timezone.localdate(now), since, until, language),
        *sorted(viewer.tokens),
    )
    key = "inquiries:report:" + sha256(" ".join(map(str, asked)).encode()).hexdigest()
    report = cache.get(key)
    if report is None:
        report = make_report(viewer, since=since, until=until, language=language)
        ends = RecordAudience.objects.filter(until__gt=now).aggregate(first=Min("until"))["first"]
        left = (ends - now).total_seconds() if ends else KEPT_FOR
        cache.set(key, report, timeout=min(left, KEPT_FOR))
    return report


def make_report(viewer: Viewer, *, since: date, until: date, language: str) -> Report:
    """Inquiries whose day for answers lies between two days, both included."""
    inquiries = list(
        Inquiry.objects.visible_to(viewer)
        .filter(state__in=OUT, due_date__gte=since, due_date__lte=until)
        .values_list("pk", "due_date", "owner_person_id", "owner_organisation_id")
    )
    today = timezone.localdate()
    numbers = {row[0]: number for number, row in enumerate(inquiries)}
    releases = list(Release.objects.filter(record_id__in=numbers).values_list("record_id", "token"))
    tokens = sorted({token for _record, token in releases})
    directory = read_directory(tokens, viewer=viewer, language=language, on=today)
    economies = get_vocabulary().economy_choices(language)
    table = Table(directory, dict(economies))

    reach = dict(zip(tokens, table.spread([directory.expand([t]) for t in tokens]), strict=True))
    asked = np.zeros((len(inquiries), len(table.columns)), dtype=bool)
    for token, rows in _group(releases, numbers).items():
        asked[rows] |= reach[token]
    parties = find_parties_of({row[2] or 0 for row in inquiries}, on=today)
    asked &= ~table.spread_each(
        [(row[2] or 0, row[3]) for row in inquiries],
        lambda asker: {*parties[asker[0]], f"org:{asker[1]}"},
    )
    first = _find_first(viewer, inquiries, numbers, table)
    return Report(
        tuple(row for row in table.count(economies, asked, first) if row.asked),
        int(asked.any(axis=1).sum()),
        since,
        until,
    )


def _group(
    releases: Iterable[tuple[int, str]], numbers: Mapping[int, int]
) -> Mapping[str, list[int]]:
    """The rows whose release list names each token."""
    rows: dict[str, list[int]] = defaultdict(list)
    for record, token in releases:
        rows[token].append(numbers[record])
    return rows


ANSWERED, IN_TIME, NOTHING = 1, 2, 4


class Table:
    """Sets of parties as rows of a table, with a column for each party of an economy."""

    def __init__(self, directory: Directory, economies: Mapping[str, str]) -> None:
        of = directory.economies
        self.columns = {
            party: number
            for number, party in enumerate(sorted(p for p in of if of[p] in economies))
        }
        self.codes = np.array([of[party] for party in self.columns], dtype=object)

    def spread(self, sets: Sequence[Iterable[str]]) -> np.ndarray:
        """A row for each set, true in the columns of its parties."""
        found = np.zeros((len(sets), len(self.columns)), dtype=bool)
        for number, parties in enumerate(sets):
            found[number, [self.columns[p] for p in parties if p in self.columns]] = True
        return found

    def spread_each(self, keys: Sequence[Any], read: Callable[[Any], Iterable[str]]) -> np.ndarray:
        """A row for each key, where many keys are the same."""
        places = {key: place for place, key in enumerate(dict.fromkeys(keys))}
        rows = self.spread([read(key) for key in places])
        return rows[[places[key] for key in keys]]

    def count(
        self, economies: Iterable[tuple[str, str]], asked: np.ndarray, first: np.ndarray
    ) -> Iterator[Row]:
        """A row of the report for each economy. `first` tells how each party first answered."""
        said = np.where(asked, first, 0)
        for code, name in economies:
            here = self.codes == code
            yield Row(
                code,
                name,
                int(asked[:, here].sum()),
                *(int((said[:, here] & bit > 0).sum()) for bit in (ANSWERED, IN_TIME, NOTHING)),
            )


def _find_first(
    viewer: Viewer, inquiries: Sequence[Any], numbers: Mapping[int, int], table: Table
) -> np.ndarray:
    """How each party first answered each inquiry: ANSWERED with what else is true of it, or 0."""
    answers = list(
        find_answers(viewer, numbers)
        .annotate(said_at=Cast("post__at", TextField()))
        .values_list("inquiry_id", "sort", "parties", "said_at")
    )
    first = np.zeros((len(inquiries), len(table.columns)), dtype=np.uint8)
    if not answers:
        return first
    ends = {day: _end_of(day) for day in {row[1] for row in inquiries}}
    closes = np.array([ends[row[1]] for row in inquiries])
    answers.reverse()  # the oldest is written last, and stays
    asked, sorts, parties, moments = zip(*answers, strict=True)
    rows = np.fromiter(map(numbers.__getitem__, asked), dtype=int, count=len(answers))
    what = np.full(len(answers), ANSWERED, dtype=np.uint8)
    what[np.array(moments) < closes[rows]] |= IN_TIME
    what[np.array(sorts) == Answer.Sort.NOTHING.value] |= NOTHING
    which, columns = np.nonzero(table.spread_each(parties, read_parties))
    first[rows[which], columns] = what[which]
    return first


def _end_of(day: date) -> str:
    """The end of a day where the platform stands, as both databases write moments in UTC.

    Ten thousand moments are compared as text: to make each a datetime takes longer than all else.
    """
    midnight = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    return midnight.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
