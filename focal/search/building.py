"""From a question to Tantivy queries: what must match, what widens it, what each part weighs."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from tantivy import FieldType, Occur, Schema
from tantivy import Query as TantivyQuery

from focal.search.common_words import is_common
from focal.search.folding import as_written, fold_words, has_stemmer, possible_stems, stem
from focal.search.queries import Parsed, Query
from focal.search.thesaurus import Labels, Widening
from focal.search.words import PAGE_SCHEMA, RECORD_SCHEMA, Snapshot

RECORD_FIELDS = {"title": 3.0, "text": 1.0, "pages": 0.6}
PAGE_FIELDS = {"text": 1.0}
STEM_WEIGHT, LABEL_WEIGHT, PHRASE_WEIGHT = 0.5, 0.6, 2.0
CONCEPT_FACETS, CONCEPT_WEIGHT = ("topic", "target_group"), 0.8  # a record is about a concept
TYPICAL_FREQUENCY = (
    1.4  # what BM25's term frequency factor comes to for a word that occurs once or twice
)


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing a question asks for: a word or phrase, with what it is widened to.

    `surface` are its folded words, `stems` the stems of a single word, `labels` folded words of
    other labels of the same concept with their language and text, `concepts` the concepts it
    names: a record that is about one of them has it, whatever its words.
    """

    surface: tuple[str, ...]
    original: str
    stems: frozenset[str] = frozenset()
    labels: tuple[tuple[tuple[str, ...], str, str], ...] = ()
    concepts: tuple[str, ...] = ()
    is_phrase: bool = False
    field: str = ""

    @property
    def is_optional(self) -> bool:
        """A word so common that a record need not have it."""
        return not self.is_phrase and not self.field and all(map(is_common, self.surface))

    @property
    def telling(self) -> tuple[str, ...]:
        """The words of it that say something by themselves: 'mail' of 'e-mail', 'don' of 'don't'.

        The others are looked for with them, and are no reason why something was found.
        """
        told = tuple(word for word in self.surface if len(word) > 1 and not is_common(word))
        return told or self.surface


@dataclass(frozen=True, slots=True)
class Plan:
    """A question ready to be asked: its units, what is excluded, and its widenings."""

    units: tuple[Unit, ...]
    excluded: tuple[tuple[str, ...], ...] = ()
    widenings: tuple[Widening, ...] = ()
    exact: bool = False
    matchers: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def wanted(self) -> int:
        """How many units are asked for in earnest."""
        return sum(not unit.is_optional for unit in self.units) or len(self.units)

    @property
    def needed(self) -> int:
        """How many units a record must have: all of few, most of many."""
        count = self.wanted
        return count if count <= 3 else math.ceil(count * (0.75 if count <= 6 else 0.5))


def make_plan(parsed: Parsed, query: Query, labels: Labels) -> Plan:
    """Fold and widen what was asked."""
    words = [(text, folded) for text in parsed.words if (folded := tuple(fold_words(text)))]
    row: list[str] = []
    places: list[int] = []  # the question's word that a folded word belongs to
    for number, (_text, folded) in enumerate(words):
        row += folded
        places += [number] * len(folded)
    widenings = labels.widen(row) if query.thesaurus else []
    units = _make_units(words, places, widenings, query)
    for phrase in parsed.phrases:
        if folded := tuple(fold_words(phrase)):
            found = labels.widen(folded) if query.thesaurus else []
            whole = [w for w in found if (w.start, w.end) == (0, len(folded))]
            widenings += whole
            concepts = tuple(widening.concept for widening in whole)
            units.append(Unit(folded, phrase, frozenset(), _fold_labels(whole), concepts, True))
    for title in parsed.titles:
        if folded := tuple(fold_words(title)):
            units.append(Unit(folded, title, is_phrase=True, field="title"))
    return Plan(
        units=tuple(units),
        excluded=tuple(tuple(fold_words(text)) for text in parsed.excluded if fold_words(text)),
        widenings=tuple(widenings),
        exact=not query.folding,
    )


