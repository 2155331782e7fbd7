"""Lines over time, and the same in small multiples."""

from __future__ import annotations

import itertools
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from focal.kernel.errors import BadInput
from focal.ui.charts import theme
from focal.ui.charts.data import ChartData, Point
from focal.ui.charts.forms.shared import (
    Spec,
    as_row,
    choose_colour,
    count_legend_lines,
    find_domain,
    is_near_zero,
    is_wide,
    limit_lines,
    make_tooltip,
    quote,
    spread,
    wrap,
)

END_LETTERS, MOST_END_LINES = 26, 3


def build_line(data: ChartData, width: int) -> Spec:
    lines = limit_lines(data.get_lines())
    rows, links, breaks = _cut(data.points)
    several = len(lines) > 1
    x = _time_axis(data.points, width)
    low, high = find_domain(data, data.points, from_zero=data.is_share or is_near_zero(data.points))
    y: Spec = {
        "type": "quantitative",
        "scale": {"domain": [low, high], "nice": True, "zero": False},
        "title": data.unit or None,
        "axis": {
            "grid": True,
            "tickCount": 5,
            "titleAngle": 0,
            "titleAnchor": "start",
            "titleAlign": "left",
            "titleY": -12,
            "titleX": 0,
        },
    }
    ends = {line: wrap(line, END_LETTERS) for line in lines}
    tall = max(label.count("\n") for label in ends.values()) + 1
    # The lines carry their names where there is room.
    has_legend = several and (not is_wide(width) or tall > MOST_END_LINES)
    colour = _colour_lines(lines, data, width, legend=has_legend)
    layers = _draw_time(x, y, colour, data, several=several)
    values = [*rows, *links, *breaks]
    height = 400 if is_wide(width) else 300
    if has_legend:
        height += 18 * count_legend_lines(lines, width)
    elif several:
        layers.append(_label_ends(rows, x, y, colour, ends, span=high - low))
    return {"data": {"values": values}, "height": height, "layer": layers}


def _colour_lines(lines: Sequence[str], data: ChartData, width: int, *, legend: bool) -> Spec:
    colour = choose_colour(lines, data, width=width, legend=legend)
    if legend:  # strokes, above the unit
        colour["legend"] |= {"symbolType": "stroke", "offset": 26}
    return colour


def _draw_time(x: Spec, y: Spec, colour: Spec, data: ChartData, *, several: bool) -> list[Spec]:
    """Band, links over gaps, lines, points and breaks of values over time."""
    value: Spec = {**y, "field": "value"}
    # The legend is said once, by the lines; where a layer says 'none', none is drawn at all.
    same = {key: part for key, part in colour.items() if key != "legend"}
    plain = same | {"legend": None}
    point = {"filter": "datum.kind === 'point' && datum.value !== null"}
    dashes = {
        "field": "line",
        "type": "nominal",
        "legend": None,
        "sort": None,
        "scale": {"range": [list(dash) for dash in theme.DASHES]},
    }
    return [
        {
            "transform": [{"filter": "datum.kind === 'break'"}],
            "mark": {"type": "rule", "strokeDash": [2, 3], "color": theme.WARM},
            "encoding": {"x": {**x, "field": "time"}},
        },
        {
            "transform": [point, {"filter": "datum.band"}],
            "mark": {"type": "area", "fillOpacity": 0.16, "orient": "vertical"},
            "encoding": {
                "x": {**x, "field": "time"},
                "y": {**y, "field": "low"},
                "y2": {"field": "high"},
                "color": same,
                "detail": {"field": "segment"},
            },
        },
        {
            "transform": [point, {"filter": "datum.low !== null && !datum.band"}],
            "mark": {"type": "rule", "strokeWidth": 3, "strokeOpacity": 0.4},
            "encoding": {
                "x": {**x, "field": "time"},
                "y": {**y, "field": "low"},
                "y2": {"field": "high"},
                "color": same,
            },
        },
        {
            "transform": [{"filter": "datum.kind === 'link'"}],
            "mark": {"type": "line", "strokeDash": [2, 4], "strokeWidth": 1.2},
            "encoding": {
                "x": {**x, "field": "time"},
                "y": value,
                "color": same,
                "detail": {"field": "segment"},
            },
        },
        {
            "transform": [point],
            "mark": {"type": "line"},
            "encoding": {
                "x": {**x, "field": "time"},
                "y": value,
                "color": colour,
                "detail": {"field": "segment"},
                **({"strokeDash": dashes} if several else {}),
            },
        },
        {
            "transform": [point],
            "mark": {"type": "point", "filled": True, "size": 70, "strokeWidth": 2},
            "encoding": {
                "x": {**x, "field": "time"},
                "y": value,
                "stroke": plain,
                "fill": plain,
                "fillOpacity": {"condition": {"test": "datum.rough", "value": 0}, "value": 1},
                "tooltip": make_tooltip(data, several=several, with_time=True),
            },
        },
        *(
            {
                "transform": [point, {"filter": f"datum.bound === '{bound}'"}],
                "mark": {
                    "type": "point",
                    "shape": f"triangle-{way}",
                    "filled": True,
                    "size": 60,
                    "yOffset": offset,
                },
                "encoding": {"x": {**x, "field": "time"}, "y": value, "color": same},
            }
            for bound, way, offset in (("above", "up", -13), ("below", "down", 13))
        ),
    ]


