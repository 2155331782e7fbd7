"""Our own template: made for an organisation, filled with what is known of it, and read back.

Row 1 of each sheet holds the names of the fields and is hidden; row 2 the headings. The first
two columns hold the record and the version that the sheet was made from, and are locked: by
them a change here and a change there are told apart. An emptied cell empties the field.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from focal.directory.models import Organisation
from focal.kernel.errors import BadInput
from focal.mapping.importing.columns import Header
from focal.mapping.importing.entries import FileNotes, Incoming
from focal.mapping.importing.table import CHOICES, ROLES, SCHEMES, TableReader, split_names
from focal.mapping.importing.tables import TableFile, read_day
from focal.mapping.models import FrameNode, InitiativeFunding
from focal.mapping.money import read_amount, read_currency
from focal.mapping.selectors import MODELS
from focal.records.content import clean_line, clean_text, read_content
from focal.records.models import State
from focal.search.folding import fold_words
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary

MARK = "focal-template-1"
HIDDEN = "_focal"
SHEETS = {"initiative": "Initiatives", "need": "Needs", "response": "Responses"}
EMPTY_ROWS = 200
COMMON = (
    "title", "language", "summary", "economies", "topics", "target_groups", "measures",
)  # fmt: skip
FIELDS = {
    "initiative": (
        *COMMON, "status", "start_date", "end_date", *ROLES, "money", "places",
        "prevention_levels", "extremism_kinds", "scale", "evidence_grade", "deliverables",
        "contact_point", "still_true",
    ),
    "need": (
        *COMMON, "need_type", "view", "priority", "status", "cycle", "start_date", "end_date",
        "still_true",
    ),
    "response": (
        *COMMON, "response_type", "status", "cycle", "start_date", "end_date", "still_true",
    ),
}  # fmt: skip
_MONEY = re.compile(
    r"(?:(?P<stage>budget|committed|spent)\s+)?"
    r"(?:(?P<amount>[\d.,'\s\u00a0\u202f-]*\d)\s*(?P<currency>[^\W\d]{2,4}|€|£)|band\s+(?P<band>\w+))"
    r"(?:\s+(?P<day>\d{4}-\d\d-\d\d))?(?:\s+(?P<donor>\S.*))?",
    re.IGNORECASE,
)


def list_headings() -> dict[str, tuple[str, str]]:
    """Heading and hint of each field, in the reader's language."""
    several = _("Several are parted by a semicolon.")
    return {
        "title": (_("Title"), _("In the language it is written in.")),
        "language": (_("Language"), _("The language of title and summary.")),
        "summary": (_("Summary"), _("Two or three sentences.")),
        "economies": (_("Economies"), several),
        "topics": (_("Topics"), several),
        "target_groups": (_("For whom"), several),
        "measures": (_("Serves the measures"), _("The plan and the number. ") + several),
        "status": (_("Status"), ""),
        "start_date": (_("Start"), _("A day: 2026-05-03 or 3.5.2026.")),
        "end_date": (_("End"), _("A day: 2026-05-03 or 3.5.2026.")),
        "lead": (_("Lead"), several),
        "implementer": (_("Implementer"), several),
        "partner": (_("Partners"), several),
        "donor": (_("Donors"), several),
        "money": (
            _("Money"),
            _("Amount, currency and donor: 240000 EUR First Donor. ") + several,
        ),
        "places": (_("Municipalities"), _("Economy and place: AL Elbasan. ") + several),
        "prevention_levels": (_("Prevention levels"), several),
        "extremism_kinds": (_("Kinds of extremism"), several),
        "scale": (_("Scale"), ""),
        "evidence_grade": (_("Evidence"), ""),
        "deliverables": (_("Deliverables"), ""),
        "contact_point": (_("Contact point"), _("An office, not a person.")),
        "need_type": (_("Kind of need"), ""),
        "view": (_("View"), ""),
        "priority": (_("Priority"), ""),
        "cycle": (_("Cycle"), _("Such as 2026-2027.")),
        "response_type": (_("Kind of response"), ""),
        "still_true": (_("Still true?"), _("Say yes and it counts as confirmed today.")),
    }


# Writing


