"""What an address asks for. Whatever stands there, a page can be made of it.

A parameter that cannot be used is left out, and a sentence says so.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from focal.records.content import clean_line
from focal.records.finding.search import FACETS, MAX_PAGE, MAX_TEXT, SORTS, SWITCHES, Wish
from focal.search.queries import Sort

MAX_VALUES = 50  # of one facet; more are not a choice any more
MAX_VALUE = 120


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, and what could not be understood."""

    wish: Wish
    notes: tuple[str, ...] = ()
    opened: frozenset[str] = field(default_factory=frozenset)

    def address(self, **changes: Any) -> str:
        """The query string of this search with something changed; '' when nothing is left."""
        return write(replace(self.wish, **changes), self.opened)

    def open(self, name: str) -> str:
        """The address with all values of a facet shown."""
        return write(self.wish, self.opened | {name})


def go_to_page(asked: Asked, page: int) -> Asked:
    """The same, on another page: there are fewer than the address thought."""
    note = _("There are not that many pages: this is the last one.")
    return replace(asked, wish=replace(asked.wish, page=page), notes=(*asked.notes, note))


def read(request: HttpRequest) -> Asked:
    """Understand the query string of a page."""
    return understand(request.GET)


def understand(asked: QueryDict) -> Asked:
    """Understand a query string. Saved searches are kept as such."""
    notes: list[str] = []
    wish = Wish(
        text=_read_text(asked.get("q", ""), notes),
        filters={name: values for name in FACETS if (values := _read_values(asked, name))},
        date_from=_read_day(asked.get("from", ""), notes, is_end=False),
        date_to=_read_day(asked.get("to", ""), notes, is_end=True),
        sort=_read_sort(asked.get("sort", ""), notes),
        page=_read_page(asked.get("page", ""), notes),
        **{name: asked.get(name, "1") not in {"0", "no", "off"} for name in SWITCHES},
    )
    if wish.date_from and wish.date_to and wish.date_from > wish.date_to:
        notes.append(_("The first day comes after the last one, so the two were exchanged."))
        wish = replace(wish, date_from=wish.date_to, date_to=wish.date_from)
    opened = frozenset(FACETS) & set(asked.getlist("all"))
    return Asked(wish, tuple(notes), opened)


def _read_text(text: str, notes: list[str]) -> str:
    text = clean_line(text)
    if len(text) > MAX_TEXT:
        notes.append(
            _("Your text is long: the first %(count)s characters were searched for.")
            % {"count": MAX_TEXT}
        )
        text = text[:MAX_TEXT].rstrip()
    return text


def _read_values(asked: QueryDict, name: str) -> tuple[str, ...]:
    values = [clean_line(value)[:MAX_VALUE] for value in asked.getlist(name)[:MAX_VALUES]]
    return tuple(dict.fromkeys(value for value in values if value))


def _read_sort(text: str, notes: list[str]) -> Sort:
    for sort in SORTS:
        if text == sort:
            return sort
    if text:
        notes.append(_("Results cannot be sorted by '%s'; the best come first.") % text[:40])
    return SORTS[0]


def _read_page(text: str, notes: list[str]) -> int:
    if not text:
        return 1
    if re.fullmatch(r"[0-9]{1,9}", text) and int(text) >= 1:
        return min(int(text), MAX_PAGE)
    notes.append(_("There is no page '%s'; this is the first one.") % clean_line(text)[:40])
    return 1


# 2024, 2024-05, 2024-05-31, 31.5.2024, 31/5/2024
YEAR_FIRST = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})\.?")


def _read_day(text: str, notes: list[str], *, is_end: bool) -> date | None:
    """A day as people write it; of a year or month, its first or its last day."""
    text = clean_line(text)
    if not text:
        return None
    try:
        year, month, day = _split_day(text)
        month = month or (12 if is_end else 1)
        return date(year, month, day or (calendar.monthrange(year, month)[1] if is_end else 1))
    except (ValueError, calendar.IllegalMonthError):
        notes.append(
            _("'%s' is not a day, so it was left out. Write it as 2024-05-31.") % text[:40]
        )
        return None


def _split_day(text: str) -> tuple[int, int, int]:
    """Year, month and day, 0 where it is not said."""
    if found := YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part or 0) for part in found.groups())
    elif found := DAY_FIRST.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
    else:
        raise ValueError(text)
    return year, month, day


def write(wish: Wish, opened: Sequence[str] | frozenset[str] = ()) -> str:
    """The query string that `read` understands as this wish."""
    pairs: list[tuple[str, str]] = [("q", wish.text)] if wish.text else []
    pairs += [(name, value) for name in FACETS for value in wish.filters.get(name, ())]
    if wish.date_from:
        pairs.append(("from", wish.date_from.isoformat()))
    if wish.date_to:
        pairs.append(("to", wish.date_to.isoformat()))
    if wish.sort != SORTS[0]:
        pairs.append(("sort", wish.sort))
    pairs += [(name, "0") for name in SWITCHES if not getattr(wish, name)]
    pairs += [("all", name) for name in FACETS if name in opened]
    if wish.page > 1:
        pairs.append(("page", str(wish.page)))
    return "?" + urlencode(pairs)


def write_text(text: str) -> str:
    """The query string of a plain search."""
    return "?" + urlencode({"q": text}) if text else ""
