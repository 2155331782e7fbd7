"""Dates of birth beside names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from focal.safety.persons import words
from focal.safety.persons.evidence import Page
from focal.safety.persons.finds import Find, make_find
from focal.safety.persons.schemes import is_plausible

_MONTH = "|".join(f"(?:{'|'.join(stems)})" for stems in words.MONTHS)
_NUMERIC = r"(?P<d>\d{1,2})\s?[./-]\s?(?P<m>\d{1,2})\s?[./-]\s?(?P<y>\d{4})"
_ISO = r"(?P<iy>\d{4})-(?P<im>\d{2})-(?P<id>\d{2})"
_WRITTEN = (
    r"(?P<wd>\d{1,2})(?:st|nd|rd|th)?\.?,? (?:of |de )?"
    rf"(?P<wm>{_MONTH})[^\W\d_]*\.?,? (?P<wy>\d{{4}})"
)
_AMERICAN = rf"(?P<am>{_MONTH})[^\W\d_]*\.? (?P<ad>\d{{1,2}})(?:st|nd|rd|th)?, (?P<ay>\d{{4}})"
_DATE = re.compile(rf"(?<!\d)(?:{_ISO}|{_NUMERIC}|{_WRITTEN}|{_AMERICAN})(?!\d)")
_BEFORE, _AFTER = 40, 20  # characters between the word for birth and the date
_NAME_BEFORE, _NAME_AFTER = 110, 60
_WITH_NAME, _ALONE = 0.8, 0.35


def find_births(page: Page, today: date) -> Iterator[Find]:
    """Dates that a word for birth stands beside; sure only when a name does as well."""
    for hit in _DATE.finditer(page.folded):
        read = _read(hit)
        if read is None or not is_plausible(*read, today):
            continue
        if not _is_of_birth(page.folded, hit.start(), hit.end()):
            continue
        has_name = page.has_name(hit.start() - _NAME_BEFORE, hit.start()) or page.has_name(
            hit.end(), hit.end() + _NAME_AFTER
        )
        confidence = _WITH_NAME if has_name else _ALONE
        yield make_find(page.text, "birth", hit.start(), hit.end(), confidence)


def _is_of_birth(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - _BEFORE) : start]
    after = text[end : end + _AFTER]
    named = list(words.BIRTH.finditer(before))
    if named and not _DATE.search(before[named[-1].end() :]):
        return True  # and no other date in between, which would be the one of birth
    following = words.BIRTH.search(after)
    return following is not None and re.search(r"[.;]\s", after[: following.start()]) is None


def _read(hit: re.Match[str]) -> tuple[int, int, int] | None:
    """Year, month, day."""
    parts = hit.groupdict()
    if parts["iy"]:
        return int(parts["iy"]), int(parts["im"]), int(parts["id"])
    if parts["y"]:
        return int(parts["y"]), int(parts["m"]), int(parts["d"])
    prefix = "w" if parts["wy"] else "a"
    month = _read_month(parts[f"{prefix}m"])
    return (int(parts[f"{prefix}y"]), month, int(parts[f"{prefix}d"])) if month else None


def _read_month(stem: str) -> int | None:
    return next(
        (number for number, stems in enumerate(words.MONTHS, start=1) if stem in stems), None
    )
