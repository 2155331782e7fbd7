"""From points to the figure on a page, and to what its interactive twin needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from focal.ui.charts import theme
from focal.ui.charts.builder import NARROW, WIDE, build_spec
from focal.ui.charts.data import ChartData, Form
from focal.ui.charts.drawing import draw_svg, fit_to_page
from focal.ui.charts.figure import ChartFigure
from focal.ui.charts.forms.shared import wrap
from focal.ui.charts.locales import get_number_locale, get_time_locale
from focal.ui.charts.words import make_table, summarise
from focal.ui.components import Link


def make_figure(
    form: Form,
    data: ChartData,
    *,
    key: str,
    locale: str,
    downloads: Sequence[Link] = (),
    spec_url: str = "",
    url: str = "",
    level: int = 2,
) -> ChartFigure:
    """The chart drawn for desk and telephone, with summary and table, in the active language.

    BadInput where this form cannot show these points, with advice.
    """
    summary = summarise(form, data)
    wide, narrow = (
        fit_to_page(
            draw_svg(
                build_spec(form, data, width=width),
                locale=locale,
                title=data.title,
                description=summary,
            )
        )
        for width in (WIDE, NARROW)
    )
    return ChartFigure(
        key=key,
        title=data.title,
        svg=wide,
        svg_narrow=narrow,
        summary=summary,
        table=make_table(data),
        subtitle=data.subtitle,
        notes=data.notes,
        source=data.source,
        downloads=downloads,
        spec_url=spec_url,
        url=url,
        level=level,
    )


def make_file_spec(form: Form, data: ChartData) -> dict[str, Any]:
    """The specification of a chart that leaves the page: with title, subtitle and source in it."""
    spec = build_spec(form, data)
    # Lines that the engine takes for longer than the drawing would take their room from it.
    small = {"subtitle": wrap(data.subtitle, 64)} if data.subtitle else {}
    spec["title"] = {"text": wrap(data.title, 57), **small}
    spec["description"] = summarise(form, data)
    return spec


def make_live_answer(form: Form, data: ChartData, *, locale: str) -> dict[str, Any]:
    """What `ui/js/chart.js` asks for at `spec_url`."""
    return {
        "spec": build_spec(form, data),
        "narrow": build_spec(form, data, width=NARROW),
        "names": dict(theme.NAMES),
        "numbers": get_number_locale(locale),
        "times": get_time_locale(locale),
    }
