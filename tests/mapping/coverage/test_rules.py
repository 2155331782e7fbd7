"""A cell is read by one function, and every case of it is written down."""

import pytest

from focal.mapping.coverage.money import get_rate, to_euro
from focal.mapping.coverage.rules import RULES, Numbers, Reading, read_cell

CASES = [
    (Numbers(), Reading.UNKNOWN),
    (Numbers(needs=1), Reading.GAP),
    (Numbers(needs=1, responses=1), Reading.OPPORTUNITY),
    (Numbers(needs=1, initiatives=1), Reading.THIN),
    (Numbers(needs=1, initiatives=1, responses=1), Reading.COVERED),
    (Numbers(needs=1, initiatives=2), Reading.COVERED),
    (Numbers(needs=1, initiatives=2, is_doubled=True), Reading.CROWDED),
    (Numbers(initiatives=1), Reading.SUPPLY_LED),
    (Numbers(initiatives=2, is_doubled=True), Reading.SUPPLY_LED),
    (Numbers(responses=1), Reading.COVERED),
    # What is past its date never makes a gap.
    (Numbers(stale_needs=1), Reading.UNKNOWN),
    (Numbers(stale_needs=1, initiatives=1), Reading.UNKNOWN),
    (Numbers(stale_needs=1, responses=1), Reading.UNKNOWN),
    (Numbers(needs=1, stale_initiatives=1), Reading.UNKNOWN),
    (Numbers(needs=1, responses=1, stale_initiatives=1), Reading.UNKNOWN),
    (Numbers(needs=1, stale_responses=1), Reading.UNKNOWN),
    (Numbers(needs=1, initiatives=1, stale_initiatives=3), Reading.THIN),
    (Numbers(stale_initiatives=2, stale_responses=1), Reading.UNKNOWN),
]


@pytest.mark.parametrize(("numbers", "expected"), CASES)
def test_cell_is_read_as_the_rules_say(numbers, expected):
    assert read_cell(numbers) == expected


def test_every_reading_is_explained_once():
    assert [rule.reading for rule in RULES] == list(Reading)


def test_amounts_are_converted_at_the_average_of_their_own_year():
    # The Bank's averages: 1.1422 dollars for a euro in 2020, 1.0530 in 2022.
    assert round(get_rate("USD", 2020), 4) == 1.1422
    assert round(get_rate("USD", 2022), 4) == 1.0530
    assert to_euro(100, "eur", 2020) == 100
    assert round(to_euro(195.583, "BAM", 2024), 6) == 100


def test_currencies_without_a_rate_are_not_guessed():
    assert [to_euro(100, currency, 2024) for currency in ("RSD", "ALL", "MKD", "MDL")] == [None] * 4


def test_years_without_a_rate_take_the_nearest():
    assert get_rate("HRK", 2026) == get_rate("HRK", 2022)  # the kuna ended with 2022
    assert get_rate("USD", 1990) == get_rate("USD", 1999)
