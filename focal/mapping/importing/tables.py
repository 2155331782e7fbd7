"""Rows of a table file, whatever it is: csv in any encoding, xlsx, xls, ods.

Rows come one at a time with the number they have in the file. Formulas are read as the value
they last had; macros are not looked at. What is too large says so before it fills the memory.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from focal.kernel.errors import BadInput
from focal.mapping.importing.entries import FileNotes
from focal.records.extraction.plain import decode

MOST_ROWS = 100_000
MOST_COLUMNS = 400
MOST_UNPACKED = 300 * 1024 * 1024  # bytes of a workbook once it is unpacked
_SAMPLE = 200_000
_FORMULA = re.compile(rb"<f[ >/]")
_ERRORS = {"#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#N/A", "#NUM!", "#NULL!"}


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row: its number in the file, starting with 1, and its cells as text, numbers and days."""

    number: int
    cells: tuple[Any, ...]

    @property
    def is_empty(self) -> bool:
        return not any(str(cell).strip() for cell in self.cells)


@dataclass(slots=True)
class TableFile:
    """One sheet of a file. `merged` are ranges ((row, column), (row, column)) from 0."""

    path: Path
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    encoding: str = ""
    delimiter: str = ","
    total: int = 0

    def iterate(self) -> Iterator[TableRow]:
        """Its rows, from the first."""
        yield from (_iterate_workbook(self) if self.sheets else _iterate_text(self))


def open_table(path: Path, notes: FileNotes, *, sheet: str = "") -> TableFile:
    """Look at a file and choose its sheet. BadInput when it is no table, or too large."""
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _open_workbook(path, notes, sheet)
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
        raise BadInput(_("This is no table: bring a spreadsheet or a CSV file."))
    return _open_text(path, notes)


# Workbooks


def _open_workbook(path: Path, notes: FileNotes, sheet: str) -> TableFile:
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 -- only here

    _look_inside(path, notes)
    try:
        book = CalamineWorkbook.from_path(str(path))
        names = tuple(book.sheet_names)
        chosen = sheet if sheet in names else _choose_sheet(book, names)
        found = book.get_sheet_by_name(chosen)
    except (CalamineError, OSError, ValueError) as error:
        raise BadInput(_("This spreadsheet cannot be read: %s") % str(error)[:200]) from None
    if found.total_height > MOST_ROWS:
        raise BadInput(_too_many(found.total_height))
    if len(names) > 1 and not sheet:
        notes.add(
            _("It has %(count)s sheets; '%(name)s' is read.")
            % {"count": len(names), "name": chosen}
        )
    merged = list(found.merged_cell_ranges or ()) if path.suffix.lower() != ".ods" else []
    return TableFile(path, chosen, names, merged=merged, total=found.total_height)


def _choose_sheet(book: Any, names: Sequence[str]) -> str:
    """The sheet with the most in it; the first of those that are as large."""
    if not names:
        raise ValueError("no sheet")
    sizes = {}
    for name in names:
        found = book.get_sheet_by_name(name)
        sizes[name] = found.height * found.width
    return max(names, key=lambda name: sizes[name])


