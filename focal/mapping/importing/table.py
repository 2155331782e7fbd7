"""Entries of a table with a column mapping: a 3W table, anybody's list of projects, needs, laws.

A table without identifiers says who does what where, row by row: rows of the same title,
organisations, topics and economy become one initiative with all their places. The table is
read twice then, so that no more than the rows that belong together are held.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from focal.directory.matching import has_mixed_alphabets, mend_alphabets
from focal.kernel.errors import BadInput
from focal.mapping.importing.columns import (
    OF_KINDS,
    SPECIAL,
    Header,
    get_constants,
    read_words,
)
from focal.mapping.importing.entries import FileNotes, Incoming
from focal.mapping.importing.tables import TableFile, TableRow, is_error, read_day
from focal.mapping.models import FrameNode, Initiative, Need, Response
from focal.mapping.money import read_amount, read_currency
from focal.records.content import clean_line, clean_text
from focal.records.kinds import get_kind
from focal.search.folding import fold_words
from focal.vocabulary.matching import find_economies
from focal.vocabulary.selectors import Vocabulary, get_vocabulary

_PARTS = re.compile(r"\s*(?:;|\||\n|,(?=\s))\s*")
_BETWEEN_NAMES = re.compile(r"\s*[;|\n]\s*")
ROLES = ("lead", "implementer", "partner", "donor")
SCHEMES = {
    "topics": "topics",
    "target_groups": "target-groups",
    "prevention_levels": "prevention-levels",
    "extremism_kinds": "extremism-kinds",
}
CHOICES: dict[str, dict[str, Any]] = {
    "initiative": {
        "status": Initiative.Status,
        "scale": Initiative.Scale,
        "evidence_grade": Initiative.Evidence,
    },
    "need": {
        "need_type": Need.NeedType,
        "view": Need.View,
        "priority": Need.Priority,
        "status": Need.Status,
    },
    "response": {"response_type": Response.ResponseType, "status": Response.Status},
}
_CHOICE_WORDS = {
    (kind, name): {
        word: key for key, words in read_words(f"{kind}.{name}").items() for word in words
    }
    for kind, names in CHOICES.items()
    for name in names
}


class TableReader:
    """Reads rows by a column mapping. One for a file: what it looks up, it looks up once."""

    def __init__(
        self,
        table: TableFile,
        header: Header,
        columns: Mapping[str, str],
        *,
        scheme: str,
        notes: FileNotes | None = None,
    ) -> None:
        self.table, self.header, self.scheme = table, header, scheme
        self.notes = notes or FileNotes()
        self.places = {
            place: (name, columns[name])
            for place, name in enumerate(header.columns)
            if columns.get(name)
        }
        self.constants = get_constants(columns)
        self.kind = self.constants.get("kind", "initiative")
        self.fields = {field for _name, field in self.places.values()} | set(self.constants)
        self.vocabulary = get_vocabulary()
        self._labels: dict[str, dict[str, str]] = {}
        self._measures: dict[str, str] | None = None
        self._economies: dict[str, tuple[str, ...]] = {}

    @property
    def is_grouped(self) -> bool:
        """Who does what where, row by row, without a name for each."""
        return "identifier" not in self.fields

    def read(self) -> Iterator[Incoming]:
        """The entries of the table."""
        self._check()
        self._drop_foreign()
        yield from (
            _group(self._read_rows) if self.is_grouped else _refuse_doubles(self._read_rows())
        )

    def _check(self) -> None:
        if self.kind == "initiative":
            if not {"title", "lead", "implementer"} & self.fields:
                raise BadInput(
                    _("No column is known as title or organisation. Say which column holds what.")
                )
        elif not {"title", "topics", "measures"} & self.fields:
            raise BadInput(
                _("No column is known as title, topic or measure. Say which column holds what.")
            )
        if "economy" not in self.fields and "place" not in self.fields:
            raise BadInput(
                _("No column is known as economy. Say which it is, or name the economy.")
            )

    def _drop_foreign(self) -> None:
        """Columns that entries of this kind have no field for are left out, and that is told.

        Places stay: they say which economy a row is about.
        """
        foreign = SPECIAL - OF_KINDS[self.kind] - {"place"}
        dropped = [name for name, field in self.places.values() if field in foreign]
        self.places = {
            place: (name, field)
            for place, (name, field) in self.places.items()
            if field not in foreign
        }
        self.fields -= foreign
        if dropped:
            label = get_kind(self.kind).plural
            self.notes.add(
                _("%(kind)s have no field for: %(columns)s. These columns are left out.")
                % {"kind": label, "columns": ", ".join(dropped)}
            )

    def _read_rows(self) -> Iterator[Incoming]:
        for row in self.table.iterate():
            if row.number >= self.header.first and not row.is_empty:
                yield self.read_row(row)

    def read_row(self, row: TableRow) -> Incoming:
        """One row as an entry."""
        entry = Incoming(row=row.number, kind=self.kind, content={"language": "en"})
        values: dict[str, list[tuple[str, Any]]] = {}
        for place, (column, field) in self.places.items():
            cell = row.cells[place] if place < len(row.cells) else ""
            if is_error(cell):
                entry.refuse(column, _("Its formula failed: %s.") % cell)
            elif str(cell).strip():
                values.setdefault(field, []).append((column, cell))
        for field, value in self.constants.items():
            values.setdefault(field, [("", value)])
        _Row(self, entry, values).read()
        return entry

    # What cells mean

    def find_economies(self, text: str) -> tuple[str, ...]:
        """Codes that a cell names."""
        if text not in self._economies:
            code = text.strip().upper()
            known = self.vocabulary.economies
            self._economies[text] = (
                (code,) if code in known else tuple(sorted(find_economies(text)))
            )
        return self._economies[text]

    def find_concept(self, scheme: str, text: str) -> str:
        """The concept a cell means, in any language; '' for none."""
        if scheme not in self._labels:
            self._labels[scheme] = read_labels(self.vocabulary, scheme)
        return self._labels[scheme].get(" ".join(fold_words(text)), "")

    def find_measure(self, text: str) -> str:
        """An item of a current frame by its number, alone or behind the frame's name."""
        if self._measures is None:
            self._measures = {}
            for node in FrameNode.objects.filter(frame__is_current=True).select_related("frame"):
                for name in {
                    f"{node.frame.acronym} {node.code}".strip(),
                    f"{node.frame.key} {node.code}",
                }:
                    self._measures[" ".join(fold_words(name))] = node.reference
                self._measures.setdefault(" ".join(fold_words(node.code)), node.reference)
        return self._measures.get(" ".join(fold_words(text)), "")