@dataclass(slots=True)
class Template:
    """A template being written."""

    viewer: Viewer
    organisation: Organisation
    language: str
    names: dict[str, str] = field(default_factory=dict)
    nodes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = dict(Organisation.objects.values_list("reference", "name"))
        self.nodes = {
            node.reference: f"{node.frame.acronym or node.frame.key} {node.code}"
            for node in FrameNode.objects.filter(frame__is_current=True).select_related("frame")
        }

    def list_records(self, kind: str) -> Iterable[Any]:
        """What the organisation looks after and the viewer sees, the oldest first."""
        return (
            MODELS[kind]
            .objects.visible_to(self.viewer)
            .filter(owner_organisation=self.organisation)
            .exclude(state=State.WITHDRAWN)
            .order_by("pk")
        )

    def describe(self, kind: str, content: dict[str, Any]) -> dict[str, str]:
        """The cells of a record."""
        words, cells = get_vocabulary(), {}
        for name in FIELDS[kind]:
            value = content.get(name, "")
            if name in CHOICES[kind]:
                cells[name] = str(dict(CHOICES[kind][name].choices).get(value, value))
            elif name in SCHEMES:
                labels = (words.label(SCHEMES[name], key, self.language) for key in value)
                cells[name] = "; ".join(labels)
            elif name == "economies":
                names = (words.economy_name(code, self.language) for code in value)
                cells[name] = "; ".join(names)
            elif name == "measures":
                cells[name] = "; ".join(self.nodes[key] for key in value if key in self.nodes)
            elif name in ROLES:
                rows = content.get("partners", ())
                cells[name] = "; ".join(self.names.get(r, "") for r, role in rows if role == name)
            elif name == "money":
                cells[name] = "; ".join(self._say_money(row) for row in content.get("funding", ()))
            elif name == "places":
                cells[name] = "; ".join(f"{code} {place}" for code, place in value)
            elif name == "language":
                cells[name] = words.language_name(value, self.language) if value else ""
            else:
                cells[name] = str(value)
        cells["still_true"] = ""
        return cells

    def _say_money(self, row: list[str]) -> str:
        donor, stage, amount, currency, band, day = row
        told = f"{amount} {currency}" if amount else f"band {band}"
        return " ".join(filter(None, (stage, told, day, self.names.get(donor, ""))))

    def list_choices(self, kind: str, name: str) -> list[str]:
        """What a drop-down offers."""
        words = get_vocabulary()
        if name in CHOICES[kind]:
            return [str(label) for _value, label in CHOICES[kind][name].choices]
        if name in SCHEMES:
            choices = words.choices(SCHEMES[name], self.language)
            return [label.strip("\u2003 ") for _key, label in choices]
        if name == "economies":
            return [label for _code, label in words.economy_choices(self.language)]
        if name == "language":
            return [label for _code, label in words.language_choices(self.language)]
        if name == "measures":
            return list(self.nodes.values())
        if name == "lead":
            return [self.organisation.name]
        return [_("yes")] if name == "still_true" else []


SEVERAL = {"economies", "measures", "lead", *SCHEMES}


def write_template(
    *,
    viewer: Viewer,
    organisation: Organisation,
    language: str,
    at: datetime,
    kinds: Sequence[str] = tuple(SHEETS),
) -> bytes:
    """The workbook for an organisation, with what the viewer sees of its records.

    `kinds` says which sheets it has: a ministry that is asked for needs alone gets no others.
    """
    import xlsxwriter  # noqa: PLC0415 -- only here

    if not kinds or set(kinds) - set(SHEETS):
        raise BadInput(_("There is no template of that kind."))
    template = Template(viewer, organisation, language)
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options)
    book.set_properties({"title": organisation.name, "created": at.replace(tzinfo=None)})
    formats = {
        "head": book.add_format({"bold": True, "bg_color": "#e3f0f2", "text_wrap": True,
                                 "border": 1, "valign": "top"}),
        "free": book.add_format({"locked": False, "text_wrap": True, "valign": "top",
                                 "num_format": "@"}),
        "held": book.add_format({"font_color": "#768686", "valign": "top"}),
    }  # fmt: skip
    sheets = {kind: book.add_worksheet(SHEETS[kind]) for kind in SHEETS if kind in kinds}
    lists = book.add_worksheet("Lists")
    hidden = book.add_worksheet(HIDDEN)
    hidden.write_row(0, 0, [MARK, organisation.reference, at.isoformat()])
    hidden.hide()
    column = 0
    for kind, sheet in sheets.items():
        column = _write_sheet(sheet, lists, template, kind, formats, column)
    lists.protect()
    book.close()
    return target.getvalue()


