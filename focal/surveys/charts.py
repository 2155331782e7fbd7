"""Pictures of estimates, as Vega-Lite specifications."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from focal.surveys.estimation import Table
from focal.surveys.models import Question
from focal.surveys.selectors import name_answer
from focal.surveys.shown import is_share, list_answers, name_place
from focal.ui.charts import theme

MOST_COLOURS = 6  # answers that colours can tell apart


def make_spec(table: Table, language: str, *, width: int = 720) -> dict[str, Any] | None:
    """The Vega-Lite specification of a table's picture; None where nothing can be drawn.

    Shares of an ordered scale by group are stacked; everything else is dots with their
    intervals. What is hidden is not drawn as zero: its place says so in words.
    """
    rows = _list_rows(table, language)
    if not any(row["estimate"] is not None for row in rows):
        return None
    if _is_stacked(table):
        return {"width": width, **_draw_stacks(table, rows, language, columns=width // 200)}
    return {"width": width, **_draw_dots(table, rows, width)}


def _is_stacked(table: Table) -> bool:
    is_whole = all(
        cell.estimate is not None or cell.hidden in {"base", "none"} for cell in table.cells
    )
    is_few = len(table.question.scale) <= MOST_COLOURS
    return bool(table.by) and is_share(table.question) and is_whole and is_few


def _list_rows(table: Table, language: str) -> list[dict[str, Any]]:
    question = table.question
    scale = 100 if is_share(question) else 1
    answers = list_answers(question)
    rows = []
    for cell in table.cells:
        value = cell.estimate
        rows.append(
            {
                "group": name_place(table, cell.group, language),
                "answer": name_answer(question, cell.answer, language) if cell.answer else "",
                "order": answers.index(cell.answer),
                "estimate": None if value is None else round(value * scale, 4),
                "low": None if cell.low is None else round(cell.low * scale, 4),
                "high": None if cell.high is None else round(cell.high * scale, 4),
            }
        )
    return rows


def _draw_stacks(
    table: Table, rows: Sequence[dict[str, Any]], language: str, *, columns: int
) -> dict[str, Any]:
    question = table.question
    labels = [name_answer(question, code, language) for code in list_answers(question)]
    colours = _choose_colours(question)
    shown = [row for row in rows if row["estimate"] is not None]
    colour = {
        "field": "answer",
        "type": "nominal",
        "sort": labels,
        "scale": {"domain": labels, "range": colours},
        "legend": {"title": None, "orient": "top", "columns": columns},
    }
    return {
        "height": {"step": 34},
        "data": {"values": shown},
        "encoding": {
            "y": {"field": "group", "type": "nominal", "sort": None, "title": None},
            "x": {
                "field": "estimate",
                "type": "quantitative",
                "stack": "zero",
                "scale": {"domain": [0, 100], "nice": False},
                "axis": {"title": "%", "grid": True},
            },
            "order": {"field": "order", "type": "quantitative"},
        },
        "layer": [
            {
                "mark": {"type": "bar", "stroke": theme.PAPER, "strokeWidth": 1},
                "encoding": {"color": colour},
            }
        ],
    }


def _choose_colours(question: Question) -> list[str]:
    """From one end of an ordered scale to the other; apart from one another otherwise."""
    count = len(question.scale)
    if not question.direction:
        return list(theme.CATEGORIES[:count])
    ends = list(theme.DIVERGING)
    picked = {
        2: [ends[0], ends[-1]],
        3: [ends[0], ends[2], ends[-1]],
        4: [ends[0], ends[1], ends[3], ends[4]],
        5: ends,
        6: [*ends[:3], theme.SOFT, *ends[3:]],
    }[count]
    return picked if question.direction == Question.Direction.WORST_FIRST else picked[::-1]


def _draw_dots(table: Table, rows: Sequence[dict[str, Any]], width: int) -> dict[str, Any]:
    question = table.question
    down = "answer" if is_share(question) else "group"
    axis = {"title": "%" if is_share(question) else None, "grid": True}
    encoding: dict[str, Any] = {
        "y": {"field": down, "type": "nominal", "sort": None, "title": None},
    }
    layers = [
        {
            "mark": {"type": "rule", "strokeWidth": 2, "color": theme.SOFT},
            "encoding": {
                "x": {"field": "low", "type": "quantitative", "axis": axis,
                      "scale": {"zero": is_share(question)}},
                "x2": {"field": "high"},
            },
        },
        {
            "mark": {"type": "point", "filled": True, "size": 110},
            "encoding": {"x": {"field": "estimate", "type": "quantitative"}},
        },
    ]  # fmt: skip
    if any(row["estimate"] is None for row in rows):
        layers.append(
            {
                "transform": [{"filter": "datum.estimate === null"}],
                "mark": {
                    "type": "text",
                    "align": "left",
                    "dx": 6,
                    "fontStyle": "italic",
                    "color": theme.SOFT,
                },
                "encoding": {"x": {"value": 0}, "text": {"value": _("not shown")}},
            }
        )
    chart: dict[str, Any] = {"encoding": encoding, "layer": layers}
    if table.by and is_share(question):
        return {
            "data": {"values": list(rows)},
            "facet": {
                "row": {
                    "field": "group",
                    "type": "nominal",
                    "sort": None,
                    "title": None,
                    "header": {"labelOrient": "top", "labelAngle": 0, "labelPadding": 4},
                }
            },
            "spec": {**chart, "width": width - 160, "height": {"step": 26}},
        }
    return {"data": {"values": list(rows)}, "height": {"step": 34}, **chart}
