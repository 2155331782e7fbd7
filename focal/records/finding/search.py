"""Searching: the index proposes, the database decides, and only what both know is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from focal.records.finding.shown import Document, ShownRecord, get_rows, show
from focal.records.models import Record
from focal.records.standins import Place, find_places
from focal.search import services as engine
from focal.search.answers import Answer, Hit
from focal.search.queries import Query, Sort
from focal.sharing.viewer import Viewer
from focal.vocabulary.languages import canonical_language
from focal.vocabulary.selectors import get_vocabulary

FACETS = ("kind", "economy", "topic", "target_group", "language", "year", "organisation")
SORTS: tuple[Sort, ...] = ("relevance", "newest", "oldest", "title")
SWITCHES = ("words", "thesaurus", "folding", "meaning")
TREES = ("topic", "target_group")  # a broad one stands for all below it
PAGE_SIZE = 20
MAX_PAGE = 500
MAX_TEXT = 1000
Facets = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody looks for. The switches say by which ways it may be found."""

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    date_from: date | None = None
    date_to: date | None = None
    sort: Sort = SORTS[0]
    page: int = 1
    words: bool = True
    thesaurus: bool = True
    folding: bool = True
    meaning: bool = True

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter or a day keeps anything out."""
        return bool(self.filters or self.date_from or self.date_to)

    @property
    def is_empty(self) -> bool:
        """Nothing was asked: everything is shown, newest first."""
        return not self.text and not self.is_narrowed


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A record, and why it was found."""

    record: ShownRecord
    hit: Hit
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class FoundPage:
    """One page of an answer, checked against the database.

    `facets` is empty when the index proposed something that is not for this viewer (any
    more): its counts would tell of it.
    """

    records: tuple[FoundRecord, ...]
    total: int
    facets: Facets
    answer: Answer
    page: int = 1

    @property
    def last_page(self) -> int:
        """The number of the last page that has something on it; 1 when nothing was found."""
        return max(1, min(-(-self.total // PAGE_SIZE), MAX_PAGE))


def find(viewer: Viewer, wish: Wish, *, language: str, limit: int = PAGE_SIZE) -> FoundPage:
    """What the viewer finds. The same number of queries for any number of results."""
    answer = engine.search(
        make_query(wish, language=language, offset=(wish.page - 1) * limit, limit=limit),
        viewer.tokens,
    )
    rows = get_rows(viewer, [hit.key for hit in answer.hits])
    places = find_places(viewer, [hit.key for hit in answer.hits if hit.key not in rows])
    rows |= _find_rows_of(viewer, places, rows)
    lost = sum(hit.key not in rows for hit in answer.hits)
    return FoundPage(
        records=tuple(_join(answer.hits, rows, places, language)),
        total=max(0, answer.total - lost),
        facets={} if lost else _count_facets(viewer, wish, answer, language),
        answer=answer,
        page=wish.page,
    )


def _count_facets(viewer: Viewer, wish: Wish, answer: Answer, language: str) -> Facets:
    """Counts by facet. Of a facet that is narrowed: what its other values would bring."""
    counts = {name: dict(answer.facets.get(name, ())) for name in FACETS}
    for name in wish.filters:
        others = {key: values for key, values in wish.filters.items() if key != name}
        wider = make_query(replace(wish, filters=others), language=language, offset=0, limit=1)
        counts[name] = dict(engine.search(wider, viewer.tokens).facets.get(name, ()))
    return counts


def make_query(wish: Wish, *, language: str, offset: int, limit: int) -> Query:
    """The wish in the engine's words; broad topics and groups with all below them."""
    vocabulary = get_vocabulary()
    filters = {
        name: frozenset(
            {key for value in values for key in vocabulary.with_narrower(value)}
            if name in TREES
            else values
        )
        for name, values in wish.filters.items()
    }
    return Query(
        text=wish.text,
        filters=filters,
        date_from=wish.date_from,
        date_to=wish.date_to,
        sort=wish.sort if wish.text or wish.sort != SORTS[0] else "newest",
        offset=offset,
        limit=limit,
        language=canonical_language(language),
        words=wish.words,
        thesaurus=wish.thesaurus,
        folding=wish.folding,
        meaning=wish.meaning,
    )


def _find_rows_of(
    viewer: Viewer, places: Mapping[str, Place], rows: Mapping[str, Record]
) -> dict[str, Record]:
    """The records that stand for things which were found by themselves, by the things' keys."""
    missing = {place.record for place in places.values()} - rows.keys()
    known = {**rows, **(get_rows(viewer, missing) if missing else {})}
    return {key: known[place.record] for key, place in places.items() if place.record in known}


def _join(
    hits: Sequence[Hit],
    rows: Mapping[str, Record],
    places: Mapping[str, Place],
    language: str,
) -> list[FoundRecord]:
    kept = [hit for hit in hits if hit.key in rows]
    shown = show([rows[hit.key] for hit in kept], language)
    return [
        FoundRecord(_lead_to(record, places.get(hit.key)), hit, _find_document(record, hit))
        for record, hit in zip(shown, kept, strict=True)
    ]


def _lead_to(record: ShownRecord, place: Place | None) -> ShownRecord:
    """The record with the address of what was found beside it."""
    return replace(record, url=record.url + place.anchor) if place else record


def _find_document(record: ShownRecord, hit: Hit) -> Document | None:
    return next((d for d in record.documents if d.reference == hit.attachment), None)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A line under the box: a topic to search for, or a record (by its `url`) to open.

    `kind` is the record's kind, or the list that the topic stands in.
    """

    label: str
    kind: str
    url: str = ""


def find_similar(
    viewer: Viewer, reference: str, *, language: str, limit: int = 6
) -> tuple[ShownRecord, list[ShownRecord]] | None:
    """A record and those like it, as far as the viewer sees them; None when not this one."""
    hits = engine.similar(reference, viewer.tokens, limit + 1)
    keys = [hit.key for hit in hits if hit.key != reference][:limit]
    rows = get_rows(viewer, [reference, *keys])
    if reference not in rows:
        return None
    itself, *others = show([rows[reference], *(rows[key] for key in keys if key in rows)], language)
    return itself, others


def suggest(viewer: Viewer, text: str, *, limit: int = 8) -> list[Suggestion]:
    """What somebody may mean who has typed this much: topics, and titles they may see."""
    proposed = engine.suggest(text, viewer.tokens, limit)
    rows = get_rows(viewer, [item.key for item in proposed if item.key])
    vocabulary = get_vocabulary()
    found = []
    for item in proposed:
        if not item.key:
            entry = vocabulary.concepts.get(item.concept)
            found.append(Suggestion(item.text, entry.scheme if entry else "topics"))
        elif item.key in rows:
            row = rows[item.key]
            found.append(Suggestion(item.text, row.kind, row.get_absolute_url()))
    return found


def find_keys(viewer: Viewer, wish: Wish, *, language: str, limit: int) -> list[str]:
    """References of what the viewer finds, in the order of the answer, each checked."""
    answer = engine.search(
        make_query(wish, language=language, offset=0, limit=limit), viewer.tokens
    )
    rows = get_rows(viewer, [hit.key for hit in answer.hits])
    return [hit.key for hit in answer.hits if hit.key in rows]
