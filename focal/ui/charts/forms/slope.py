"""Two moments, and what became of each name in between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext as _

from focal.kernel.errors import BadInput
from focal.ui.charts import theme
from focal.ui.charts.data import ChartData, Point, have_changed
from focal.ui.charts.forms.shared import (
    Spec,
    as_row,
    is_wide,
    make_tooltip,
    quote,
    spread,
    wrap,
)

WAYS = ("up", "down", "steady", "broken")  # broken: not comparable, so that no line joins them


def build_slope(data: ChartData, width: int) -> Spec:
    times = sorted({p.time for p in data.points if p.time is not None and p.value is not None})
    if len(times) < 2:
        raise BadInput(_("A slope needs two moments: choose another form of chart."))
    first, last = times[0], times[-1]
    said = {point.time: point.time_text for point in data.points}
    pairs = _pair_ends(data.points, first, last)
    if not pairs:
        raise BadInput(_("Nothing here has a figure at both moments."))
    values = [
        value
        for ends in pairs.values()
        for point in ends
        for value in (point.value, point.low, point.high)
        if value is not None
    ]
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    letters = 28 if is_wide(width) else 18
    told = {
        (name, side): wrap(_say(name, point, side, is_wide=is_wide(width)), letters)
        for name, ends in pairs.items()
        for side, point in enumerate(ends)
    }
    tall = max(words.count("\n") for words in told.values()) + 1
    height = max(300, 34 * len(pairs) + 18 * (tall - 1) * len(pairs) + 80)
    shown = span * 1.16 / (1 - 18 * (tall - 1) / height)  # with the room for names at both ends
    line = shown * 20 / (height - 60)
    least = line * tall
    pad = span * 0.08 + line * (tall - 1) / 2
    rows: list[Spec] = []
    sides = [spread([ends[side].value or 0 for ends in pairs.values()], least) for side in (0, 1)]
    for place, (name, ends) in enumerate(pairs.items()):
        for side, point in enumerate(ends):
            words = told[name, side]
            rows.append(
                {
                    **as_row(point, name),
                    "name": name,
                    "side": side,
                    "label": words,
                    "place": sides[side][place] + line * words.count("\n") / 2,
                    "way": _find_way(*ends),
                }
            )
    before, after = (0.9, 0.9) if is_wide(width) else (0.45, 1.5)
    x: Spec = {
        "field": "side",
        "type": "quantitative",
        "title": None,
        "scale": {"domain": [-before, 1 + after], "nice": False, "zero": False},
        "axis": {
            "values": [0, 1],
            "orient": "top",
            "grid": True,
            "ticks": False,
            "domain": False,
            "labelFontSize": 15,
            "labelColor": theme.INK,
            "labelAlign": {
                "condition": {"test": "datum.value === 0", "value": "right"},
                "value": "left",
            },
            "labelExpr": f"datum.value === 0 ? {quote(said[first])} : {quote(said[last])}",
        },
    }
    y: Spec = {
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [low - pad, high + pad], "nice": False, "zero": False},
    }
    colour: Spec = {
        "field": "way",
        "type": "nominal",
        "scale": {
            "domain": list(WAYS),
            "range": [theme.CATEGORIES[0], theme.CATEGORIES[1], theme.SOFT, theme.SOFT],
        },
        "legend": None,
    }
    words: Spec = {
        "text": {"field": "label"},
        "color": colour,
        "x": x,
        "y": {**y, "field": "place"},
    }
    return {
        "data": {"values": rows},
        "height": height,
        "layer": [
            {
                "transform": [{"filter": "datum.low !== null"}],
                "mark": {"type": "rule", "strokeWidth": 5, "opacity": 0.3, "strokeCap": "round"},
                "encoding": {
                    "x": x,
                    "y": {**y, "field": "low"},
                    "y2": {"field": "high"},
                    "color": colour,
                },
            },
            {
                "transform": [{"filter": "datum.way !== 'broken'"}],
                "mark": {"type": "line", "strokeWidth": 2.5},
                "encoding": {
                    "x": x,
                    "y": {**y, "field": "value"},
                    "detail": {"field": "name"},
                    "color": colour,
                    "strokeDash": {
                        "field": "way",
                        "type": "nominal",
                        "legend": None,
                        "scale": {
                            "domain": list(WAYS),
                            "range": [[1, 0], [1, 0], [4, 4], [1, 0]],
                        },
                    },
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 80, "strokeWidth": 2},
                "encoding": {
                    "x": x,
                    "y": {**y, "field": "value"},
                    "stroke": colour,
                    "fill": {
                        "condition": {"test": "datum.rough", "value": theme.PAPER},
                        **colour,
                    },
                    "tooltip": make_tooltip(data, several=False, with_time=True),
                },
            },
            {
                "transform": [{"filter": "datum.side === 0"}],
                "mark": {"type": "text", "align": "right", "dx": -12},
                "encoding": words,
            },
            {
                "transform": [{"filter": "datum.side === 1"}],
                "mark": {"type": "text", "align": "left", "dx": 12},
                "encoding": words,
            },
        ],
    }


def _say(name: str, point: Point, side: int, *, is_wide: bool) -> str:
    """A name and its figure, which stays in one line; on a telephone the figure alone before."""
    figure = point.text.replace(" ", "\u00a0")
    if is_wide:
        return f"{name}  {figure}"
    return f"{figure}  {name}" if side else figure


def _find_way(before: Point, after: Point) -> str:
    """Up or down only where the two may be compared and differ beyond their uncertainty."""
    if after.is_break:
        return "broken"
    if not have_changed(before, after):
        return "steady"
    return "up" if (after.value or 0) > (before.value or 0) else "down"


def _pair_ends(
    points: Sequence[Point], first: float, last: float
) -> dict[str, tuple[Point, Point]]:
    ends: dict[str, dict[float, Point]] = defaultdict(dict)
    for point in points:
        if point.time in (first, last) and point.value is not None:
            name = ", ".join(part for part in (point.category, point.line) if part)
            ends[name].setdefault(point.time or 0, point)
    return {name: (e[first], e[last]) for name, e in ends.items() if first in e and last in e}
