"""Coverage as pictures: a matrix, a map, a timeline. Each says nothing that its table does not.

Colour never stands alone: a cell carries its sign, an economy its number, a band its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from focal.mapping.coverage.matrix import Matrix
from focal.mapping.coverage.question import Asked
from focal.mapping.coverage.rules import Reading
from focal.mapping.coverage.shapes import find_middle
from focal.ui.charts import theme
from focal.ui.charts.shapes import load_polygons, make_feature

# Attention is warm, action is teal; what is not known is paper.
COLOURS: Mapping[Reading, str] = {
    Reading.GAP: theme.WARM,
    Reading.OPPORTUNITY: theme.DIVERGING[1],
    Reading.THIN: theme.SEQUENCE[1],
    Reading.COVERED: theme.CATEGORIES[0],
    Reading.CROWDED: theme.CATEGORIES[2],
    Reading.SUPPLY_LED: "#d9c36a",
    Reading.UNKNOWN: theme.EMPTY,
}
ON_DARK = (Reading.GAP, Reading.COVERED, Reading.CROWDED)
SIGNS: Mapping[Reading, str] = {
    Reading.GAP: "!",
    Reading.OPPORTUNITY: "+",
    Reading.THIN: "–",
    Reading.COVERED: "✓",
    Reading.CROWDED: "×",
    Reading.SUPPLY_LED: "◊",
    Reading.UNKNOWN: "?",
}
WARM_RAMP, COOL_RAMP = ("#fbeee7", theme.WARM), (theme.SEQUENCE[0], theme.SEQUENCE[3])
MOST_ROWS = 110  # in a picture; what is deeper is in the table
LONGEST = 58  # letters of a row's name that fit beside the picture


def sign(reading: Reading) -> str:
    """What a cell shows beside its colour: 'Gap', with its sign."""
    return f"{SIGNS[reading]} {reading.label}"


def draw_matrix(asked: Asked, matrix: Matrix, *, is_narrow: bool = False) -> dict[str, Any]:
    """The cells as a field of coloured squares, a sign in each."""
    names = dict(asked.economies)
    rows = range(min(len(matrix.rows), MOST_ROWS))
    labels = [_name_row(matrix, row, 20 if is_narrow else LONGEST) for row in rows]
    values = [
        {
            "row": row,
            "economy": names[code],
            "reading": sign(cell.reading),
            "sign": SIGNS[cell.reading],
            "dark": cell.reading in ON_DARK,
        }
        for row in rows
        for code, cell in zip(matrix.economies, matrix.cells[row], strict=True)
    ]
    step = 25 if is_narrow else 46
    axis = {
        "title": None,
        "labelExpr": f"{_as_expression(labels)}[datum.value]",
        "labelLimit": 150 if is_narrow else 420,
        "labelAlign": "left",
        "labelPadding": _measure(labels, 6.0 if is_narrow else 6.9),
        "ticks": False,
        "domain": False,
        "labelColor": theme.INK,
        "labelFontSize": 11 if is_narrow else 13,
    }
    order = [names[code] for code in matrix.economies]
    encoding = {
        "x": {
            "field": "economy",
            "type": "nominal",
            "sort": order,
            "axis": {
                "title": None, "orient": "top", "labelAngle": -50, "labelAlign": "left",
                "labelBaseline": "middle", "labelPadding": 4, "ticks": False, "domain": False,
                "labelColor": theme.INK, "labelFontSize": 11 if is_narrow else 13,
            },
        },
        "y": {"field": "row", "type": "ordinal", "sort": None, "axis": axis},
    }  # fmt: skip
    return {
        "width": {"step": step},
        "height": {"step": 24 if is_narrow else 28},
        "data": {"values": values},
        "encoding": encoding,
        "layer": [
            {
                "mark": {"type": "rect", "stroke": theme.PAPER, "strokeWidth": 2},
                "encoding": {"color": _colour_by_reading(is_narrow=is_narrow, columns=4)},
            },
            {
                "mark": {
                    "type": "text",
                    "fontSize": 13 if is_narrow else 15,
                    "fontWeight": 600,
                },
                "encoding": {
                    "text": {"field": "sign"},
                    "color": {
                        "condition": {"test": "datum.dark", "value": theme.PAPER},
                        "value": theme.INK,
                    },
                },
            },
        ],
    }


def _name_row(matrix: Matrix, row: int, longest: int) -> str:
    node = matrix.get_row(row)
    text = "\u00a0\u00a0\u00a0" * (node.depth - matrix.get_row(0).depth) + node.name
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _measure(labels: Sequence[str], letter: float) -> int:
    """About how wide the longest of these labels is, in pixels."""
    return round(letter * max((len(label) for label in labels), default=0)) + 8


def _as_expression(labels: Sequence[str]) -> str:
    """A list of texts in the expression language."""
    quoted = (label.replace("\\", "\\\\").replace("'", "\\'") for label in labels)
    return "[" + ",".join(f"'{label}'" for label in quoted) + "]"


def _colour_by_reading(*, is_narrow: bool = False, columns: int = 7) -> dict[str, Any]:
    return {
        "field": "reading",
        "type": "nominal",
        "scale": {
            "domain": [sign(reading) for reading in Reading],
            "range": [COLOURS[reading] for reading in Reading],
        },
        "legend": {
            "title": None, "orient": "bottom", "columns": 3 if is_narrow else columns,
            "symbolType": "square", "symbolStrokeColor": theme.LINE, "symbolStrokeWidth": 1,
        },
    }  # fmt: skip


def draw_map(
    asked: Asked,
    told: Mapping[str, tuple[str, Any]],
    *,
    legend: str,
    is_by_reading: bool,
    is_warm: bool = False,
    is_narrow: bool = False,
) -> dict[str, Any]:
    """The region: each economy in the colour of what is told of it, with its name and that.

    `told` gives for each economy the words and the value: a Reading's sign, or a number.
    """
    shapes, around = load_polygons()
    names = dict(asked.economies)
    here = [make_feature(shapes[code], told=told[code][1]) for code in names if code in shapes]
    rest = [shapes[code] for code in sorted(shapes) if code not in names]
    land = make_feature([*around, *(polygon for part in rest for polygon in part)])
    labels = [
        {"x": x, "y": y, "text": _label(code, names[code], told[code][0], is_narrow=is_narrow)}
        for code in names
        if code in shapes
        for x, y in [_place_label(code, shapes)]
    ]
    colour = (
        {**_colour_by_reading(is_narrow=is_narrow), "field": "told"}
        if is_by_reading
        else {
            "field": "told",
            "type": "quantitative",
            "scale": {"range": list(WARM_RAMP if is_warm else COOL_RAMP), "zero": True},
            "legend": {
                "title": legend, "titleLimit": 500, "orient": "bottom", "format": ",.0f",
                "gradientLength": 220,
                "values": _choose_ticks(max((value for _w, value in told.values()), default=0)),
            },
        }
    )  # fmt: skip
    text: dict[str, Any] = {
        "type": "text", "fontSize": 10 if is_narrow else 12, "lineHeight": 11 if is_narrow else 14,
        "fontWeight": 600,
    }  # fmt: skip
    position = {
        "longitude": {"field": "x", "type": "quantitative"},
        "latitude": {"field": "y", "type": "quantitative"},
        "text": {"field": "text"},
    }
    return {
        "width": 350 if is_narrow else 900,
        "height": 250 if is_narrow else 560,
        "projection": {"type": "mercator"},
        "layer": [
            {
                "data": {"values": [land]},
                "mark": {"type": "geoshape", "fill": theme.EMPTY, "stroke": theme.LINE},
            },
            {
                "data": {"values": here},
                "mark": {"type": "geoshape", "stroke": theme.PAPER, "strokeWidth": 1.2},
                "encoding": {"color": colour},
            },
            # Letters with paper around them can be read on every colour.
            {
                "data": {"values": labels},
                "mark": {**text, "stroke": theme.PAPER, "strokeWidth": 3, "strokeJoin": "round"},
                "encoding": position,
            },
            {
                "data": {"values": labels},
                "mark": {**text, "fill": theme.INK},
                "encoding": position,
            },
        ],
    }


def _choose_ticks(most: float) -> list[float]:
    """Numbers for a scale from nought: whole ones, four steps at most."""
    step = max(1, round(most / 4)) if most < 1000 else most / 4
    return [step * number for number in range(5) if step * number <= most] or [0]


# Where names would run into one another or off their shape, they stand a little aside.
ASIDE = {
    "AL": (20.0, 40.9), "XK": (21.0, 42.75), "ME": (17.95, 42.3), "MK": (21.8, 41.5),
    "HR": (16.4, 45.75), "SI": (14.75, 46.2), "MD": (28.6, 47.3), "GR": (22.1, 39.4),
    "RS": (20.8, 44.3), "BA": (17.8, 44.25),
}  # fmt: skip


def _place_label(code: str, shapes: Mapping[str, Any]) -> tuple[float, float]:
    return ASIDE.get(code) or find_middle(shapes[code])


def _label(code: str, name: str, told: str, *, is_narrow: bool) -> list[str]:
    """What stands on an economy: its name, or on a narrow map, where names would run into one
    another, its code (the table under it has the names); and what is told."""
    if not is_narrow:
        return _break_name(name, told)
    return [f"{code}*" if name.endswith("*") else code, told]


def _break_name(name: str, told: str) -> list[str]:
    """A name in short lines, with what is told under it."""
    lines: list[str] = []
    for word in name.split(" "):
        if lines and len(lines[-1]) + len(word) < 11:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [*lines, told]


def draw_timeline(
    years: Sequence[int], matrices: Sequence[Matrix], *, today: int, is_narrow: bool = False
) -> dict[str, Any]:
    """For each year how many cells read what, as bars of one height; today's year is marked."""
    order = list(Reading)
    values = [
        {
            "year": str(year),
            "reading": sign(reading),
            "cells": matrix.readings.get(reading, 0),
            "order": place,
        }
        for year, matrix in zip(years, matrices, strict=True)
        for place, reading in enumerate(order)
    ]
    return {
        "width": 300 if is_narrow else 820,
        "height": 260 if is_narrow else 340,
        "data": {"values": values},
        "layer": [
            {
                "mark": {"type": "bar", "stroke": theme.LINE, "strokeWidth": 0.6},
                "encoding": {
                    "x": {
                        "field": "year", "type": "ordinal",
                        "axis": {"title": None, "labelAngle": 0, "ticks": False},
                        "scale": {"paddingInner": 0.12},
                    },
                    "y": {
                        "field": "cells", "type": "quantitative", "stack": "zero",
                        "axis": {"title": _("cells of the matrix"), "tickCount": 5},
                    },
                    "color": _colour_by_reading(is_narrow=is_narrow),
                    "order": {"field": "order", "sort": "descending"},
                },
            },
            {
                "data": {"values": [{"year": str(today)}] if today in years else []},
                "mark": {
                    "type": "text", "dy": -8, "y": 0, "fontSize": 13, "fontWeight": 600,
                },
                "encoding": {
                    "x": {"field": "year", "type": "ordinal"},
                    "text": {"value": _("today")},
                },
            },
        ],
    }  # fmt: skip
