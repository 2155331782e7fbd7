"""One builder of all charts: points become a Vega-Lite specification that hides nothing.

Missing is not zero (a word stands where a bar would), what is bounded points on with an arrow,
what is rough is hollow, intervals are drawn, a break cuts the line. Colour never stands
alone: lines differ in dash and carry their names, answers stand in order.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from focal.kernel.errors import BadInput
from focal.ui.charts import theme
from focal.ui.charts.data import ChartData, Form
from focal.ui.charts.forms.regions import build_map
from focal.ui.charts.forms.rows import build_bar, build_dot
from focal.ui.charts.forms.shared import NARROW, WIDE
from focal.ui.charts.forms.slope import build_slope
from focal.ui.charts.forms.stack import build_stack
from focal.ui.charts.forms.times import build_line, build_multiples

__all__ = ["NARROW", "WIDE", "build_spec"]

Spec = dict[str, Any]
MOST_ROWS = 80
LONG_NAME = 24  # letters
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


def build_spec(form: Form, data: ChartData, *, width: int = WIDE) -> Spec:
    """The specification of a chart of this form; BadInput where it cannot be drawn, with advice.

    `width` is that of the whole drawing: WIDE for a desk, NARROW for a telephone.
    """
    if data.problem:
        raise BadInput(data.problem)
    if not any(point.value is not None for point in data.points):
        raise BadInput(_("There is no figure to draw."))
    if len(data.points) > 5000 or (
        form in ("bar", "dot", "stack") and len(data.get_categories()) > MOST_ROWS
    ):
        raise BadInput(_("These are too many figures for one chart: choose fewer."))
    build = {
        "line": build_line,
        "bar": build_bar,
        "dot": build_dot,
        "stack": build_stack,
        "multiples": build_multiples,
        "map": build_map,
        "slope": build_slope,
    }[form]
    spec = build(data, width)
    config = theme.get_config()
    long = any(len(name) > LONG_NAME for name in data.get_lines())
    if long and form in ("bar", "dot", "stack"):  # the axis of names leaves too little room for it
        config["legend"]["layout"] = {"anchor": "middle", "bounds": "full"}
    return {
        "$schema": SCHEMA,
        "autosize": {"type": "fit", "contains": "padding"},
        "width": width,
        **spec,
        "config": {**config, "lineBreak": "\n"},
    }
