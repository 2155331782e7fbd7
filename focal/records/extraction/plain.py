"""Bytes to text: by the mark at the beginning, else UTF-8, else the code page that fits best.

Old files from the region come in Windows 1250 to 1254 and the ISO 8859 parts beside them.
Each is tried; what reads as the region's words and letters wins.
"""

from __future__ import annotations

import codecs
import re
from itertools import pairwise

from focal.records.extraction import words
from focal.records.extraction.cleaning import clean, count_letters, split_into_parts
from focal.records.extraction.outcome import TEXT, CannotRead, Extracted

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CODE_PAGES = (
    "cp1250", "cp1251", "cp1253", "cp1254", "cp1252",
    "iso8859-2", "iso8859-5", "iso8859-7", "iso8859-9", "iso8859-16",
)  # fmt: skip
_TYPOGRAPHY = set("„“”‘’‚«»–—…•©®°§€№·´`¨ \u00a0")
_WORD = re.compile(r"[^\W\d_]+")
_BLOCKS = frozenset((0x00, 0x01, 0x02, 0x03, 0x04, 0x20))  # Latin, Greek, Cyrillic, punctuation
_SAMPLE = 40_000


def decode(content: bytes, declared: str = "") -> str:
    """The text of a file whose encoding nobody can be trusted to have stated."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if encoding := guess_utf16(content):
        return content.decode(encoding, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start > 4096 and not _has_more_faults(content, error.start):
            return content.decode("utf-8", "replace")  # UTF-8 with one bad spot
    return content.decode(_choose_code_page(content, declared), "replace")


def guess_utf16(content: bytes) -> str:
    """UTF-16 without a mark: every other byte is that of a block, which no text has as a letter."""
    head = content[: min(len(content), 4096) // 2 * 2]
    if len(head) < 8:
        return ""
    even, odd = (sum(byte in _BLOCKS for byte in head[start::2]) for start in (0, 1))
    if max(even, odd) < 0.95 * len(head) / 2 or min(even, odd) > 0.3 * len(head) / 2:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _has_more_faults(content: bytes, start: int) -> bool:
    text = content[start : start + _SAMPLE].decode("utf-8", "replace")
    return text.count("\ufffd") > 4


def _choose_code_page(content: bytes, declared: str) -> str:
    sample = content[:_SAMPLE]
    candidates = list(_CODE_PAGES)
    known = _look_up(declared)
    if known and known not in candidates:
        candidates.insert(0, known)
    scored = [(_score(sample, page) + (0.02 if page == known else 0), page) for page in candidates]
    return max(scored, key=lambda pair: pair[0])[1]


def _look_up(name: str) -> str:
    try:
        return codecs.lookup(name).name if name else ""
    except LookupError:
        return ""


def _score(sample: bytes, code_page: str) -> float:
    """Higher the more a decoding looks like a text of the region."""
    text = sample.decode(code_page, "replace")
    foreign = [character for character in text if character > "\x7f"]
    if not foreign:
        return 0.0
    odd = sum(
        character not in words.LETTERS and character not in _TYPOGRAPHY for character in foreign
    )
    tokens = _WORD.findall(text)
    jumps = sum(_changes_case_inside(token) for token in tokens)
    coverage = max(words.measure(tokens).values())
    mixed = sum(_mixes_scripts(token) for token in tokens)
    return coverage - odd / len(foreign) - (jumps + mixed) / max(1, len(tokens))


def _mixes_scripts(token: str) -> bool:
    """Latin letters beside Greek or Cyrillic ones in one word."""
    ours = [character for character in token if character.isascii()]
    others = [character for character in token if character > "\u036f"]
    return bool(ours) and bool(others)


def _changes_case_inside(token: str) -> bool:
    return any(a.islower() and b.isupper() for a, b in pairwise(token))


def read_text(content: bytes) -> Extracted:
    """A plain text. It has no title of its own."""
    return from_paragraphs(TEXT, clean(decode(content)))


def from_paragraphs(media_type: str, text: str) -> Extracted:
    """A document without pages of paper, in parts that can be read."""
    if not count_letters(text):
        raise CannotRead("no_words")
    return Extracted(media_type=media_type, pages=split_into_parts(text))
