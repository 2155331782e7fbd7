"""Design-based estimates: shares and means with their uncertainty, and differences of them.

The arithmetic is svy's (Taylor linearisation for stratified samples of one and two stages with
and without replacement, replicate weights), that of the usual designs `linearisation`'s, which is
quicker; both are held against R's `survey` in the tests. Here their answers meet the rules of
disclosure: a group below `LEAST_BASE` persons is not estimated, a cell
that stands for fewer than the threshold is hidden together with what would give it away.

Shares have logit intervals, means and differences Wald intervals, both with Student's t on the
design's degrees of freedom (Korn & Graubard, Analysis of Health Surveys, 1999; R: `svyciprop`).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from django.utils.translation import gettext as _

from focal.indicators.protection import hide_in_table
from focal.kernel.errors import BadInput
from focal.surveys import microdata
from focal.surveys.design import (
    Design,
    Group,
    Replicates,
    normalise_code,
    unpack_design,
    unpack_groups,
)
from focal.surveys.linearisation import (
    Linearised,
    Persons,
    can_linearise,
    estimate_means,
    estimate_shares,
    number,
)
from focal.surveys.models import Question

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]
    Mask = NDArray[np.bool_]
    Reasons = NDArray[np.str_]

LEAST_BASE = 25  # persons; an estimate from fewer says nothing and may say too much
MOST_GROUPS = 2  # that may be combined
THRESHOLD = 5  # persons behind a cell, when nothing else is said
ANSWER, WEIGHT, EVERYBODY, REPLICATE = "__answer", "__weight", "__all", "__replicate"


@dataclass(frozen=True, slots=True)
class Estimate:
    """One cell: a share (0 to 1) or a mean, of a group.

    `group` are the codes of the groups asked for, `answer` is the code of the answer (empty for
    means); `n` counts the persons in the group who answered. `hidden` says why there is no
    estimate: 'small' (few persons), 'beside' (it would give a small one away), 'base' (the
    group is too small), 'group' (the size of the group would give a small one away), 'none'
    (nobody). It is not for readers, who would learn from it: they are told what `suppressed` is.
    """

    group: tuple[str, ...]
    answer: str
    estimate: float | None
    standard_error: float | None
    low: float | None
    high: float | None
    n: int | None
    hidden: str = ""

    @property
    def suppressed(self) -> str:
        """What readers are told: 'few' (too few persons, or it would give them away), 'none'
        (nobody was asked); empty where it is shown."""
        return self.hidden if self.hidden in {"", "none"} else "few"


@dataclass(frozen=True, slots=True)
class Table:
    """All cells of a question by groups, and the machinery for differences between them."""

    question: Question
    by: tuple[Group, ...]
    cells: tuple[Estimate, ...]
    confidence: float
    _result: Any = None

    def get(self, group: tuple[str, ...], answer: str = "") -> Estimate | None:
        """The cell of a group and an answer."""
        return next((c for c in self.cells if (c.group, c.answer) == (group, answer)), None)

    def compare(
        self, first: tuple[str, ...], second: tuple[str, ...], answer: str = ""
    ) -> Difference | None:
        """How far the second group lies above the first; None where one of them is hidden."""
        one, two = self.get(first, answer), self.get(second, answer)
        if one is None or two is None or one.estimate is None or two.estimate is None:
            return None
        row = self._result.subtract(first, second, answer)
        return Difference(row.est, row.se, row.lci, row.uci)


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of two estimates with its interval."""

    estimate: float
    standard_error: float
    low: float
    high: float

    @property
    def is_beyond_chance(self) -> bool:
        """Whether the interval leaves out zero. If not, it is not called a difference."""
        return self.low > 0 or self.high < 0


