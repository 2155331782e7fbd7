"""The one interface of search: index, remove, search, similar, suggest, rebuild, status.

Nothing is answered to nobody in particular: every question comes with the tokens of a
viewer. Keys that something was taken away from, and that the index has not heard of yet,
are left out of every answer. Callers check the rows they show against the database once more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import Any

from django.conf import settings
from tantivy import FieldType, Occur, Order
from tantivy import Query as TantivyQuery

from focal.outbox.services import count_waiting, get_revoked_keys
from focal.search import nearness
from focal.search.answers import Answer, Hit, Reason, Suggestion, Widened
from focal.search.building import Plan, build_page_question, make_filter, make_plan
from focal.search.documents import SearchDocument
from focal.search.finding import DEEP, LOWEST, NEAREST, Asking, Facets, Found
from focal.search.folding import clean, fold_words
from focal.search.meaning.index import Match
from focal.search.queries import FACETS, Parsed, Query, parse
from focal.search.registry import get_lapsed_keys, get_source
from focal.search.snippets import Mark, find_marks, make_snippet
from focal.search.thesaurus import get_labels
from focal.search.words import (
    PAGE_SCHEMA,
    PUBLIC,
    RECORD_SCHEMA,
    Snapshot,
    WordIndex,
    make_tie,
    read_page,
    read_texts,
)

logger = logging.getLogger(__name__)

NEAR_THE_BEST = 0.05  # a record found by meaning is at most this much less similar than the best
DEEPEST_MEANING = 5_000  # nearest records looked through when filters let few pass
REBUILD_BATCH = 500
LONGEST_PREFIX = 200  # characters of an unfinished question that are looked at
MOST_SHOWN = 10_000  # hits that can be paged through
NOTHING = frozenset({""})  # a value that no record has
FEW = 3  # words of which records with some are shown when none has all


@lru_cache(maxsize=4)
def _index_in(folder: str) -> WordIndex:
    from pathlib import Path  # noqa: PLC0415 -- needed here alone

    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    return WordIndex(path)


def get_index() -> WordIndex:
    """The word index of this installation."""
    return _index_in(str(settings.INDEX_FOLDER))


# Asking


def search(query: Query, tokens: frozenset[str]) -> Answer:
    """Answer a question for a viewer's tokens. Any question gets an answer."""
    parsed = parse(query.text)
    plan = make_plan(parsed, query, get_labels())
    # In this order: what is told to the index after it was looked at must be among the left out.
    left_out = _get_left_out(*(["words", "meaning"] if query.meaning else ["words"]))
    snapshot = get_index().snapshot()
    if snapshot is None:
        return Answer(index_ready=False)
    asking = Asking(
        snapshot=snapshot,
        plan=plan,
        query=query,
        filters=merge_filters(query.filters, parsed.filters),
        tokens=tokens,
        left_out=left_out,
    )
    try:
        matches, ready = _near_in_meaning(asking, parsed) if query.meaning else ([], True)
        return _answer(asking, parsed, matches, ready)
    except (ValueError, OSError):
        logger.exception("The word index cannot answer: rebuild it")
        return Answer(index_ready=False)


def merge_filters(*several: Mapping[str, Collection[str]]) -> dict[str, frozenset[str]]:
    """Filters of the address and of the text: all must pass. What nothing has passes nothing."""
    merged: dict[str, frozenset[str]] = {}
    for filters in several:
        for name, values in filters.items():
            wanted = frozenset(clean(value) for value in values if name in FACETS)
            field = name if name in FACETS else FACETS[0]
            if values:
                merged[field] = (merged.get(field, wanted) & wanted) or NOTHING
    return merged


def _get_left_out(*consumers: str) -> frozenset[str]:
    return frozenset(get_revoked_keys(*consumers)) | get_lapsed_keys()


def _near_in_meaning(asking: Asking, parsed: Parsed) -> tuple[list[Match], bool]:
    """The nearest records that pass the filters, and whether the model could be asked."""
    if not nearness.has_meaning(parsed.plain):
        return [], True
    vector = nearness.embed_question(parsed.plain)
    if vector is None:
        return [], False
    depth = NEAREST if not asking.filters and not asking.query.date_from else NEAREST * 4
    while True:
        matches = nearness.get_index().search(
            vector, asking.tokens, limit=depth, exclude=asking.left_out
        )
        if not matches:
            return [], True
        floor = max(LOWEST, matches[0].similarity - NEAR_THE_BEST)
        near = [match for match in matches if match.similarity >= floor]
        if not asking.filters and not (asking.query.date_from or asking.query.date_to):
            return near[:NEAREST], True
        passing = _pass_filters(asking, matches)
        if len(passing) >= NEAREST or len(matches) < depth or depth >= DEEPEST_MEANING:
            if passing:
                floor = max(LOWEST, passing[0].similarity - NEAR_THE_BEST)
            return [match for match in passing if match.similarity >= floor][:NEAREST], True
        depth *= 5


