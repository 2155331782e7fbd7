"""A frame from a spreadsheet: a row for each pillar, objective and measure.

Columns: number (2.1.3), title in one or more languages, and if there are any, level, description
and topics. Without a level the number tells it: 2 is a pillar, 2.1 an objective, 2.1.3 a measure.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from focal.kernel.errors import BadInput
from focal.mapping.frames import LEVELS, NodeRow
from focal.mapping.importing.columns import find_header
from focal.mapping.importing.entries import FileNotes
from focal.mapping.importing.table import read_labels, split_names
from focal.mapping.importing.tables import open_table
from focal.records.content import clean_line, clean_text
from focal.search.folding import fold_words
from focal.vocabulary.languages import canonical_language
from focal.vocabulary.selectors import get_vocabulary

_NAMES = {
    "code": ("number", "code", "no", "nr", "numri", "broj", "број", "номер", "αριθμός", "număr"),
    "level": ("level", "niveli", "nivo", "ниво", "επίπεδο", "nivel", "raven", "düzey"),
    "title": ("title", "text", "name", "titulli", "naziv", "назив", "наслов", "τίτλος", "titlu"),
    "description": ("description", "note", "përshkrimi", "opis", "опис", "περιγραφή", "descriere"),
    "topics": ("topics", "topic", "tema", "теми", "θέματα", "teme", "konular"),
}
_KNOWN = {" ".join(fold_words(word)): field for field, words in _NAMES.items() for word in words}
_LEVELS = {
    "pillar": 0, "shtylla": 0, "stub": 0, "stolb": 0, "пилар": 0, "pilon": 0, "pilar": 0,
    "objective": 1, "goal": 1, "objektivi": 1, "cilj": 1, "цел": 1, "obiectiv": 1,
    "measure": 2, "action": 2, "masa": 2, "mjera": 2, "mera": 2, "мерка": 2, "masura": 2,
}  # fmt: skip


def read_frame(path: Path, notes: FileNotes, *, language: str) -> list[NodeRow]:
    """The items of a frame in the order of the sheet. BadInput names the row that has no place."""
    table = open_table(path, notes)
    header = find_header(table)
    columns = _find_columns(header.columns, language)
    if "code" not in columns.values() or not any(f.startswith("title:") for f in columns.values()):
        raise BadInput(_("It needs a column with the number and one with the title."))
    return list(_read_rows(table, header.first, columns))


def _find_columns(headings: tuple[str, ...], language: str) -> dict[int, str]:
    """Which column says what; a title may be there in several languages: 'title sq'."""
    found: dict[int, str] = {}
    for place, heading in enumerate(headings):
        words = fold_words(heading)
        field = _KNOWN.get(" ".join(words), "")
        if not field and (code := _find_title_language(words)):
            found[place] = f"title:{code}"
        elif field == "title":
            found[place] = f"title:{language}"
        elif field and field not in found.values():
            found[place] = field
    return found


def _find_title_language(words: list[str]) -> str:
    """'title sq' and 'sq' are the title in Albanian."""
    if not words or (len(words) > 1 and _KNOWN.get(words[0]) != "title") or len(words[-1]) > 3:
        return ""
    code = canonical_language(words[-1])
    known = {*get_vocabulary().languages, *(code for code, _name in settings.LANGUAGES)}
    return code if code in known else ""


def _read_rows(table: Any, first: int, columns: dict[int, str]) -> Iterator[NodeRow]:
    labels = read_labels(get_vocabulary(), "topics")
    for row in table.iterate():
        if row.number < first or row.is_empty:
            continue
        cells: dict[str, str] = {}
        for place, field in columns.items():
            if place < len(row.cells):
                cells[field] = str(row.cells[place]).strip()
        code = cells.get("code", "").rstrip(".")
        titles = {
            field.removeprefix("title:"): clean_line(text)
            for field, text in cells.items()
            if field.startswith("title:") and text
        }
        if not code or not titles:
            raise BadInput(_("Row %s has no number or no title.") % row.number)
        topics = [
            labels.get(" ".join(fold_words(p)), "") for p in split_names(cells.get("topics", ""))
        ]
        yield NodeRow(
            code=code,
            level=_find_level(cells.get("level", ""), code, row.number),
            titles=titles,
            description=clean_text(cells.get("description", "")),
            topics=tuple(filter(None, topics)),
        )


def _find_level(text: str, code: str, number: int) -> str:
    if text:
        place = _LEVELS.get(" ".join(fold_words(text)), _LEVELS.get(text.lower()))
    else:
        place = min(code.count("."), 2)
    if place is None:
        raise BadInput(
            _("Row %(row)s: '%(level)s' is none of pillar, objective, measure.")
            % {"row": number, "level": text}
        )
    return str(LEVELS[place])