def estimate(
    question: Question,
    by: Sequence[Group] = (),
    *,
    threshold: int = THRESHOLD,
    confidence: float = 0.95,
) -> Table:
    """Shares of all answers (or the mean) in each combination of the groups.

    BadInput when more than `MOST_GROUPS` are combined or the design cannot carry an estimate.
    """
    if len(by) > MOST_GROUPS or len({group.key for group in by}) != len(by):
        raise BadInput(_("Estimates may be parted by one or two different groups."))
    design = unpack_design(question.edition.design)
    beside = unpack_groups(question.edition.groups) if by else ()
    groups = {group.key: group for group in (*beside, *by)}
    frame = _read(question, design, list(groups.values()))
    valid = _count(frame, question, by)
    result: _Answers = _linearise(frame, question, design, by, confidence) or _Svy(
        _ask_svy(frame, question, design, by, confidence)
    )
    hidden = _Protection(frame, question, tuple(groups.values()), threshold).explain(by)
    shape = (*(len(_codes(group)) for group in by), len(_answers(question)))
    cells = tuple(
        _make_cell(place, valid, hidden, result, question, by) for place in np.ndindex(shape)
    )
    return Table(question, tuple(by), cells, confidence, result)


def compare_editions(one: Estimate, two: Estimate, confidence: float = 0.95) -> Difference | None:
    """The change from one edition to the next. The samples are drawn apart: variances add up."""
    if one.estimate is None or two.estimate is None:
        return None
    if one.standard_error is None or two.standard_error is None:
        return None
    change = two.estimate - one.estimate
    error = math.hypot(one.standard_error, two.standard_error)
    reach = NormalDist().inv_cdf(0.5 + confidence / 2) * error
    return Difference(change, error, change - reach, change + reach)


# The answers


def _read(question: Question, design: Design, by: Sequence[Group]) -> pl.DataFrame:
    """The columns that are needed; answers and groups as codes, no answer as nothing."""
    import polars as pl  # noqa: PLC0415 -- slow import

    columns = {question.code, *design.columns, *(group.variable for group in by)}
    frame = microdata.load(question.edition.digest, columns)
    if question.kind == Question.Kind.NUMBER:
        missing = [float(code) for code in question.missing]
        value = pl.col(question.code).cast(pl.Float64)
        answer = pl.when(~value.is_in(missing)).then(value).fill_nan(None)
    else:
        answer = _to_codes(frame, question.code, [item["value"] for item in question.scale])
    weight = pl.col(design.weight).cast(pl.Float64) if design.weight else pl.lit(1.0)
    return frame.with_columns(
        answer.alias(ANSWER),
        weight.alias(WEIGHT),
        *(
            pl.col(name).cast(pl.Float64).alias(f"{REPLICATE}{number}")
            for number, name in enumerate(
                design.replicates.columns if design.replicates else (), start=1
            )
        ),
        *(_to_codes(frame, group.variable, group.values).alias(_column(group)) for group in by),
    )


def _to_codes(frame: pl.DataFrame, column: str, known: Any) -> pl.Expr:
    """A column's values as codes; what is not known becomes nothing."""
    import polars as pl  # noqa: PLC0415 -- slow import

    wanted = {normalise_code(code) for code in known}
    values = frame[column].drop_nulls().unique().to_list()
    codes = {value: normalise_code(value) for value in values if normalise_code(value) in wanted}
    return pl.col(column).replace_strict(codes, default=None, return_dtype=pl.String)


def _column(group: Group) -> str:
    return f"__by_{group.key}"


def _codes(group: Group) -> list[str]:
    return [normalise_code(code) for code in group.values]


def _answers(question: Question) -> list[str]:
    if question.kind == Question.Kind.NUMBER:
        return [""]
    return [normalise_code(item["value"]) for item in question.scale]


