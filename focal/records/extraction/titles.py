"""Which of the lines a document offers is fit to be its title."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
_CONTACT = re.compile(r"@|www\.|http|\b(tel|telephone|fax|e-?mail)\b", re.IGNORECASE)
_LETTERHEAD = re.compile(
    r"^(osce|osbe|ебсе|обсе|office|mission|organi[sz]ation|канцеларија|мисија|organizata|zyra|"
    r"misioni|ministry|ministria|министерство|ministarstvo|vlada|government|republic)\b",
    re.IGNORECASE,
)
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


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page as it is set."""

    text: str
    size: float
    is_bold: bool = False

    @property
    def is_capitals(self) -> bool:
        letters = [character for character in self.text if character.isalpha()]
        return len(letters) >= 4 and sum(c.isupper() for c in letters) >= 0.9 * len(letters)


def choose_heading(lines: Sequence[Line]) -> str:
    """The neighbouring lines that stand out most from the rest and read like a title.

    Large letters count most; bold ones and capitals count too, because many reports are set
    in one size throughout.
    """
    sizes = sorted(line.size for line in lines for _ in line.text if line.size)
    if not sizes:
        return ""
    usual = sizes[len(sizes) // 2]
    best, best_score = "", 0.0
    for group in _group_lines(lines):
        title = accept_title(" ".join(line.text for line in group))
        if len(title) < 8 or " " not in title or title.endswith("…") or _CONTACT.search(title):
            continue
        first = group[0]
        score = first.size / usual + 0.4 * first.is_bold + 0.3 * first.is_capitals
        score -= 0.15 * bool(_LETTERHEAD.search(title))
        if score > max(best_score, 1.2) + 0.01:
            best, best_score = title, score
    return best


def _group_lines(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Runs of lines that are set alike."""
    group: list[Line] = []
    for line in lines:
        if group and not _is_alike(group[-1], line):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _is_alike(first: Line, second: Line) -> bool:
    near = abs(first.size - second.size) <= 0.06 * max(first.size, 1)
    if not near or first.is_bold != second.is_bold:
        return False
    return first.is_capitals == second.is_capitals


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
