"""Shares and means of the usual designs at once: strata, one stage of clusters, weights.

Taylor linearisation of the ratio of two weighted sums (Lumley, Complex Surveys, 2010, appendix A;
R: `svyratio`, `svyby`): a person of group d adds w (y - p_d) / W_d to a cell's score, and the
variance is that of the clusters' totals of these scores within their strata,

    sum over strata h of (1 - n_h / N_h) n_h / (n_h - 1) sum over clusters i of (z_hi - mean_h)^2.

Degrees of freedom of a group are its clusters less its strata (R: `degf`; persons without weight do
not count), those of a difference those of all groups together.
svy does the same for every design, and is right; it goes through all persons for each cell, which
takes too long for 130 cells of 50,000 persons. Lonely strata, second stages and replicate weights
are left to it; the tests hold one against the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
NOTHING = 1e-14


@dataclass(frozen=True, slots=True)
class Persons:
    """The persons asked, by place: weights; strata and clusters as numbers from 0; in which of
    `groups` and answers each is counted (-1: in none); how many clusters there are to draw from
    in each stratum (None: drawn with replacement)."""

    weights: Numbers
    strata: Places
    clusters: Places
    groups: Places
    sizes: Numbers | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One cell's estimate, as svy gives it."""

    est: float
    se: float
    lci: float
    uci: float


@dataclass(frozen=True, slots=True)
class Linearised:
    """Estimates of all cells (groups by answers) with their covariances."""

    values: Numbers
    covariances: Numbers
    freedom: Places
    design_freedom: int
    confidence: float
    is_share: bool

    def get_row(self, group: int, answer: int) -> Row:
        """A cell with its interval: logit for shares, Wald for means."""
        place = group * (len(self.values) // len(self.freedom)) + answer
        value = float(self.values[place])
        error = float(np.sqrt(max(0.0, self.covariances[place, place])))
        reach = _reach(self.confidence, int(self.freedom[group])) * error
        if not self.is_share:
            return Row(value, error, value - reach, value + reach)
        if not NOTHING < value < 1 - NOTHING:
            return Row(value, error, np.nan, np.nan)
        middle, half = np.log(value / (1 - value)), reach / (value * (1 - value))
        low, high = (1 / (1 + np.exp(-(middle + side * half))) for side in (-1, 1))
        return Row(value, error, float(low), float(high))

    def subtract(self, first: int, second: int) -> Row:
        """How far the second cell (by its place) lies above the first."""
        c = self.covariances
        variance = c[first, first] + c[second, second] - 2 * c[first, second]
        value = float(self.values[second] - self.values[first])
        error = float(np.sqrt(max(0.0, variance)))
        reach = _reach(self.confidence, self.design_freedom) * error
        return Row(value, error, value - reach, value + reach)


def can_linearise(strata: Places, clusters: Places) -> bool:
    """Whether no stratum has a single cluster."""
    first = np.unique(clusters, return_index=True)[1]
    return bool(len(first)) and bool((np.bincount(strata[first]) != 1).all())


def estimate_shares(
    persons: Persons, answers: Places, shape: tuple[int, int], confidence: float
) -> Linearised:
    """Shares of answers within groups; `shape` is how many there are of each."""
    counted = (persons.groups >= 0) & (answers >= 0)
    pairs, pair = _pair(persons, counted, shape[0])
    weights = persons.weights[counted]
    places = pair * shape[1] + answers[counted]
    sums = np.bincount(places, weights, len(pairs) * shape[1]).astype(float).reshape(-1, shape[1])
    return _linearise(persons, pairs, sums, sums.sum(axis=1), shape, confidence, is_share=True)


def estimate_means(persons: Persons, values: Numbers, groups: int, confidence: float) -> Linearised:
    """Means within groups; a value that is not a number is no answer."""
    counted = (persons.groups >= 0) & ~np.isnan(values)
    pairs, pair = _pair(persons, counted, groups)
    weights = persons.weights[counted]
    sums = np.bincount(pair, weights * values[counted], len(pairs))[:, None].astype(float)
    bases = np.bincount(pair, weights, len(pairs)).astype(float)
    return _linearise(persons, pairs, sums, bases, (groups, 1), confidence, is_share=False)


def _pair(persons: Persons, counted: NDArray[np.bool_], groups: int) -> tuple[Places, Places]:
    """The clusters' parts of groups that hold somebody, and which of them each person is in."""
    keys = persons.clusters[counted] * groups + persons.groups[counted]
    pairs, pair = np.unique(keys, return_inverse=True)
    return pairs, pair


def _linearise(
    persons: Persons,
    pairs: Places,
    sums: Numbers,
    bases: Numbers,
    shape: tuple[int, int],
    confidence: float,
    *,
    is_share: bool,
) -> Linearised:
    """From the weighted sums in each pair of cluster and group to estimates and covariances."""
    from scipy import sparse  # noqa: PLC0415 -- slow import

    groups, answers = shape
    cluster, group = np.divmod(pairs, groups)
    whole = np.bincount(group, bases, groups)
    total = np.stack([np.bincount(group, column, groups) for column in sums.T], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = total / whole[:, None]
        scores = (sums - values[group] * bases[:, None]) / whole[group, None]
    scores = np.nan_to_num(scores)
    columns = group[:, None] * answers + np.arange(answers)
    count = int(persons.clusters.max()) + 1
    cells = groups * answers
    z = sparse.csr_matrix(
        (scores.ravel(), (np.repeat(cluster, answers), columns.ravel())), shape=(count, cells)
    )
    stratum_of = np.zeros(count, dtype=np.int64)
    stratum_of[persons.clusters] = persons.strata
    drawn = np.bincount(stratum_of)
    factor = _factors(persons, drawn)
    middle = sparse.csr_matrix((np.ones(count), (stratum_of, np.arange(count)))) @ z
    spread = z.multiply(factor[stratum_of][:, None])
    means = middle.multiply((factor / drawn)[:, None])
    covariances = (z.T @ spread - middle.T @ means).toarray()
    counts = bases > 0
    strata_of_pairs = np.unique((stratum_of[cluster] * groups + group)[counts]) % groups
    freedom = np.bincount(group[counts], minlength=groups)
    freedom -= np.bincount(strata_of_pairs, minlength=groups)
    present = np.unique(cluster[counts])
    of_design = len(present) - len(np.unique(stratum_of[present]))
    return Linearised(values.ravel(), covariances, freedom, of_design, confidence, is_share)


def _factors(persons: Persons, drawn: Places) -> Numbers:
    """What each stratum's squares are multiplied by."""
    factor = drawn / np.maximum(drawn - 1.0, 1.0)
    if persons.sizes is not None:
        sizes = np.zeros(len(drawn))
        sizes[persons.strata] = persons.sizes
        factor = factor * np.clip(1 - drawn / sizes, 0, None)
    return factor


@lru_cache(maxsize=4096)
def _reach(confidence: float, freedom: int) -> float:
    from scipy.stats import t  # noqa: PLC0415 -- slow import

    return float(t.ppf(0.5 + confidence / 2, freedom)) if freedom > 0 else np.nan


def number(columns: Sequence[Any], length: int) -> Places:
    """Rows as numbers from 0: equal ones have the same. Without columns all are one."""
    import polars as pl  # noqa: PLC0415 -- slow import

    if not columns:
        return np.zeros(length, dtype=np.int64)
    frame = pl.DataFrame([column.alias(str(place)) for place, column in enumerate(columns)])
    ranked = frame.select(pl.struct(pl.all()).rank("dense").cast(pl.Int64) - 1)
    return ranked.to_series().to_numpy()