def _count(frame: pl.DataFrame, question: Question, by: Sequence[Group]) -> Counts:
    """Persons in each combination of the groups with each answer."""
    import polars as pl  # noqa: PLC0415 -- slow import

    answers = {code: place for place, code in enumerate(_answers(question))}
    axes = [{code: place for place, code in enumerate(_codes(group))} for group in by]
    counts = np.zeros([*(len(axis) for axis in axes), len(answers)], dtype=np.int64)
    columns = [_column(group) for group in by]
    keep = [pl.col(name).is_not_null() for name in (*columns, ANSWER)]
    asked = frame.filter(*keep, pl.col(WEIGHT) > 0)
    if question.kind == Question.Kind.NUMBER:
        asked = asked.with_columns(pl.lit("").alias(ANSWER))
    for *group, answer, persons in asked.group_by([*columns, ANSWER]).len().iter_rows():
        place = [axis[code] for axis, code in zip(axes, group, strict=True)]
        counts[(*place, answers[answer])] = persons
    return counts


# Disclosure


@dataclass(frozen=True, slots=True)
class _Protection:
    """What is hidden of a question in its tables, by any of the groups that may be asked for.

    A table's cells are parts of those of other tables: by fewer groups, or by a group that gathers
    the steps of another one. What is hidden there must not add up from what is shown here. Those
    of whom it is not known where they belong are no group: that there are few gives nobody away.
    """

    frame: pl.DataFrame
    question: Question
    groups: tuple[Group, ...]
    threshold: int

    def explain(self, by: Sequence[Group]) -> Reasons:
        """Why each cell is hidden; empty where it is shown."""
        counts = _count(self.frame, self.question, by)
        base = counts.sum(axis=-1, keepdims=True)
        reasons = np.full(counts.shape, "", dtype="U6")
        reasons[self._hide(by, sizes=False)] = "beside"
        reasons[(counts > 0) & (counts < self.threshold)] = "small"
        sizes = self._hide(by, sizes=True)[..., np.newaxis]
        reasons[np.broadcast_to(sizes, counts.shape)] = "group"
        reasons[np.broadcast_to(base < LEAST_BASE, counts.shape)] = "base"
        reasons[np.broadcast_to(base == 0, counts.shape)] = "none"
        return reasons

    def _hide(self, by: Sequence[Group], *, sizes: bool) -> Mask:
        """Which cells must be hidden to protect the small ones; or which sizes of groups."""
        counts = _count(self.frame, self.question, by)
        if sizes:
            counts = np.asarray(counts.sum(axis=-1))
        totals: list[Mask | None] = [
            self._hide([*by[:place], *by[place + 1 :]], sizes=sizes) for place in range(len(by))
        ]
        if not sizes:
            totals.append(None)
        ties = list(self._tie_to_wider(by, sizes=sizes))
        return hide_in_table(counts, self.threshold, totals, ties)

    def _tie_to_wider(
        self, by: Sequence[Group], *, sizes: bool
    ) -> Iterator[tuple[list[tuple[int, ...]], bool]]:
        """Cells that together are one of a table by a wider group, and whether it is hidden there:
        districts of a region, ages of a generation."""
        for place, group in enumerate(by):
            for wider in self.groups:
                above = {} if wider in by else self._gather(group, wider)
                if not above:
                    continue
                gathered = [*by[:place], wider, *by[place + 1 :]]
                hidden = self._hide(gathered, sizes=sizes)
                for at in np.ndindex(hidden.shape):
                    whole = _codes(wider)[at[place]]
                    parts = [
                        (*at[:place], step, *at[place + 1 :])
                        for step, code in enumerate(_codes(group))
                        if above.get(code) == whole
                    ]
                    if parts:
                        yield parts, bool(hidden[at])

    def _gather(self, group: Group, wider: Group) -> dict[str, str | None]:
        """The step of the wider group that each step of a group lies in; empty where some lie in
        several. Of two that part people alike the one named first is the wider."""
        columns = [_column(group), _column(wider)]
        pairs = self.frame.select(columns).unique().drop_nulls(columns[0]).rows()
        above = dict(pairs)
        count, order = len(set(above.values())), self.groups.index
        is_wider = count < len(above) or order(wider) < order(group)
        return above if len(above) == len(pairs) and is_wider and count > 1 else {}