def _pass_filters(asking: Asking, matches: Sequence[Match]) -> list[Match]:
    passing = {item.tie for item in asking.locate([match.key for match in matches])}
    return [match for match in matches if make_tie(match.key) in passing]


def _answer(asking: Asking, parsed: Parsed, matches: list[Match], ready: bool) -> Answer:
    query, plan = asking.query, asking.plan
    needed, relaxed = plan.needed, False
    words = bool(plan.units or plan.excluded or not matches) and (query.words or parsed.is_empty)
    first, last = _clip(query.offset), _clip(query.offset + query.limit)
    found: list[Found] = []
    total = 0

    def count(needed: int, alone: Collection[str]) -> Future[Facets]:
        return _get_helpers().submit(asking.count_facets, needed, alone, by_words=words)

    # Tantivy counts beside Python's work on the hits: begun before them where they change nothing.
    facets = None if matches else count(needed, ())
    if words:
        reach = max(last, DEEP) if matches else last
        found, total = asking.by_words(needed, reach)
        if not total and needed > 1 and (not matches or needed <= FEW):
            needed, relaxed, facets = 1, True, None
            found, total = asking.by_words(needed, reach)
    alone: list[str] = []
    if matches:
        found, alone = asking.fuse(found, matches, needed, words=words)
    facets = facets or count(needed, alone)
    shown = found[first:last]
    return Answer(
        hits=tuple(_build_hits(asking, shown, {match.key: match for match in matches})),
        total=total + len(alone),
        facets=facets.result(),
        widenings=_tell_widenings(plan, query, matches),
        relaxed=relaxed,
        meaning_ready=ready,
    )


@lru_cache(maxsize=1)
def _get_helpers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=4, thread_name_prefix="search")


def _clip(place: int) -> int:
    return min(max(place, 0), MOST_SHOWN)


def _tell_widenings(plan: Plan, query: Query, matches: Collection[Match]) -> tuple[Widened, ...]:
    told = [Widened("thesaurus", w.matched, w.labels) for w in plan.widenings]
    if query.folding and plan.units:
        told.append(Widened("folding"))
    if matches:
        told.append(Widened("meaning"))
    return tuple(told)


# Showing


def _build_hits(asking: Asking, shown: Sequence[Found], matches: dict[str, Match]) -> Iterator[Hit]:
    searchers = {"open": asking.snapshot.open, "restricted": asking.snapshot.restricted}
    for item in shown:
        document = searchers[item.tier].doc(item.address)
        key = str(document.get_first("key"))
        yield _build_hit(asking, item, key, read_texts(document), matches.get(key))


def _build_hit(asking: Asking, item: Found, key: str, texts: Any, match: Match | None) -> Hit:
    plan = asking.plan
    best_marks: list[Mark] = []
    best_text, language = texts[0].summary or texts[0].body or texts[0].title, texts[0].language
    title_units: set[int] = set()
    title_marks: list[Mark] = []
    for text in texts:
        found = find_marks(text.title, text.language, plan)
        if len({mark.unit for mark in found}) > len(title_units):
            title_units, title_marks = {mark.unit for mark in found}, found
            language = text.language
            best_text = text.summary or text.body or text.title
        whole = "\n".join(part for part in (text.summary, text.body) if part)
        marks = find_marks(whole, text.language, plan)
        if len({mark.unit for mark in marks}) > len({mark.unit for mark in best_marks}):
            best_marks, best_text, language = marks, whole, text.language
    hit = Hit(
        key=key,
        kind="",
        score=asking.score(item),
        why=(),
        language=language,
        snippet=make_snippet(best_text, best_marks),
    )
    units = {mark.unit for mark in best_marks}
    marks = best_marks or title_marks
    if len(units | title_units) < plan.wanted:
        page = _find_page(asking, key, more_than=len(units | title_units))
        if page is not None:
            hit, marks = _show_page(hit, *page), [*page[1], *title_marks]
        elif match is not None and match.attachment and not units | title_units:
            hit = _show_meant_page(asking.snapshot, hit, match)
    elif match is not None and match.attachment and not plan.units:
        hit = _show_meant_page(asking.snapshot, hit, match)
    if match is not None and not match.attachment and not marks:
        hit = replace(hit, language=match.language or hit.language)
    return replace(hit, why=_give_reasons(plan, item, marks, match))


