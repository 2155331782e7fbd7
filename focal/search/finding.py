"""Asking the two indexes, and putting what they say into one order.

The words' list and the meaning's list are added up: how much of the question a record has, word
by word (1 for each once, at most 2), and how near it is in meaning (0 to 1). A record counts as found when
it has the words, or is among the nearest in meaning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

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
from focal.search.words import RECORD_SCHEMA, Snapshot, make_tie

DEEP = 200  # of the words' list, how many are weighed against the meaning's list
NEAREST = 50  # how many records may be found by their meaning alone
MOST_RESTRICTED = 20_000  # hits of `restricted` that are put in order one by one
LOWEST, HIGHEST = 0.80, 0.93  # similarities of e5-small: unrelated texts, and the same text
WORDS_WEIGHT, MEANING_WEIGHT = 1.0, 1.0
FACET_VALUES = 500
SORTS = {"newest": ("day", Order.Desc), "oldest": ("day", Order.Asc), "title": ("title_order", Order.Asc)}


@dataclass(frozen=True, slots=True)
class Found:
    """A record in one of the tiers, with what its place in the order depends on."""

    tie: int
    tier: str
    address: DocAddress
    words: float = 0.0
    meaning: float | None = None
    sort_value: int = 0
    day: int = 0


@dataclass(slots=True)
class Asking:
    """One question put to one snapshot for one set of tokens."""

    snapshot: Snapshot
    plan: Plan
    query: Query
    filters: dict[str, frozenset[str]]
    tokens: frozenset[str]
    left_out: Collection[str]

    def tiers(self) -> list[tuple[str, Searcher, list[tuple[Occur, TantivyQuery]]]]:
        """The tiers that this viewer's question goes to, each with what filters it."""
        everybody = make_filter(self.query, self.filters, None, self.left_out)
        tiers = [("open", self.snapshot.open, everybody)]
        if own := self.tokens - {"public"}:
            narrowed = make_filter(self.query, self.filters, own, self.left_out)
            tiers.append(("restricted", self.snapshot.restricted, narrowed))
        return tiers

    def full(
        self, tier: str, conditions: list[tuple[Occur, TantivyQuery]], needed: int
    ) -> TantivyQuery:
        """The question with its filter, for a tier."""
        asked = Builder(self.snapshot, is_open=tier == "open").question(self.plan, needed)
        return TantivyQuery.boolean_query([(Occur.Must, asked), *conditions])

    # Words

    def by_words(self, needed: int, depth: int) -> tuple[list[Found], int]:
        """The best `depth` records that have the words, and how many there are in all."""
        found: list[Found] = []
        total = 0
        ideal = self._ideal()
        for tier, searcher, conditions in self.tiers():
            question = self.full(tier, conditions, needed)
            rows, count = self._ask(searcher, question, depth if tier == "open" else MOST_RESTRICTED)
            total += count
            found += _take(searcher, tier, rows, ideal, self.query.sort)
        found.sort(key=lambda item: self._order(item))
        return found[:depth], total

    def _ask(
        self, searcher: Searcher, question: TantivyQuery, limit: int
    ) -> tuple[list[tuple[float, DocAddress]], int]:
        if not searcher.num_docs:
            return [], 0
        limit = min(limit, searcher.num_docs)
        if self.query.sort in SORTS or not self.plan.units:
            name, order = SORTS.get(self.query.sort, SORTS["newest"])
            result = searcher.search(question, limit, True, order_by_field=name, order=order)
        else:
            result = searcher.search(question, limit, True)
        return result.hits, result.count

    def _ideal(self) -> float:
        """The score of a record that has every unit once in its text."""
        return TYPICAL_FREQUENCY * sum(self._rarity_of(unit) for unit in self.plan.units)

    def _rarity_of(self, unit: Unit) -> float:
        """How rare a unit is in its commonest form; what is in no text at all weighs nothing."""
        forms = [(name, word) for name in RECORD_FIELDS for word in unit.surface]
        forms += [("stems", form) for form in unit.stems]
        forms += [("text", words[0]) for words, _language, _text in unit.labels]
        return min(self.snapshot.rarity(name, form) for name, form in forms)

    def _order(self, item: Found) -> tuple[float, ...]:
        if self.query.sort == "newest":
            return (-item.day, item.tie)
        if self.query.sort in {"oldest", "title"}:
            return (item.sort_value, item.tie)
        if not self.plan.units and item.meaning is None:
            return (0.0, -item.day, item.tie)
        return (-self.score(item), -item.day, item.tie)

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
        for tier, searcher, conditions in self.tiers():
            if not searcher.num_docs:
                continue
            banned = [(Occur.Must, self._without_units(tier))] if self.plan.excluded else []
            question = TantivyQuery.boolean_query(
                [(Occur.Must, TantivyQuery.const_score_query(some, 0.0)), *banned, *conditions]
            )
            rows = searcher.search(question, len(keys), False).hits
            found += _take(searcher, tier, rows, 0.0, self.query.sort)
        return found

    def _without_units(self, tier: str) -> TantivyQuery:
        plan = replace(self.plan, units=())
        return Builder(self.snapshot, is_open=tier == "open").question(plan, 0)

    def having_words(self, keys: Collection[str], needed: int) -> set[int]:
        """Ties of those of the keys that have the words."""
        if not keys or not self.plan.units:
            return set()
        some = TantivyQuery.term_set_query(RECORD_SCHEMA, "key", sorted(keys))
        ties: set[int] = set()
        for tier, searcher, conditions in self.tiers():
            if not searcher.num_docs:
                continue
            question = TantivyQuery.boolean_query(
                [
                    (Occur.Must, self.full(tier, conditions, needed)),
                    (Occur.Must, TantivyQuery.const_score_query(some, 0.0)),
                ]
            )
            rows = searcher.search(question, len(keys), False).hits
            ties.update(searcher.fast_field_values("tie", [address for _score, address in rows]))
        return ties

    def fuse(
        self, by_words: Sequence[Found], matches: Sequence[Match], needed: int
    ) -> tuple[list[Found], list[str]]:
        """One order of both lists, and the keys that were found by meaning alone."""
        similarity = {make_tie(match.key): match.similarity for match in matches}
        keys = {make_tie(match.key): match.key for match in matches}
        near = {item.tie: item for item in self.locate(keys.values())}
        have_words = self.having_words([keys[tie] for tie in near], needed)
        # A record deep in the words' list may be near in meaning as well.
        merged = {item.tie: item for item in by_words}
        alone = []
        for tie, item in near.items():
            if tie in merged:
                merged[tie] = replace(merged[tie], meaning=similarity[tie])
            else:
                merged[tie] = replace(item, meaning=similarity[tie])
                if tie not in have_words:
                    alone.append(keys[tie])
        return sorted(merged.values(), key=self._order), alone

    # Facets

    def count_facets(
        self, needed: int, alone: Collection[str], *, by_words: bool
    ) -> dict[str, tuple[tuple[str, int], ...]]:
        """For each facet its values with the number of records found, most first."""
        counts: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
        wanted = {
            name: {"terms": {"field": name, "size": FACET_VALUES}} for name in FACETS
        }
        for tier, searcher, conditions in self.tiers():
            if not searcher.num_docs:
                continue
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


def _take(
    searcher: Searcher,
    tier: str,
    rows: Sequence[tuple[float, DocAddress]],
    ideal: float,
    sort: str,
) -> list[Found]:
    """Rows of Tantivy with the numbers that their order depends on."""
    addresses = [address for _score, address in rows]
    ties = searcher.fast_field_values("tie", addresses)
    days = searcher.fast_field_values("day", addresses)
    name = SORTS[sort][0] if sort in SORTS else "day"
    values = searcher.fast_field_values(name, addresses) if name != "day" else days
    return [
        Found(
            tie=tie,
            tier=tier,
            address=address,
            words=2 * score / (score + ideal) if ideal and sort not in SORTS else 0.0,
            sort_value=value,
            day=day,
        )
        for (score, address), tie, day, value in zip(rows, ties, days, values, strict=True)
    ]
