"""Coverage as files to take along: each row says what it counts, and how it is read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from focal.mapping.coverage import pages, pictures, words
from focal.mapping.coverage.matrix import Matrix
from focal.mapping.coverage.question import Asked
from focal.mapping.coverage.rules import RULES, Reading
from focal.records.finding.export import make_harmless
from focal.vocabulary.names import get_footnote

BYTE_ORDER_MARK = "\ufeff"
COLUMNS = (
    "economy", "economy_name", "code", "name", "level", "reading", "needs", "responses",
    "initiatives", "stale_needs", "stale_responses", "stale_initiatives", "same_by_two_funders",
    "euro", "gaps_within",
)  # fmt: skip


def list_cells(asked: Asked, matrix: Matrix) -> Iterator[dict[str, Any]]:
    """Every cell as a plain row, in the order of the table."""
    names = dict(asked.economies)
    for number, line in enumerate(matrix.cells):
        row = matrix.get_row(number)
        for code, cell in zip(matrix.economies, line, strict=True):
            numbers = cell.numbers
            values = (
                code, names[code], row.code or str(row.key), row.label, row.depth + 1,
                cell.reading.value, numbers.needs, numbers.responses, numbers.initiatives,
                numbers.stale_needs, numbers.stale_responses, numbers.stale_initiatives,
                numbers.is_doubled, round(cell.euro, 2), cell.gaps_within,
            )  # fmt: skip
            yield dict(zip(COLUMNS, values, strict=True))


def write_csv(rows: Sequence[Sequence[Any]], language: str) -> bytes:
    """A table with its heading; nothing in it is worked out as a formula; the footnote below."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow(
            [make_harmless(value) if isinstance(value, str) else value for value in row]
        )
    writer.writerow([get_footnote(language)])
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


def tabulate(asked: Asked, what: str, show: str) -> list[list[Any]]:
    """The rows behind one of the views."""
    if what == "matrix":
        cells = list_cells(asked, asked.count())
        return [list(COLUMNS), *(list(row.values()) for row in cells)]
    if what == "map":
        names = dict(asked.economies)
        told, _is_by_reading, legend = pages.tell_economies(asked, show)
        head = ["economy", "economy_name", legend]
        return [head, *([code, names[code], value] for code, (_text, value) in told.items())]
    table = pages.tabulate_years(asked)
    return [[column.label for column in table.columns], *(list(row) for row in table.rows)]


def write_book(asked: Asked, what: str, show: str, language: str) -> bytes:
    """A workbook: the matrix in colour (or the other view's table), numbers, rules, notes."""
    import xlsxwriter  # noqa: PLC0415 -- slow import

    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    made = datetime.combine(timezone.localdate(), time())  # the day is enough, and stays the same
    book.set_properties(
        {"title": _("Coverage"), "comments": pages.describe(asked), "created": made}
    )
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    matrix = asked.count()
    if what == "matrix":
        _write_matrix(book, head, asked, matrix)
    sheet = book.add_worksheet(_("Numbers"))
    for place, row in enumerate(tabulate(asked, what, show)):
        sheet.write_row(place, 0, row, head if place == 0 else None)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 20, 16)
    _write_about(book, head, asked, matrix, language)
    book.close()
    return target.getvalue()


def _write_matrix(book: Any, head: Any, asked: Asked, matrix: Matrix) -> None:
    sheet = book.add_worksheet(_("Matrix"))
    sheet.write(0, 0, pages.describe(asked), head)
    for column, (_code, name) in enumerate(asked.economies, 1):
        sheet.write(0, column, name, head)
    sheet.write(0, len(asked.economies) + 1, _("All"), head)
    colours = {
        reading: book.add_format(
            {
                "bg_color": pictures.COLOURS[reading],
                "font_color": "#ffffff" if reading in pictures.ON_DARK else "#14211f",
                "text_wrap": True, "valign": "top", "border": 1, "border_color": "#ffffff",
            }
        )
        for reading in Reading
    }  # fmt: skip
    for number, line in enumerate(matrix.cells):
        row = matrix.get_row(number)
        style = book.add_format({"indent": row.depth, "text_wrap": True, "valign": "top"})
        sheet.write(number + 1, 0, row.name, style)
        for column, cell in enumerate(line, 1):
            text = f"{cell.reading.label}\n{words.say_numbers(cell.numbers)}"
            sheet.write(number + 1, column, text, colours[cell.reading])
        sheet.write(number + 1, len(line) + 1, words.say_totals(matrix.by_row[number]))
    last = len(matrix.cells) + 1
    sheet.write(last, 0, _("All"), head)
    for column, totals in enumerate(matrix.by_economy, 1):
        sheet.write(last, column, words.say_totals(totals), head)
    sheet.write(last, len(matrix.by_economy) + 1, words.say_totals(matrix.total), head)
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, len(asked.economies) + 1, 18)
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _write_about(book: Any, head: Any, asked: Asked, matrix: Matrix, language: str) -> None:
    sheet = book.add_worksheet(_("How to read it"))
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 90)
    lines = [
        (_("Shown"), pages.describe(asked)),
        (_("Made on"), date_format(timezone.localtime(), "DATETIME_FORMAT")),
        *((str(rule.reading.label), f"{rule.when} {rule.so}") for rule in RULES),
        *((_("Note"), note) for note in words.list_notes(matrix)),
        *((_("Note"), note) for note in pages.tell_restricted(matrix)),
        ("*", get_footnote(language)),
    ]
    for place, (first, second) in enumerate(lines):
        sheet.write(place, 0, first, head)
        sheet.write_string(place, 1, second)