def _write_sheet(
    sheet: Any, lists: Any, template: Template, kind: str, formats: dict[str, Any], column: int
) -> int:
    from xlsxwriter.utility import xl_col_to_name  # noqa: PLC0415 -- only here

    fields, headings = FIELDS[kind], list_headings()
    sheet.write_row(0, 0, ["id", "version", *fields])
    sheet.set_row(0, None, None, {"hidden": True})
    sheet.write_row(1, 0, [_("Record"), _("Version")], formats["head"])
    sheet.set_column(0, 0, 17, formats["held"])
    sheet.set_column(1, 1, 8, formats["held"])
    row = 2
    for record in template.list_records(kind):
        cells = template.describe(kind, read_content(record))
        sheet.write_row(row, 0, [record.reference, record.version], formats["held"])
        for place, name in enumerate(fields, start=2):
            sheet.write_string(row, place, cells[name], formats["free"])
        row += 1
    last = row + EMPTY_ROWS
    for place, name in enumerate(fields, start=2):
        heading, hint = headings[name]
        sheet.write_string(1, place, heading, formats["head"])
        wide = name in ("title", "summary", "deliverables", "money")
        sheet.set_column(place, place, 42 if wide else 22, formats["free"])
        for empty in range(row, last):
            sheet.write_blank(empty, place, None, formats["free"])
        choices = template.list_choices(kind, name)
        rule: dict[str, Any] = {"input_title": heading[:32], "input_message": hint[:255]}
        if choices:
            lists.write_column(0, column, choices)
            letter = xl_col_to_name(column)
            rule |= {
                "validate": "list",
                "source": f"=Lists!${letter}$1:${letter}${len(choices)}",
                "error_type": "information" if name in SEVERAL else "stop",
                "error_message": _("Choose one of the list.")[:255],
                "show_error": name not in SEVERAL,
            }
            column += 1
        elif hint:
            rule["validate"] = "any"
        if choices or hint:
            sheet.data_validation(2, place, last, place, rule)
    sheet.freeze_panes(2, 3)
    sheet.protect("", {"format_columns": True, "format_rows": True, "sort": True,
                       "autofilter": True, "insert_rows": False})  # fmt: skip
    return column


# Reading back


def is_our_sheet(path: Path) -> bool:
    """Whether a file is a template that was made here."""
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            return False
    try:
        return _read_mark(path) is not None
    except Exception:  # noqa: BLE001 -- whatever is wrong with it, it is not ours
        return False


def _read_mark(path: Path) -> list[str] | None:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 -- only here

    book = CalamineWorkbook.from_path(str(path))
    if HIDDEN not in book.sheet_names:
        return None
    rows = book.get_sheet_by_name(HIDDEN).to_python(nrows=1)
    return [str(cell) for cell in rows[0]] if rows and rows[0][0] == MARK else None


def read_sheet(path: Path, notes: FileNotes) -> Iterator[Incoming]:
    """The rows of a template that say something."""
    mark = _read_mark(path)
    if mark is None:
        raise BadInput(_("This is not a template that was made here."))
    notes.add(_("The template was made on %s.") % mark[2][:10])
    held = _list_sheets(path)
    for kind, name in SHEETS.items():
        if name in held:
            yield from _SheetReader(path, kind, name).read()


def _list_sheets(path: Path) -> set[str]:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 -- only here

    return set(CalamineWorkbook.from_path(str(path)).sheet_names)


