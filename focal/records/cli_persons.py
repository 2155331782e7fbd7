"""`focal check-persons`: what in files seems to identify persons, before they are brought in."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from focal.records.extraction import Reader, Unreadable
from focal.records.extraction.formats import BY_ENDING
from focal.records.extraction.reader import check_size
from focal.safety.persons import STOP, find_persons

WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".ods"}
FOUND, UNREADABLE = 1, 2


@click.command("check-persons")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--minimum",
    type=click.FloatRange(0, 1),
    default=STOP,
    show_default=True,
    help="How sure a find must be to be told; from 0.5 on it stops publishing.",
)
@click.option("--fail", is_flag=True, help="Exit with 1 when something is found.")
@click.option("--json", "as_json", is_flag=True, help="Print the finds as JSON.")
def check_persons(files: tuple[Path, ...], minimum: float, fail: bool, as_json: bool) -> None:
    """Look for what identifies persons in FILES (PDF, DOCX, ODT, HTML, XML, text, workbooks).

    Tells for each find its kind, the page and the place on it, and how sure it is. The numbers
    themselves are not printed. Nothing is kept.

    Exit code: 0 when all files were read, 2 when one could not be; with --fail 1 when something
    was found.
    """
    finds, unreadable = [], []
    with Reader() as reader:
        for path in files:
            try:
                finds += list(_check(reader, path, minimum))
            except Unreadable as refusal:
                unreadable.append({"file": str(path), "reason": str(refusal)})
    if as_json:
        click.echo(json.dumps({"finds": finds, "unreadable": unreadable}, ensure_ascii=False))
    else:
        _print(finds, unreadable, len(files))
    sys.exit(UNREADABLE if unreadable else FOUND if fail and finds else 0)


def _check(reader: Reader, path: Path, minimum: float) -> Iterator[dict[str, Any]]:
    for number, text in enumerate(_read(reader, path), start=1):
        for find in find_persons(text, minimum=minimum):
            yield {
                "file": str(path),
                "kind": find.kind,
                "label": find.label,
                "economies": list(find.economies),
                "place": {"page": number, "offset": find.start, "length": find.end - find.start},
                "confidence": find.confidence,
                "stops": find.stops,
                "context": find.context,
            }


def _read(reader: Reader, path: Path) -> list[str]:
    """The pages of a file, or the sheets of a workbook: lists of persons often are ones."""
    if path.suffix.lower() in WORKBOOKS:
        return _read_workbook(path)
    known = path.suffix.lower() in BY_ENDING
    return reader.read(path, declared_name=path.name if known else path.stem).pages


def _read_workbook(path: Path) -> list[str]:
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 -- seldom needed

    check_size(path)
    try:
        workbook = CalamineWorkbook.from_path(path)
        sheets = [workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names]
    except (CalamineError, OSError):
        raise Unreadable("The workbook is damaged or locked.") from None
    return ["\n".join("\t".join(map(_show_cell, row)) for row in sheet) for sheet in sheets]


def _show_cell(value: Any) -> str:
    """A long number as its digits: workbooks keep it as a float."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _print(finds: list[dict[str, Any]], unreadable: list[dict[str, str]], count: int) -> None:
    console = Console()
    if finds:
        table = Table()
        for heading in ("File", "Page", "What it seems to be", "Sure", "Place"):
            table.add_column(heading, overflow="fold")
        for find in finds:
            page = str(find["place"]["page"])
            sure = f"{find['confidence']:.0%}"
            table.add_row(find["file"], page, find["label"], sure, find["context"])
        console.print(table)
    for refusal in unreadable:
        console.print(f"[red]not read[/] {refusal['file']}: {refusal['reason']}")
    console.print(f"{len(finds)} found in {count - len(unreadable)} files.")