def _make_units(
    words: list[tuple[str, tuple[str, ...]]],
    places: list[int],
    widenings: Sequence[Widening],
    query: Query,
) -> list[Unit]:
    covered: dict[int, list[Widening]] = {}
    for widening in widenings:
        covered.setdefault(places[widening.start], []).append(widening)
    units: list[Unit] = []
    number = 0
    while number < len(words):
        here = covered.get(number, [])
        end = max((places[w.end - 1] + 1 for w in here), default=number + 1)
        text = " ".join(original for original, _folded in words[number:end])
        surface = tuple(token for _text, folded in words[number:end] for token in folded)
        stems = possible_stems(text.lower()) if query.folding and len(surface) == 1 else frozenset()
        concepts = tuple(widening.concept for widening in here)
        units.append(Unit(surface, text, stems, _fold_labels(here), concepts))
        number = end
    return units


def _fold_labels(
    widenings: Sequence[Widening],
) -> tuple[tuple[tuple[str, ...], str, str], ...]:
    return tuple(
        (folded, language, text)
        for widening in widenings
        for language, text in widening.labels
        if (folded := tuple(fold_words(text)))
    )


@dataclass(slots=True)
class Builder:
    """Builds Tantivy queries against one tier.

    In `open`, words weigh what BM25 says there. Elsewhere (`is_open` false) a word weighs its
    rarity in `open` times a constant: nothing comes from the tier's own statistics.
    """

    snapshot: Snapshot
    is_open: bool
    schema: Schema = field(default_factory=lambda: RECORD_SCHEMA)
    fields: dict[str, float] = field(default_factory=lambda: dict(RECORD_FIELDS))

    def term(self, name: str, token: str, weight: float) -> TantivyQuery:
        """One word in one field."""
        query = TantivyQuery.term_query(self.schema, name, token, "freq")
        if self.is_open:
            return TantivyQuery.boost_query(query, weight)
        score = self.snapshot.rarity(name, token) * TYPICAL_FREQUENCY
        return _constant(query, score * weight)

    def phrase(self, name: str, words: Sequence[str], weight: float) -> TantivyQuery:
        """Words beside one another in one field."""
        if len(words) == 1:
            return self.term(name, words[0], weight)
        query = TantivyQuery.phrase_query(self.schema, name, list(words))
        if self.is_open:
            return TantivyQuery.boost_query(query, weight)
        rarity = sum(self.snapshot.rarity(name, word) for word in words)
        return _constant(query, rarity * TYPICAL_FREQUENCY * weight)

    def unit(self, unit: Unit, *, exact: bool) -> TantivyQuery:
        """Everything that satisfies one unit."""
        names = (
            {unit.field: RECORD_FIELDS[unit.field]} if unit.field in self.fields else self.fields
        )
        ways = [self._as_written(unit, names) if exact else self._surface(unit, names)]
        if not exact:
            ways += [self.term("stems", form, STEM_WEIGHT) for form in sorted(unit.stems)]
        for words, language, _text in unit.labels:
            ways.extend(self._label(words, "" if exact else language))
        if "title" in self.fields:  # a page is about nothing; the record is
            ways += [
                self.term(name, concept, CONCEPT_WEIGHT)
                for concept in unit.concepts
                for name in CONCEPT_FACETS
            ]
        return _any_of(ways)

    def _surface(self, unit: Unit, names: dict[str, float]) -> TantivyQuery:
        if unit.is_phrase:
            return _any_of(
                [self.phrase(name, unit.surface, w * PHRASE_WEIGHT) for name, w in names.items()]
            )
        return _all_of(
            [
                _any_of([self.term(name, word, w) for name, w in names.items()])
                for word in unit.surface
            ]
        )

    def _as_written(self, unit: Unit, names: dict[str, float]) -> TantivyQuery:
        # What has the words as they are written has them folded too: that finds order and weight.
        words = [_silent(self.term("exact", word, 1.0)) for word in as_written(unit.original)]
        return _all_of([self._surface(unit, names), *words])

    def _label(self, words: Sequence[str], language: str) -> list[TantivyQuery]:
        ways = [
            self.phrase(name, words, weight * LABEL_WEIGHT) for name, weight in self.fields.items()
        ]
        if len(words) == 1 and has_stemmer(language):
            ways.append(self.term("stems", stem(words[0], language), STEM_WEIGHT * LABEL_WEIGHT))
        return ways

    def question(self, plan: Plan, needed: int) -> TantivyQuery:
        """At least `needed` units, and nothing excluded."""
        if not plan.units:
            asked = TantivyQuery.const_score_query(TantivyQuery.all_query(), 0.0)
        else:
            asked = self._units(plan, needed)
        if not plan.excluded:
            return asked
        banned = [
            (Occur.MustNot, self.phrase(name, words, 1.0))
            for words in plan.excluded
            for name in self.fields
        ]
        return TantivyQuery.boolean_query([(Occur.Must, asked), *banned])

    def _units(self, plan: Plan, needed: int) -> TantivyQuery:
        wanted = [unit for unit in plan.units if not unit.is_optional] or list(plan.units)
        optional = [unit for unit in plan.units if unit not in wanted]
        asked = TantivyQuery.boolean_query(
            [(Occur.Should, self.unit(unit, exact=plan.exact)) for unit in wanted],
            minimum_number_should_match=max(1, min(needed, len(wanted))),
        )
        if not optional:
            return asked
        return TantivyQuery.boolean_query(
            [
                (Occur.Must, asked),
                *((Occur.Should, self.unit(unit, exact=plan.exact)) for unit in optional),
            ]
        )


