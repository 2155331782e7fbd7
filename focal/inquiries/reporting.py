"""What fraction of inquiries was answered in time, by economy.

Counted from what the viewer may see: inquiries that are not released to them are not in it, nor
are answers that somebody gave to the asker alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from focal.inquiries.models import Answer, Inquiry
from focal.inquiries.parties import find_parties_of, read_directory
from focal.inquiries.selectors import read_answers, read_releases
from focal.records.models import OUT
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary


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


def make_report(viewer: Viewer, *, since: date, until: date, language: str) -> Report:
    """Inquiries whose day for answers lies between two days, both included."""
    inquiries = list(
        Inquiry.objects.visible_to(viewer)
        .filter(state__in=OUT, due_date__gte=since, due_date__lte=until)
        .only("pk", "due_date", "owner_person_id", "owner_organisation_id")
    )
    ids = [row.pk for row in inquiries]
    releases, answers = read_releases(ids), read_answers(viewer, ids)
    tokens = {token for those in releases.values() for token in those}
    today = timezone.localdate()
    directory = read_directory(tokens, viewer=viewer, language=language, on=today)
    askers = find_parties_of({row.owner_person_id or 0 for row in inquiries}, on=today)
    vocabulary = get_vocabulary()
    rows = {code: Row(code, name) for code, name in vocabulary.economy_choices(language)}
    counted = 0
    for inquiry in inquiries:
        asker = askers[inquiry.owner_person_id or 0] | {f"org:{inquiry.owner_organisation_id}"}
        parties = [p for p in directory.expand(releases[inquiry.pk]) if p not in asker]
        first = _find_first(answers[inquiry.pk])
        counted += any(directory.economies.get(party) in rows for party in parties)
        for party in parties:
            row = rows.get(directory.economies.get(party, ""))
            if row is not None:
                _count(row, first.get(party), inquiry.due_date)
    return Report(tuple(row for row in rows.values() if row.asked), counted, since, until)


def _find_first(answers: Iterable[Answer]) -> dict[str, Answer]:
    first: dict[str, Answer] = {}
    for answer in answers:
        for party in answer.speaks_for:
            first.setdefault(party, answer)
    return first


def _count(row: Row, answer: Answer | None, due_date: date | None) -> None:
    row.asked += 1
    if answer is None:
        return
    row.answered += 1
    row.in_time += due_date is not None and timezone.localdate(answer.post.at) <= due_date
    row.nothing += answer.sort == Answer.Sort.NOTHING
