"""Estimates as the points of a chart. What is hidden is no zero: its place says so in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from focal.surveys import shown
from focal.surveys.estimation import Estimate, Table
from focal.surveys.models import Question
from focal.surveys.selectors import name_answer
from focal.ui.charts import ChartData, Form, Point

MOST_COLOURS = 6  # answers that colours can tell apart


def make_data(table: Table, language: str, **words: Any) -> tuple[Form, ChartData]:
    """The form that fits a table of estimates, and its points. Shares of answers by group are
    stacked; everything else is dots with their intervals. `words`: title, subtitle, notes, source.
    """
    question = table.question
    answers = shown.list_answers(question)
    names = [name_answer(question, code, language) for code in answers if code]
    points = [_make_point(table, cell, language) for cell in table.cells]
    is_parted = bool(table.by) and shown.is_share(question)
    if is_parted and len(names) > MOST_COLOURS:
        points = [replace(p, category=f"{p.category}, {p.line}", line="") for p in points]
    elif not table.by:
        points = [replace(p, category=p.line or p.category, line="") for p in points]
    is_best_first = question.direction == Question.Direction.BEST_FIRST
    return "stack" if _is_stacked(table) else "dot", ChartData(
        points=points,
        unit="%" if shown.is_share(question) else "",
        lines=names if is_parted and len(names) <= MOST_COLOURS else (),
        ends=(names[::-1] if is_best_first else names) if question.direction else (),
        category_title=_("Group") if table.by else _("Answer"),
        line_title=_("Answer"),
        is_share=shown.is_share(question),
        **words,
    )


def make_comparison(comparison: shown.Comparison, now: Question, **words: Any) -> ChartData:
    """Each answer in two editions; a difference within its uncertainty is no change."""
    names = (comparison.question.edition.name, now.edition.name)
    return ChartData(
        points=[
            replace(
                _measure(now, cell),
                category=change.answer,
                time=time,
                time_text=name,
                is_steady=not change.is_beyond_chance,
            )
            for change in comparison.changes
            for time, (name, cell) in enumerate(zip(names, change.cells, strict=True))
        ],
        unit="%" if shown.is_share(now) else "",
        category_title=_("Answer"),
        **words,
    )


def _make_point(table: Table, cell: Estimate, language: str) -> Point:
    question = table.question
    return replace(
        _measure(question, cell),
        category=shown.name_place(table, cell.group, language),
        line=name_answer(question, cell.answer, language) if cell.answer else "",
    )


def _measure(question: Question, cell: Estimate) -> Point:
    factor = 100 if shown.is_share(question) else 1
    text, margin = shown.format_parts(question, cell)
    has_margin = bool(margin) and cell.low is not None and cell.high is not None
    return Point(
        value=None if cell.estimate is None else round(cell.estimate * factor, 4),
        text=text if cell.estimate is not None else _("not shown"),
        low=round((cell.low or 0) * factor, 4) if has_margin else None,
        high=round((cell.high or 0) * factor, 4) if has_margin else None,
        margin=margin,
    )


def _is_stacked(table: Table) -> bool:
    is_whole = all(
        cell.estimate is not None or cell.hidden in {"base", "none"} for cell in table.cells
    )
    is_few = len(table.question.scale) <= MOST_COLOURS
    return bool(table.by) and shown.is_share(table.question) and is_whole and is_few