def _find_page(asking: Asking, key: str, *, more_than: int) -> tuple[Any, list[Mark]] | None:
    """The page of a record's documents with the most of the question, if any has more."""
    pages = asking.snapshot.pages
    if not pages.num_docs or all(unit.field for unit in asking.plan.units):
        return None
    question = build_page_question(asking.snapshot, asking.plan, key, asking.tokens)
    rows = pages.search(question, 20, False).hits
    if not rows:
        return None
    ordinals = pages.fast_field_values("ordinal", [address for _score, address in rows])
    best = min(zip(rows, ordinals, strict=True), key=lambda pair: (-round(pair[0][0], 3), pair[1]))
    page = read_page(pages.doc(best[0][1]))
    marks = find_marks(page.text, page.language, asking.plan)
    return (page, marks) if len({mark.unit for mark in marks}) > more_than else None


def _show_page(hit: Hit, page: Any, marks: Sequence[Mark]) -> Hit:
    return replace(
        hit,
        language=page.language or hit.language,
        attachment=page.attachment,
        page=page.number,
        snippet=make_snippet(page.text, marks),
    )


def _show_meant_page(snapshot: Snapshot, hit: Hit, match: Match) -> Hit:
    question = TantivyQuery.boolean_query(
        [
            (Occur.Must, TantivyQuery.term_query(PAGE_SCHEMA, "key", hit.key, "basic")),
            (
                Occur.Must,
                TantivyQuery.term_query(PAGE_SCHEMA, "attachment", match.attachment, "basic"),
            ),
            (
                Occur.Must,
                TantivyQuery.range_query(
                    PAGE_SCHEMA, "number", FieldType.Unsigned, match.page, match.page
                ),
            ),
        ]
    )
    rows = snapshot.pages.search(question, 1, False).hits
    if not rows:
        return replace(hit, attachment=match.attachment, page=match.page, language=match.language)
    return _show_page(hit, read_page(snapshot.pages.doc(rows[0][1])), ())


def _give_reasons(
    plan: Plan, item: Found, marks: Sequence[Mark], match: Match | None
) -> tuple[Reason, ...]:
    """Words, labels of the thesaurus, meaning. A record about a concept need not name it."""
    reasons = []
    if any(not mark.label for mark in marks):
        reasons.append(Reason("words"))
    reasons += [Reason("thesaurus", label) for label in sorted({m.label for m in marks if m.label})]
    if not reasons and item.words > 0:
        about = [Reason("thesaurus", w.matched) for w in plan.widenings]
        reasons += about or [Reason("words")]
    if match is not None:
        reasons.append(Reason("meaning", match.language))
    return tuple(reasons)


# Similar, suggest


def similar(key: str, tokens: frozenset[str], limit: int = 5) -> list[Match]:
    """Records whose meaning is nearest to a record's; empty while that is not known yet."""
    left_out = _get_left_out("meaning")
    if key in left_out:
        return []
    found = nearness.get_index().similar(key, tokens, limit + len(left_out))
    return [match for match in found if match.key not in left_out][:limit]


def similar_text(text: str, tokens: frozenset[str], limit: int = 5) -> list[Match]:
    """Records whose meaning is nearest to a text."""
    vector = nearness.embed_question(text)
    if vector is None:
        return []
    return nearness.get_index().search(
        vector, tokens, limit=limit, exclude=_get_left_out("meaning")
    )


