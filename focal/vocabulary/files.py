"""The data files of the vocabulary, read into plain rows. Their format is in docs/vocabulary.md."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.utils.translation import gettext as _

from focal.kernel.errors import BadInput

FOLDER = Path(__file__).parent / "data"
LANGUAGES = (
    "en", "sq", "bs", "cnr", "hr", "sr-Latn", "sr-Cyrl", "mk", "bg", "el", "ro", "sl", "tr",
)  # fmt: skip
CHECK_NOTE = "needs a native reader's check"


@dataclass(frozen=True, slots=True)
class EconomyRow:
    code: str
    asterisk: bool


@dataclass(frozen=True, slots=True)
class EconomyNameRow:
    economy: str
    language: str
    name: str
    is_display: bool
    since: date | None
    until: date | None
    note: str


@dataclass(frozen=True, slots=True)
class GroupNameRow:
    group: str
    language: str
    name: str


@dataclass(frozen=True, slots=True)
class GroupMemberRow:
    group: str
    economy: str
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class LanguageRow:
    code: str
    endonym: str
    script: str
    found_together: str
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class LabelRow:
    language: str
    label: str
    kind: str = "preferred"
    needs_check: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class ConceptRow:
    key: str
    broader: str
    labels: tuple[LabelRow, ...]
    note: str = ""


def _read(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def read_economies() -> list[EconomyRow]:
    """The thirteen, in the order in which they are listed in English."""
    return [EconomyRow(row["code"], row["asterisk"] == "yes") for row in _read("economies.csv")]


def read_economy_names() -> list[EconomyNameRow]:
    """Every name of every economy, former ones among them."""
    return [
        EconomyNameRow(
            economy=row["economy"],
            language=row["language"],
            name=row["name"],
            is_display=row["shown"] == "yes",
            since=_date(row["since"]),
            until=_date(row["until"]),
            note=row["note"],
        )
        for row in _read("economy-names.csv")
    ]


def read_group_names() -> list[GroupNameRow]:
    """The names of the groups, group by group in their order."""
    return [
        GroupNameRow(row["group"], row["language"], row["name"]) for row in _read("group-names.csv")
    ]


def read_group_members() -> list[GroupMemberRow]:
    """Which economy belongs to which group, and since when."""
    return [
        GroupMemberRow(row["group"], row["economy"], _date(row["since"]), _date(row["until"]))
        for row in _read("group-members.csv")
    ]


def read_languages() -> list[LanguageRow]:
    """The languages, in the order in which they are offered."""
    return [
        LanguageRow(
            code=row["code"],
            endonym=row["endonym"],
            script=row["script"],
            found_together=row["found_together"],
            names={code: row[code] for code in LANGUAGES if row[code]},
        )
        for row in _read("languages.csv")
    ]


def read_concepts(scheme: str) -> list[ConceptRow]:
    """One list of concepts, in its order; BadInput when its tree is broken."""
    rows = [_read_concept(row) for row in _read(f"{scheme}.csv")]
    known: set[str] = set()
    for row in rows:
        if row.broader and row.broader not in known:
            raise BadInput(
                _("%(file)s: '%(key)s' stands below '%(broader)s', which does not come before it.")
                % {"file": f"{scheme}.csv", "key": row.key, "broader": row.broader}
            )
        if row.key in known:
            raise BadInput(
                _("%(file)s: '%(key)s' is there twice.") % {"file": f"{scheme}.csv", "key": row.key}
            )
        known.add(row.key)
    return rows


def _read_concept(row: dict[str, str]) -> ConceptRow:
    unsure = set(row["uncertain"].split())
    labels: dict[tuple[str, str], LabelRow] = {}
    for language in LANGUAGES:
        words = [word.strip() for word in row[language].split(" / ") if word.strip()]
        for place, word in enumerate(words):
            labels[language, word] = LabelRow(
                language=language,
                label=word,
                kind="alternative" if place else "preferred",
                needs_check=language in unsure,
                note=CHECK_NOTE if language in unsure else "",
            )
    for part in filter(None, row["hidden"].split("; ")):
        language, word = part.split(":", 1)
        labels.setdefault((language, word), LabelRow(language, word, kind="hidden"))
    return ConceptRow(row["key"], row["broader"], tuple(labels.values()), row["note"])
