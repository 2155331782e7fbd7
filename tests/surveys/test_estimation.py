"""Estimates are what the textbooks say: formulas written out here, and R beside them in CI.

Cochran, Sampling Techniques (3rd ed. 1977): 2.20 (simple random sample), 5.9 (stratified),
6.13 (ratio, for domains), 9.2 (clusters).
"""

import math
from statistics import mean, variance

import pytest

from focal.kernel.errors import BadInput
from focal.surveys import estimation, selectors
from focal.surveys.estimation import compare_editions
from tests.surveys.making import DESIGN, bring, change, find, make_rows

pytestmark = pytest.mark.django_db
PLAIN = {"weight": "", "strata": "", "clusters": []}


def group(edition, *keys):
    return selectors.choose_groups(edition, keys)


def test_mean_of_a_simple_random_sample(editor, organisation, tmp_path):
    rows = [{**row, "size": 4_000} for row in make_rows()]
    design = change(**PLAIN, population_size=["size"])
    _survey, edition = bring(editor, organisation, tmp_path, rows=rows, design=design)

    cell = estimation.estimate(find(edition, "age")).get(())

    ages = [row["age"] for row in rows if row["age"] >= 0]
    sizes = [(row["age"] >= 0, row["age"]) for row in rows]
    shift = [has * (age - mean(ages)) / (len(ages) / len(rows)) for has, age in sizes]
    error = math.sqrt((1 - 400 / 4_000) * variance(shift) / 400)
    assert cell.estimate == pytest.approx(mean(ages), rel=1e-12)
    assert cell.standard_error == pytest.approx(error, rel=1e-10)
    assert cell.n == len(ages)


def test_share_of_a_stratified_sample_of_clusters(editor, organisation, tmp_path):
    rows = make_rows()
    _survey, edition = bring(editor, organisation, tmp_path, rows=rows)

    cell = estimation.estimate(find(edition)).get((), "2")

    asked = [row for row in rows if row["q1"] != 9]
    total = sum(row["weight"] for row in asked)
    share = sum(row["weight"] for row in asked if row["q1"] == 2) / total
    parts: dict[str, dict[int, float]] = {}
    for row in rows:
        part = row["weight"] * ((row["q1"] == 2) - share) / total if row["q1"] != 9 else 0.0
        points = parts.setdefault(row["region"], {})
        points[row["point"]] = points.get(row["point"], 0.0) + part
    error = math.sqrt(sum(len(p) * variance(p.values()) for p in parts.values()))
    assert cell.estimate == pytest.approx(share, rel=1e-12)
    assert cell.standard_error == pytest.approx(error, rel=1e-10)
    assert 0 < cell.low < cell.estimate < cell.high < 1


def test_shares_of_a_group_add_up(editor, organisation, tmp_path):
    _survey, edition = bring(editor, organisation, tmp_path)

    table = estimation.estimate(find(edition), group(edition, "sex"), threshold=0)

    sums = {code: sum(c.estimate for c in table.cells if c.group == (code,)) for code in "fm"}
    assert sums == {"f": pytest.approx(1), "m": pytest.approx(1)}


def test_small_cells_are_hidden_with_what_would_give_them_away(editor, organisation, tmp_path):
    _survey, edition = bring(editor, organisation, tmp_path)

    table = estimation.estimate(find(edition), group(edition, "economy"))

    reasons = {(cell.group[0], cell.answer): cell.hidden for cell in table.cells}
    assert reasons["2", "3"] == "small"
    assert {code for (code, answer), why in reasons.items() if why and answer == "3"} == {"1", "2"}
    assert [c for c in table.cells if c.hidden and c.estimate is not None] == []


def test_what_is_hidden_by_one_group_does_not_add_up_from_two(editor, organisation, tmp_path):
    _survey, edition = bring(editor, organisation, tmp_path)
    hidden = {
        cell.group[0]: cell
        for cell in estimation.estimate(find(edition), group(edition, "economy")).cells
        if cell.answer == "3"
    }

    both = estimation.estimate(find(edition), group(edition, "economy", "sex"))

    for economy in hidden:
        parts = [c for c in both.cells if c.group[0] == economy and c.answer == "3"]
        assert any(cell.hidden for cell in parts)


def test_a_group_of_few_is_not_estimated_and_its_size_not_told(editor, organisation, tmp_path):
    rows = [row | {"sex": "m" if place > 10 else "f"} for place, row in enumerate(make_rows())]
    _survey, edition = bring(editor, organisation, tmp_path, rows=rows)

    table = estimation.estimate(find(edition, "age"), group(edition, "sex"))

    assert (table.get(("f",)).estimate, table.get(("f",)).n) == (None, None)
    assert table.get(("f",)).hidden == "base"


def test_difference_of_groups_takes_account_of_the_design(editor, organisation, tmp_path):
    _survey, edition = bring(editor, organisation, tmp_path)
    table = estimation.estimate(find(edition, "age"), group(edition, "economy"))

    difference = table.compare(("1",), ("2",))

    one, two = table.get(("1",)), table.get(("2",))
    # The economies are strata of their own: their estimates are independent.
    assert difference.estimate == pytest.approx(two.estimate - one.estimate)
    apart = math.hypot(one.standard_error, two.standard_error)
    assert difference.standard_error == pytest.approx(apart, rel=1e-9)
    assert difference.is_beyond_chance == (abs(difference.estimate) > 2.5 * apart)


def test_change_within_the_uncertainty_is_no_change(editor, organisation, tmp_path):
    _survey, first = bring(editor, organisation, tmp_path)
    later = change(edition={**DESIGN["edition"], "name": "2025"})
    _survey, second = bring(editor, organisation, tmp_path, rows=make_rows(seed=2), design=later)
    tables = [estimation.estimate(find(edition, "age")) for edition in (first, second)]

    difference = compare_editions(*(table.get(()) for table in tables))

    assert not difference.is_beyond_chance


def test_three_groups_are_refused(editor, organisation, tmp_path):
    _survey, edition = bring(editor, organisation, tmp_path)
    economy, sex = group(edition, "economy", "sex")

    with pytest.raises(BadInput, match="one or two different groups"):
        estimation.estimate(find(edition), [economy, sex, economy])
