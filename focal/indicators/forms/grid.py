"""The table in which figures are typed or pasted: cells as text, errors beside the cell."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils.formats import get_format
from django.utils.translation import gettext as _

from focal.indicators.models import WORLD, Observation, Series
from focal.indicators.naming import find_area
from focal.indicators.reading import MOST_FIGURES, Problem
from focal.indicators.selectors import name_area
from focal.kernel.errors import BadInput
from focal.vocabulary.selectors import get_vocabulary

EMPTY_ROWS = 3


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table."""

    name: str
    label: str
    shape: str = "text"  # text, number, choice, area, tick
    choices: Sequence[tuple[str, str]] = ()
    is_needed: bool = False
    is_rare: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with what was typed in it."""

    column: Column
    name: str
    value: str
    error: str = ""

    @property
    def is_unknown(self) -> bool:
        """Whether it is none of its column's choices: then it is shown as it was typed."""
        return bool(self.value) and self.value not in dict(self.column.choices)


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its figure's reference ('' for a new one) and its cells."""

    number: int
    reference: str
    cells: Sequence[Cell]
    errors: Sequence[str] = field(default_factory=tuple)


def list_columns(language: str) -> list[Column]:
    """What can be said of a figure, in the order one says it."""
    words = get_vocabulary()
    areas = [
        *words.economy_choices(language),
        *((code, words.group_name(code, language)) for code in words.groups),
        (WORLD, name_area(WORLD, language)),
    ]
    sexes = [(value, "" if not value else str(label)) for value, label in Observation.Sex.choices]
    qualifiers = [("exact", "")] + [
        (value, str(label)) for value, label in Observation.Qualifier.choices if value != "exact"
    ]
    margins = [("", ""), *((value, str(label)) for value, label in Observation.Margin.choices)]
    return [
        Column("area", _("Where"), "area", areas, is_needed=True),
        Column("qualifier", _("How sure"), "choice", qualifiers),
        Column("value", _("Value"), "number", is_needed=True),
        Column("upper", _("to"), "number"),
        Column("period_start", _("From")),
        Column("period_end", _("Until")),
        Column("as_of", _("As of")),
        Column("group", _("Group")),
        Column("sex", _("Sex"), "choice", sexes),
        Column("age", _("Age")),
        Column("source_title", _("Source"), is_needed=True),
        Column("source_url", _("Address of the source"), is_rare=True),
        Column("source_page", _("Page"), is_rare=True),
        Column("edition", _("Edition"), is_rare=True),
        Column("status", _("Status"), "choice", Observation.Status.choices, is_rare=True),
        Column("rule", _("Counting rule"), is_rare=True),
        Column("margin_low", _("Uncertainty from"), "number", is_rare=True),
        Column("margin_high", _("Uncertainty to"), "number", is_rare=True),
        Column("margin_level", _("Level of the interval, %"), "number", is_rare=True),
        Column("margin_kind", _("Kind of interval"), "choice", margins, is_rare=True),
        Column("note", _("Note"), is_rare=True),
        Column("is_break", _("Break before"), "tick", is_rare=True),
        Column("is_headline", _("Front page"), "tick", is_rare=True),
    ]


def show_rows(observations: Sequence[Observation], language: str) -> list[Row]:
    """The table as it stands, with some empty rows below."""
    columns = list_columns(language)
    rows = [
        Row(
            number,
            row.reference,
            [
                Cell(column, f"{column.name}-{number}", _say(getattr(row, column.name)))
                for column in columns
            ],
        )
        for number, row in enumerate(observations)
    ]
    return rows + _make_empty(columns, len(rows))


def _make_empty(columns: Sequence[Column], start: int) -> list[Row]:
    defaults = {"qualifier": "exact", "status": "final"}
    return [
        Row(
            number,
            "",
            [Cell(c, f"{c.name}-{number}", defaults.get(c.name, "")) for c in columns],
        )
        for number in range(start, start + EMPTY_ROWS)
    ]


