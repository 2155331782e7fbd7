"""Checks that speak. Pure: figures go in, sentences come out, nothing is changed.

A warning names its rule and the figures it is about. Qualifiers are read as intervals:

| said | read as |
|---|---|
| exactly 49 | 49 |
| about 50, some 50 | 10 % less to 10 % more |
| more than 100 | above 100 |
| at least 100 | 100 or above |
| less than 100 | below 100 |
| up to 100 | 100 or below |
| 300-350 | 300 to 350 |
| an estimate with a margin | from its low end to its high one |
| not stated | half a unit of its last digit either way |
"""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

ROUGHLY = 0.10
LEAST_LEAP = 8.0  # a value so many times its neighbour is looked at
NEGATIONS = ("not ", "no ", "never", "dis", "un", "in")
Say = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure as the checks see it. `time` is a year with its fraction; `label` its name."""

    label: str
    subject: tuple[str, ...]  # area, group, sex, age
    value: float
    upper: float | None = None
    qualifier: str = "exact"
    margin: tuple[float, float] | None = None
    time: float | None = None
    moment: tuple[str, ...] = ()  # what must agree before figures are added up
    unit: str = ""
    group: str = ""
    note: str = ""
    texts: tuple[str, ...] = ()
    is_break: bool = False
    method: str = ""  # edition and counting rule: what comparability hangs on

    @property
    def interval(self) -> tuple[float, float]:
        """The least and the most it may be."""
        if self.margin is not None:
            return self.margin
        return read_interval(self.value, self.upper, self.qualifier)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has to say: its rule, the figures, and what does not fit (for a sentence)."""

    rule: str
    labels: tuple[str, ...]
    details: Mapping[str, str]


def read_interval(value: float, upper: float | None, qualifier: str) -> tuple[float, float]:
    """A figure with its qualifier as an interval (see the module's table)."""
    if upper is not None:
        return value, upper
    wide = abs(value) * ROUGHLY
    last = 10.0 ** min(0, Decimal(str(value)).normalize().as_tuple().exponent or 0)  # type: ignore[operator]
    return {
        "about": (value - wide, value + wide),
        "some": (value - wide, value + wide),
        "more_than": (value, math.inf),
        "at_least": (value, math.inf),
        "less_than": (-math.inf if value < 0 else 0, value),
        "up_to": (-math.inf if value < 0 else 0, value),
        "unknown": (value - last / 2, value + last / 2),
    }.get(qualifier, (value, value))


def do_contradict(one: Fact, other: Fact) -> bool:
    """Whether no number fits both."""
    a, b = one.interval, other.interval
    if one.qualifier in ("more_than", "less_than") or other.qualifier in ("more_than", "less_than"):
        return a[1] <= b[0] or b[1] <= a[0]
    return a[1] < b[0] or b[1] < a[0]


def check_parts(whole: Fact, parts: Sequence[Fact], *, is_all: bool) -> Finding | None:
    """Parts against their whole. `is_all`: the parts are meant to be all there is."""
    if not parts:
        return None
    low, high = (sum(part.interval[side] for part in parts) for side in (0, 1))
    least, most = whole.interval
    if low > most or (is_all and high < least):
        return Finding(
            "parts",
            (whole.label, *(part.label for part in parts)),
            {"sum": _say_interval(low, high), "whole": _say_interval(least, most)},
        )
    return None


def check_breaks(facts: Sequence[Fact]) -> Iterator[Finding]:
    """A change of edition or counting rule inside a line, with no break marked."""
    for one, other in _pair_neighbours(facts):
        if one.method != other.method and one.method and other.method and not other.is_break:
            yield Finding(
                "break",
                (one.label, other.label),
                {"before": one.method, "after": other.method},
            )


