"""A picture of the figures of a series: one row each, drawn on the server as plain SVG.

It only shows what the table beside it says. Sizes are chosen so that the letters can be read
on a phone and are not huge on a desk.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from focal.indicators.models import Observation
from focal.indicators.selectors import ShownFigure

WIDTH, LEFT, RIGHT = 440, 8, 432
ROW, TOP, FOOT = 50, 12, 30
LONGEST = 46  # letters of a label that fit
UPWARD = (Observation.Qualifier.MORE_THAN, Observation.Qualifier.AT_LEAST)
DOWNWARD = (Observation.Qualifier.LESS_THAN, Observation.Qualifier.UP_TO)
ROUGH = (Observation.Qualifier.ABOUT, Observation.Qualifier.SOME)


@dataclass(frozen=True, slots=True)
class Mark:
    """One row: its words, and where its dot, span or arrow stands."""

    label: str
    value: str
    text_y: int
    line_y: int
    x: float
    upper_x: float | None
    arrow: str
    is_rough: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the scale with its number."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Everything the drawing needs, in the units of its view box."""

    width: int
    height: int
    foot: int
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]


def draw(figures: list[ShownFigure]) -> Plot | None:
    """The picture; None when there is nothing to compare."""
    figures = [figure for figure in figures if not figure.is_hidden]
    rows = [figure.observation for figure in figures]
    if len({row.value for row in rows}) + sum(row.upper is not None for row in rows) < 2:
        return None
    low = min(0.0, *(float(row.value) for row in rows))
    step = _find_step(max(float(row.upper or row.value) for row in rows) - low)
    high = step * math.ceil(max(float(row.upper or row.value) for row in rows) / step) or step
    low = step * math.floor(low / step)

    def place(value: Decimal | float) -> float:
        return round(LEFT + (float(value) - low) / (high - low) * (RIGHT - LEFT), 1)

    foot = TOP + ROW * len(rows)
    return Plot(
        width=WIDTH,
        height=foot + FOOT,
        foot=foot,
        marks=tuple(
            Mark(
                label=_shorten(_label(figure)),
                value=figure.whole,
                text_y=TOP + ROW * place_in_list + 14,
                line_y=TOP + ROW * place_in_list + 30,
                x=place(figure.observation.value),
                upper_x=None
                if figure.observation.upper is None
                else place(figure.observation.upper),
                arrow="up"
                if figure.observation.qualifier in UPWARD
                else "down"
                if figure.observation.qualifier in DOWNWARD
                else "",
                is_rough=figure.observation.qualifier in ROUGH,
            )
            for place_in_list, figure in enumerate(figures)
        ),
        ticks=tuple(
            Tick(place(low + step * number), _say(low + step * number))
            for number in range(round((high - low) / step) + 1)
        ),
    )


def _find_step(span: float) -> float:
    """A round distance between the lines of the scale, so that there are three to five."""
    if span <= 0:
        return 1.0
    power = 10 ** math.floor(math.log10(span / 4))
    return float(power * next(factor for factor in (1, 2, 5, 10) if factor * power * 4 >= span))


def _say(value: float) -> str:
    return f"{value:,.0f}".replace(",", "\u202f") if value == int(value) else f"{value:g}"


def _label(figure: ShownFigure) -> str:
    row = figure.observation
    words = [figure.area, row.group, figure.period or row.source_title]
    return ", ".join(word for word in words if word)


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