def read_labels(vocabulary: Vocabulary, scheme: str) -> dict[str, str]:
    """Keys of the concepts of a list by every label, folded."""
    found: dict[str, str] = {}
    for entry in vocabulary.get_concepts(scheme):
        found.setdefault(" ".join(fold_words(entry.key)), entry.key)
        for row in entry.labels:
            for part in (row.label, *row.label.split(" / "), row.label.partition(" (")[0]):
                found.setdefault(" ".join(fold_words(part)), entry.key)
    return found


class _Row:
    """One row, field by field."""

    def __init__(
        self, reader: TableReader, entry: Incoming, values: dict[str, list[tuple[str, Any]]]
    ) -> None:
        self.reader, self.entry, self.values = reader, entry, values

    def read(self) -> None:
        self._read_texts()
        self._read_where()
        self._read_who()
        self._read_days()
        self._read_choices()
        self._read_lists()
        self._read_money()
        self._name()

    def _first(self, field: str) -> tuple[str, Any]:
        return self.values.get(field, [("", "")])[0]

    def _try(self, field: str, read: Callable[[Any], Any]) -> Any:
        """The value of a field; what cannot be read refuses the row."""
        column, cell = self._first(field)
        if not str(cell).strip():
            return None
        try:
            return read(cell)
        except BadInput as problem:
            self.entry.refuse(column or field, str(problem))
            return None

    def _read_texts(self) -> None:
        content = self.entry.content
        column, title = self._first("title")
        title = clean_line(str(title))
        if len(title) > 400:
            self.entry.warn(column, _("The title is too long; what is beyond 400 letters is cut."))
        if title:
            content["title"] = title[:400]
        for field in ("summary", "contact_point"):
            text = clean_text(str(self._first(field)[1]))
            if text:
                content[field] = text[:300] if field == "contact_point" else text
        if cycle := clean_line(str(self._first("cycle")[1])):
            content["cycle"] = cycle[:20]
        identifier = clean_line(str(self._first("identifier")[1]))
        if identifier:
            self.entry.identifier = (self.reader.scheme, identifier[:300])

    def _read_where(self) -> None:
        economies: list[str] = []
        for column, cell in self.values.get("economy", ()):
            for part in _split(cell):
                found = self.reader.find_economies(part)
                if not found:
                    self.entry.refuse(column, _("'%s' is not an economy of the region.") % part)
                economies += found
        places: list[str] = []
        for _column, cell in self.values.get("place", ()):
            places += [clean_line(part)[:200] for part in _split(cell)]
        if not economies and "economy" not in self.values:
            economies = sorted(
                {code for name in places for code in self.reader.find_economies(name)}
            )
        if not economies and not self.entry.is_refused:
            self.entry.refuse("economy", _("It does not say which economy it is about."))
        self.entry.content["economies"] = sorted(set(economies))
        if self.reader.kind != "initiative":
            return
        if len(set(economies)) == 1:
            self.entry.content["places"] = sorted(
                [economies[0], name]
                for name in dict.fromkeys(places)
                if name and not self.reader.find_economies(name)
            )
        elif places:
            self.entry.warn("place", _("Places are left out: it is about several economies."))

    def _read_who(self) -> None:
        found: dict[tuple[str, str], None] = {}
        for role in ROLES:
            for column, cell in self.values.get(role, ()):
                for part in split_names(str(cell)):
                    name = clean_line(part)[:300]
                    if has_mixed_alphabets(name):
                        mended = mend_alphabets(name)
                        self.entry.warn(
                            column,
                            _("'%s' mixes Latin, Cyrillic or Greek letters; read in one alphabet.")
                            % name,
                        )
                        name = mended
                    if name:
                        found[name, role] = None
        self.entry.organisations = sorted(found)

    def _read_days(self) -> None:
        days = {field: self._try(field, read_day) for field in ("start_date", "end_date")}
        for field, day in days.items():
            if field in self.values:
                self.entry.content[field] = day.isoformat() if day else ""
        if days["start_date"] and days["end_date"] and days["end_date"] < days["start_date"]:
            self.entry.refuse(
                self._first("end_date")[0],
                _("It ends (%(end)s) before it starts (%(start)s).")
                % {"end": days["end_date"], "start": days["start_date"]},
            )
        self.entry.confirmed = self._try("confirmed", read_day)

    def _read_choices(self) -> None:
        """Status, priority and the like, by their label, their key or the usual words."""
        kind = self.reader.kind
        for name, choices in CHOICES[kind].items():
            column, cell = self._first(name)
            text = " ".join(fold_words(str(cell)))
            if not text:
                continue
            known = {" ".join(fold_words(str(label))): value for value, label in choices.choices}
            known |= {" ".join(fold_words(value)): value for value in choices.values if value}
            value = known.get(text) or _CHOICE_WORDS[kind, name].get(text, "")
            if value:
                self.entry.content[name] = value
            elif name == "status":
                self.entry.warn(
                    column, _("'%s' is not a status that is known; it is left out.") % cell
                )
            else:
                self.entry.warn(column, _("'%s' is not one of the choices; it is left out.") % cell)

    def _read_lists(self) -> None:
        for field, scheme in SCHEMES.items():
            keys = []
            for column, cell in self.values.get(field, ()):
                for part in _split(cell):
                    key = self.reader.find_concept(scheme, part)
                    if key:
                        keys.append(key)
                    else:
                        self.entry.warn(
                            column, _("'%s' is in no list here; it is left out.") % part
                        )
            if keys:
                self.entry.content[field] = sorted(set(keys))
        measures = []
        for column, cell in self.values.get("measures", ()):
            for part in _split(cell):
                if reference := self.reader.find_measure(part):
                    measures.append(reference)
                else:
                    self.entry.warn(column, _("'%s' is in no plan here; it is left out.") % part)
        if measures:
            self.entry.content["measures"] = sorted(set(measures))

    def _read_money(self) -> None:
        column, cell = self._first("amount")
        if not str(cell).strip():
            return
        amount = self._try("amount", read_amount)
        currency = self._try("currency", lambda value: read_currency(str(value)))
        if amount is None or self.entry.is_refused:
            return
        if currency is None:
            self.entry.refuse(column, _("Say in which currency the amount is."))
            return
        donors = [name for name, role in self.entry.organisations if role == "donor"]
        day = self.entry.content.get("start_date", "")
        donor = donors[0] if len(donors) == 1 else ""
        self.entry.funding = [[donor, "budget", f"{amount:.2f}", currency, "", day]]

    def _name(self) -> None:
        """A title where the table has none: who, and what for."""
        content = self.entry.content
        if content.get("title"):
            return
        who = [name for name, role in self.entry.organisations if role in ("implementer", "lead")]
        what = [
            str(cell)
            for field in ("measures", "topics")
            for _column, cell in self.values.get(field, ())
        ]
        if "title" in self.reader.fields:
            self.entry.refuse(self._heading("title"), _("It has no title."))
        elif self.reader.kind != "initiative":
            if what:
                content["title"] = clean_line(", ".join(what))[:400]
            else:
                self.entry.refuse("title", _("It does not say what for."))
        elif not who:
            self.entry.refuse("organisation", _("It does not say who does it."))
        else:
            what = [str(cell) for _column, cell in self.values.get("topics", ())]
            content["title"] = clean_line(" – ".join([who[0], ", ".join(what)]).strip(" –"))[:400]

    def _heading(self, field: str) -> str:
        return next((name for name, key in self.reader.places.values() if key == field), field)