def check_units(facts: Sequence[Fact]) -> Iterator[Finding]:
    """A value a hundred or a thousand times its neighbours: a slip of the unit?"""
    lines: dict[tuple[str, ...], list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.value > 0:
            lines[fact.subject].append(fact)
    for line in lines.values():
        if len(line) < 3:
            continue
        ordered = sorted(fact.value for fact in line)
        usual = ordered[len(ordered) // 2]
        for fact in line:
            factor = _find_slip(fact.value / usual)
            if factor and _stands_alone(fact, line):
                yield Finding(
                    "unit",
                    (fact.label,),
                    {"usual": f"{usual:.4g}", "factor": factor, "value": f"{fact.value:g}"},
                )


def _stands_alone(fact: Fact, line: Sequence[Fact]) -> bool:
    """Whether it is far off its neighbours in time as well: what grows in steps is no slip."""
    times = sorted({other.time for other in line if other.time is not None})
    if fact.time is None or len(times) < 3:
        return True
    place = times.index(fact.time)
    near = {times[at] for at in (place - 1, place + 1) if 0 <= at < len(times)}
    others = [other.value for other in line if other.time in near]
    return all(max(value / fact.value, fact.value / value) >= LEAST_LEAP for value in others)


def _find_slip(ratio: float) -> str:
    """'1000' when a ratio looks like a slip of so many; '' when it does not."""
    for factor in (1_000_000, 1000, 100):
        for slipped in (ratio, 1 / ratio):
            if factor * 0.4 <= slipped <= factor * 2.5:
                return str(factor)
    return ""


def check_shares(facts: Sequence[Fact]) -> Iterator[Finding]:
    """Shares that cannot be: above 100, below 0, or a fraction among per cents."""
    shares = [fact for fact in facts if fact.unit == "%"]
    for fact in shares:
        if fact.value > 100 or fact.value < 0:
            yield Finding("share", (fact.label,), {"value": f"{fact.value:g}"})
    above = [fact for fact in shares if fact.value > 2]
    if len(above) >= 3:
        for fact in shares:
            if 0 < fact.value < 1 and _is_like(shares, fact):
                yield Finding("fraction", (fact.label,), {"value": f"{fact.value:g}"})


def _is_like(shares: Sequence[Fact], fact: Fact) -> bool:
    """Whether a hundred times it would stand among its own line (else among all), and it itself
    is far below them: where shares are small anyhow, a small one is no slip."""
    line = [other for other in shares if other.subject == fact.subject and other is not fact]
    values = [other.value for other in line or shares if other is not fact]
    return min(values) >= 20 * fact.value and min(values) / 3 <= fact.value * 100 <= max(values) * 3


def check_scales(facts: Sequence[Fact], scale: Sequence[str]) -> Iterator[Finding]:
    """Scales turned round: by their figures, edition against edition, and by their words."""
    yield from _check_scale_figures(facts, scale)
    yield from _check_scale_words(facts)


def _check_scale_figures(facts: Sequence[Fact], scale: Sequence[str]) -> Iterator[Finding]:
    """The shares of one edition look like those of the one before, read from the other end."""
    if len(scale) < 3:
        return
    tables: dict[tuple[str, ...], dict[float, dict[str, Fact]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for fact in facts:
        if fact.group in scale and fact.time is not None:
            rest = tuple(part for part in fact.subject if part != fact.group)
            tables[rest][fact.time][fact.group] = fact
    for editions in tables.values():
        full = [(t, a) for t, a in sorted(editions.items()) if len(a) == len(scale)]
        for (_then, before), (_now, after) in itertools.pairwise(full):
            old = [before[answer].value for answer in scale]
            new = [after[answer].value for answer in scale]
            straight = sum(abs(a - b) for a, b in zip(old, new, strict=True))
            turned = sum(abs(a - b) for a, b in zip(reversed(old), new, strict=True))
            if straight > 40 and turned < straight / 3:
                yield Finding(
                    "scale",
                    (before[scale[0]].label, after[scale[0]].label),
                    {"straight": f"{straight:.0f}", "turned": f"{turned:.0f}"},
                )


def _check_scale_words(facts: Sequence[Fact]) -> Iterator[Finding]:
    """A group that is explained by its own opposite: 'worried' as 'not at all, not much'."""
    for fact in facts:
        label, note = fact.group.casefold(), fact.note.casefold()
        if not label or not note:
            continue
        answers = [part.strip(" '\"") for part in re.split(r"[,/;+()]| and | or |:", note)]
        said = [part for part in answers if part.startswith(("not at all", "not much", "not very"))]
        if said and not label.startswith(("not ", "no ", "un", "dis", "less")):
            yield Finding("scale_words", (fact.label,), {"group": fact.group, "note": fact.note})


def check_names(
    facts: Sequence[Fact], find_former: Callable[[str], Sequence[tuple[str, str]]]
) -> Iterator[Finding]:
    """Names of former dates in what was typed."""
    for fact in facts:
        for text in fact.texts:
            for name, code in find_former(text):
                yield Finding("name", (fact.label,), {"name": name, "code": code})


def check_total_of_areas(
    facts: Sequence[Fact], members: Mapping[str, Sequence[str]]
) -> Iterator[Finding]:
    """A group of economies against its members, within one source and moment."""
    by_key = {(fact.subject, fact.moment): fact for fact in facts}
    for fact in facts:
        area, *rest = fact.subject
        if area in members and fact.unit != "%":
            codes = members[area]
            parts = [by_key.get(((code, *rest), fact.moment)) for code in codes]
            there = [part for part in parts if part is not None]
            if there and (found := check_parts(fact, there, is_all=len(there) == len(codes))):
                yield found


def check_totals_of_groups(facts: Sequence[Fact]) -> Iterator[Finding]:
    """A total against its breakdown by sex (women and men are all there is)."""
    by_key = {(fact.subject, fact.moment): fact for fact in facts}
    for fact in facts:
        area, group, sex, age = fact.subject
        if sex or fact.unit == "%":
            continue
        parts = [by_key.get(((area, group, code, age), fact.moment)) for code in ("F", "M")]
        there = [part for part in parts if part is not None]
        if len(there) == 2 and (found := check_parts(fact, there, is_all=True)):
            yield found


def _pair_neighbours(facts: Sequence[Fact]) -> Iterator[tuple[Fact, Fact]]:
    lines: dict[tuple[str, ...], list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.time is not None:
            lines[fact.subject].append(fact)
    for line in lines.values():
        ordered = sorted(line, key=lambda fact: fact.time or 0)
        if len({fact.time for fact in ordered}) >= 3:  # rivals of one moment are no line
            yield from (
                (one, other) for one, other in itertools.pairwise(ordered) if one.time != other.time
            )


def _say_interval(low: float, high: float) -> str:
    if low == high:
        return f"{low:g}"
    if math.isinf(high):
        return f"≥ {low:g}"
    if math.isinf(low):
        return f"≤ {high:g}"
    return f"{low:g}–{high:g}"
