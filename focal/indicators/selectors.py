"""Figures as pages show them: in words and numbers, each with its qualifier, period and source."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from focal.indicators.models import WORLD, Observation, Series
from focal.records.finding.shown import ShownRecord, show
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary

WITHOUT_WORD = (Observation.Qualifier.EXACT, Observation.Qualifier.UNKNOWN)


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """One observation, ready to be read."""

    observation: Observation
    qualifier: str
    value: str
    unit: str
    area: str
    period: str
    status: str

    @property
    def whole(self) -> str:
        """'more than 875'."""
        return " ".join(part for part in (self.qualifier, self.value, self.unit) if part)


@dataclass(frozen=True, slots=True)
class ListedSeries:
    """A series in the list of all: the figures that stand for it, and how many there are."""

    series: Series
    shown: ShownRecord
    figures: tuple[ShownFigure, ...]
    count: int


def list_series(viewer: Viewer, language: str) -> list[ListedSeries]:
    """All series the viewer may see, by title, each with its headline figures (else its first)."""
    rows = list(Series.objects.visible_to(viewer).defer("body"))
    shown = {item.reference: item for item in show(rows, language)}
    figures: dict[int, list[Observation]] = defaultdict(list)
    for row in Observation.objects.filter(series_id__in=[row.pk for row in rows]).order_by(
        "series_id", "position"
    ):
        figures[row.series_id].append(row)
    listed = [
        ListedSeries(
            series=row,
            shown=shown[row.reference],
            figures=tuple(
                show_figure(item, row.unit, language) for item in _choose(figures[row.pk])
            ),
            count=len(figures[row.pk]),
        )
        for row in rows
    ]
    return sorted(listed, key=lambda item: (item.shown.title.casefold(), item.series.reference))


def _choose(rows: list[Observation]) -> list[Observation]:
    return [row for row in rows if row.is_headline] or rows[:1]


def get_series(viewer: Viewer, reference: str) -> Series | None:
    """A series, or None when the viewer cannot see it."""
    return (
        Series.objects.visible_to(viewer)
        .select_related("owner_organisation")
        .filter(reference=reference)
        .first()
    )


def list_figures(series: Series, language: str) -> list[ShownFigure]:
    """All figures of a series, in its order."""
    rows = Observation.objects.filter(series_id=series.pk).order_by("position")
    return [show_figure(row, series.unit, language) for row in rows]


def show_figure(row: Observation, unit: str, language: str) -> ShownFigure:
    """An observation in words and numbers."""
    return ShownFigure(
        observation=row,
        qualifier="" if row.qualifier in WITHOUT_WORD else row.get_qualifier_display(),
        value=format_value(row),
        unit=unit,
        area=name_area(row.area, language),
        period=format_period(row),
        status="" if row.status == Observation.Status.FINAL else row.get_status_display(),
    )


def format_value(row: Observation) -> str:
    """'875', '12.5', '500–600', in the reader's way of writing numbers."""
    value = _number(row.value)
    return value if row.upper is None else f"{value}–{_number(row.upper)}"


def _number(value: Decimal) -> str:
    value = value.normalize()
    places = max(0, -int(value.as_tuple().exponent))
    return number_format(value, decimal_pos=places, use_l10n=True, force_grouping=True)


def format_period(row: Observation) -> str:
    """When a figure holds: '2012–2016', 'since 2012', 'as of May 2016'."""
    start, end = format_day(row.period_start), format_day(row.period_end)
    if start and end:
        return start if start == end else f"{start}–{end}"
    if start:
        return _("since %(day)s") % {"day": start}
    if end:
        return _("until %(day)s") % {"day": end}
    if row.as_of:
        return pgettext("of a figure", "as of %(day)s") % {"day": format_day(row.as_of)}
    return ""


def format_day(text: str) -> str:
    """A year, month or day as it is said."""
    parts = [int(part) for part in text.split("-") if part]
    if len(parts) < 2:
        return text
    day = date(parts[0], parts[1], parts[2] if len(parts) > 2 else 1)
    return date_format(day, "DATE_FORMAT" if len(parts) > 2 else "YEAR_MONTH_FORMAT")


def do_sources_differ(figures: list[ShownFigure]) -> bool:
    """Whether different values are given for the same area and group."""
    said: dict[tuple[str, str], set[tuple[Decimal, Decimal | None]]] = defaultdict(set)
    for figure in figures:
        row = figure.observation
        if row.status != Observation.Status.SUPERSEDED:
            said[row.area, row.group].add((row.value, row.upper))
    return any(len(values) > 1 for values in said.values())


def name_area(code: str, language: str) -> str:
    """The name of an economy, a group of economies, or the whole world."""
    return _("World") if code == WORLD else get_vocabulary().area_name(code, language)
