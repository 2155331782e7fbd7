"""When a record of the mapping has to be confirmed again.

A need is stated for a cycle of two years and looked at every year; a law or body seldom
changes; an initiative does often. After its day a record is shown as past it, and stops
counting as known.
"""

from __future__ import annotations

from datetime import date, timedelta

REVIEW_AFTER = {
    "need": timedelta(days=365),
    "response": timedelta(days=365),
    "initiative": timedelta(days=183),
}


def get_review_date(kind: str, confirmed: date) -> date:
    """The day by which a record confirmed on a day has to be confirmed again."""
    return confirmed + REVIEW_AFTER[kind]
