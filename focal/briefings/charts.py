"""Charts as a briefing holds them: drawn once, with their summary, their table and their source."""

from __future__ import annotations

from typing import Any

from focal.indicators import charts, selectors
from focal.indicators.charting import Choice
from focal.kernel.errors import BadInput
from focal.records.finding.shown import show
from focal.sharing.markings import find_narrowest
from focal.sharing.viewer import Viewer
from focal.ui.charts.data import ChartData
from focal.ui.charts.drawing import draw_svg
from focal.ui.charts.presenting import make_file_spec
from focal.ui.charts.words import make_table, summarise


def draw(reference: str, viewer: Viewer, language: str) -> tuple[dict[str, Any], str] | None:
    """A saved chart, or the chart that fits a series best, in the active language; and the
    narrowest of the markings of what it shows.

    None where there is nothing that this viewer may see, or nothing to draw.
    """
    found = _read(reference, viewer, language)
    if found is None:
        return None
    choice, data, marking = found
    try:
        svg = draw_svg(make_file_spec(choice.form, data), locale=language, title=data.title)
    except BadInput:
        return None
    table = make_table(data)
    return {
        "title": data.title,
        "svg": svg,
        "summary": summarise(choice.form, data),
        "source": data.source,
        "notes": list(data.notes),
        "columns": [str(column.label) for column in table.columns],
        "rows": [[str(getattr(cell, "text", cell)) for cell in row] for row in table.rows],
    }, marking


def _read(reference: str, viewer: Viewer, language: str) -> tuple[Choice, ChartData, str] | None:
    chart = charts.get_chart(viewer, reference)
    if chart is not None:
        drawn = selectors.list_named_series(viewer, chart.series_list.split())
        markings = (chart.marking, *(series.marking for series in drawn))
        return *charts.read_data(viewer, chart, language), find_narrowest(markings)
    series = selectors.get_series(viewer, reference)
    if series is None:
        return None
    title = show([series], language)[0].title
    figures = selectors.list_figures(series, language)
    return *charts.read_series_data(series, figures, title, language), series.marking