# The arithmetic


class _Answers(Protocol):
    """Estimates by the codes of groups and answers, and differences of them."""

    def get(self, group: tuple[str, ...], answer: str) -> Any:
        """The row of a cell; None where nobody gave the answer."""

    def subtract(self, first: tuple[str, ...], second: tuple[str, ...], answer: str) -> Any:
        """How far the second group lies above the first."""


@dataclass(frozen=True, slots=True)
class _Plain:
    """What `linearisation` says."""

    linearised: Linearised
    groups: Mapping[tuple[str, ...], int]
    answers: Mapping[str, int]

    def get(self, group: tuple[str, ...], answer: str) -> Any:
        return self.linearised.get_row(self.groups[group], self.answers[answer])

    def subtract(self, first: tuple[str, ...], second: tuple[str, ...], answer: str) -> Any:
        one, two = (
            self.groups[group] * len(self.answers) + self.answers[answer]
            for group in (first, second)
        )
        return self.linearised.subtract(one, two)


class _Svy:
    """What svy says."""

    def __init__(self, result: Any) -> None:
        self.result, self.rows = result, _list_rows(result)

    def get(self, group: tuple[str, ...], answer: str) -> Any:
        return self.rows.get(_key(group, answer) if (group or answer) else EVERYBODY)

    def subtract(self, first: tuple[str, ...], second: tuple[str, ...], answer: str) -> Any:
        keys = [_key(group, answer) for group in (first, second)]
        contrast = self.result.contrast({"difference": {keys[1]: 1.0, keys[0]: -1.0}})
        return contrast.estimates[0]


def _linearise(
    frame: pl.DataFrame,
    question: Question,
    design: Design,
    by: Sequence[Group],
    confidence: float,
) -> _Plain | None:
    """The whole table where one stage of clusters is all there is; None where it is not."""
    if design.replicates or (len(design.clusters) > 1 and design.population_size):
        return None
    strata = [frame[design.strata]] if design.strata else []
    clusters = [frame[name] for name in design.clusters[:1]]
    of_stratum = number(strata, len(frame))
    of_cluster = number([*strata, *clusters], len(frame)) if clusters else np.arange(len(frame))
    if not can_linearise(of_stratum, of_cluster):
        return None
    groups = {codes: place for place, codes in enumerate(product(*map(_codes, by)))}
    in_group = np.zeros(len(frame), dtype=np.int64)
    for group in by:
        places = _to_places(frame, _column(group), _codes(group))
        is_in = (places >= 0) & (in_group >= 0)
        in_group = np.where(is_in, in_group * len(_codes(group)) + places, -1)
    sizes = None
    if design.population_size and not design.with_replacement:
        sizes = frame[design.population_size[0]].cast(float).to_numpy()
    persons = Persons(frame[WEIGHT].to_numpy(), of_stratum, of_cluster, in_group, sizes)
    answers = {code: place for place, code in enumerate(_answers(question))}
    if question.kind == Question.Kind.NUMBER:
        values = frame[ANSWER].fill_null(float("nan")).to_numpy()
        return _Plain(estimate_means(persons, values, len(groups), confidence), groups, answers)
    given = _to_places(frame, ANSWER, list(answers))
    shape = (len(groups), len(answers))
    return _Plain(estimate_shares(persons, given, shape, confidence), groups, answers)


def _to_places(frame: pl.DataFrame, column: str, codes: Sequence[str]) -> NDArray[np.int64]:
    """Codes as their places in a list; -1 for none."""
    import polars as pl  # noqa: PLC0415 -- slow import

    places = pl.col(column).replace_strict(
        list(codes), list(range(len(codes))), default=-1, return_dtype=pl.Int64
    )
    return frame.select(places.fill_null(-1)).to_series().to_numpy()


