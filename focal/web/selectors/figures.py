"""Figures as the pages of the roof show them: of series that the viewer may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from focal.indicators.models import Observation, Series
from focal.indicators.selectors import ShownFigure, show_figures
from focal.records.models import OUT, Translation
from focal.sharing.viewer import Viewer
from focal.ui.components import Cell, Column, Figure, Table
from focal.web.selectors.language import get_interface_language


def get_headline_figures(viewer: Viewer, limit: int = 12) -> list[Figure]:
    """The figures of the front page: one for each series, its other ones beside it."""
    language = get_interface_language()
    rows = list(_get_observations(viewer).filter(is_headline=True)[: limit * 3])
    titles = _read_titles(rows, language)
    by_series: dict[int, list[ShownFigure]] = {}
    for shown in _show(rows, language):
        by_series.setdefault(shown.observation.series_id, []).append(shown)
    series = {row.series_id: row.series for row in rows}
    return [
        _make_figure(group, series[series_id], titles[series_id])
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
        rows=[
            _make_row(shown, row.series, titles[row.series_id])
            for shown, row in zip(_show(rows, language), rows, strict=True)
        ],
        is_caption_hidden=True,
    )


def _show(rows: Sequence[Observation], language: str) -> list[ShownFigure]:
    """The figures ready to be read; their series are asked for no second time."""
    series = {row.series_id: row.series for row in rows}
    return show_figures(rows, list(series.values()), language)


def _make_row(shown: ShownFigure, series: Series, title: str) -> list[Cell | str]:
    row = shown.observation
    value = shown.whole if series.unit == "%" else f"{shown.qualifier} {shown.value}".strip()
    return [
        Cell(_join(title, shown.who), _find_page(series)),
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


def _make_figure(figures: Sequence[ShownFigure], series: Series, title: str) -> Figure:
    first, *others = figures
    row = first.observation
    # The title of a share is short; beside a large number the whole question is wanted.
    is_plain_share = series.unit == "%" and title == series.title
    return Figure(
        value=first.value,
        unit="%" if series.unit == "%" else "",
        what=_join(series.counted if is_plain_share else title, first.who),
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
