"""What somebody wrote about the documents in a table: a CSV with a row for each file or folder.

Columns: file, title, language, date, economies, topics, target_groups, summary, marking,
kind, organisation. Only `file` is needed. Lists within a cell are parted by ; or |.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from focal.directory.models import Organisation
from focal.kernel.errors import BadInput
from focal.records.extraction.plain import decode
from focal.records.importing.report import Refusal
from focal.records.kinds import get_kinds
from focal.sharing.markings import Marking
from focal.vocabulary.languages import canonical_language
from focal.vocabulary.matching import find_economies
from focal.vocabulary.selectors import Vocabulary, get_vocabulary

COLUMNS = (
    "file", "title", "language", "date", "economies", "topics", "target_groups", "summary",
    "marking", "kind", "organisation",
)  # fmt: skip
_LIMIT = 10 * 1024 * 1024
_LIST = re.compile(r"[;|]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row, read and found sound. Empty fields say nothing."""

    file: str
    number: int
    title: str = ""
    language: str = ""
    issued: str = ""
    economies: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    target_groups: tuple[str, ...] = ()
    summary: str = ""
    marking: str = ""
    kind: str = ""
    organisations: tuple[str, ...] = ()


@dataclass(slots=True)
class Sheet:
    """The rows by file, and what is wrong with the others."""

    rows: dict[str, Row] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    def find(self, name: str) -> Row | None:
        """The row for a file: by its path, or else by its bare name."""
        return self.rows.get(_key(name)) or self.rows.get(_key(PurePosixPath(name).name))

    def find_fault(self, name: str) -> str:
        """What is wrong with the row of a file, if something is."""
        return self.faults.get(_key(name)) or self.faults.get(_key(PurePosixPath(name).name), "")

    def find_for_folder(self, folder: str) -> Row | None:
        """The row for a folder that holds one document."""
        return self.rows.get(_key(folder))

    def list_unused(self, names: set[str]) -> list[Refusal]:
        """Rows that name nothing that is there."""
        there = {_key(name) for name in names}
        there |= {_key(PurePosixPath(name).name) for name in names}
        there |= {_key(str(parent)) for name in names for parent in PurePosixPath(name).parents}
        return [
            Refusal(row.file, _("Row %s of the sheet names it, but it is not here.") % row.number)
            for key, row in self.rows.items()
            if key not in there
        ]


def read_sheet(path: Path) -> Sheet:
    """Read a sheet. BadInput when it cannot be used at all; faults of a row stay with the row."""
    if path.stat().st_size > _LIMIT:
        raise BadInput(_("The sheet is too large."))
    return parse_sheet(decode(path.read_bytes()))


def parse_sheet(text: str) -> Sheet:
    """The sheet out of its text; commas, semicolons and tabs may part its columns."""
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        names = [_header(name) for name in reader.fieldnames or ()]
        _check_header(names)
        reader.fieldnames = names
        return _read_rows(list(reader))
    except csv.Error as error:
        raise BadInput(_("The sheet cannot be read as CSV: %s.") % error) from None


def _header(name: str | None) -> str:
    return (name or "").strip().strip("\ufeff").lower().replace(" ", "_")


def _check_header(names: list[str]) -> None:
    if "file" not in names:
        raise BadInput(_("The sheet has no column 'file'. It may have: %s.") % ", ".join(COLUMNS))
    unknown = [name for name in names if name and name not in COLUMNS]
    if unknown:
        raise BadInput(
            _("The sheet has columns that are not known: %(unknown)s. It may have: %(known)s.")
            % {"unknown": ", ".join(unknown), "known": ", ".join(COLUMNS)}
        )


def _read_rows(raw_rows: list[dict[str, str]]) -> Sheet:
    sheet, vocabulary = Sheet(), get_vocabulary()
    for number, raw in enumerate(raw_rows, start=2):
        cells = {name: (raw.get(name) or "").strip() for name in COLUMNS}
        if not any(cells.values()):
            continue
        key = _key(cells["file"])
        try:
            if not key:
                raise BadInput(_("it names no file."))
            if key in sheet.rows or key in sheet.faults:
                raise BadInput(_("the file stands in an earlier row too."))
            sheet.rows[key] = _read_row(cells, number, vocabulary)
        except BadInput as fault:
            sheet.rows.pop(key, None)
            sheet.faults[key] = _("Row %(number)s of the sheet: %(fault)s") % {
                "number": number,
                "fault": fault,
            }
    if "" in sheet.faults:
        raise BadInput(sheet.faults[""])
    return sheet


