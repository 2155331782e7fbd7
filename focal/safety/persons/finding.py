"""Everything that seems to identify a person in a text, each place once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

from focal.safety.persons.births import find_births
from focal.safety.persons.evidence import Page
from focal.safety.persons.finds import MASK, STOP, Find
from focal.safety.persons.numbers import find_numbers
from focal.safety.persons.papers import find_accounts, find_papers

_WORTH_READING = re.compile(r"\d.{0,3}\d|<<")


def find_persons(text: str, *, minimum: float = STOP, today: date | None = None) -> list[Find]:
    """The finds of one text (a field, a page) at least that sure, in the order of the text.

    Words anywhere in the text count, so give it a page at a time and not a book.
    """
    if not _WORTH_READING.search(text):
        return []
    today = today or datetime.now(tz=UTC).date()
    page = Page(text)
    found = [
        *find_numbers(page, today),
        *find_papers(page),
        *find_accounts(page),
        *find_births(page, today),
    ]
    sure = (find for find in found if find.confidence >= minimum)
    return sorted(_keep_surest(sure), key=lambda find: find.start)


def _keep_surest(finds: Iterable[Find]) -> list[Find]:
    """Of finds that overlap the surest; of equally sure ones the longest."""
    kept: list[Find] = []
    for find in sorted(finds, key=lambda one: (-one.confidence, one.start - one.end, one.kind)):
        if all(find.end <= other.start or other.end <= find.start for other in kept):
            kept.append(find)
    return kept


def mask_persons(text: str) -> str:
    """The text without what identifies persons: for names of files and the like."""
    for find in reversed(find_persons(text, minimum=0.2)):
        text = (
            text[: find.start] + re.sub(r"\w", MASK, text[find.start : find.end]) + text[find.end :]
        )
    return text
