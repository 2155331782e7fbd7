"""Files become plain rows: CSV, XLSX, SDMX-CSV and SDMX-ML alike. Nothing is understood here.

SDMX-ML is read as a stream (GenericData and StructureSpecificData 2.1), without entities from
outside.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from focal.kernel.errors import BadInput

MOST_ROWS = 200_000
MOST_UNPACKED = 20  # times the allowed size of a file
DECIMAL_COMMA = re.compile(r"-?(\d+|\d{1,3}([. ]\d{3})+),\d+")
DECIMAL_POINT = re.compile(r"-?\d+\.(\d{1,2}|\d{4,})")
DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: names of columns ('#3' for a third without one), rows of text, empty ones as well,
    the number of the first row in the file."""

    columns: tuple[str, ...]
    rows: list[list[str]]
    first_row: int = 2
    decimal: str = ""  # ',' where that is how its numbers are written


def read_file(path: Path) -> Sheet:
    """The table in a file; BadInput says what is wrong with it and what to do."""
    size = path.stat().st_size
    if size > settings.UPLOAD_MAX_BYTES:
        raise BadInput(
            _("%(name)s has %(size)d MB; at most %(most)d MB are taken in. Split it, or bring only"
              " the rows of the region.")
            % {"name": path.name, "size": size // 2**20, "most": settings.UPLOAD_MAX_BYTES // 2**20}
        )  # fmt: skip
    if size == 0:
        raise BadInput(_("%s is empty.") % path.name)
    with path.open("rb") as file:
        start = file.read(512)
    if start.startswith(b"PK"):
        return _read_workbook(path)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadInput(_("%s is an old Excel file. Save it as .xlsx or CSV.") % path.name)
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return _read_sdmx_ml(path)
    return _read_csv(path)


def _read_csv(path: Path) -> Sheet:
    text = _decode(path)
    if "\x00" in text:
        raise BadInput(_("%s is no table of text. Save it as CSV or .xlsx.") % path.name)
    sample = text[:20_000]
    head = next((line for line in sample.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=head.count)
    csv.field_size_limit(1_000_000)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise BadInput(
            _("%(name)s cannot be read as CSV: %(error)s.") % {"name": path.name, "error": error}
        ) from None
    sheet = _find_head(rows, path.name)
    return replace(sheet, decimal=",") if _has_decimal_commas(sheet, delimiter) else sheet


def _has_decimal_commas(sheet: Sheet, delimiter: str) -> bool:
    """Whether numbers are written '1.234,5', as spreadsheets of the region save them. One that can
    only be '12.5' speaks against it."""
    cells = [cell.strip() for row in sheet.rows for cell in row] if delimiter != "," else []
    is_seen = any(DECIMAL_COMMA.fullmatch(cell) for cell in cells)
    return is_seen and not any(DECIMAL_POINT.fullmatch(cell) for cell in cells)


def _decode(path: Path) -> str:
    data = path.read_bytes()
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return data.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadInput(
            _("%(name)s is not in UTF-8 (line %(line)s). Save it as 'CSV UTF-8', so that no"
              " letter is lost.")
            % {"name": path.name, "line": line}
        ) from None  # fmt: skip


def _read_workbook(path: Path) -> Sheet:
    import python_calamine  # noqa: PLC0415 -- slow import

    try:
        with zipfile.ZipFile(path) as packed:
            if sum(part.file_size for part in packed.infolist()) > (
                MOST_UNPACKED * settings.UPLOAD_MAX_BYTES
            ):
                raise BadInput(_("%s is much larger inside than it looks.") % path.name)
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        rows = book.get_sheet_by_index(0).to_python()
    except BadInput:
        raise
    except Exception as error:  # noqa: BLE001 -- the reader raises what it likes
        raise BadInput(
            _("%(name)s cannot be opened as a workbook: %(error)s.")
            % {"name": path.name, "error": str(error)[:200]}
        ) from None
    return _find_head([[_say(cell) for cell in row] for row in rows], path.name)


def _say(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:.10g}" if cell != int(cell) else str(int(cell))
    if hasattr(cell, "isoformat"):
        return str(cell.isoformat())[:10]
    return "" if cell is None else str(cell)


def _find_head(rows: list[list[str]], name: str) -> Sheet:
    """The table below what some files write above it (a title, a date)."""
    widest = max((len([c for c in row if c.strip()]) for row in rows[:40]), default=0)
    full = (
        at
        for at, row in enumerate(rows[:40])
        if len([cell for cell in row if cell.strip()]) >= max(2, widest * 0.6)
    )
    at = next(full, None)
    if at is None:
        raise BadInput(_("%s holds no table: a first row of names, and rows below it.") % name)
    row = rows[at]
    columns = tuple(cell.strip() or f"#{place}" for place, cell in enumerate(row, 1))
    if doubled := next((name for name, count in Counter(columns).items() if count > 1), ""):
        raise BadInput(_("The column '%s' is there twice. Rename one of them.") % doubled)
    body = rows[at + 1 :]
    while body and not any(cell.strip() for cell in body[-1]):
        body.pop()
    if len(body) > MOST_ROWS:
        raise BadInput(
            _("%(name)s has %(count)s rows; at most %(most)s are taken in at once.")
            % {"name": name, "count": len(body), "most": MOST_ROWS}
        )
    plain = [[_unquote(cell) for cell in row] for row in body]
    padded = [[*row, *[""] * (len(columns) - len(row))][: len(columns)] for row in plain]
    return Sheet(columns, padded, at + 2)


def _unquote(cell: str) -> str:
    """The text of a cell that was marked as text, so that no spreadsheet works it out."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in tuple("=+-@|") else cell


def _read_sdmx_ml(path: Path) -> Sheet:
    from lxml import etree  # noqa: PLC0415 -- slow import

    found: list[dict[str, str]] = []
    try:
        for row in _iterate_observations(path):
            found.append(row)
            if len(found) > MOST_ROWS:
                raise BadInput(
                    _("%(name)s has more than %(most)s observations.")
                    % {"name": path.name, "most": MOST_ROWS}
                )
    except etree.XMLSyntaxError as error:
        raise BadInput(
            _("%(name)s is broken XML: %(error)s.") % {"name": path.name, "error": str(error)[:200]}
        ) from None
    if not found:
        raise BadInput(_("%s holds no observations in SDMX-ML 2.1.") % path.name)
    columns = tuple(dict.fromkeys(name for row in found for name in row))
    return Sheet(columns, [[row.get(name, "") for name in columns] for row in found], 1)


def _iterate_observations(path: Path) -> Iterator[dict[str, str]]:
    """Each observation with the keys and attributes of its series."""
    from lxml import etree  # noqa: PLC0415 -- slow import

    series: dict[str, str] = {}
    events = etree.iterparse(
        str(path), events=("start", "end"), resolve_entities=False, no_network=True,
        huge_tree=False, load_dtd=False,
    )  # fmt: skip
    for event, element in events:
        name = etree.QName(element).localname if isinstance(element.tag, str) else ""
        if event == "start" and name == "Series":
            series = dict(element.attrib)
        elif event == "end" and name in ("SeriesKey", "Attributes") and _is_in_series(element):
            series |= _read_values(element)
        elif event == "end" and name == "Obs":
            yield series | _read_observation(element)
            element.clear()
        elif event == "end" and name == "Series":
            series = {}
            element.clear()


def _is_in_series(element) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag.rpartition("}")[2] == "Series"


def _read_values(element) -> dict[str, str]:
    return {
        value.get("id", ""): value.get("value", "")
        for value in element
        if value.tag.rpartition("}")[2] == "Value"
    }


def _read_observation(element) -> dict[str, str]:
    row = {name: value for name, value in element.attrib.items() if not name.startswith("{")}
    for child in element:
        name = child.tag.rpartition("}")[2]
        if name == "ObsDimension":
            row[child.get("id", "TIME_PERIOD")] = child.get("value", "")
        elif name == "ObsValue":
            row["OBS_VALUE"] = child.get("value", "")
        elif name in ("ObsKey", "Attributes"):
            row |= _read_values(child)
    return row