def split_names(text: str) -> list[str]:
    """Names of organisations may hold commas; they are parted by semicolons, bars and lines."""
    return [part for part in _BETWEEN_NAMES.split(text.strip()) if part]


def _split(cell: Any) -> list[str]:
    return [part for part in _PARTS.split(str(cell)) if part]


def _group(read: Callable[[], Iterator[Incoming]]) -> Iterator[Incoming]:
    """Rows of the same initiative as one, given out when the last of them has come."""
    counts = Counter(_identify(entry) for entry in read() if not entry.is_refused)
    held: dict[str, Incoming] = {}
    for entry in read():
        if entry.is_refused:
            yield entry
            continue
        key = _identify(entry)
        entry.identifier = ("3w", key)
        first = held.setdefault(key, entry)
        if first is not entry:
            _join(first, entry)
        counts[key] -= 1
        if not counts[key]:
            yield held.pop(key)


_TELLING = ("measures", "target_groups", "need_type", "view", "cycle", "response_type")


def _identify(entry: Incoming) -> str:
    content = entry.content
    told = [content["title"], content["economies"], entry.organisations, content.get("topics")]
    if entry.kind != "initiative":
        told += [entry.kind, *(content.get(name) for name in _TELLING)]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:40]


def _join(first: Incoming, entry: Incoming) -> None:
    places = {tuple(place) for e in (first, entry) for place in e.content.get("places", ())}
    if places:
        first.content["places"] = sorted(list(place) for place in places)
    for field, choose in (("start_date", min), ("end_date", max)):
        days = [day for e in (first, entry) if (day := e.content.get(field))]
        if days:
            first.content[field] = choose(days)
    first.funding += entry.funding


def _refuse_doubles(entries: Iterator[Incoming]) -> Iterator[Incoming]:
    """An identifier comes once; a row without one could come in twice."""
    seen: dict[tuple[str, str], int] = {}
    for entry in entries:
        if entry.identifier is None:
            entry.refuse("identifier", _("It has no identifier: it could come in twice."))
        else:
            first = seen.setdefault(entry.identifier, entry.row)
            if first != entry.row:
                entry.refuse("identifier", _("It is the same as row %s.") % first)
        yield entry
