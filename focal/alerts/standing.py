"""Standing questions: search turned round. Many questions wait, and a document comes.

A document is looked at once: each of its words, stems and concepts leads to the few questions
that may want it, and only those are examined. What a question means is one row of a matrix, so
that the meaning of a batch of documents is compared with all questions in one product.
A question finds here what search would find if the document were the only one there is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np

from focal.search.building import CONCEPT_FACETS, Plan, Unit, make_plan
from focal.search.documents import SearchDocument
from focal.search.folding import TOKEN, as_written, clean, fold_words, has_stemmer, stem
from focal.search.meaning.embedder import Vector
from focal.search.queries import Query, parse
from focal.search.services import merge_filters
from focal.search.thesaurus import Labels

ROWS_AT_ONCE = 512  # passages multiplied at once: 512 x 10,000 numbers are 20 MB
Filters = Mapping[str, frozenset[str]]
Way = tuple[str, str]  # what leads to a question: ("word" | "stem" | "concept", which)


class Forms:
    """A document as questions see it: its words in their order, its stems, its concepts.

    Each is made when a question asks for it: those that go by meaning ask for little.
    """

    def __init__(self, document: SearchDocument) -> None:
        self.document = document

    @cached_property
    def titles(self) -> list[str]:
        """Each title's words in their order, one blank between and around them."""
        return [_in_a_row(text.title) for text in self.document.texts]

    @cached_property
    def rows(self) -> list[str]:
        """The same of titles, texts and pages."""
        texts = [f"{text.summary}\n{text.body}" for text in self.document.texts]
        texts += [page.text for page in self.document.pages]
        return self.titles + [_in_a_row(text) for text in texts]

    @cached_property
    def words(self) -> set[str]:
        """All its words, folded."""
        return {word for row in self.rows for word in row.split()}

    @cached_property
    def concepts(self) -> set[str]:
        """What its owners say it is about."""
        facets = self.document.facets
        return {concept for name in CONCEPT_FACETS for concept in facets.get(name, ())}

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of all its words, each in the language it stands in."""
        document = self.document
        texts = [(f"{t.title}\n{t.summary}\n{t.body}", t.language) for t in document.texts]
        texts += [(page.text, page.language) for page in document.pages]
        words: defaultdict[str, set[str]] = defaultdict(set)  # a word is stemmed once
        for text, language in texts:
            if has_stemmer(language):
                words[language].update(TOKEN.findall(clean(text)))
        found = {stem(word, language) for language, those in words.items() for word in those}
        return frozenset(found - {""})

    @cached_property
    def written(self) -> frozenset[str]:
        """Its words with their own letters and accents."""
        document = self.document
        texts = [f"{text.title}\n{text.summary}\n{text.body}" for text in document.texts]
        texts += [page.text for page in document.pages]
        return frozenset(word for text in texts for word in as_written(clean(text)))

    def get_ways(self) -> Mapping[str, AbstractSet[str]]:
        """Everything that may lead from it to a question, by the kind of way."""
        return {"word": self.words, "stem": self.stems, "concept": self.concepts}

    def has_row(self, words: Sequence[str], *, in_title: bool = False) -> bool:
        """Whether these words stand beside one another."""
        if not in_title and len(words) == 1:
            return words[0] in self.words
        row = f" {' '.join(words)} "
        return any(row in text for text in (self.titles if in_title else self.rows))

    def has_unit(self, unit: Unit, *, exact: bool) -> bool:
        """Whether it has what one part of a question asks for, in one of its ways."""
        if self._has_surface(unit) and (not exact or self.written.issuperset(_written(unit))):
            return True
        if not exact and not self.stems.isdisjoint(unit.stems):
            return True
        if not self.concepts.isdisjoint(unit.concepts):
            return True
        return any(
            self.has_row(words) or (not exact and self._has_stem_of(words, language))
            for words, language, _text in unit.labels
        )

    def _has_surface(self, unit: Unit) -> bool:
        if unit.is_phrase:
            return self.has_row(unit.surface, in_title=unit.field == "title")
        return self.words.issuperset(unit.surface)

    def _has_stem_of(self, words: Sequence[str], language: str) -> bool:
        return len(words) == 1 and has_stemmer(language) and stem(words[0], language) in self.stems

    def passes(self, filters: Filters, first: date | None, last: date | None) -> bool:
        """Whether the filters and days of a question let it pass."""
        facets = self.document.facets
        for name, wanted in filters.items():
            values = (self.document.kind,) if name == "kind" else facets.get(name, ())
            if wanted.isdisjoint(values):
                return False
        day = self.document.date
        if first is None and last is None:
            return True
        return day is not None and (first or date.min) <= day <= (last or date.max)


def _in_a_row(text: str) -> str:
    return f" {' '.join(fold_words(clean(text)))} "


def _written(unit: Unit) -> list[str]:
    return as_written(unit.original)


@dataclass(frozen=True, slots=True)
class Question:
    """A standing question, ready to be put to documents. Its parts are numbers of units."""

    filters: Filters
    date_from: date | None
    date_to: date | None
    units: tuple[int, ...]
    needed: int
    excluded: tuple[tuple[str, ...], ...]
    exact: bool
    has_text: bool
    by_words: bool


@dataclass(slots=True)
class Questions:
    """All standing questions, found by what they ask for. Keys are the caller's numbers."""

    questions: dict[int, Question] = field(default_factory=dict)
    _units: dict[tuple[Unit, bool], int] = field(default_factory=dict)
    _parts: list[tuple[Unit, bool]] = field(default_factory=list)
    _waiting: dict[str, dict[str, set[int]]] = field(
        default_factory=lambda: {"word": {}, "stem": {}, "concept": {}}
    )
    _places: dict[int, list[Way]] = field(default_factory=dict)
    _filtered: defaultdict[tuple[str, str], set[int]] = field(
        default_factory=lambda: defaultdict(set)
    )
    _open: set[int] = field(default_factory=set)  # neither text nor filters: everything
    _rows: dict[int, int] = field(default_factory=dict)
    _row_keys: list[int] = field(default_factory=list)
    _vectors: Vector = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    _floors: Vector = field(default_factory=lambda: np.zeros(0, np.float32))

    def add(
        self,
        key: int,
        query: Query,
        labels: Labels,
        *,
        vector: Vector | None = None,
        floor: float = 1.0,
    ) -> None:
        """Put a question in the place of what waits under that key."""
        self.remove(key)
        parsed = parse(query.text)
        plan = make_plan(parsed, query, labels)
        wanted = [unit for unit in plan.units if not unit.is_optional] or list(plan.units)
        has_text = bool(plan.units or plan.excluded)
        question = Question(
            filters=merge_filters(query.filters, parsed.filters),
            date_from=query.date_from,
            date_to=query.date_to,
            units=tuple(self._get_number(unit, plan) for unit in wanted),
            needed=max(1, min(plan.needed, len(wanted))) if wanted else 0,
            excluded=plan.excluded,
            exact=plan.exact,
            has_text=has_text,
            by_words=query.words or not has_text,
        )
        self.questions[key] = question
        self._places[key] = []
        if wanted and question.by_words:
            self._wait_for(key, wanted, question)
        elif question.by_words:
            self._wait_for_filters(key, question)
        if vector is not None:
            self._add_row(key, vector, floor)

    def remove(self, key: int) -> None:
        """Forget a question; one that is not there is no matter."""
        question = self.questions.pop(key, None)
        if question is None:
            return
        for kind, value in self._places.pop(key):
            self._waiting[kind][value].discard(key)
        for name, values in question.filters.items():
            for value in values:
                self._filtered[name, value].discard(key)
        self._open.discard(key)
        row = self._rows.pop(key, None)
        if row is not None:
            self._floors[row] = np.inf
            self._row_keys[row] = -1

    def _get_number(self, unit: Unit, plan: Plan) -> int:
        """Units that many questions share are examined once for each document."""
        number = self._units.setdefault((unit, plan.exact), len(self._parts))
        if number == len(self._parts):
            self._parts.append((unit, plan.exact))
        return number

    def _wait_for(self, key: int, wanted: Sequence[Unit], question: Question) -> None:
        """Let the rarest parts lead here: of `needed` parts out of n, one of n - needed + 1."""
        ways = sorted((_list_ways(unit) for unit in wanted), key=self._count_waiting)
        for some in ways[: len(wanted) - question.needed + 1]:
            for kind, value in some:
                self._waiting[kind].setdefault(value, set()).add(key)
                self._places[key].append((kind, value))

    def _count_waiting(self, ways: list[Way]) -> int:
        return sum(len(self._waiting[kind].get(value, ())) for kind, value in ways)

    def _wait_for_filters(self, key: int, question: Question) -> None:
        if not question.filters:
            self._open.add(key)
            return
        name, values = min(question.filters.items(), key=lambda pair: (len(pair[1]), pair[0]))
        for value in values:
            self._filtered[name, value].add(key)

    # Meaning

    def _add_row(self, key: int, vector: Vector, floor: float) -> None:
        row = len(self._row_keys)
        if row == len(self._floors) or self._vectors.shape[1] != len(vector):
            self._make_room(len(vector))
            row = len(self._row_keys)
        self._vectors[row], self._floors[row] = vector, floor
        self._row_keys.append(key)
        self._rows[key] = row

    def _make_room(self, dimensions: int) -> None:
        """Twice the room, without the rows of questions that have gone."""
        kept = [
            (key, row) for key, row in self._rows.items() if self._vectors.shape[1] == dimensions
        ]
        room = max(64, 2 * len(kept))
        vectors, floors = np.zeros((room, dimensions), np.float32), np.full(room, np.inf)
        for new, (_key, old) in enumerate(kept):
            vectors[new], floors[new] = self._vectors[old], self._floors[old]
        self._vectors, self._floors = vectors, floors.astype(np.float32)
        self._row_keys = [key for key, _row in kept]
        self._rows = {key: new for new, (key, _old) in enumerate(kept)}

    def match_meaning(self, documents: Sequence[tuple[Forms, Vector]]) -> list[dict[int, float]]:
        """For each document with the vectors of its passages: questions, and how near it comes."""
        count = len(self._row_keys)
        found: list[dict[int, float]] = [{} for _document in documents]
        if not count:
            return found
        floors = self._floors[:count]
        for number, best in self._compare(documents, count):
            forms = documents[number][0]
            for row in np.flatnonzero(best >= floors):
                key = self._row_keys[row]
                if self._may_pass(self.questions[key], forms):
                    found[number][key] = float(best[row])
        return found

    def _compare(
        self, documents: Sequence[tuple[Forms, Vector]], count: int
    ) -> Iterator[tuple[int, Vector]]:
        """The number of each document and, for each question, its nearest passage's nearness."""
        turned = np.ascontiguousarray(self._vectors[:count].T)
        numbers: list[int] = []
        rows: list[Vector] = []
        waiting = 0
        for number, (_forms, vectors) in enumerate(documents):
            if not len(vectors) or vectors.shape[1] != turned.shape[0]:
                continue
            numbers.append(number)
            rows.append(vectors)
            waiting += len(vectors)
            if waiting >= ROWS_AT_ONCE:
                yield from _multiply(numbers, rows, turned)
                numbers, rows, waiting = [], [], 0
        yield from _multiply(numbers, rows, turned)

    def _may_pass(self, question: Question, forms: Forms) -> bool:
        return forms.passes(question.filters, question.date_from, question.date_to) and not any(
            forms.has_row(words) for words in question.excluded
        )

    # Words

    def match_words(self, forms: Forms) -> dict[int, float]:
        """The questions whose words and filters a document has, and how much of them (0 to 1)."""
        candidates = set(self._open)
        for kind, values in forms.get_ways().items():
            waiting = self._waiting[kind]
            for value in waiting.keys() & values:
                candidates |= waiting[value]
        for name, facets in (*forms.document.facets.items(), ("kind", (forms.document.kind,))):
            for facet in facets:
                candidates |= self._filtered.get((name, facet), set())
        known: dict[int, bool] = {}
        found = {}
        for key in candidates:
            question = self.questions[key]
            had = 0
            for number in question.units:
                answer = known.get(number)
                had += self._has(number, forms, known) if answer is None else answer
            if had >= question.needed and self._may_pass(question, forms):
                found[key] = had / len(question.units) if question.units else 0.5
        return found

    def _has(self, number: int, forms: Forms, known: dict[int, bool]) -> bool:
        """Look whether it has a unit, and keep the answer."""
        unit, exact = self._parts[number]
        answer = known[number] = forms.has_unit(unit, exact=exact)
        return answer


def _list_ways(unit: Unit) -> list[Way]:
    """One way for each form of a unit: without any of them a document cannot have it."""
    ways = [("word", max(unit.surface, key=len))]
    ways += [("stem", form) for form in unit.stems]
    ways += [("concept", concept) for concept in unit.concepts]
    for words, language, _text in unit.labels:
        ways.append(("word", max(words, key=len)))
        if len(words) == 1 and has_stemmer(language):
            ways.append(("stem", stem(words[0], language)))
    return list(dict.fromkeys(ways))


def _multiply(
    numbers: Sequence[int], rows: Sequence[Vector], turned: Vector
) -> Iterator[tuple[int, Vector]]:
    if not numbers:
        return
    starts = np.cumsum([0, *(len(vectors) for vectors in rows[:-1])])
    nearness = np.concatenate(rows) @ turned
    best = np.maximum.reduceat(nearness, starts, axis=0)
    yield from zip(numbers, best, strict=True)