def _look_inside(path: Path, notes: FileNotes) -> None:
    """What a workbook hides: macros, formulas, a size that would fill the memory."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
            raise BadInput(
                _("Unpacked, this spreadsheet is larger than %s MB. Divide it into several.")
                % (MOST_UNPACKED // 1024 // 1024)
            )
        if any("vbaProject" in entry.filename for entry in entries):
            notes.add(_("It holds macros. They are not run and not looked at."))
        formulas = sum(
            _count_formulas(archive, entry)
            for entry in entries
            if entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml")
        )
    if formulas:
        notes.add(
            ngettext(
                "One cell holds a formula. What counts is the value it had when it was saved.",
                "%(number)s cells hold formulas. What counts is the value they had when it was"
                " saved.",
                formulas,
            )
            % {"number": formulas}
        )


def _count_formulas(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    count, rest = 0, b""
    with archive.open(entry) as file:
        while block := file.read(1 << 20):
            count += len(_FORMULA.findall(rest + block))
            rest = block[-2:]
    return count


def _iterate_workbook(table: TableFile) -> Iterator[TableRow]:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 -- only here

    sheet = CalamineWorkbook.from_path(str(table.path)).get_sheet_by_name(table.sheet)
    first = sheet.start[0] if sheet.start else 0
    left = sheet.start[1] if sheet.start else 0
    for number, cells in enumerate(sheet.iter_rows(), start=first + 1):
        padding = ("",) * left
        yield TableRow(number, (*padding, *(_clean_cell(cell) for cell in cells[:MOST_COLUMNS])))


def _clean_cell(cell: Any) -> Any:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else cell
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, str):
        return cell.replace("\x00", "").strip()
    return "" if cell is None or isinstance(cell, time) else cell


def is_error(cell: Any) -> bool:
    """Whether a cell shows that its formula failed."""
    return str(cell).strip() in _ERRORS


# Text


def _open_text(path: Path, notes: FileNotes) -> TableFile:
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    if not sample.strip(b"\x00 \r\n\t"):
        raise BadInput(_("The file is empty."))
    encoding = _find_encoding(sample)
    total = _count_lines(path)
    if total > MOST_ROWS:
        raise BadInput(_too_many(total))
    text = sample.decode(encoding, "replace")
    if encoding not in ("utf-8", "utf-8-sig"):
        notes.add(_("It is read as %s. Look whether its letters are right.") % encoding)
    return TableFile(path, encoding=encoding, delimiter=_find_delimiter(text), total=total)


def _find_encoding(sample: bytes) -> str:
    """The encoding that `decode` chooses; the end of the sample may cut a letter in two."""
    for cut in range(4):
        try:
            sample[: len(sample) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return "utf-8-sig" if sample.startswith(b"\xef\xbb\xbf") else "utf-8"
    text = decode(sample)
    for encoding in ("utf-16", "cp1250", "cp1251", "cp1253", "cp1254", "cp1252", "iso8859-2",
                     "iso8859-5", "iso8859-7", "iso8859-9", "iso8859-16", "utf-16-le",
                     "utf-16-be", "utf-8-sig"):  # fmt: skip
        if sample.decode(encoding, "replace") == text:
            return encoding
    return "utf-8"


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) + 1


def _find_delimiter(text: str) -> str:
    """The mark that parts the same number of cells in the most lines."""
    lines = [line for line in text.splitlines()[:30] if line.strip()]
    best, best_score = ",", 0.0
    for delimiter in (",", ";", "\t", "|"):
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        usual = max(set(widths), key=widths.count) if widths else 1
        score = widths.count(usual) * (usual - 1) ** 0.5
        if usual > 1 and score > best_score:
            best, best_score = delimiter, score
    return best


def _iterate_text(table: TableFile) -> Iterator[TableRow]:
    csv.field_size_limit(1 << 20)
    with table.path.open("rb") as raw:
        text = io.TextIOWrapper(raw, encoding=table.encoding, errors="replace", newline="")
        lines = (line.replace("\x00", "") for line in text)
        reader = csv.reader(lines, delimiter=table.delimiter)
        try:
            for cells in reader:
                yield TableRow(
                    reader.line_num, tuple(cell.strip() for cell in cells[:MOST_COLUMNS])
                )
        except csv.Error as error:
            raise BadInput(
                _("Line %(line)s cannot be read: %(problem)s")
                % {"line": reader.line_num, "problem": error}
            ) from None


def _too_many(rows: int) -> str:
    return _("It has %(rows)s rows; at most %(limit)s can be read at once. Divide it.") % {
        "rows": rows,
        "limit": MOST_ROWS,
    }


def read_day(cell: Any) -> date | None:
    """A day: 2026-05-03, 3.5.2026, 03/05/2026 (day first), 2026, or a day of a spreadsheet.

    None for an empty cell; BadInput for what is no day, or lies outside 1950 to 2100.
    """
    if isinstance(cell, date):
        found: date | None = cell
    else:
        text = str(cell).strip()
        if not text:
            return None
        found = _parse_day(text)
    if found is None or not 1950 <= found.year <= 2100:
        raise BadInput(_("'%s' is not a day that can be right.") % str(cell).strip())
    return found


_PATTERNS = (
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?:[T ].*)?"),
    re.compile(r"(?P<d>\d{1,2})[-/.]\s?(?P<m>\d{1,2})[-/.]\s?(?P<y>\d{4})\.?"),
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})"),
    re.compile(r"(?P<m>\d{1,2})[/.](?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})"),
)


def _parse_day(text: str) -> date | None:
    for pattern in _PATTERNS:
        if found := pattern.fullmatch(text):
            parts = {name: int(value) for name, value in found.groupdict().items()}
            try:
                return date(parts["y"], parts.get("m", 1), parts.get("d", 1))
            except ValueError:
                return None
    for form in ("%d %B %Y", "%d %b %Y", "%B %Y", "%b %Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 -- a day has no zone
        except ValueError:
            continue
    return None
