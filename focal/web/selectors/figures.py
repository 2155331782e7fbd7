"""Figures as the pages of the roof show them: of series that the viewer may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from focal.indicators.models import Observation, Series
from focal.indicators.selectors import show_figure
from focal.records.models import OUT, Translation
from focal.sharing.viewer import Viewer
from focal.ui.components import Cell, Column, Figure, Table
from focal.web.selectors.language import get_interface_language


def get_headline_figures(viewer: Viewer, limit: int = 12) -> list[Figure]:
    """The figures of the front page: one for each series, its other ones beside it."""
    language = get_interface_language()
    rows = list(_get_observations(viewer).filter(is_headline=True)[: limit * 3])
    titles = _read_titles(rows, language)
    by_series: dict[int, list[Observation]] = {}
    for row in rows:
        by_series.setdefault(row.series_id, []).append(row)
    return [
        _make_figure(group, titles[series_id], language)
        for series_id, group in list(by_series.items())[:limit]
    ]


def get_figures_of(viewer: Viewer, area: str) -> Table | None:
    """All that is counted in one economy, as a table; None where nothing is."""
    language = get_interface_language()
    rows = list(_get_observations(viewer).filter(area=area))
    if not rows:
        return None
    titles = _read_titles(rows, language)
    return Table(
        caption=_("Figures"),
        columns=(
            Column(_("What is counted")),
            Column(_("Figure"), is_number=True),
            Column(_("Period")),
            Column(_("Source")),
        ),
        rows=[_make_row(row, titles[row.series_id], language) for row in rows],
        is_caption_hidden=True,
    )


def _make_row(row: Observation, title: str, language: str) -> list[Cell | str]:
    shown = show_figure(row, row.series.unit, language)
    value = shown.whole if row.series.unit == "%" else f"{shown.qualifier} {shown.value}".strip()
    return [
        Cell(_join(title, row.group), _find_page(row.series)),
        value if not shown.status else f"{value} ({shown.status})",
        shown.period or "–",
        Cell(_join(row.source_title, _name_page(row)), row.source_url),
    ]


def _get_observations(viewer: Viewer) -> QuerySet[Observation]:
    series = Series.objects.visible_to(viewer).filter(state__in=OUT)
    return (
        Observation.objects.standing()
        .filter(series__in=series.values("pk"))
        .select_related("series")
        .defer("note", "series__body", "series__summary", "series__method")
        .order_by("series_id", "position", "pk")
    )


def _read_titles(rows: Iterable[Observation], language: str) -> dict[int, str]:
    """The titles of the series of these figures, translated where they are."""
    titles = {row.series_id: row.series.title for row in rows}
    translated = Translation.objects.filter(record_id__in=titles, language=language)
    return titles | dict(translated.values_list("record_id", "title"))


def _make_figure(rows: Sequence[Observation], title: str, language: str) -> Figure:
    first, *others = [show_figure(row, row.series.unit, language) for row in rows]
    row, series = rows[0], rows[0].series
    # The title of a share is short; beside a large number the whole question is wanted.
    is_plain_share = series.unit == "%" and title == series.title
    return Figure(
        value=first.value,
        unit="%" if series.unit == "%" else "",
        what=_join(series.counted if is_plain_share else title, row.group),
        qualifier=first.qualifier,
        beside=[f"{other.area}: {other.whole}" for other in others],
        period=_join(first.area, first.period or _("no date given")),
        source=_join(row.source_title, _name_edition(row), _name_page(row)),
        source_url=row.source_url,
        url=_find_page(series),
        note=first.status,
    )


def _join(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _name_page(row: Observation) -> str:
    """'p. 12'; a place that is no number is told in the source's own words."""
    if not row.source_page[:1].isdigit():
        return row.source_page
    return _("p. %(page)s") % {"page": row.source_page}


def _name_edition(row: Observation) -> str:
    """The edition; sources that name none are entered as 'not stated'."""
    return "" if row.edition == "not stated" else row.edition


def _find_page(series: Series) -> str:
    return reverse("indicators:series", args=[series.reference])
