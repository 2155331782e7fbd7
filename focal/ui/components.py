"""What components are given: plain values, so that any app can fill them.

Templates take these or anything with the same attributes (a dict, a model with the right
properties). Nothing here knows what is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import SequenceMatcher
from typing import Literal


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads somewhere."""

    label: str
    url: str
    is_current: bool = False
    icon: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Teaser:
    """One thing in a list: what it is, what it says, who may see it, how fresh it is."""

    title: str
    url: str
    kind: str = ""
    date: date | datetime | None = None
    summary: str = ""
    language: str = ""
    tags: Sequence[Link] = ()
    marking: str = ""
    state: str = ""
    reasons: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that says what it is: qualifier, unit, what is counted, when, who says so."""

    value: str
    what: str
    qualifier: str = ""
    unit: str = ""
    period: str = ""
    source: str = ""
    source_url: str = ""
    page: str = ""
    url: str = ""
    note: str = ""
    beside: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value to narrow by. `url` is the address with the value switched."""

    label: str
    url: str
    count: int | None = None
    is_selected: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """A group of values to narrow by."""

    label: str
    values: Sequence[FacetValue]
    is_open: bool = True
    more_url: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; numbers stand to the right."""

    label: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with a link."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A caption, columns and rows. The first cell of a row heads it."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell | str | int]] = field(default_factory=tuple)
    note: str = ""
    is_caption_hidden: bool = False  # where a heading says the same


@dataclass(frozen=True, slots=True)
class DiffPart:
    """A piece of text that stayed, came or went."""

    kind: Literal["same", "added", "removed"]
    text: str


def compare_texts(before: str, after: str) -> list[DiffPart]:
    """The two texts as one, word by word: what stayed, came and went."""
    old, new = _split(before), _split(after)
    parts: list[DiffPart] = []
    for change, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if change == "equal":
            parts.append(DiffPart("same", "".join(old[i:j])))
            continue
        if j > i:
            parts.append(DiffPart("removed", "".join(old[i:j])))
        if m > k:
            parts.append(DiffPart("added", "".join(new[k:m])))
    return parts


def _split(text: str) -> list[str]:
    """Words with the white space that follows them; long texts by line, to stay quick."""
    if len(text) > 20_000:
        return text.splitlines(keepends=True)
    words: list[str] = []
    for line in text.splitlines(keepends=True):
        words.extend(word + " " for word in line.rstrip("\n").split(" "))
        if words:
            words[-1] = words[-1][:-1] + ("\n" if line.endswith("\n") else "")
    return words
