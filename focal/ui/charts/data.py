"""What a chart is made of: points that say how sure they are, and the words around them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Form = Literal["line", "bar", "dot", "stack", "multiples", "map", "slope"]
FORMS: tuple[Form, ...] = ("line", "bar", "dot", "stack", "multiples", "map", "slope")
Bound = Literal["", "above", "below"]


@dataclass(frozen=True, slots=True)
class Point:
    """One value. `value` None: not known or not shown, never zero; `text` then says which.

    `category` is its place on the axis of names (a row, a panel, a shape of the map), `line` the
    line, colour or answer it belongs to, `time` its place in time (a year, 2024.5 for its middle)
    and `time_text` how that is said. `low`, `high`: from where to where the value is said to lie;
    with `margin` (their words) they are the uncertainty of an estimate instead, and `value` is the
    estimate. `bound`: it is known to be above or below `value`. `is_rough`: said to be
    approximate. `is_break`: not comparable with what came before. `is_steady`: no clear change
    since the point before.
    """

    value: float | None
    text: str
    category: str = ""
    line: str = ""
    time: float | None = None
    time_text: str = ""
    low: float | None = None
    high: float | None = None
    margin: str = ""
    bound: Bound = ""
    is_rough: bool = False
    is_break: bool = False
    is_steady: bool = False
    detail: str = ""
    code: str = ""

    @property
    def said(self) -> str:
        """The value in words with its uncertainty: '44.2 % (42.1–46.3)'."""
        return f"{self.text} ({self.margin})" if self.margin else self.text


def have_changed(before: Point, after: Point) -> bool:
    """Whether two values differ by more than their uncertainty, where it is known."""
    if after.is_steady or before.value is None or after.value is None:
        return False
    reach = math.hypot(
        _measure_reach(before, towards=after.value), _measure_reach(after, towards=before.value)
    )
    return abs(after.value - before.value) > reach


def _measure_reach(point: Point, *, towards: float) -> float:
    """How far the margin of an estimate goes, on the side of another value."""
    if not point.margin or point.value is None or point.low is None or point.high is None:
        return 0.0
    return point.high - point.value if towards > point.value else point.value - point.low


@dataclass(frozen=True, slots=True)
class ChartData:
    """Points and words of one chart.

    `categories` and `lines` give the order (names without a point are drawn as missing).
    `ends` are the answers of a scale from one end to the other: they get the diverging colours;
    `aside` are answers that stand outside it ('do not know'). `shapes` are GeoJSON features
    with an `id` for maps; their points carry the same in `code`.
    """

    title: str
    points: Sequence[Point]
    unit: str = ""
    categories: Sequence[str] = ()
    lines: Sequence[str] = ()
    ends: Sequence[str] = ()
    aside: Sequence[str] = ()
    subtitle: str = ""
    notes: Sequence[str] = ()
    source: str = ""
    shapes: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    category_title: str = ""
    line_title: str = ""
    problem: str = ""  # why these points cannot stand in one chart
    is_share: bool = False  # values are per cent of a whole: the axis runs from 0 to 100

    def get_categories(self) -> list[str]:
        """The names on the axis, in order."""
        return list(dict.fromkeys([*self.categories, *(p.category for p in self.points)]))

    def get_lines(self) -> list[str]:
        """The lines, colours or answers, in order."""
        return list(dict.fromkeys([*self.lines, *(p.line for p in self.points)]))