def suggest(prefix: str, tokens: frozenset[str], limit: int = 8) -> list[Suggestion]:
    """Titles and thesaurus labels with these words, the last of which may be unfinished.

    Titles come newest first: no count of records stands behind their order.
    """
    words = fold_words(clean(prefix[:LONGEST_PREFIX]))[:8]
    if not words:
        return []
    labels = get_labels().starting_with(words, limit // 2)
    suggestions = [
        Suggestion(label.text, label.language, concept=label.concept) for label in labels
    ]
    return [*suggestions, *_suggest_titles(words, tokens, limit)][:limit]


def _suggest_titles(words: Sequence[str], tokens: frozenset[str], limit: int) -> list[Suggestion]:
    left_out = _get_left_out("words")
    snapshot = get_index().snapshot()
    if snapshot is None:
        return []
    *whole, last = words
    asked = [
        (Occur.Must, TantivyQuery.term_query(RECORD_SCHEMA, "title", word, "basic"))
        for word in whole
    ]
    asked.append((Occur.Must, TantivyQuery.regex_query(RECORD_SCHEMA, "title", f"{last}.*")))
    rows: list[tuple[int, Any, Any]] = []
    for searcher, audience in (
        (snapshot.open, None),
        (snapshot.restricted, tokens - {PUBLIC}),
    ):
        if not searcher.num_docs or (audience is not None and not audience):
            continue
        conditions = make_filter(Query(), {}, audience, left_out)
        question = TantivyQuery.boolean_query([*asked, *conditions])
        hits = searcher.search(question, limit, False, order_by_field="age", order=Order.Desc).hits
        rows += [(-int(age), searcher, address) for age, address in hits]
    rows.sort(key=lambda row: row[0])
    return [_suggest(searcher.doc(address), words) for _age, searcher, address in rows[:limit]]


def _suggest(document: Any, words: Sequence[str]) -> Suggestion:
    texts = read_texts(document)
    title = next((text for text in texts if _starts(fold_words(text.title), words)), texts[0])
    return Suggestion(title.title, title.language, key=document.get_first("key"))


def _starts(title: Collection[str], words: Sequence[str]) -> bool:
    *whole, last = words
    return set(whole) <= set(title) and any(word.startswith(last) for word in title)


# Keeping the index


def index_keys(keys: Sequence[str]) -> None:
    """Bring the word index up to date for these keys. Called by the outbox; repeatable."""
    documents = get_source().load(keys)
    found = {document.key for document in documents}
    _write_or_rebuild(documents, [key for key in keys if key not in found])


def remove_keys(keys: Sequence[str]) -> None:
    """Take keys out of the word index at once."""
    _write_or_rebuild((), keys)


def _write_or_rebuild(documents: Sequence[SearchDocument], removed: Sequence[str]) -> None:
    if heal():
        return
    try:
        get_index().write(documents, removed)
    except FileNotFoundError:
        logger.exception("Files of the word index are missing")
        rebuild_words()


def heal() -> bool:
    """Build the word index anew when there is none that can be read; says if it had to."""
    if get_index().is_usable():
        return False
    logger.warning("The word index is missing, damaged or of another format: it is built anew")
    rebuild_words()
    return True


def rebuild(progress: Callable[[str, int, int], None] = lambda *_: None) -> None:
    """Build words and meaning anew from the database, while the old index answers."""
    rebuild_words(lambda done, total: progress("words", done, total))
    nearness.rebuild(lambda done, total: progress("meaning", done, total))


def rebuild_words(progress: Callable[[int, int], None] = lambda *_: None) -> None:
    """Build the word index anew from the database, while the old one answers."""
    source = get_source()

    def batches() -> Iterator[list[SearchDocument]]:
        # Asked for when the rebuild has begun: a key that comes later is noted by its writer.
        keys = list(source.all_keys())
        done = 0
        for batch in _in_batches(keys, REBUILD_BATCH):
            yield source.load(batch)
            done += len(batch)
            progress(done, len(keys))

    get_index().rebuild(batches(), source.load)


def _in_batches(items: Iterable[str], size: int) -> Iterator[list[str]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def release() -> None:
    """Let another process write the index."""
    get_index().release()


def status() -> dict[str, dict[str, int]]:
    """For words and meaning: records `done`, entries `waiting`, entries given up on (`failed`)."""
    waiting, index, near = count_waiting(), get_index(), nearness.status()
    nothing = {"waiting": 0, "failed": 0}
    meant = [waiting.get(name, nothing) for name in ("meaning", "embeddings")]
    return {
        "words": {
            "done": index.count(),
            **waiting.get("words", nothing),
            "usable": int(index.is_usable()),
        },
        "meaning": {
            "done": int(str(near["done"])),
            "waiting": max(counts["waiting"] for counts in meant),
            "failed": max(counts["failed"] for counts in meant),
        },
    }
