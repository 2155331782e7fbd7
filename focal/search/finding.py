"""Asking the two indexes, and putting what they say into one order.

The words' list and the meaning's list are added up: how much of the question a record has, word
by word (1 for each once, at most 2), and how near it is in meaning (0 to 1). A record counts as
found when it has the words, or is among the nearest in meaning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from tantivy import DocAddress, Occur, Order, Searcher
from tantivy import Query as TantivyQuery

from focal.search.building import (
    RECORD_FIELDS,
    TYPICAL_FREQUENCY,
    Builder,
    Plan,
    Unit,
    make_filter,
)
from focal.search.meaning.index import Match
from focal.search.queries import FACETS, Query
from focal.search.words import RECORD_SCHEMA, TITLE_PARTS, Snapshot, make_tie

DEEP = 200  # of the words' list, how many are weighed against the meaning's list
NEAREST = 50  # how many records may be found by their meaning alone
SPARE = 56  # hits asked for beyond the depth, to see where a row of equals ends
MOST_EQUALS = 50_000  # hits of one tier that are put in order one by one
LOWEST, HIGHEST = 0.80, 0.93  # similarities of e5-small: unrelated texts, and the same text
WORDS_WEIGHT, MEANING_WEIGHT = 1.0, 1.0
FACET_VALUES = 10_000  # more than any facet has
Facets = dict[str, tuple[tuple[str, int], ...]]  # each facet's values with their counts
SORTS = {
    "newest": ("age", Order.Desc),
    "oldest": ("age", Order.Asc),
    "title": (TITLE_PARTS[0], Order.Asc),
}


@dataclass(frozen=True, slots=True)
class Found:
    """A record in one of the tiers, with what its place in the order depends on."""

    tie: int
    tier: str
    address: DocAddress
    age: int
    title: tuple[int, ...] = ()
    words: float = 0.0
    meaning: float | None = None


@dataclass
class Asking:
    """One question put to one snapshot for one set of tokens."""

    snapshot: Snapshot
    plan: Plan
    query: Query
    filters: dict[str, frozenset[str]]
    tokens: frozenset[str]
    left_out: Collection[str]
    _asked: dict[tuple[str, int], TantivyQuery] = field(default_factory=dict)

    @cached_property
    def tiers(self) -> list[tuple[str, Searcher, list[tuple[Occur, TantivyQuery]]]]:
        """The tiers that this viewer's question goes to, each with what filters it."""
        everybody = make_filter(self.query, self.filters, None, self.left_out)
        tiers = [("open", self.snapshot.open, everybody)]
        if own := self.tokens - {"public"}:
            narrowed = make_filter(self.query, self.filters, own, self.left_out)
            tiers.append(("restricted", self.snapshot.restricted, narrowed))
        return [tier for tier in tiers if tier[1].num_docs]

    def full(
        self, tier: str, conditions: list[tuple[Occur, TantivyQuery]], needed: int
    ) -> TantivyQuery:
        """The question with its filter, for a tier."""
        if (tier, needed) not in self._asked:
            asked = Builder(self.snapshot, is_open=tier == "open").question(self.plan, needed)
            self._asked[tier, needed] = TantivyQuery.boolean_query(
                [(Occur.Must, asked), *conditions]
            )
        return self._asked[tier, needed]

    # Words

    def by_words(self, needed: int, depth: int) -> tuple[list[Found], int]:
        """The best `depth` records that have the words, and how many there are in all."""
        found: dict[int, Found] = {}
        total = 0
        for tier, searcher, conditions in self.tiers:
            rows, count = self._ask(searcher, self.full(tier, conditions, needed), depth)
            total += count
            for item in self._take(searcher, tier, rows, depth):
                # One that changes its tier at this moment may stand in both.
                found.setdefault(item.tie, item)
        return sorted(found.values(), key=self._order)[:depth], total

    def _ask(
        self, searcher: Searcher, question: TantivyQuery, depth: int
    ) -> tuple[Sequence[tuple[float, DocAddress]], int]:
        """At least the best `depth` hits, with all that equal the last of them.

        Tantivy orders equals by where they happen to lie; our own order is steady, so that
        pages of an answer have neither gaps nor repeats, and tells nothing about other records.
        """
        limit = depth + SPARE
        while True:
            result = self._ask_for(searcher, question, min(limit, searcher.num_docs))
            hits = result.hits
            if len(hits) < limit or limit >= MOST_EQUALS or not depth:
                return hits, result.count
            if self._is_by_age or self._place(hits[depth - 1]) != self._place(hits[-1]):
                return hits, result.count
            limit *= 4

    def _ask_for(self, searcher: Searcher, question: TantivyQuery, limit: int) -> Any:
        if self._is_by_age or self.query.sort in SORTS:
            name, order = SORTS.get(self.query.sort, SORTS["newest"])
            return searcher.search(question, limit, True, order_by_field=name, order=order)
        return searcher.search(question, limit, True)

    @property
    def _is_by_age(self) -> bool:
        return self.query.sort in {"newest", "oldest"} or (
            self.query.sort == "relevance" and not self.plan.units
        )

    def _place(self, hit: tuple[float, DocAddress]) -> float:
        """What two hits that are equal but for their ties have in common."""
        return hit[0] if self.query.sort in SORTS else self._share(hit[0])

    def _share(self, score: float) -> float:
        """How much of the question a record has, from 0 to 2; 1 for each word once."""
        return round(2 * score / (score + self.ideal), 4) if self.ideal else 0.0

    def _take(
        self,
        searcher: Searcher,
        tier: str,
        rows: Sequence[tuple[float, DocAddress]],
        depth: int,
    ) -> list[Found]:
        """The best `depth` of Tantivy's rows, with the numbers that their order depends on."""
        addresses = [address for _value, address in rows]
        titles = TITLE_PARTS if self.query.sort == "title" else ()
        numbers = {
            name: np.array(searcher.fast_field_values(name, addresses), np.int64)
            for name in ("tie", "age", *titles)
        }
        by_score = self.query.sort not in SORTS and bool(self.plan.units)
        words = np.zeros(len(rows))
        if by_score and self.ideal:
            scores = np.array([score for score, _address in rows])
            words = np.round(2 * scores / (scores + self.ideal), 4)
        newest = -numbers["age"]
        keys: tuple[Any, ...] = {
            "newest": (newest,),
            "oldest": (numbers["age"],),
            "title": (numbers["tie"], *(numbers[name] for name in reversed(titles))),
        }.get(self.query.sort, (newest, -words))
        return [
            Found(
                tie=int(numbers["tie"][place]),
                tier=tier,
                address=addresses[place],
                age=int(numbers["age"][place]),
                title=tuple(int(numbers[name][place]) for name in titles),
                words=float(words[place]),
            )
            for place in np.lexsort(keys)[:depth]
        ]

    @cached_property
    def ideal(self) -> float:
        """The score of a record that has every unit once in its text."""
        return TYPICAL_FREQUENCY * sum(map(self._rarity_of, self.plan.units))

    def _rarity_of(self, unit: Unit) -> float:
        """How rare a unit is in its commonest form; what is in no text at all weighs nothing."""
        forms = [(name, word) for name in RECORD_FIELDS for word in unit.surface]
        forms += [("stems", form) for form in unit.stems]
        forms += [("text", words[0]) for words, _language, _text in unit.labels]
        return min(self.snapshot.rarity(name, form) for name, form in forms)

    def _order(self, item: Found) -> tuple[float, ...]:
        if self.query.sort == "newest":
            return (-item.age,)
        if self.query.sort == "oldest":
            return (item.age,)
        if self.query.sort == "title":
            return (*item.title, item.tie)
        return (-self.score(item), -item.age)

    @staticmethod
    def score(item: Found) -> float:
        """Words and meaning added up, rounded so that no order hangs on the last bit."""
        near = 0.0
        if item.meaning is not None:
            near = min(max((item.meaning - LOWEST) / (HIGHEST - LOWEST), 0.0), 1.0)
        return round(WORDS_WEIGHT * item.words + MEANING_WEIGHT * near, 4)

    # Meaning

    def locate(self, keys: Collection[str]) -> list[Found]:
        """Those of the keys that the tokens see and the filters let pass."""
        if not keys:
            return []
        found = []
        some = TantivyQuery.term_set_query(RECORD_SCHEMA, "key", sorted(keys))
        for tier, searcher, conditions in self.tiers:
            banned = [(Occur.Must, self._without_units(tier))] if self.plan.excluded else []
            question = TantivyQuery.boolean_query(
                [(Occur.Must, TantivyQuery.const_score_query(some, 0.0)), *banned, *conditions]
            )
            rows = searcher.search(question, len(keys), False).hits
            found += self._take(searcher, tier, [(0.0, a) for _score, a in rows], len(rows))
        return found

    def _without_units(self, tier: str) -> TantivyQuery:
        plan = replace(self.plan, units=())
        return Builder(self.snapshot, is_open=tier == "open").question(plan, 0)

    def having_words(self, keys: Collection[str], needed: int) -> dict[int, float]:
        """Those of the keys that have the words, by their ties, and how much they have of them."""
        if not keys or not self.plan.units:
            return {}
        some = TantivyQuery.term_set_query(RECORD_SCHEMA, "key", sorted(keys))
        having: dict[int, float] = {}
        for tier, searcher, conditions in self.tiers:
            question = TantivyQuery.boolean_query(
                [
                    (Occur.Must, self.full(tier, conditions, needed)),
                    (Occur.Must, TantivyQuery.const_score_query(some, 0.0)),
                ]
            )
            rows = searcher.search(question, len(keys), False).hits
            ties = searcher.fast_field_values("tie", [address for _score, address in rows])
            shares = [self._share(score) for score, _address in rows]
            having |= {int(tie or 0): share for tie, share in zip(ties, shares, strict=True)}
        return having

    def fuse(
        self, by_words: Sequence[Found], matches: Sequence[Match], needed: int, *, words: bool
    ) -> tuple[list[Found], list[str]]:
        """One order of both lists, and the keys that were found by meaning alone."""
        similarity = {make_tie(match.key): match.similarity for match in matches}
        keys = {make_tie(match.key): match.key for match in matches}
        near = {item.tie: item for item in self.locate(keys.values())}
        # A record deep in the words' list, or below its end here, may be near in meaning as well.
        having = self.having_words([keys[tie] for tie in near], needed) if words else {}
        merged = {item.tie: item for item in by_words}
        for tie, item in near.items():
            standing = merged.get(tie) or replace(item, words=having.get(tie, 0.0))
            merged[tie] = replace(standing, meaning=similarity[tie])
        alone = [keys[tie] for tie in near if tie not in having]
        return sorted(merged.values(), key=self._order), alone

    # Facets

    def count_facets(self, needed: int, alone: Collection[str], *, by_words: bool) -> Facets:
        """For each facet its values with the number of records found, most first."""
        counts: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
        wanted = {
            name: {"terms": {"field": name, "size": FACET_VALUES, "segment_size": FACET_VALUES}}
            for name in FACETS
        }
        for tier, searcher, conditions in self.tiers:
            questions = []
            if by_words:
                questions.append(self.full(tier, conditions, needed))
            if alone:
                some = TantivyQuery.term_set_query(RECORD_SCHEMA, "key", sorted(alone))
                questions.append(TantivyQuery.boolean_query([(Occur.Must, some), *conditions]))
            for question in questions:
                answer = searcher.aggregate(question, wanted)
                for name in FACETS:
                    for bucket in answer[name]["buckets"]:
                        counts[name][bucket["key"]] += bucket["doc_count"]
        return {
            name: tuple(sorted(counter.items(), key=lambda pair: (-pair[1], pair[0])))
            for name, counter in counts.items()
        }