class _SheetReader:
    """One sheet of a template."""

    def __init__(self, path: Path, kind: str, sheet: str) -> None:
        self.kind, self.sheet = kind, sheet
        self.table = TableFile(path, sheet, (sheet,))
        self.keys: tuple[str, ...] = ()
        self.reader: TableReader | None = None

    def read(self) -> Iterator[Incoming]:
        rows = self.table.iterate()
        head = next(rows, None)
        if head is None or "title" not in head.cells:
            raise BadInput(
                _("The first row of '%s' is missing: it is hidden, and says which column is which.")
                % self.sheet
            )
        self.keys = tuple(str(cell) for cell in head.cells)
        columns = {
            name: {"economies": "economy"}.get(name, name)
            for name in self.keys
            if name in (*COMMON, "start_date", "end_date", *ROLES, "contact_point", *SCHEMES)
        }
        columns["=kind"] = self.kind
        self.reader = TableReader(self.table, Header(self.keys, (), 3), columns, scheme="sheet")
        for row in rows:
            cells = dict(zip(self.keys, row.cells, strict=False))
            said = any(str(value).strip() for name, value in cells.items() if name != "version")
            if row.number > 2 and said:
                yield self._read_row(row, cells)

    def _read_row(self, row: Any, cells: dict[str, Any]) -> Incoming:
        assert self.reader is not None
        entry = self.reader.read_row(row)
        entry.sheet = self.sheet
        entry.reference = str(cells.get("id", "")).strip()
        version = str(cells.get("version", "")).strip()
        entry.base_version = int(version) if version.isdecimal() else 0
        if entry.reference and not entry.base_version:
            entry.refuse("version", _("The version is missing: the first two columns are locked."))
        content = entry.content
        content["summary"] = clean_text(str(cells.get("summary", "")))
        for name, choices in CHOICES[self.kind].items():
            self._read_choice(entry, name, choices, str(cells.get(name, "")).strip())
        self._read_language(entry, str(cells.get("language", "")).strip())
        for name in ("start_date", "end_date", "topics", "target_groups", "measures"):
            content.setdefault(name, "" if name.endswith("date") else [])
        if self.kind == "initiative":
            self._read_initiative(entry, cells)
        else:
            content["cycle"] = clean_line(str(cells.get("cycle", "")))[:20]
            entry.organisations = []
            content.pop("places", None)
        if str(cells.get("still_true", "")).strip():
            entry.confirmed = date.today()  # noqa: DTZ011 -- the day on which it is read
        return entry

    def _read_choice(self, entry: Incoming, name: str, choices: Any, text: str) -> None:
        if not text:
            if not entry.reference:
                return
            entry.content[name] = "" if name == "scale" else choices.values[0]
            return
        wanted = " ".join(fold_words(text))
        for value, label in choices.choices:
            if wanted in (" ".join(fold_words(str(label))), " ".join(fold_words(value))):
                entry.content[name] = value
                return
        entry.refuse(name, _("'%s' is not one of the choices.") % text)

    def _read_language(self, entry: Incoming, text: str) -> None:
        words = get_vocabulary()
        if not text:
            entry.content["language"] = "en"
            return
        wanted = " ".join(fold_words(text))
        for code in words.languages:
            names = {code, words.language_name(code, code)}
            names |= {words.language_name(code, other) for other in words.languages}
            if wanted in {" ".join(fold_words(name)) for name in names}:
                entry.content["language"] = code
                return
        entry.refuse("language", _("'%s' is not a language that is known here.") % text)

    def _read_initiative(self, entry: Incoming, cells: dict[str, Any]) -> None:
        content = entry.content
        content["deliverables"] = clean_text(str(cells.get("deliverables", "")))
        content["contact_point"] = clean_line(str(cells.get("contact_point", "")))[:300]
        for name in ("prevention_levels", "extremism_kinds"):
            content.setdefault(name, [])
        content["places"] = self._read_places(entry, str(cells.get("places", "")))
        for part in split_names(str(cells.get("money", ""))):
            self._read_money(entry, part)
        if entry.reference:
            content.setdefault("partners", [])
            content.setdefault("funding", [])

    def _read_places(self, entry: Incoming, text: str) -> list[list[str]]:
        economies = entry.content.get("economies", [])
        found = []
        for part in split_names(text):
            code, _space, name = part.partition(" ")
            if code.upper() in get_vocabulary().economies and name:
                found.append([code.upper(), clean_line(name)[:200]])
            elif len(economies) == 1:
                found.append([economies[0], clean_line(part)[:200]])
            else:
                entry.refuse("places", _("Say in which economy '%s' is: AL Elbasan.") % part)
        return sorted(found)

    def _read_money(self, entry: Incoming, text: str) -> None:
        try:
            entry.funding.append(parse_money(text))
        except BadInput as problem:
            entry.refuse("money", str(problem))


def parse_money(text: str) -> list[str]:
    """'240000 EUR First Donor' as donor, stage, amount, currency, band, day. BadInput if not."""
    found = _MONEY.fullmatch(text.strip())
    if found is None:
        raise BadInput(_("'%s' is no money: write 240000 EUR First Donor.") % text)
    band, day = (found["band"] or "").lower(), found["day"] or ""
    if band and band not in InitiativeFunding.Band.values:
        raise BadInput(_("'%s' is not one of the choices.") % band)
    amount, currency = "", ""
    if found["amount"]:
        amount = f"{read_amount(found['amount']):.2f}"
        currency = read_currency(found["currency"])
    read_day(day)
    stage = (found["stage"] or "budget").lower()
    return [clean_line(found["donor"] or ""), stage, amount, currency, band, day]


# What is wrong, beside the cells


def write_errors(rows: Iterable[Any], *, name: str) -> bytes:
    """A sheet of the rows that are refused or conflicting: row, column, and what is wrong."""
    import xlsxwriter  # noqa: PLC0415 -- only here

    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options)
    head = book.add_format({"bold": True, "bg_color": "#fbeee7", "border": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("Errors")
    labels = (_("Sheet"), _("Row"), _("Title"), _("Verdict"), _("Column"), _("What is wrong"))
    sheet.write_row(0, 0, labels, head)
    sheet.set_column(0, 1, 10)
    sheet.set_column(2, 2, 40, wrap)
    sheet.set_column(3, 4, 20)
    sheet.set_column(5, 5, 80, wrap)
    line = 1
    for row in rows:
        for problem in row.problems:
            told = (row.sheet, row.row, row.title, str(row.get_verdict_display()))
            for place, cell in enumerate((*told, problem["column"], problem["reason"])):
                sheet.write(line, place, cell)
            line += 1
    sheet.autofilter(0, 0, max(line - 1, 1), 5)
    sheet.freeze_panes(1, 0)
    book.set_properties({"title": name})
    book.close()
    return target.getvalue()
