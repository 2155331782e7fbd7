"""`focal coverage`: the matrix from the command line, through the eyes of whoever is named."""

from __future__ import annotations

import json
from pathlib import Path

import click
from django.utils import timezone, translation
from rich.console import Console
from rich.table import Table

from focal.kernel.errors import BadInput
from focal.mapping.coverage import export, pages, words
from focal.mapping.coverage.axes import BY
from focal.mapping.coverage.loading import rebuild
from focal.mapping.coverage.matrix import Matrix
from focal.mapping.coverage.question import Asked, prepare, read_question
from focal.records.cli import AS, find_viewer


@click.command()
@click.option("--frame", default="", help="Key of a frame, or key and edition (ipa-2024).")
@click.option("--period", default="", help="A year, or two: 2026 or 2024-2026.")
@click.option("--economy", "economies", multiple=True, help="Only this economy (AL); repeatable.")
@click.option("--by", type=click.Choice(BY), default=None, help="Measures of a frame, or topics.")
@click.option("--group", default="", help="Only for a target group (its key).")
@click.option("--level", default="", help="Only of a prevention level (its key).")
@AS
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--xlsx", type=click.Path(dir_okay=False, path_type=Path), help="Write a workbook.")
@click.option("--rebuild", "anew", is_flag=True, help="First make the facts anew from the records.")
def coverage(
    frame: str,
    period: str,
    economies: tuple[str, ...],
    by: str | None,
    group: str,
    level: str,
    who: str,
    as_json: bool,
    xlsx: Path | None,
    anew: bool,
) -> None:
    """Needs set against what is done about them, economy by measure or topic.

    Each cell is read as gap, opportunity, thin, covered, crowded, supply-led or unknown.
    """
    if anew:
        rebuild()
    today = timezone.localdate()
    viewer = find_viewer(who)
    first, _dash, last = period.partition("-")
    given = {"by": by or "", "frame": frame, "from": first, "to": last or first,
             "group": group, "level": level}  # fmt: skip
    with translation.override(viewer.language if xlsx else "en"):
        question = read_question(given, economies, today=today, is_strict=True)
        asked = prepare(question, viewer=viewer, language=viewer.language, today=today)
        if not asked.axis.rows:
            raise BadInput("There is no frame yet: ask --by topic.")
        matrix = asked.count()
        if xlsx:
            xlsx.write_bytes(export.write_book(asked, "matrix", "", viewer.language))
        if as_json:
            click.echo(json.dumps(describe(asked, matrix), ensure_ascii=False))
        elif xlsx:
            click.echo(f"Written: {xlsx}")
        else:
            show(asked, matrix)


def describe(asked: Asked, matrix: Matrix) -> dict[str, object]:
    """The matrix as plain values."""
    total, question = matrix.total, asked.question
    return {
        "by": question.by,
        "frame": str(asked.axis.frame) if asked.axis.frame else None,
        "period": {"from": question.first_year, "to": question.last_year},
        "economies": [{"code": code, "name": name} for code, name in asked.economies],
        "readings": {reading.value: number for reading, number in matrix.readings.items()},
        "total": {
            "needs": total.needs,
            "responses": total.responses,
            "initiatives": total.initiatives,
            "stale": total.stale,
            "euro": round(total.euro, 2),
        },
        "restricted": matrix.restricted,
        "outside": matrix.outside,
        "without_amount": matrix.without_amount,
        "unconverted": matrix.unconverted,
        "cells": list(export.list_cells(asked, matrix)),
    }


def show(asked: Asked, matrix: Matrix) -> None:
    """The matrix as a table on the terminal."""
    table = Table(title=pages.describe(asked), title_justify="left")
    table.add_column("")
    for code, _name in asked.economies:
        table.add_column(code)
    for number, line in enumerate(matrix.cells):
        row = matrix.get_row(number)
        table.add_row("  " * row.depth + row.name, *(cell.reading.value for cell in line))
    console = Console()
    console.print(table)
    console.print(words.say_totals(matrix.total), highlight=False)
    for note in words.list_notes(matrix):
        console.print(note, highlight=False)
