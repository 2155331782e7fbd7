"""Numbers and days inside charts, in the reader's way of writing them (d3's locales)."""

from __future__ import annotations

from typing import Any

from django.utils import dates, formats, translation

UNGROUPED = 99  # no number has that many digits


def get_number_locale(locale: str) -> dict[str, Any]:
    """d3-format's locale: the same marks that Django writes in the text around the chart."""
    grouping = int(formats.get_format("NUMBER_GROUPING", lang=locale, use_l10n=True) or UNGROUPED)
    return {
        "decimal": formats.get_format("DECIMAL_SEPARATOR", lang=locale, use_l10n=True),
        "thousands": formats.get_format("THOUSAND_SEPARATOR", lang=locale, use_l10n=True),
        "grouping": [grouping],
        "currency": ["", ""],
    }


def get_time_locale(locale: str) -> dict[str, Any]:
    """d3-time-format's locale, from the names of months and days that Django knows."""
    with translation.override(locale):
        return {
            "dateTime": "%-d %b %Y, %H:%M",
            "date": "%-d %b %Y",
            "time": "%H:%M",
            "periods": ["", ""],
            "days": [str(dates.WEEKDAYS[(number - 1) % 7]) for number in range(7)],
            "shortDays": [str(dates.WEEKDAYS_ABBR[(number - 1) % 7]) for number in range(7)],
            "months": [str(dates.MONTHS[number]) for number in range(1, 13)],
            "shortMonths": [str(dates.MONTHS_3[number]) for number in range(1, 13)],
        }
