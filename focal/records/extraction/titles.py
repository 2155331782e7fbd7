"""Which of the lines a document offers is fit to be its title."""

from __future__ import annotations

import re
from datetime import date

from focal.records.extraction.cleaning import clean_line, count_letters

_WORD = re.compile(r"[^\W_]{2,}")
_FILE_LIKE = re.compile(
    r"\.(docx?|odt|rtf|pdf|indd|qxd|qxp|pptx?|xlsx?|html?|txt|pub|ai|tmp)\b", re.IGNORECASE
)
_MEANINGLESS = re.compile(
    r"^(untitled|document\s*\d*|doc\s*\d*|title|template|titull?[ie]?|naslov|slide\s*\d*|"
    r"powerpoint presentation|layout \d+|print|scan\w*|новый документ|без наслова)$",
    re.IGNORECASE,
)
_MICROSOFT = re.compile(r"^(microsoft (office )?word|microsoft office)\s*[-–]\s*", re.IGNORECASE)
LINE_LENGTH = 200


def accept_title(claimed: str, beginning: str = "") -> str:
    """The title that a file claims for itself, or nothing when it cannot be one.

    Many files carry the title of the file they were made from, so most of its words must
    stand at the beginning of the text.
    """
    line = clean_line(claimed)
    if _MICROSOFT.match(line) or _FILE_LIKE.search(line) or _MEANINGLESS.match(line):
        return ""
    found = _WORD.findall(line.casefold())
    if count_letters(line) < 4 or not found or "�" in line:
        return ""
    if "_" in line and " " not in line:
        return ""
    known = set(_WORD.findall(beginning.casefold()))
    if known and sum(word in known for word in found) < 0.6 * len(found):
        return ""
    return _cut(line)


def find_heading(text: str) -> str:
    """The first line of a text that looks like a heading."""
    for line in map(clean_line, text.split("\n")[:40]):
        letters = sum(character.isalpha() for character in line)
        reads_well = 8 <= len(line) <= LINE_LENGTH and letters >= 0.6 * len(line) and " " in line
        if reads_well and "@" not in line and "www." not in line:
            return line
    return ""


def join_lines(lines: list[str]) -> str:
    """The lines of a heading as one."""
    return _cut(clean_line(" ".join(lines), 400))


def _cut(line: str) -> str:
    return clean_line(line, LINE_LENGTH)


def read_date(text: str, *, today: date) -> date | None:
    """A day out of 'D:20210930…' or '2021-09-30T…', if it can be a document's date."""
    found = re.match(r"\s*(?:D:)?(\d{4})-?(\d{2})-?(\d{2})", text or "")
    if not found:
        return None
    try:
        day = date(*map(int, found.groups()))
    except ValueError:
        return None
    return day if date(1985, 1, 1) <= day <= today else None
