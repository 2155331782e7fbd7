"""Numbers of coverage in words: for pages, pictures and files alike."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from focal.mapping.coverage.matrix import Cell, Matrix, Totals
from focal.mapping.coverage.rules import Numbers

MILLION = 1_000_000


def say_numbers(numbers: Numbers) -> str:
    """'2 needs, 1 response, 3 initiatives; 1 past its date'."""
    parts = [
        ngettext("%(n)d need", "%(n)d needs", numbers.needs) % {"n": numbers.needs},
        ngettext("%(n)d response", "%(n)d responses", numbers.responses) % {"n": numbers.responses},
        ngettext("%(n)d initiative", "%(n)d initiatives", numbers.initiatives)
        % {"n": numbers.initiatives},
    ]
    text = ", ".join(parts)
    if stale := numbers.stale:
        text += "; " + ngettext("%(n)d past its date", "%(n)d past their date", stale) % {
            "n": stale
        }
    return text


def say_euro(euro: float) -> str:
    """'EUR 1.2 million', 'EUR 45,000'; nothing for nothing."""
    if euro <= 0:
        return ""
    if euro >= MILLION:
        return _("EUR %(number)s million") % {"number": _number(euro / MILLION, 1)}
    rounded = round(euro, -3) if euro >= 100_000 else round(euro, -2) if euro >= 1000 else euro
    return _("EUR %(number)s") % {"number": _number(rounded, 0)}


def _number(value: float, places: int) -> str:
    return number_format(round(value, places), decimal_pos=places, force_grouping=True)


def say_cell(cell: Cell, label: str = "") -> str:
    """A cell in one sentence; `label` is its reading, for who has asked for that before."""
    text = f"{label or cell.reading.label}: {say_numbers(cell.numbers)}"
    if cell.euro > 0:
        text += f", {say_euro(cell.euro)}"
    if within := say_gaps_within(cell):
        text += f"; {within}"
    return text


def say_counts(numbers: Numbers) -> str:
    """'2 · 1 · 3', or how many are past their date where nothing is known."""
    if numbers.known or not numbers.stale:
        return f"{numbers.needs} · {numbers.responses} · {numbers.initiatives}"
    return ngettext("%(n)d past date", "%(n)d past date", numbers.stale) % {"n": numbers.stale}


def say_gaps_within(cell: Cell) -> str:
    """'2 gaps within', or nothing."""
    number = cell.gaps_within
    said = ngettext("%(n)d gap within", "%(n)d gaps within", number) if number else ""
    return said % {"n": number} if said else ""


def say_totals(totals: Totals) -> str:
    """'12 needs, 4 responses, 30 initiatives, EUR 1.2 million'."""
    text = say_numbers(Numbers(totals.needs, totals.responses, totals.initiatives))
    return f"{text}, {say_euro(totals.euro)}" if totals.euro > 0 else text


def say_readings(matrix: Matrix) -> str:
    """'Gap 4, Opportunity 2 ...': of the cells shown, those with nothing shown below them."""
    return ", ".join(
        f"{reading.label} {number}" for reading, number in matrix.readings.items() if number
    )


def list_notes(matrix: Matrix) -> list[str]:
    """What has to be borne in mind with these numbers."""
    notes = []
    total = matrix.total
    if total.stale:
        notes.append(
            ngettext(
                "%(n)d record is past the day on which it had to be confirmed again: it does not"
                " count as known.",
                "%(n)d records are past the day on which they had to be confirmed again: they do"
                " not count as known.",
                total.stale,
            )
            % {"n": total.stale}
        )
    if matrix.outside:
        notes.append(
            ngettext(
                "%(n)d record stands nowhere here, for it names no economy or nothing of this"
                " tree.",
                "%(n)d records stand nowhere here, for they name no economy or nothing of this"
                " tree.",
                matrix.outside,
            )
            % {"n": matrix.outside}
        )
    if matrix.without_amount:
        notes.append(
            ngettext(
                "%(n)d initiative states no amount of money, or only a band.",
                "%(n)d initiatives state no amount of money, or only a band.",
                matrix.without_amount,
            )
            % {"n": matrix.without_amount}
        )
    if matrix.unconverted:
        notes.append(
            ngettext(
                "%(n)d initiative has money in a currency for which the European Central Bank"
                " publishes no rate: that part is not in the sums.",
                "%(n)d initiatives have money in currencies for which the European Central Bank"
                " publishes no rate: that part is not in the sums.",
                matrix.unconverted,
            )
            % {"n": matrix.unconverted}
        )
    return notes
