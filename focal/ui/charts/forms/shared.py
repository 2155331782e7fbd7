"""What the forms of charts have in common."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from PIL import ImageFont

from focal.kernel.errors import BadInput
from focal.ui.charts import theme
from focal.ui.charts.data import ChartData, Point
from focal.ui.charts.drawing import FONTS

Spec = dict[str, Any]
WIDE, NARROW = 760, 360
MOST_LINES = 6


def is_wide(width: int) -> bool:
    """Whether a drawing is for a desk rather than a telephone."""
    return width >= 500


def as_row(point: Point, label: str) -> Spec:
    return {
        "category": label,
        "line": point.line,
        "value": point.value,
        "text": point.text,
        "time": point.time,
        "time_text": point.time_text,
        "low": point.low,
        "high": point.high,
        "said": point.said,
        "margin": bool(point.margin),
        "bound": point.bound,
        "rough": point.is_rough,
        "detail": point.detail,
    }


def find_domain(
    data: ChartData, points: Sequence[Point], *, from_zero: bool
) -> tuple[float, float]:
    ends = [v for p in points for v in (p.value, p.low, p.high) if v is not None]
    low, high = min(ends), max(ends)
    if from_zero:
        low, high = min(0.0, low), max(0.0, high)
    if data.is_share and high > 60:
        high = max(high, 100.0)
    span = (high - low) or abs(high) or 1.0
    if any(point.bound == "above" for point in points) and not data.is_share:
        high += span * 0.06
    return (low if from_zero and low == 0 else low - span * 0.06), (
        high if data.is_share and high == 100 else high + span * 0.04
    )


def is_near_zero(points: Sequence[Point]) -> bool:
    """Whether starting at zero costs little: the least value is under half of the greatest."""
    values = [point.value for point in points if point.value is not None]
    return min(values) >= 0 and min(values) < 0.5 * max(values)


def limit_lines(lines: list[str]) -> list[str]:
    if len(lines) > MOST_LINES:
        raise BadInput(
            _(
                "These are %(count)s lines; more than %(most)s cannot be told apart."
                " Choose fewer, or small multiples."
            )
            % {"count": len(lines), "most": MOST_LINES}
        )
    return lines


def choose_colour(
    lines: Sequence[str], data: ChartData, *, width: int, legend: bool = True
) -> Spec:
    return {
        "field": "line",
        "type": "nominal",
        "scale": {"domain": list(lines), "range": list(theme.CATEGORIES[: len(lines)])},
        "legend": {"title": data.line_title or None, **make_legend(lines, width)}
        if legend
        else None,
    }


def make_tooltip(
    data: ChartData, *, several: bool, with_time: bool = False, inside: str = ""
) -> list[Spec]:
    fields = [("category", data.category_title or _("Where")), ("said", _("Figure"))]
    if several:
        fields.insert(1, ("line", data.line_title or _("Who")))
    if with_time or any(point.time_text for point in data.points):
        fields.append(("time_text", _("When")))
    if any(point.detail for point in data.points):
        fields.append(("detail", _("Source")))
    if not any(point.category for point in data.points):
        fields = fields[1:]
    return [
        {"field": f"{inside}{name}", "type": "nominal", "title": str(title)}
        for name, title in fields
    ]


def make_name_axis(labels: Iterable[str]) -> Spec:
    """An axis of names that takes the room they need. The engine on the server only guesses
    how long a text is."""
    extent = max(_measure(line) for label in labels for line in label.split("\n")) + 8
    return {
        "ticks": False,
        "domain": False,
        "labelLimit": 0,
        "minExtent": extent,
        "maxExtent": extent,
        # Of several lines the middle stands beside the row, not the first one.
        "labelOffset": {"expr": "-8 * (length(split(datum.value, '\\n')) - 1)"},
    }


@functools.lru_cache(maxsize=4096)
def _measure(text: str, size: int = 14) -> int:
    """How wide a text is in the charts' type, in pixels."""
    return round(_load_font(size).getlength(text)) + 1


@functools.lru_cache(maxsize=8)
def _load_font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / "SourceSans3-Regular.ttf"), size)


def make_legend(labels: Sequence[str], width: int) -> Spec:
    """Columns of a legend, and its names in as many lines as they need: none is cut. The engine on
    the server only guesses how long a text is."""
    letters = _count_letters(width)
    told = {label: wrap(label, letters) for label in labels}
    longest = max(len(line) for text in told.values() for line in text.split("\n"))
    legend: Spec = {
        "columns": max(1, min(len(labels), int(width * 0.9 // (0.8 * 14 * longest + 42)))),
        "labelLimit": 0,
    }
    broken = {label: text for label, text in told.items() if "\n" in text}
    if broken:
        words = "".join(
            f"datum.value === {quote(label)} ? {_quote_lines(text)} : "
            for label, text in broken.items()
        )
        legend["labelExpr"] = f"{words}datum.label"
    return legend


def count_legend_lines(labels: Sequence[str], width: int) -> int:
    """How many lines a legend takes."""
    legend = make_legend(labels, width)
    if "labelExpr" not in legend:
        return -(-len(labels) // int(legend["columns"]))
    return sum(wrap(label, _count_letters(width)).count("\n") + 1 for label in labels)


def _count_letters(width: int) -> int:
    """How many letters of a legend the engine believes to fit into a line."""
    return int((width * 0.9 - 42) // (0.8 * 14))


def _quote_lines(text: str) -> str:
    return "[" + ", ".join(quote(line) for line in text.split("\n")) + "]"


def wrap(text: str, width: int) -> str:
    """The text in lines of so many letters."""
    return "\n".join(textwrap.wrap(text, width) or [""])


def quote(text: str) -> str:
    """A text as a literal of the expression language."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", " ") + "'"


def spread(values: Sequence[float], least: float) -> list[float]:
    """The values, moved so that neighbours are at least so far apart; the order stays."""
    order = sorted(range(len(values)), key=lambda place: values[place])
    placed = [float(values[place]) for place in order]
    for _round in range(60):
        moved = False
        for one in range(len(placed) - 1):
            lack = least - (placed[one + 1] - placed[one])
            if lack > 1e-9:
                placed[one] -= lack / 2
                placed[one + 1] += lack / 2
                moved = True
        if not moved:
            break
    result = [0.0] * len(values)
    for place, value in zip(order, placed, strict=True):
        result[place] = value
    return result
