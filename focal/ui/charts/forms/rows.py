"""Bars, and dots with their intervals: one row a name."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from focal.ui.charts import theme
from focal.ui.charts.data import ChartData, Point
from focal.ui.charts.forms.shared import (
    Spec,
    as_row,
    choose_colour,
    find_domain,
    is_wide,
    limit_lines,
    make_name_axis,
    make_tooltip,
    wrap,
)

MANY = 8  # rows


def build_bar(data: ChartData, width: int) -> Spec:
    return build_rows(data, width, is_bar=True)


def build_dot(data: ChartData, width: int) -> Spec:
    return build_rows(data, width, is_bar=False)


def build_rows(data: ChartData, width: int, *, is_bar: bool) -> Spec:
    lines, names = limit_lines(data.get_lines()), data.get_categories()
    labels = _write_labels(names, width)
    rows = _fill(data, names, lines)
    values = [as_row(point, labels[point.category]) for point in rows]
    low, high = find_domain(data, rows, from_zero=True)
    span = high - low
    for row in values:
        # Where the words stand: behind the end of everything that is drawn for the point.
        ends = [row["value"] or low, row["high"] or low]
        row["end"] = max(ends) + (span * 0.05 if row["bound"] == "above" else 0)
        row["arrow"] = None
        if row["value"] is not None and row["bound"]:
            step = span * (0.05 if row["bound"] == "above" else -0.05)
            row["arrow"] = max(low, row["value"] + step)
    several = len(lines) > 1
    y: Spec = {
        "field": "category",
        "type": "nominal",
        "sort": [labels[name] for name in names],
        "title": None,
        "axis": make_name_axis(labels.values()),
    }
    x: Spec = {
        "type": "quantitative",
        "scale": {"domain": [low, high], "nice": True},
        "title": data.unit or None,
        "axis": {"grid": True, "tickCount": 5 if is_wide(width) else 3},
    }
    base: Spec = {"y": y}
    if several:
        base["yOffset"] = {"field": "line", "sort": lines}
    colour = choose_colour(lines, data, width=width) if several else {"value": theme.CATEGORIES[0]}
    tooltip = make_tooltip(data, several=several)
    known = {"filter": "datum.value !== null"}
    # What is said to lie between two ends is a bar from one to the other, without a dot.
    dotted = {"filter": "datum.value !== null && (datum.low === null || datum.margin)"}
    spans = {"filter": "datum.low !== null && !datum.margin"}
    margins = {"filter": "datum.low !== null && datum.margin"}
    layers: list[Spec] = []
    if is_bar:
        layers.append(
            {
                "transform": [known],
                "mark": {"type": "bar", "height": {"band": 0.72}},
                "encoding": {
                    **base,
                    "x": {**x, "field": "value"},
                    "color": colour,
                    "fillOpacity": {
                        "condition": {"test": "datum.rough", "value": 0.45},
                        "value": 1,
                    },
                    "tooltip": tooltip,
                },
            }
        )
    for there, thick, opacity in ((spans, 9, 1), (margins, 4, 0.45)):
        layers.append(
            {
                "transform": [there],
                "mark": {
                    "type": "rule",
                    "strokeWidth": 2 if is_bar else thick,
                    "strokeCap": "round",
                },
                "encoding": {
                    **base,
                    "x": {**x, "field": "low"},
                    "x2": {"field": "high"},
                    "color": {"value": theme.INK} if is_bar else colour,
                    "opacity": {"value": 1 if is_bar else opacity},
                    "tooltip": tooltip,
                },
            }
        )
    layers += _draw_arrows(base, x, {"value": theme.INK} if is_bar else colour)
    if not is_bar:
        layers.append(
            {
                "transform": [dotted],
                "mark": {"type": "point", "size": 130, "strokeWidth": 2.5, "filled": True},
                "encoding": {
                    **base,
                    "x": {**x, "field": "value"},
                    "stroke": {k: v for k, v in colour.items() if k != "legend"}
                    | ({"legend": None} if several else {}),
                    "fill": {
                        "condition": {"test": "datum.rough", "value": theme.PAPER},
                        **colour,
                    }
                    if not several
                    else colour,
                    "fillOpacity": {"condition": {"test": "datum.rough", "value": 0}, "value": 1},
                    "tooltip": tooltip,
                },
            }
        )
    text: Spec = {"type": "text", "align": "left", "dx": 9, "baseline": "middle"}
    layers.append(
        {
            "transform": [known],
            "mark": text,
            "encoding": {**base, "x": {**x, "field": "end"}, "text": {"field": "text"}},
        }
    )
    layers.append(
        {
            "transform": [{"filter": "datum.value === null"}],
            "mark": {**text, "fontStyle": "italic", "color": theme.SOFT},
            "encoding": {**base, "x": {**x, "datum": low}, "text": {"field": "text"}},
        }
    )
    step = max(30, 24 * len(lines) + 10)
    tall = max(name.count("\n") for name in labels.values()) + 1
    return {
        "data": {"values": values},
        "height": len(names) * max(step, 18 * tall + 8) + 20,
        "layer": layers,
        "padding": {"left": 6, "top": 6, "bottom": 6, "right": 14},
        "autosize": {"type": "fit-x", "contains": "padding"},
    }


def _draw_arrows(base: Spec, x: Spec, colour: Spec) -> list[Spec]:
    """'more than' points to the right, 'less than' to the left."""
    there = {"filter": "datum.arrow !== null"}
    return [
        {
            "transform": [there],
            "mark": {"type": "rule", "strokeWidth": 2},
            "encoding": {
                **base,
                "x": {**x, "field": "value"},
                "x2": {"field": "arrow"},
                "color": colour,
            },
        },
        {
            "transform": [there],
            "mark": {"type": "point", "shape": "triangle-right", "size": 90, "filled": True},
            "encoding": {
                **base,
                "x": {**x, "field": "arrow"},
                "color": colour,
                "angle": {
                    "condition": {"test": "datum.bound === 'below'", "value": 180},
                    "value": 0,
                },
            },
        },
    ]


def _write_labels(names: Sequence[str], width: int) -> dict[str, str]:
    """The names in lines, none of them cut. The longest gives all rows their height: where there
    are many rows, or one has a long name, the lines are longer."""
    short, long = 28, 40
    is_short = len(names) <= MANY and all(len(name) <= 3 * short for name in names)
    letters = 15 if not is_wide(width) else short if is_short else long
    return {name: wrap(name, letters) for name in names}


def _fill(data: ChartData, names: Sequence[str], lines: Sequence[str]) -> list[Point]:
    """All points, and a point 'no figure' for every name that has none."""
    there = {(point.category, point.line) for point in data.points}
    missing = [
        Point(None, _("no figure"), category=name, line=line)
        for name in names
        for line in lines
        if (name, line) not in there
    ]
    return [*data.points, *missing]