def _cut(points: Sequence[Point]) -> tuple[list[Spec], list[Spec], list[Spec]]:
    """Points in pieces of line that may be joined; dotted links over years without a figure;
    the moments of breaks."""
    rows: list[Spec] = []
    links: list[Spec] = []
    breaks: set[tuple[float, str]] = set()
    groups: dict[tuple[str, str], list[Point]] = defaultdict(list)
    for point in points:
        if point.time is not None:
            groups[point.category, point.line].append(point)
    for number, group in enumerate(groups.values()):
        ordered = sorted(group, key=lambda point: point.time or 0)
        usual = _find_usual_step(ordered)
        piece, before = 0, None
        for point in ordered:
            gap = before is not None and (point.time or 0) - (before.time or 0) > 1.5 * usual
            if point.is_break and before is not None:
                piece += 1
                breaks.add((((before.time or 0) + (point.time or 0)) / 2, point.category))
            elif before is not None and (gap or point.value is None or before.value is None):
                piece += 1
                if point.value is not None and before.value is not None:
                    links += [
                        {
                            **as_row(end, end.category),
                            "kind": "link",
                            "segment": f"{number}/{piece}",
                        }
                        for end in (before, point)
                    ]
            row = as_row(point, point.category)
            rows.append({**row, "kind": "point", "segment": f"{number}-{piece}"})
            before = point
    uncertain = Counter(row["segment"] for row in rows if row["margin"])
    for row in rows:  # a band needs two ends; a single estimate gets an upright
        row["band"] = row["margin"] and uncertain[row["segment"]] > 1
    cuts = [{"kind": "break", "time": at, "category": panel} for at, panel in sorted(breaks)]
    return rows, links, cuts


def _find_usual_step(ordered: Sequence[Point]) -> float:
    steps = [(b.time or 0) - (a.time or 0) for a, b in itertools.pairwise(ordered)]
    steps = [step for step in steps if step > 0]
    return max(statistics.median_low(steps), 0.01) if steps else 1


def _time_axis(points: Sequence[Point], width: int) -> Spec:
    times = sorted({point.time for point in points if point.time is not None})
    if not times:
        raise BadInput(_("These figures have no time: choose another form of chart."))
    pad = (times[-1] - times[0]) * 0.02 or 0.5
    return {
        "type": "quantitative",
        "title": None,
        "scale": {"domain": [times[0] - pad, times[-1] + pad], "nice": False, "zero": False},
        "axis": {"grid": False, **_choose_ticks(points, 9 if is_wide(width) else 4)},
    }


def _choose_ticks(points: Sequence[Point], most: int) -> Spec:
    """Whole years, at most so many; moments of a single year by their own words."""
    said = {p.time: p.time_text or f"{p.time:g}" for p in points if p.time is not None}
    first, last = math.ceil(min(said)), math.floor(max(said))
    if last - first >= 1:
        step = next(n for n in (1, 2, 5, 10, 20, 50, 100, 1000) if (last - first) // n < most)
        return {"format": "d", "values": list(range(first, last + 1, step))}
    moments = sorted(said)
    shown = moments if len(moments) <= most else [moments[0], moments[-1]]
    words = "".join(f"datum.value === {moment} ? {quote(said[moment])} : " for moment in shown)
    return {"values": shown, "labelExpr": f"{words}''"}


def _label_ends(
    rows: Sequence[Spec], x: Spec, y: Spec, colour: Spec, names: Mapping[str, str], *, span: float
) -> Spec:
    """The name of each line at its end, moved apart where they would cover each other."""
    last: dict[str, Spec] = {}
    for row in rows:
        if row["value"] is not None and (
            row["line"] not in last or row["time"] >= last[row["line"]]["time"]
        ):
            last[row["line"]] = row
    step = span * 0.052
    tall = max(names[line].count("\n") for line in last) + 1
    places = spread([row["value"] for row in last.values()], step * tall)
    labels = [
        {
            "end": max(row["time"] for row in last.values()),
            "place": place + step * names[line].count("\n") / 2,  # its middle at the line's end
            "line": line,
            "name": names[line],
        }
        for (line, place) in zip(last, places, strict=True)
    ]
    return {
        "data": {"values": labels},
        "mark": {"type": "text", "align": "left", "dx": 12, "fontWeight": 600},
        "encoding": {
            "x": {**x, "field": "end"},
            "y": {**y, "field": "place"},
            "text": {"field": "name"},
            "color": {**colour, "legend": None},
        },
    }


def build_multiples(data: ChartData, width: int) -> Spec:
    names = data.get_categories()
    rows, links, breaks = _cut(data.points)
    columns = 3 if is_wide(width) else 2
    columns = min(columns, len(names))
    inner = (width - 60) // columns - 44
    x = _time_axis(data.points, 200)
    low, high = find_domain(data, data.points, from_zero=data.is_share or is_near_zero(data.points))
    y: Spec = {
        "type": "quantitative",
        "scale": {"domain": [low, high], "nice": True, "zero": False},
        "title": None,
        "axis": {"grid": True, "tickCount": 4},
    }
    lines = limit_lines(data.get_lines())
    several = len(lines) > 1
    labels = {name: wrap(name, max(15, inner // 8)) for name in names}
    values = [row | {"category": labels[row["category"]]} for row in (*rows, *links, *breaks)]
    layers = _draw_time(
        x, y, _colour_lines(lines, data, width, legend=several), data, several=several
    )
    return {
        "width": width,
        "autosize": {"type": "pad", "contains": "padding"},
        "data": {"values": values},
        "facet": {
            "field": "category",
            "type": "nominal",
            "sort": list(labels.values()),
            "title": None,
            "header": {"labelLimit": 0},
        },
        "columns": columns,
        "spacing": {"row": 24, "column": 24},
        "spec": {"width": inner, "height": 130, "layer": layers},
    }