def _ask_svy(
    frame: pl.DataFrame,
    question: Question,
    design: Design,
    by: Sequence[Group],
    confidence: float,
) -> Any:
    """svy's estimate of the whole table; None where nobody answered."""
    import polars as pl  # noqa: PLC0415 -- slow import

    columns = [_column(group) for group in by]
    keep = pl.all_horizontal(pl.col(name).is_not_null() for name in (ANSWER, *columns))
    if not frame.select(keep.any()).item():
        return None
    sample = _make_sample(frame, design)
    more: dict[str, Any] = {"by": columns or None, "where": keep, "alpha": 1 - confidence}
    if design.replicates:
        more["method"] = "replication"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if question.kind == Question.Kind.NUMBER:
                return sample.estimation.mean(ANSWER, drop_nulls=True, **more)
            return sample.estimation.prop(ANSWER, drop_nulls=True, **more)
        except Exception as error:
            raise BadInput(
                _("No estimate can be made with this design: %s") % str(error).splitlines()[0]
            ) from error


def _make_sample(frame: pl.DataFrame, design: Design) -> Any:
    import svy  # noqa: PLC0415 -- slow import

    # svy would correct for a finite population also where it says 'with replacement'.
    sizes = () if design.with_replacement else design.population_size
    clusters = design.clusters
    replicates = design.replicates
    given = svy.Design(
        wgt=WEIGHT,
        stratum=design.strata or None,
        psu=clusters[0] if clusters else None,
        ssu=clusters[1] if len(clusters) > 1 else None,
        pop_size=svy.PopSize(psu=sizes[0], ssu=sizes[1])
        if len(sizes) > 1
        else (sizes[0] if sizes else None),
        wr=design.with_replacement,
        singleton=SINGLETON.get(design.lonely) if design.strata else None,
        rep_wgts=_name_replicates(svy, replicates) if replicates else None,
    )
    return svy.Sample(frame, given)


SINGLETON: dict[str, Any] = {
    "center": "center",
    "scale": "scale",
    "skip": "skip",
    "certainty": "self_representing",
}


def _name_replicates(svy: Any, replicates: Replicates) -> Any:
    more = {
        "jackknife": (svy.JackknifeWgts, {}),
        "brr": (svy.BrrWgts, {"fay_coef": replicates.fay}),
        "bootstrap": (svy.BootstrapWgts, {}),
    }
    make, own = more[replicates.method]
    scale = list(replicates.scale) or None
    return make(prefix=REPLICATE, n_reps=len(replicates.columns), scale=scale, padding=0, **own)


def _key(group: tuple[str, ...], answer: str) -> Any:
    parts = (*group, answer) if answer else group
    return parts[0] if len(parts) == 1 else tuple(parts)


def _make_cell(
    place: tuple[int, ...],
    counts: Counts,
    hidden: Reasons,
    result: _Answers,
    question: Question,
    by: Sequence[Group],
) -> Estimate:
    group = tuple(_codes(one)[step] for one, step in zip(by, place[:-1], strict=True))
    answer = _answers(question)[place[-1]]
    base = int(counts[place[:-1]].sum())
    why = str(hidden[place])
    cell = Estimate(group, answer, None, None, None, None, base, why)
    if why in {"base", "group", "none"}:
        return replace(cell, n=0 if why == "none" else None)
    if why:
        return cell
    row = result.get(group, answer)
    if row is None or not counts[place]:  # nobody gave this answer
        return replace(cell, estimate=0.0, standard_error=0.0, low=0.0, high=0.0)
    return replace(
        cell,
        estimate=float(row.est),
        standard_error=_finite(row.se),
        low=_finite(row.lci),
        high=_finite(row.uci),
    )


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _list_rows(result: Any) -> dict[Any, Any]:
    """svy's rows by group and answer."""
    rows = {}
    for row in result.estimates if result else ():
        group = tuple(map(str, row.by_level or ()))
        level = "" if row.y_level is None else str(row.y_level)
        rows[_key(group, level) if (group or level) else EVERYBODY] = row
    return rows
