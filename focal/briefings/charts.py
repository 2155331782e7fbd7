"""Charts as a briefing holds them: drawn once, with their summary, their table and their source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from focal.briefings.blocks import read_series
from focal.briefings.questions import Asked, read_asked, read_question
from focal.indicators import charts, selectors
from focal.indicators.models import Chart, Observation, Series
from focal.indicators.selectors import ShownFigure
from focal.kernel.errors import BadInput
from focal.records.finding.shown import show
from focal.sharing.markings import find_narrowest
from focal.sharing.viewer import Viewer
from focal.ui.charts import Form
from focal.ui.charts.builder import NARROW, WIDE, build_spec
from focal.ui.charts.data import ChartData
from focal.ui.charts.drawing import draw_svg
from focal.ui.charts.words import make_table, summarise
from focal.ui.components import Table


@dataclass(frozen=True, slots=True)
class _Chart:
    """What is to be drawn, the narrowest marking in it, and what stands behind the picture."""

    form: Form
    data: ChartData
    marking: str
    summary: str
    table: Table


class Drawings:
    """The charts that a briefing names, for a viewer, in the active language: saved ones, those
    that fit a series best, or questions of surveys. What all of them show is read at once."""

    def __init__(self, references: Collection[str], viewer: Viewer, language: str) -> None:
        self.viewer, self.language = viewer, language
        self.charts: dict[str, Chart] = {
            row.reference: row for row in charts.list_charts(viewer, reference__in=references)
        }
        others = {read_series(name)[0] for name in {*references} - {*self.charts}}
        named = selectors.list_named_series(viewer, sorted(others))
        self.series: dict[str, Series] = {row.reference: row for row in named}
        self.titles = {row.reference: row.title for row in show(named, language)}
        self.figures: dict[int, list[ShownFigure]] = defaultdict(list)
        rows = Observation.objects.standing().filter(series_id__in=[row.pk for row in named])
        for figure in selectors.show_figures(rows.in_order(), named, language) if named else ():
            self.figures[figure.observation.series_id].append(figure)

    def draw(
        self, reference: str, *, for_phones: bool = False
    ) -> tuple[dict[str, Any], str] | None:
        """One of them, and the narrowest of the markings of what it shows; `for_phones` draws it
        narrow as well. Its title stands beside it, not in it.

        None where there is nothing that this viewer may see, or nothing to draw.
        """
        found = self._read(reference)
        if found is None:
            return None
        form, data = found.form, found.data
        words = {"locale": self.language, "title": data.title, "description": found.summary}
        widths = (WIDE, NARROW) if for_phones else (WIDE,)
        try:
            drawn = [draw_svg(build_spec(form, data, width=w), **words) for w in widths]
        except BadInput:
            return None
        table = found.table
        return {
            "title": data.title,
            "subtitle": data.subtitle,
            "svg": drawn[0],
            "svg_narrow": drawn[-1] if for_phones else "",
            "summary": found.summary,
            "source": data.source,
            "notes": list(data.notes),
            "columns": [str(column.label) for column in table.columns],
            "numbers": [column.is_number for column in table.columns],
            "rows": [[str(getattr(cell, "text", cell)) for cell in row] for row in table.rows],
        }, found.marking

    def _read(self, reference: str) -> _Chart | None:
        if (asked := read_asked(reference)) is not None:
            return self._read_question(asked)
        if (chart := self.charts.get(reference)) is not None:
            drawn = selectors.list_named_series(self.viewer, chart.series_list.split())
            markings = (chart.marking, *(series.marking for series in drawn))
            choice, data = charts.read_data(self.viewer, chart, self.language)
            return _make_chart(choice.form, data, find_narrowest(markings))
        name, area = read_series(reference)
        if (series := self.series.get(name)) is None:
            return None
        figures = [one for one in self.figures[series.pk] if area in {"", one.observation.area}]
        choice, data = charts.read_series_data(series, figures, self.titles[name], self.language)
        return _make_chart(choice.form, data, series.marking)

    def _read_question(self, asked: Asked) -> _Chart | None:
        found = read_question(asked, self.viewer, self.language)
        return _Chart(*found) if found else None


def _make_chart(form: Form, data: ChartData, marking: str) -> _Chart:
    return _Chart(form, data, marking, summarise(form, data), make_table(data))
