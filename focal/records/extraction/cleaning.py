"""Text as it may be stored and shown: no control characters, no lone surrogates, steady breaks."""

from __future__ import annotations

import re
import unicodedata

from focal.records.extraction.limits import (
    MAX_CHARACTERS,
    MAX_PAGE_CHARACTERS,
    PART_CHARACTERS,
    WHOLE_CHARACTERS,
)

_SOFT_BREAK = re.compile(r"[\x02\ufffe\u00ad]\s*\n?")  # how PDFs mark a hyphen at a line's end
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_BLANKS = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def clean(text: str) -> str:
    """Text that any database, index and page can hold."""
    text = text.encode("utf-8", "ignore").decode("utf-8")  # lone surrogates go
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    text = _SOFT_BREAK.sub("", text)
    text = _BIDI.sub("", _CONTROLS.sub(" ", text))
    text = unicodedata.normalize("NFC", text)
    lines = [_BLANKS.sub(" ", line).strip() for line in text.split("\n")]
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def clean_line(text: str, length: int = 300) -> str:
    """One line of text, cut at a word when it is too long."""
    line = " ".join(clean(text).split())
    if len(line) <= length:
        return line
    return line[: length - 1].rsplit(" ", 1)[0] + "…"


def count_letters(text: str) -> int:
    """How many letters and figures there are: a text without any says nothing."""
    return sum(character.isalnum() for character in text)


def split_into_parts(text: str) -> list[str]:
    """A text without pages as parts to read: one when it is short, else at paragraphs."""
    if len(text) <= WHOLE_CHARACTERS:
        return [text]
    parts, start = [], 0
    while start < len(text):
        end = _find_break(text, start)
        part = text[start:end].strip()
        if part:
            parts.append(part)
        start = end
    return parts


def _find_break(text: str, start: int) -> int:
    """Where a part that begins at `start` ends: after a paragraph, a line, a sentence, a word."""
    if len(text) - start <= WHOLE_CHARACTERS:
        return len(text)
    low, high = start + PART_CHARACTERS // 2, start + WHOLE_CHARACTERS
    for mark in ("\n\n", "\n", ". ", " "):
        found = text.rfind(mark, low, start + PART_CHARACTERS)
        if found < 0:
            found = text.find(mark, start + PART_CHARACTERS, high)
        if found >= 0:
            return found + len(mark)
    return start + PART_CHARACTERS


def limit_pages(pages: list[str]) -> tuple[list[str], bool]:
    """The pages within the limits on characters, and whether something had to go."""
    kept: list[str] = []
    total, was_cut = 0, False
    for page in pages:
        if total >= MAX_CHARACTERS:
            return kept, True
        was_cut = was_cut or len(page) > MAX_PAGE_CHARACTERS
        kept.append(page[:MAX_PAGE_CHARACTERS])
        total += len(kept[-1])
    return kept, was_cut
