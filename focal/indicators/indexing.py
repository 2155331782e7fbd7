"""What search reads of a series beside its texts: the figures that stand, as readers see them.

A figure that is hidden, superseded or taken back is in no index. Whether one is hidden may follow
from a series it is tied to, so that a change of one is told for all of its relatives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from django.db import transaction
from django.utils import timezone, translation

from focal.indicators.disclosure import list_relatives
from focal.indicators.models import Observation, Series
from focal.indicators.selectors import ShownFigure, show_figures
from focal.outbox.services import emit
from focal.records.finding.shown import show
from focal.search.documents import Page
from focal.search.registry import REREAD
from focal.vocabulary.languages import django_language

MOST = 300  # figures of a series that search reads: those of the latest moments
A_PAGE = 15  # a page is what a passage is cut from


def read_pages(series_ids: Sequence[int]) -> Mapping[int, Sequence[Page]]:
    """What these series count and their standing figures, in each series' own language."""
    series = {
        row.pk: row
        for row in Series.objects.for_system("everybody who sees a series reads its figures")
        .filter(pk__in=series_ids)
        .defer("body")
    }
    rows: dict[int, list[Observation]] = defaultdict(list)
    for row in Observation.objects.standing().filter(series_id__in=series).in_order():
        rows[row.series_id].append(row)
    return {pk: list(_write_pages(row, rows[pk])) for pk, row in series.items()}


def _write_pages(series: Series, rows: Sequence[Observation]) -> Iterator[Page]:
    latest = sorted(rows, key=lambda row: row.as_of or row.period_end or row.period_start)[-MOST:]
    kept = {row.pk for row in latest}
    with translation.override(django_language(series.language)):
        title = show([series], series.language)[0].title
        figures = show_figures([row for row in rows if row.pk in kept], [series], series.language)
        about = [series.counted, series.definition, series.population]
        lines = [" ".join(f"{part.rstrip('.')}." for part in about if part)]
        lines += [_write_line(title, figure) for figure in figures if not figure.is_hidden]
    for number, start in enumerate(range(0, len(lines), A_PAGE), start=1):
        text = "\n\n".join(lines[start : start + A_PAGE])
        yield Page(series.reference, number, series.language, text)


def _write_line(title: str, figure: ShownFigure) -> str:
    """'People who left: more than 1,875 people, South East Europe, 2012-2016. An office. [1875]'.

    The number stands once more as it is typed, without marks between its digits.
    """
    row = figure.observation
    said = ", ".join(
        part
        for part in (figure.whole, figure.margin, figure.area, figure.who, figure.period)
        if part
    )
    beside = [f"{part.rstrip('.')}." for part in (row.source_title, row.note) if part]
    plain = [f"{value.normalize():f}" for value in (row.value, row.upper) if value is not None]
    typed = [f"[{', '.join(plain)}]"] if any(value not in figure.value for value in plain) else []
    return " ".join([f"{title}: {said}.", *beside, *typed])


def tell_relatives(references: Sequence[str]) -> None:
    """Let search read the series again that are tied to these: others of theirs may be hidden."""
    with transaction.atomic():
        relatives = list_relatives(references)
        emit(topic=REREAD, keys=relatives, at=timezone.now(), revokes=True)
