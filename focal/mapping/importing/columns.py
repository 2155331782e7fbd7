"""Which column of a table says what: proposed from HXL tags and headings, corrected by a person.

A column mapping is a dictionary from a column's heading to a field, or from `=field` to a value
that holds for the whole table (the economy, when a table is about one).
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz

from focal.mapping.importing.tables import TableFile
from focal.search.folding import fold_words

FIELDS = {
    "title": _("Title"),
    "summary": _("Summary"),
    "identifier": _("Identifier in the table"),
    "economy": _("Economy"),
    "place": _("Municipality or region"),
    "lead": _("Lead"),
    "implementer": _("Implementer"),
    "partner": _("Partner"),
    "donor": _("Donor"),
    "amount": _("Amount"),
    "currency": _("Currency"),
    "start_date": _("Start"),
    "end_date": _("End"),
    "status": _("Status"),
    "topics": _("Topics"),
    "target_groups": _("Target groups"),
    "prevention_levels": _("Prevention levels"),
    "extremism_kinds": _("Kinds of extremism"),
    "measures": _("Measures (numbers of a plan)"),
    "contact_point": _("Contact point"),
    "confirmed": _("As of"),
    "need_type": _("Kind of need"),
    "view": _("View (prevention or response)"),
    "priority": _("Priority"),
    "response_type": _("Kind of response"),
    "cycle": _("Cycle"),
}
# What some kinds alone have a field for; the other fields are for all.
OF_KINDS = {
    "initiative": frozenset(
        {"place", "lead", "implementer", "partner", "donor", "amount", "currency",
         "prevention_levels", "extremism_kinds", "contact_point"}
    ),
    "need": frozenset({"need_type", "view", "priority", "cycle"}),
    "response": frozenset({"response_type", "cycle"}),
}  # fmt: skip
SPECIAL = frozenset[str]().union(*OF_KINDS.values())
HXL = (
    ("#activity+code", "identifier"), ("#activity+id", "identifier"), ("#meta+id", "identifier"),
    ("#activity+name", "title"), ("#activity+title", "title"), ("#activity", "title"),
    ("#description", "summary"), ("#country", "economy"), ("#adm0", "economy"),
    ("#org+funder", "donor"), ("#org+donor", "donor"), ("#org+prog", "lead"), ("#org+lead", "lead"),
    ("#org+impl", "implementer"), ("#org+partner", "partner"), ("#org", "lead"),
    ("#sector", "topics"), ("#subsector", "topics"), ("#beneficiary", "target_groups"),
    ("#adm2", "place"), ("#adm3", "place"), ("#loc", "place"), ("#adm1", "place"),
    ("#date+start", "start_date"), ("#date+end", "end_date"), ("#date+reported", "confirmed"),
    ("#status", "status"), ("#currency", "currency"), ("#value", "amount"),
    ("#contact", "contact_point"),
)  # fmt: skip
SEVERAL = frozenset({"place", "topics", "target_groups", "partner", "donor", "implementer"})
_NOT = ("#org+acronym", "#org+type", "#adm1+code", "#adm2+code", "#adm3+code")
_BESIDE = frozenset(("acronym", "acronyme", "type", "typeorganisation", "code", "pcode", "pcod"))
LOOKED_AT = 30
SURE_ENOUGH = 0.87


def read_words(name: str) -> dict[str, list[str]]:
    """The words of a list in `words.csv`, folded, by what they mean."""
    with (Path(__file__).parent / "words.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="|") if row["list"] == name]
    return {
        row["key"]: [" ".join(fold_words(word)) for word in row["words"].split(";")] for row in rows
    }


_WORDS = read_words("heading")
_EXACT = {word for words in _WORDS.values() for word in words}
_KINDS = read_words("kind")


@dataclass(frozen=True, slots=True)
class Header:
    """Where the head of a table is, and what it says. `first` is the first row after it."""

    columns: tuple[str, ...]
    tags: tuple[str, ...]
    first: int


def find_header(table: TableFile) -> Header:
    """The head of a table: its HXL row and the headings above, or the row that reads like one.

    Headings that stand over several columns are joined to those below them.
    """
    rows = []
    for row in table.iterate():
        rows.append(row)
        if len(rows) >= LOOKED_AT:
            break
    tagged = next((place for place, row in enumerate(rows) if _is_hxl(row.cells)), None)
    if tagged is not None:
        tags = tuple(str(cell).strip().lower() for cell in rows[tagged].cells)
        above = rows[max(0, tagged - 2) : tagged]
        columns = _join_headings([row.cells for row in above[-1:]], len(tags))
        return Header(_name_columns(columns, tags), tags, rows[tagged].number + 1)
    best = max(range(len(rows)), key=lambda place: (_score(rows, place), -place)) if rows else 0
    if not rows:
        return Header((), (), 1)
    lines = [rows[best].cells]
    if best and _stands_over(table, rows[best - 1].number):
        lines.insert(0, _spread(table, rows[best - 1]))
    columns = _join_headings(lines, len(rows[best].cells))
    return Header(_name_columns(columns, ()), (), rows[best].number + 1)


def _is_hxl(cells: Sequence[Any]) -> bool:
    texts = [str(cell).strip() for cell in cells if str(cell).strip()]
    tags = [text for text in texts if text.startswith("#") and text[1:2].isalpha()]
    return len(tags) >= 2 and len(tags) >= 0.6 * len(texts)


def _score(rows: Sequence[Any], place: int) -> float:
    cells = [str(cell).strip() for cell in rows[place].cells]
    words = [cell for cell in cells if cell and not cell.replace(".", "").isdecimal()]
    known = sum(propose_field(cell)[1] >= 0.9 for cell in words)
    return known * 3 + len(set(words)) * 0.5 - place * 0.1


def _stands_over(table: TableFile, number: int) -> bool:
    """Whether a row has cells that are merged over several columns."""
    return any(
        start[0] == number - 1 and end[0] == number - 1 and end[1] > start[1]
        for start, end in table.merged
    )


def _spread(table: TableFile, row: Any) -> tuple[Any, ...]:
    cells = list(row.cells)
    for start, end in table.merged:
        if start[0] == row.number - 1:
            for column in range(start[1], min(end[1] + 1, len(cells))):
                cells[column] = cells[start[1]]
    return tuple(cells)


def _join_headings(lines: Sequence[Sequence[Any]], width: int) -> list[str]:
    joined = []
    for column in range(width):
        parts = [" ".join(str(line[column]).split()) for line in lines if column < len(line)]
        joined.append(" / ".join(dict.fromkeys(part for part in parts if part)))
    return joined


def _name_columns(columns: Sequence[str], tags: Sequence[str]) -> tuple[str, ...]:
    """Every column by a name of its own, so that a mapping can name it."""
    seen: dict[str, int] = {}
    named = []
    for place in range(max(len(columns), len(tags))):
        heading = columns[place] if place < len(columns) else ""
        tag = tags[place] if place < len(tags) else ""
        name = (heading or tag or _letter(place))[:120]
        seen[name] = seen.get(name, 0) + 1
        named.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(named)


def _letter(place: int) -> str:
    return ("" if place < 26 else chr(64 + place // 26)) + chr(65 + place % 26)


def propose_field(heading: str, tag: str = "") -> tuple[str, float]:
    """The field that a column seems to hold, and how sure that is; ('', 0) for none."""
    if tag:
        return _propose_by_tag(tag), 1.0
    whole = fold_words(heading.partition("(")[0])
    if not whole or (_BESIDE & set(whole) and " ".join(whole) not in _EXACT):
        return "", 0.0
    last = fold_words(heading.rpartition(" / ")[2].partition("(")[0])
    field, score = _propose_by_words(" ".join(last)) if last else ("", 0.0)
    return (field, score) if field or last == whole else _propose_by_words(" ".join(whole))


def _propose_by_words(text: str) -> tuple[str, float]:
    best, best_score = "", 0.0
    for field, words in _WORDS.items():
        score = max(1.0 if text == word else fuzz.ratio(text, word) / 100 for word in words)
        if score > best_score:
            best, best_score = field, score
    if best_score >= SURE_ENOUGH:
        return best, best_score
    within = [field for field, words in _WORDS.items() if _stands_in(text, words)]
    return (within[0], SURE_ENOUGH) if within else ("", 0.0)


def _propose_by_tag(tag: str) -> str:
    if tag.startswith(_NOT):
        return ""
    parts = set(tag.split("+"))
    return next((field for start, field in HXL if set(start.split("+")) <= parts), "")


def _stands_in(text: str, words: Sequence[str]) -> bool:
    return any(len(word) > 4 and f" {word} " in f" {text} " for word in words)


def propose_columns(header: Header) -> dict[str, str]:
    """A column mapping; of two columns that could be the same field the surer one is taken."""
    found: dict[str, str] = {}
    best: dict[str, tuple[float, str]] = {}
    for place, name in enumerate(header.columns):
        tag = header.tags[place] if place < len(header.tags) else ""
        field, score = propose_field(name, tag)
        if not field:
            continue
        if field in SEVERAL:
            found[name] = field
        elif field not in best or score > best[field][0]:
            best[field] = (score, name)
    for field, (_score_of, name) in best.items():
        found[name] = field
    return {name: found[name] for name in header.columns if name in found}


def propose_kind(columns: Mapping[str, str]) -> str:
    """What the rows of a table seem to be: initiatives, unless a heading says otherwise."""
    fields = set(columns.values())
    if "response_type" in fields:
        return "response"
    titles = {
        " ".join(fold_words(name.rpartition(" / ")[2]))
        for name, field in columns.items()
        if field == "title"
    }
    for kind in ("need", "response"):
        if titles & set(_KINDS[kind]):
            return kind
    return "need" if fields & {"need_type", "priority"} else "initiative"


def get_fingerprint(columns: Sequence[str]) -> str:
    """The same for tables with the same headings, whatever their order."""
    folded = sorted(" ".join(fold_words(name)) for name in columns)
    return hashlib.sha256("\n".join(folded).encode()).hexdigest()[:32]


def get_constants(columns: Mapping[str, str]) -> dict[str, str]:
    """Values that hold for the whole table: `{'=economy': 'AL', '=kind': 'need'}`."""
    return {name[1:]: value for name, value in columns.items() if name.startswith("=")}
