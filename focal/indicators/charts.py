"""Saved charts, drawn for a viewer. Briefings and pages of records take them from here."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from focal.indicators.charting import Choice, gather, make_data, read_choice, suggest
from focal.indicators.models import Chart, Series
from focal.indicators.selectors import ShownFigure
from focal.kernel.errors import BadInput
from focal.records.finding.shown import show
from focal.records.models import State
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer
from focal.ui.charts import ChartData, ChartFigure, make_figure
from focal.ui.components import Link
from focal.vocabulary.languages import canonical_language

SUFFIXES = ("svg", "png", "csv")


def get_chart(viewer: Viewer, reference: str) -> Chart | None:
    """A saved chart, or None when the viewer cannot see it."""
    return (
        Chart.objects.visible_to(viewer)
        .select_related("owner_organisation")
        .filter(reference=reference)
        .first()
    )


def get_public_chart(reference: str, viewer: Viewer) -> Chart | None:
    """A chart that other websites may show: published and marked CLEAR, for anybody."""
    chart = get_chart(viewer, reference)
    if chart is None or chart.marking != Marking.CLEAR or chart.state != State.PUBLISHED:
        return None
    return chart


def list_charts(viewer: Viewer, **which: object) -> list[Chart]:
    """The charts the viewer may see, the newest first."""
    rows = Chart.objects.visible_to(viewer).filter(**which).defer("body")
    return list(rows.order_by("-updated_at", "-pk"))


def has_charts(viewer: Viewer, reference: str) -> bool:
    """Whether charts that the viewer may see stand on a record's page."""
    return Chart.objects.visible_to(viewer).filter(shown_with=reference).exists()


def read_data(viewer: Viewer, chart: Chart, language: str) -> tuple[Choice, ChartData]:
    """What a saved chart shows to this viewer today."""
    shown = show([chart], language)[0]
    choice = read_choice(chart, shown.title, shown.summary)
    return choice, gather(viewer, choice, language)


def render_chart(
    viewer: Viewer, reference: str, *, level: int = 2, is_live: bool = True
) -> ChartFigure | None:
    """A saved chart as the include `ui/_chart.html` takes it, in the active language.

    None when the viewer cannot see it, or when nothing of it can be drawn for them.
    """
    chart = get_chart(viewer, reference)
    if chart is None:
        return None
    try:
        return draw_chart(viewer, chart, level=level, is_live=is_live)
    except BadInput:
        return None


def draw_chart(
    viewer: Viewer, chart: Chart, *, level: int = 2, is_live: bool = True
) -> ChartFigure:
    """The same for a chart at hand; BadInput says why it cannot be drawn."""
    locale = get_language() or "en"
    choice, data = read_data(viewer, chart, canonical_language(locale))
    return make_figure(
        choice.form,
        data,
        key=chart.reference,
        locale=locale,
        downloads=list_downloads("chart", chart.reference),
        spec_url=reverse("indicators:chart_file", args=[chart.reference, "json"])
        if is_live
        else "",
        url="" if level == 2 else chart.get_absolute_url(),
        level=level,
    )


def draw_choice(viewer: Viewer, choice: Choice) -> ChartFigure:
    """What somebody is choosing, as readers would see it; BadInput says why it cannot be drawn."""
    locale = get_language() or "en"
    if not choice.series:
        raise BadInput(_("Choose a series, and its figures appear here."))
    data = gather(viewer, choice, canonical_language(locale))
    return make_figure(choice.form, data, key="preview", locale=locale)


def read_series_data(
    series: Series, figures: Sequence[ShownFigure], title: str, language: str
) -> tuple[Choice, ChartData]:
    """The chart that fits a series best, without anybody having chosen it."""
    choice = suggest(figures, [series])
    return choice, make_data(choice, [series], figures, {series.reference: title}, language)


def draw_series(series: Series, figures: Sequence[ShownFigure], title: str) -> ChartFigure | None:
    """The chart on the page of a series; None where there is nothing to compare."""
    if sum(not figure.is_hidden for figure in figures) < 2:
        return None
    locale = get_language() or "en"
    choice, data = read_series_data(series, figures, title, canonical_language(locale))
    try:
        return make_figure(
            choice.form,
            data,
            key=series.reference,
            locale=locale,
            downloads=list_downloads("series", series.reference),
            spec_url=reverse("indicators:series_file", args=[series.reference, "json"]),
        )
    except BadInput:
        return None


def list_downloads(what: str, reference: str) -> list[Link]:
    """The files of a chart (`what`: 'chart' or 'series'): picture, picture in dots, its data."""
    return [
        Link(suffix.upper(), reverse(f"indicators:{what}_file", args=[reference, suffix]))
        for suffix in SUFFIXES
    ]