def _say(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "" if value is None else str(value)


def read_rows(data: QueryDict, language: str) -> tuple[list[dict[str, Any]], list[Row]]:
    """What was typed: as figures for the services, and as the table to show again.

    Rows with nothing in them are left out. With scripts the table comes as one field of JSON,
    so that thousands of rows fit into a request.
    """
    columns = list_columns(language)
    typed = _read_json(data) if data.get("table") else _read_fields(data, columns)
    figures, rows = [], []
    for raw in typed[: MOST_FIGURES + 1]:
        number = len(rows)
        said = {c.name: str(raw.get(c.name, "")).strip() for c in columns}
        if not any(value for name, value in said.items() if name not in ("qualifier", "status")):
            continue
        reference = str(raw.get("reference", ""))
        rows.append(
            Row(
                number,
                reference,
                [Cell(c, f"{c.name}-{number}", said[c.name]) for c in columns],
            )
        )
        figures.append({**_to_figure(said, columns), "reference": reference})
    return figures, rows + _make_empty(columns, len(rows))


def _read_json(data: QueryDict) -> list[Mapping[str, Any]]:
    try:
        typed = json.loads(data["table"])
    except ValueError:
        typed = None
    if not isinstance(typed, list) or not all(isinstance(row, dict) for row in typed):
        raise BadInput(_("The table did not arrive whole. Send it once more."))
    return typed


def _read_fields(data: QueryDict, columns: Sequence[Column]) -> list[Mapping[str, Any]]:
    count = data.get("rows", "0")
    number = min(int(count), MOST_FIGURES) if count.isdecimal() and count.isascii() else 0
    return [
        {
            "reference": data.get(f"reference-{row}", ""),
            **{c.name: data.get(f"{c.name}-{row}", "") for c in columns},
        }
        for row in range(number)
    ]


def _to_figure(said: Mapping[str, str], columns: Sequence[Column]) -> dict[str, Any]:
    figure: dict[str, Any] = {}
    for column in columns:
        text = said[column.name]
        if column.shape == "tick":
            figure[column.name] = text not in ("", "0", "false", "no")
        elif column.shape == "number":
            figure[column.name] = read_local_number(text)
        elif column.shape == "area":
            figure[column.name] = find_area(text) or text
        elif column.shape == "choice":
            figure[column.name] = _find_choice(text, column)
        else:
            figure[column.name] = text
    return figure


def _find_choice(text: str, column: Column) -> str:
    """The choice by its value or by its word, as it comes from a spreadsheet."""
    folded = text.casefold()
    for value, label in column.choices:
        if folded in (value.casefold(), str(label).casefold()):
            return value
    return text or {"qualifier": "exact", "status": "final"}.get(column.name, "")


def read_local_number(text: str) -> str:
    """'1.234,5' or '1 234,5' as people write it here, as '1234.5'; what is unclear stays."""
    text = text.strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    text = text.removesuffix("%")
    comma, dot = text.rfind(","), text.rfind(".")
    if comma >= 0 and dot >= 0:
        decimal, thousands = (",", ".") if comma > dot else (".", ",")
        return text.replace(thousands, "").replace(decimal, ".")
    if comma >= 0:
        is_grouped = text.count(",") > 1 or (
            len(text) - comma == 4 and get_format("DECIMAL_SEPARATOR") == "."
        )
        return text.replace(",", "" if is_grouped else ".")
    if dot >= 0 and text.count(".") > 1:
        return text.replace(".", "")
    if dot >= 0 and len(text) - dot == 4 and get_format("DECIMAL_SEPARATOR") == ",":
        return text.replace(".", "")
    return text


def add_errors(rows: Sequence[Row], problems: Sequence[Problem]) -> list[Row]:
    """The table with each problem beside its cell."""
    by_place: dict[tuple[int, str], str] = {}
    for problem in problems:
        by_place.setdefault((problem.row, problem.field), problem.sentence)
    return [
        Row(
            row.number,
            row.reference,
            [
                Cell(c.column, c.name, c.value, by_place.get((row.number, c.column.name), ""))
                for c in row.cells
            ],
            [sentence for (at, _name), sentence in by_place.items() if at == row.number],
        )
        for row in rows
    ]


def get_table_words() -> dict[str, str]:
    """What the script of the table says."""
    return {
        "pasted": _("%s cells pasted. Look them over, then save."),
        "removed": _("Row removed."),
        "undo": _("Undo"),
        "remove": _("Remove this row"),
    }


def describe_series(series: Series) -> dict[str, Any]:
    """What the table needs to know of its series."""
    return {"version": series.figures_version, "unit": series.unit}