def _constant(query: TantivyQuery, score: float) -> TantivyQuery:
    """A score in steps of 1/128: sums of such are exact in 32 bits, in whichever order.

    Tantivy adds up clauses by how many records have them, hidden records among them.
    """
    return TantivyQuery.const_score_query(query, round(score * 128) / 128)


def _any_of(ways: list[TantivyQuery]) -> TantivyQuery:
    if len(ways) == 1:
        return ways[0]
    return TantivyQuery.boolean_query([(Occur.Should, way) for way in ways])


def _all_of(parts: list[TantivyQuery]) -> TantivyQuery:
    if len(parts) == 1:
        return parts[0]
    return TantivyQuery.boolean_query([(Occur.Must, part) for part in parts])


def make_filter(
    query: Query,
    filters: dict[str, frozenset[str]],
    tokens: Collection[str] | None,
    left_out: Collection[str],
) -> list[tuple[Occur, TantivyQuery]]:
    """What a record must be beside matching: seen by the tokens, in the filters, not left out."""
    parts = []
    if tokens is not None:
        parts.append((Occur.Must, _silent(_one_of("audience", tokens))))
    parts += [(Occur.Must, _silent(_one_of(name, filters[name]))) for name in sorted(filters)]
    if query.date_from or query.date_to:
        days = TantivyQuery.range_query(
            RECORD_SCHEMA,
            "day",
            FieldType.Unsigned,
            query.date_from.toordinal() if query.date_from else 1,
            query.date_to.toordinal() if query.date_to else 4_000_000,
        )
        parts.append((Occur.Must, _silent(days)))
    if left_out:
        parts.append((Occur.MustNot, _one_of("key", left_out)))
    return parts


def _one_of(name: str, values: Collection[str]) -> TantivyQuery:
    return TantivyQuery.term_set_query(RECORD_SCHEMA, name, sorted(values))


def _silent(query: TantivyQuery) -> TantivyQuery:
    """A condition that adds nothing to the score."""
    return TantivyQuery.const_score_query(query, 0.0)


def build_page_question(
    snapshot: Snapshot, plan: Plan, key: str, tokens: Collection[str]
) -> TantivyQuery:
    """Pages of one record, those with the most of the question first."""
    builder = Builder(snapshot, is_open=False, schema=PAGE_SCHEMA, fields=dict(PAGE_FIELDS))
    wanted = [(Occur.Should, builder.unit(u, exact=plan.exact)) for u in plan.units if not u.field]
    return TantivyQuery.boolean_query(
        [
            (Occur.Must, _silent(TantivyQuery.term_query(PAGE_SCHEMA, "key", key, "basic"))),
            (
                Occur.Must,
                _silent(TantivyQuery.term_set_query(PAGE_SCHEMA, "audience", sorted(tokens))),
            ),
            (Occur.Must, TantivyQuery.boolean_query(wanted)),
        ]
    )
