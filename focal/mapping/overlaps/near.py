"""How near two initiatives are, what they then are to one another, and how sure that is.

Pure rules over plain values. Three things come close in different ways: an *overlap* is two
projects that do the same for the same people at the same time; a *duplicate* is one project that
was recorded twice, perhaps in another language; *phases* are one project after another of the same
people. The weights were set on labelled pairs, on which `bench/overlaps.py` measures them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rapidfuzz import fuzz

from focal.mapping.models import PairKind
from focal.search.folding import fold_words

SAME_MEANING = 0.885  # two texts that say the same, in whatever languages
AGREEING_MEANING = 0.85  # enough where lead, days and money are the same
NEAR_MEANING = 0.82  # two texts about the same sort of work; unrelated ones of this field: 0.8
SAME_TITLE = 92.0  # of a hundred: the same words but for one
LIKE_TITLE = 60.0  # the same project's name, one would say
SUCCESSION = 550  # days within which a phase follows another
SAME_DAYS = 45  # days by which two records of one project may differ
SHORTEST = 30  # days together that count
# 'phase', 'part', 'stage' in the region's languages, folded; and numbers that tell phases apart.
PHASE_WORDS = frozenset(
    [
        *("phase", "faza", "fazata", "faze", "fase", "etapa", "asama", "evre", "stage", "part"),
        *("pjesa", "dio", "deo", "cast", "meros", "fasi", "edition", "izdanie"),
    ]
)
NUMBERS = re.compile(r"^(?:[ivx]{1,4}|\d{1,2}|20\d\d)$")


@dataclass(frozen=True, slots=True)
class Side:
    """What is compared of one initiative. Days are ordinals; open ends are far away."""

    record_id: int
    title: str
    economies: frozenset[str] = frozenset()
    nodes: frozenset[Any] = frozenset()
    groups: frozenset[str] = frozenset()
    funders: frozenset[int] = frozenset()
    lead: int = 0
    start: int = 1
    end: int = 3_652_059
    euro: float = 0.0
    parent: int | None = None
    identifiers: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Nearness:
    """What two sides are to one another; `reasons` are plain values that pages put in words."""

    kind: str
    score: float
    reasons: Mapping[str, Any] = field(default_factory=dict)


class Told:
    """Everything about a pair that the three questions ask, worked out once."""

    def __init__(self, a: Side, b: Side, meaning: float) -> None:
        self.a, self.b, self.meaning = a, b, meaning
        self.economies, self.nodes = a.economies & b.economies, a.nodes & b.nodes
        self.groups, self.funders = a.groups & b.groups, a.funders & b.funders
        self.title = compare_titles(a.title, b.title)
        self.same_lead = bool(a.lead) and a.lead == b.lead
        self.days = min(a.end, b.end) - max(a.start, b.start) + 1
        self.same_time = abs(a.start - b.start) <= SAME_DAYS and abs(a.end - b.end) <= SAME_DAYS
        larger, apart = max(a.euro, b.euro), abs(a.euro - b.euro)
        both = a.euro > 0 and b.euro > 0
        self.same_money = both and apart <= 0.02 * larger
        self.other_money = both and apart > 0.2 * larger

    def reasons(self, **more: bool) -> dict[str, Any]:
        """The facts in the order in which people look at them."""
        said = {
            "meaning": round(self.meaning, 3),
            "title": round(self.title),
            "economies": sorted(self.economies),
            "nodes": sorted(([kind, key] for kind, key in self.nodes), key=str),
            "groups": sorted(self.groups),
            "funders": sorted(self.funders),
            "lead": self.same_lead,
            "money": self.same_money,
            "days": max(0, self.days),
            "same_time": self.same_time,
            **more,
        }
        return {name: value for name, value in said.items() if value}


def compare(a: Side, b: Side, meaning: float) -> Nearness | None:
    """How near two initiatives are; None when that is nothing to show."""
    if a.parent == b.record_id or b.parent == a.record_id:
        return None  # a part of a programme is no overlap with it
    if a.identifiers & b.identifiers:
        told = Told(a, b, meaning)
        return Nearness(PairKind.DUPLICATE, 0.99, told.reasons(identifier=True))
    if not a.economies & b.economies or meaning < NEAR_MEANING:
        return None
    told = Told(a, b, meaning)
    return _tell_phase(told) or _tell_duplicate(told) or _tell_overlap(told)


def _tell_phase(told: Told) -> Nearness | None:
    """The same people go on with the same thing: one after the other, or numbered."""
    if not told.same_lead:
        return None
    gap = -told.days
    follows = -SAME_DAYS <= gap <= SUCCESSION
    numbered = are_numbered(told.a.title, told.b.title)
    if not numbered and not (follows and told.title >= LIKE_TITLE and not told.same_time):
        return None
    score = 0.55 + 0.2 * numbered + 0.15 * follows + 0.1 * _above(told.meaning, SAME_MEANING)
    reasons = told.reasons(follows=follows, numbered=numbered)
    return Nearness(PairKind.PHASE, round(min(score, 0.98), 4), reasons)


def _tell_duplicate(told: Told) -> Nearness | None:
    """One project, twice: it says the same, and its days, money and people agree.

    Texts that are a little less near will do where lead, days and money are all the same. Other
    money, other groups and other themes, where both sides state them, speak against it: one
    organisation runs several projects of the same donor at the same time.
    """
    agrees = told.same_lead and told.same_time and told.same_money
    is_said = told.meaning >= SAME_MEANING or told.title >= SAME_TITLE
    if not is_said and not (agrees and told.meaning >= AGREEING_MEANING):
        return None
    evidence = (
        0.30 * _above(told.meaning, SAME_MEANING)
        + 0.25 * _above(told.title, SAME_TITLE)
        + 0.30 * told.same_time
        + 0.20 * told.same_lead
        + 0.10 * bool(told.funders)
        + 0.25 * told.same_money
        - 0.25 * told.other_money
        - 0.15 * (bool(told.a.groups and told.b.groups) and not told.groups)
        - 0.15 * (bool(told.a.nodes and told.b.nodes) and not told.nodes)
    )
    if evidence < 0.62:
        return None
    score = min(0.98, 0.4 + 0.5 * evidence)
    return Nearness(PairKind.DUPLICATE, round(score, 4), told.reasons())


def _tell_overlap(told: Told) -> Nearness | None:
    """Two projects: shared economy, people, measure or topic, time and meaning. All five."""
    if told.days < SHORTEST or not told.nodes or not told.groups:
        return None
    if told.funders and told.same_lead:
        return None  # one organisation's own work, paid by the same donor, is known to both
    shorter = max(1, min(told.a.end - told.a.start, told.b.end - told.b.start))
    score = (
        0.4
        + 0.35 * _above(told.meaning, NEAR_MEANING)
        + 0.1 * min(1.0, told.days / shorter)
        + 0.05 * min(1, len(told.nodes) - 1)
        + 0.05 * min(1, len(told.groups) - 1)
    )
    return Nearness(PairKind.OVERLAP, round(min(score, 0.95), 4), told.reasons())


def _above(value: float, line: float) -> float:
    """How far a value is above a line: nought below it, a half at it, one at the top."""
    top = 100.0 if line > 1 else 1.0
    return 0.0 if value < line else min(1.0, 0.5 + 0.5 * (value - line) / (top - line))


@lru_cache(maxsize=100_000)
def fold_title(title: str) -> tuple[str, ...]:
    """The words of a title without case, accents and script."""
    return tuple(fold_words(title))


def compare_titles(first: str, second: str) -> float:
    """How like two titles are, of a hundred, whatever the order of their words."""
    return float(fuzz.token_sort_ratio(" ".join(fold_title(first)), " ".join(fold_title(second))))


def are_numbered(first: str, second: str) -> bool:
    """Whether two titles differ in the number of a phase, an edition or a year alone."""
    a, b = _split_numbers(first), _split_numbers(second)
    if a[1] == b[1] or not (a[1] or b[1]):
        return False
    return fuzz.token_sort_ratio(" ".join(a[0]), " ".join(b[0])) >= 85


def _split_numbers(title: str) -> tuple[list[str], tuple[str, ...]]:
    words = [word for word in fold_title(title) if word not in PHASE_WORDS]
    numbers = tuple(word for word in words if NUMBERS.match(word))
    return [word for word in words if not NUMBERS.match(word)], numbers