def _read_row(cells: Mapping[str, str], number: int, vocabulary: Vocabulary) -> Row:
    return Row(
        file=cells["file"],
        number=number,
        title=cells["title"],
        language=_read_language(cells["language"], vocabulary),
        issued=_read_date(cells["date"]),
        economies=tuple(_read_economies(cells["economies"], vocabulary)),
        topics=_read_concepts(cells["topics"], "topics", vocabulary),
        target_groups=_read_concepts(cells["target_groups"], "target-groups", vocabulary),
        summary=cells["summary"],
        marking=_read_marking(cells["marking"]),
        kind=_read_kind(cells["kind"]),
        organisations=tuple(_find_organisation(name) for name in _split(cells["organisation"])),
    )


def _split(cell: str) -> list[str]:
    return [part.strip() for part in _LIST.split(cell) if part.strip()]


def _read_language(cell: str, vocabulary: Vocabulary) -> str:
    if not cell:
        return ""
    code = canonical_language(cell)
    if code not in vocabulary.languages:
        raise BadInput(_("'%s' is not a language that is known here.") % cell)
    return code


def _read_date(cell: str) -> str:
    """A day, or a month or a year, which stand for their first day."""
    if not cell:
        return ""
    dotted = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\.?", cell)
    whole = f"{dotted[3]}-{dotted[2]:0>2}-{dotted[1]:0>2}" if dotted else cell
    whole += {4: "-01-01", 7: "-01"}.get(len(whole), "")
    try:
        return date.fromisoformat(whole).isoformat()
    except ValueError:
        raise BadInput(_("'%s' is not a date. Write it as 2024-05-31.") % cell) from None


def _read_economies(cell: str, vocabulary: Vocabulary) -> list[str]:
    codes: list[str] = []
    for part in _split(cell):
        found = [part.upper()] if part.upper() in vocabulary.economies else find_economies(part)
        if len(found) != 1:
            raise BadInput(_("'%s' is not an economy that is known here.") % part)
        codes += found
    return sorted(set(codes))


def _read_concepts(cell: str, scheme: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    wanted = _split(cell)
    if not wanted:
        return ()
    by_label = {
        label.label.casefold(): entry.key
        for entry in vocabulary.concepts.values()
        if entry.scheme == scheme and not entry.is_retired
        for label in entry.labels
    }
    keys = {e.key for e in vocabulary.concepts.values() if e.scheme == scheme}
    found = []
    for part in wanted:
        key = part if part in keys else by_label.get(part.casefold(), "")
        if not key:
            raise BadInput(_("'%s' is not in the list of topics or target groups.") % part)
        found.append(key)
    return tuple(sorted(set(found)))


def _read_marking(cell: str) -> str:
    name = cell.upper().removeprefix("TLP:").strip()
    if name and name not in Marking.values:
        raise BadInput(
            _("'%(cell)s' is not a marking. There are: %(known)s.")
            % {"cell": cell, "known": ", ".join(Marking.values)}
        )
    return name


def _read_kind(cell: str) -> str:
    known = [kind.key for kind in get_kinds() if kind.is_written_here]
    if cell and cell.lower() not in known:
        raise BadInput(
            _("'%(cell)s' is not a kind of record. There are: %(known)s.")
            % {"cell": cell, "known": ", ".join(known)}
        )
    return cell.lower()


def _find_organisation(name: str) -> str:
    for lookup in ("acronym__iexact", "name__iexact", "reference"):
        found = list(Organisation.objects.filter(**{lookup: name})[:2])
        if len(found) == 1:
            return found[0].reference
    raise BadInput(_("There is no organisation '%s' in the directory.") % name)


def _key(name: str) -> str:
    return str(PurePosixPath(name.replace("\\", "/"))).strip("/").casefold() if name else ""
