"""What of a document gets a vector of its own: the head of each text, and passages of pages.

A vector stands for a few sentences. Too long a passage blurs what it says, too short a one
loses what it is about; borders lie between sentences where there are any.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from focal.search.documents import SearchDocument
from focal.search.folding import clean
from focal.search.meaning.embedder import has_meaning

LONGEST = 1_000  # characters of a passage: 200-350 tokens in the region's languages
SHORTEST = 200  # what is shorter joins the passage before it
PER_PAGE = 40  # passages of one page
PER_RECORD = 2_000  # passages of one record; a longer one is found by its first 2,000
BORDER = re.compile(r"(?<=[.!?;:…·])\s+|\n\s*\n")


@dataclass(frozen=True, slots=True)
class Unit:
    """A passage with a vector of its own; `number` counts from 0 within its document."""

    key: str
    number: int
    language: str
    attachment: str | None
    page: int | None
    text: str


def make_units(document: SearchDocument) -> list[Unit]:
    """The passages of a document: its texts first, then its pages, PER_RECORD at most."""
    units: list[Unit] = []
    for language, attachment, page, passage in _passages(document):
        if not has_meaning(passage):
            continue
        units.append(Unit(document.key, len(units), language, attachment, page, passage))
        if len(units) == PER_RECORD:
            break
    return units


def _passages(document: SearchDocument) -> Iterator[tuple[str, str | None, int | None, str]]:
    for text in document.texts:
        head = "\n\n".join(filter(None, (_tidy(text.title), _tidy(text.summary))))
        first, *rest = split_text(text.body) or [""]
        # The first words of the body tell what a bare title is about.
        if len(head) + len(first) <= LONGEST:
            head = f"{head}\n\n{first}"
        else:
            rest = [first, *rest]
        for passage in (*(split_text(head) or [""]), *rest):
            yield text.language, None, None, passage
    for page in document.pages:
        for passage in split_text(page.text)[:PER_PAGE]:
            yield page.language, page.attachment, page.number, passage


def _tidy(text: str) -> str:
    return " ".join(clean(text[: 4 * LONGEST]).split())


def split_text(text: str) -> list[str]:
    """A text in passages of up to LONGEST characters, cut between sentences, else words."""
    text = clean(text[: PER_RECORD * LONGEST])
    passages: list[str] = []
    current = ""
    for piece in _pieces(text):
        if current and len(current) + 1 + len(piece) > LONGEST:
            passages.append(current)
            current = piece
        else:
            current = f"{current} {piece}" if current else piece
    if current:
        _add_last(passages, current)
    return passages


def _add_last(passages: list[str], last: str) -> None:
    if passages and len(last) < SHORTEST:
        passages[-1] = f"{passages[-1]} {last}"
    else:
        passages.append(last)


def _pieces(text: str) -> Iterator[str]:
    for sentence in BORDER.split(text):
        words = " ".join(sentence.split())
        while len(words) > LONGEST:
            cut = words.rfind(" ", LONGEST // 2, LONGEST)
            cut = cut if cut > 0 else LONGEST
            yield words[:cut]
            words = words[cut:].lstrip()
        if words:
            yield words
