"""New and changed records matched against everything that people follow.

Two consumers share the work, as in search: `subscriptions` goes by facets and words at once;
`subscriptions-meaning` runs in the thread of the embeddings, after them, where the vectors of a
record are there or are made once. Both write the same items, so a record is told of once.

A person is told only of what their tokens let them see at that moment; whoever shows the item
asks again (`Record.objects.visible_to`).
"""

from __future__ import annotations

import json
import logging
import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Max, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from focal.alerts.models import Item, Rhythm, Subscription
from focal.alerts.standing import Forms, Questions
from focal.alerts.wishes import make_query, make_wish, read_vector
from focal.directory.models import Format
from focal.records.models import OUT, Record
from focal.search.documents import SearchDocument
from focal.search.meaning.consumer import get_store, make_entries
from focal.search.meaning.embedder import EmbeddingError, get_embedder
from focal.search.meaning.languages import get_space
from focal.search.registry import get_source
from focal.search.thesaurus import Labels, get_labels
from focal.sharing.people import find_people

logger = logging.getLogger(__name__)

MOST_NAMED = 500  # people named in one question to the database
TOGETHER = 50  # documents matched at once: their items are one transaction
TELL_AGAIN_AFTER = timedelta(days=7)  # a record that changes is told of again, not more often
NEW_FOR = timedelta(days=7)  # what came out longer ago is shown as changed, not as new
SYSTEM = "alerts match every record and show each person only what they may see"

# How much a match weighs against others in a digest: the narrower the wish, the more.
RECORD, ORGANISATION, FORMAT, TOPIC, ECONOMY = 1.0, 0.7, 0.7, 0.6, 0.5
SEARCH, MEANING = 0.7, 0.6  # a search with all its words; one by meaning, at its floor
FURTHER = 0.05  # each further subscription that it matches


@dataclass(frozen=True, slots=True)
class Follower:
    """What matching has to know of a subscription."""

    person_id: int
    what: str
    value: str


@dataclass(slots=True)
class Book:
    """All subscriptions in memory, in step with the database after `refresh`."""

    followers: dict[int, Follower] = field(default_factory=dict)
    questions: Questions = field(default_factory=Questions)
    urgent: set[int] = field(default_factory=set)  # of those who want to be told at once
    _facets: defaultdict[tuple[str, str], set[int]] = field(
        default_factory=lambda: defaultdict(set)
    )
    _formats: dict[str, str] = field(default_factory=dict)  # token by slug
    _seen: dict[int, datetime] = field(default_factory=dict)
    _stamp: tuple[object, ...] = ()
    _version: tuple[object, ...] = ()
    lock: threading.RLock = field(default_factory=threading.RLock)

    def refresh(self) -> None:
        """Take in what was followed, changed or given up since the last time."""
        with self.lock:
            self._start_anew_if_words_changed()
            stamp = tuple(
                Subscription.objects.aggregate(Count("pk"), Max("pk"), Max("changed_at")).values()
            )
            if stamp == self._stamp:
                return
            self._stamp = stamp
            now = dict(Subscription.objects.values_list("pk", "changed_at"))
            for key in self._seen.keys() - now.keys():
                self._drop(key)
            changed = [key for key, at in now.items() if self._seen.get(key) != at]
            labels = get_labels()
            for some in _in_parts(changed, 500):
                for row in Subscription.objects.filter(pk__in=some):
                    self._drop(row.pk)
                    self._add(row, labels)
            self._seen = now

    def _start_anew_if_words_changed(self) -> None:
        """Questions were widened by the thesaurus, and vectors are of one model."""
        formats = tuple(Format.objects.order_by("pk").values_list("pk", "slug", "name", "acronym"))
        version = (id(get_labels()), get_space(get_embedder()), formats)
        if version != self._version:
            self.followers, self.questions, self._seen, self._stamp = {}, Questions(), {}, ()
            self.urgent = set()
            self._facets = defaultdict(set)
            self._version = version
            self._formats = {slug: f"format:{pk}" for pk, slug, _name, _acronym in formats}

    def _drop(self, key: int) -> None:
        follower = self.followers.pop(key, None)
        if follower is not None:
            self.questions.remove(key)
            self.urgent.discard(key)
            self._facets[follower.what, follower.value].discard(key)

    def _add(self, row: Subscription, labels: Labels) -> None:
        self.followers[row.pk] = Follower(row.person_id, row.what, row.value)
        if row.rhythm == Rhythm.NOW:
            self.urgent.add(row.pk)
        if row.what == Subscription.What.SEARCH:
            self._add_search(row, labels)
        else:
            self._facets[row.what, row.value].add(row.pk)

    def _add_search(self, row: Subscription, labels: Labels) -> None:
        query = make_query(make_wish(row.query))
        is_measured = row.vector is not None and row.space == get_space(get_embedder())
        vector = read_vector(row.vector) if is_measured and row.vector else None
        floor = row.floor if row.floor is not None else 1.0
        self.questions.add(row.pk, query, labels, vector=vector, floor=floor)

    # From a document to subscriptions, with their relevance

    def match_facets(self, document: SearchDocument) -> dict[int, float]:
        """Who follows its topics, economies, organisations, formats, or the record itself."""
        found: dict[int, float] = {}
        facets = document.facets
        wanted = [
            *(("topic", key, TOPIC) for key in facets.get("topic", ())),
            *(("economy", key, ECONOMY) for key in facets.get("economy", ())),
            *(("organisation", key, ORGANISATION) for key in facets.get("organisation", ())),
            *(("format", slug, FORMAT) for slug in self._get_formats(document)),
            ("record", document.key, RECORD),
        ]
        for what, value, relevance in wanted:
            for key in self._facets.get((what, value), ()):
                found[key] = relevance
        return found

    def _get_formats(self, document: SearchDocument) -> list[str]:
        """The formats it is released to."""
        return [slug for slug, token in self._formats.items() if token in document.audience]

    def get_token(self, key: int) -> str:
        """The token a follower must hold themselves for this subscription, "" for none.

        Who follows a format and sees a record in another way must not learn from their list
        that it was released to that format.
        """
        follower = self.followers[key]
        return self._formats.get(follower.value, "") if follower.what == "format" else ""


_books: dict[str, Book] = {}


def get_book() -> Book:
    """This process's book of subscriptions, in step with the database."""
    database = f"{settings.DATABASES['default'].get('NAME')} {settings.INDEX_FOLDER}"
    if database not in _books:
        _books.clear()  # tests change databases
        _books[database] = Book()
    book = _books[database]
    book.refresh()
    return book


# The two consumers


def match_by_words(keys: Sequence[str]) -> None:
    """Tell those who follow what these records are about, or ask for their words."""
    for some in _in_parts(keys, TOGETHER):
        match_records(some, at=timezone.now(), by_words=True, by_meaning=False)


def match_by_meaning(keys: Sequence[str]) -> None:
    """Tell those whose searches mean what these records say."""
    for some in _in_parts(keys, TOGETHER):
        match_records(some, at=timezone.now(), by_words=False, by_meaning=True)


def match_records(
    keys: Sequence[str], *, at: datetime, by_words: bool = True, by_meaning: bool = True
) -> int:
    """Match records against all subscriptions; returns how many items came or came again.

    Only what is out is told of. What is changed, withdrawn or narrowed later needs no
    undoing here: an item is shown only while its record may be seen.
    """
    documents = [d for d in get_source().load(keys) if _is_out(d)]
    if not documents:
        return 0
    book = get_book()
    with book.lock:  # the other way of matching runs in another thread
        return _match(book, documents, at, by_words=by_words, by_meaning=by_meaning)


def _match(
    book: Book,
    documents: Sequence[SearchDocument],
    at: datetime,
    *,
    by_words: bool,
    by_meaning: bool,
) -> int:
    if not book.followers:
        return 0
    found: list[dict[int, float]] = [{} for _document in documents]
    forms = [Forms(document) for document in documents]
    if by_words:
        for place, form in enumerate(forms):
            found[place] = book.match_facets(form.document)
            for key, share in book.questions.match_words(form).items():
                found[place][key] = max(found[place].get(key, 0.0), SEARCH * share)
    if by_meaning:
        _add_meant(book, forms, found)
    return _tell(book, documents, found, at)


def _is_out(document: SearchDocument) -> bool:
    return bool(set(document.facets.get("state", ())) & set(OUT))


def _add_meant(book: Book, forms: list[Forms], found: list[dict[int, float]]) -> None:
    try:
        entries = make_entries([form.document for form in forms], get_embedder(), get_store())
    except EmbeddingError as error:
        logger.warning("Subscriptions by meaning were left out: %s", error)
        return
    pairs = [(form, entry.vectors) for form, entry in zip(forms, entries, strict=True)]
    for place, near in enumerate(book.questions.match_meaning(pairs)):
        for key, nearness in near.items():
            relevance = MEANING + min(max(nearness - 0.8, 0.0), 0.2)
            found[place][key] = max(found[place].get(key, 0.0), relevance)


# From matches to items


@dataclass(slots=True)
class Match:
    """One document for one person: the subscriptions it comes from, the best of them first."""

    person_id: int
    document: SearchDocument
    by_subscription: dict[int, float] = field(default_factory=dict)

    @property
    def subscriptions(self) -> list[int]:
        """The most relevant first."""
        if len(self.by_subscription) == 1:
            return list(self.by_subscription)
        return sorted(self.by_subscription, key=lambda key: (-self.by_subscription[key], key))

    @property
    def relevance(self) -> float:
        """The best of them, and a little for each further one."""
        best = max(self.by_subscription.values())
        return round(min(best + FURTHER * (len(self.by_subscription) - 1), 1.0), 3)


@dataclass(frozen=True, slots=True)
class Facts:
    """What an item takes from the record itself."""

    version: int
    owner_person_id: int | None
    published_at: datetime | None


def _tell(
    book: Book,
    documents: Sequence[SearchDocument],
    found: Sequence[Mapping[int, float]],
    at: datetime,
) -> int:
    facts = _read_facts([document.key for document in documents])
    may_see = _Sight(at)
    matches = [
        match
        for document, subscriptions in zip(documents, found, strict=True)
        if subscriptions and document.key in facts
        for match in _sort_by_person(book, document, subscriptions, may_see)
        if not _is_own(book, match, facts[document.key])
    ]
    return _write_items(book, matches, facts, at) if matches else 0


def _read_facts(keys: Collection[str]) -> dict[str, Facts]:
    rows = (
        Record.objects.for_system(SYSTEM)
        .filter(reference__in=keys)
        .values_list("reference", "version", "owner_person_id", "published_at")
    )
    return {reference: Facts(*facts) for reference, *facts in rows}


class _Sight:
    """Who holds one of some tokens, asked once for each set of tokens of a batch."""

    def __init__(self, at: datetime) -> None:
        self.day = timezone.localdate(at)
        self.known: dict[frozenset[str], set[int]] = {}

    def __call__(self, tokens: frozenset[str]) -> set[int]:
        if tokens not in self.known:
            self.known[tokens] = find_people(tokens, on=self.day)
        return self.known[tokens]


def _sort_by_person(
    book: Book, document: SearchDocument, found: Mapping[int, float], may_see: _Sight
) -> Iterable[Match]:
    """The matches of a document by those who may see it."""
    seen_by = may_see(document.audience)
    matches: dict[int, Match] = {}
    for key, relevance in found.items():
        follower = book.followers[key]
        if follower.person_id not in seen_by:
            continue
        token = book.get_token(key)
        if token and follower.person_id not in may_see(frozenset({token})):
            continue
        match = matches.setdefault(follower.person_id, Match(follower.person_id, document))
        match.by_subscription[key] = relevance
    return matches.values()


def _is_own(book: Book, match: Match, facts: Facts) -> bool:
    """Their own record, unless they asked to hear of it in particular."""
    return match.person_id == facts.owner_person_id and not any(
        book.followers[key].what == Subscription.What.RECORD for key in match.by_subscription
    )


@transaction.atomic
def _write_items(
    book: Book, matches: Sequence[Match], facts: Mapping[str, Facts], at: datetime
) -> int:
    known = _read_known(matches)
    new, again = [], []
    for match in matches:
        item = known.get((match.person_id, match.document.key))
        if item is None:
            new.append(match)
        elif facts[match.document.key].version > item.version or (
            not match.by_subscription.keys() <= item.subscriptions
        ):
            again.append((item.pk, match))  # else the other way of matching found the same
    _insert([_describe_item(book, match, facts[match.document.key], at) for match in new])
    return len(new) + _renew_all(book, again, facts, at)


class Known(NamedTuple):
    """As much of an item as tells whether a further match changes it."""

    pk: int
    version: int
    subscriptions: frozenset[int]


def _read_known(matches: Sequence[Match]) -> dict[tuple[int, str], Known]:
    """Items that are there already, for these people and records."""
    people = {match.person_id for match in matches}
    rows = Item.objects.filter(
        source=Item.Source.MATCH, key__in={match.document.key for match in matches}
    ).annotate(numbers=Cast("subscriptions", TextField()))
    if len(people) <= MOST_NAMED:
        rows = rows.filter(person_id__in=people)
    read: dict[str, frozenset[int]] = {}  # many items come from the same subscriptions
    known = {}
    for person, key, pk, version, numbers in rows.values_list(
        "person_id", "key", "pk", "version", "numbers"
    ):
        if numbers not in read:
            read[numbers] = frozenset(json.loads(numbers))
        known[person, key] = Known(pk, version, read[numbers])
    return known


def _renew_all(
    book: Book, again: Sequence[tuple[int, Match]], facts: Mapping[str, Facts], at: datetime
) -> int:
    """Take further matches of items in; returns how many are told again."""
    told = 0
    for some in _in_parts(again, MOST_NAMED):
        items = {row.pk: row for row in Item.objects.filter(pk__in=[pk for pk, _match in some])}
        for pk, match in some:
            if pk in items:
                _renew(book, items[pk], match, facts[match.document.key], at)
                told += items[pk].created_at == at
        Item.objects.bulk_update(items.values(), RENEWED, batch_size=200)
    return told


RENEWED = (
    "subscriptions", "relevance", "version", "is_change", "is_urgent", "created_at", "read_at",
    "mailed_at",
)  # fmt: skip
DESCRIBED = (
    "person_id", "kind", "key", "record", "subscriptions", "relevance", "version", "is_change",
    "is_urgent", "created_at",
)  # fmt: skip


def _describe_item(book: Book, match: Match, record: Facts, at: datetime) -> tuple[object, ...]:
    """The values of a new item, in the order of DESCRIBED."""
    published, document = record.published_at, match.document
    return (
        match.person_id,
        document.kind,
        document.key,
        document.key,
        match.subscriptions,
        match.relevance,
        record.version,
        published is not None and at - published > NEW_FOR,
        not book.urgent.isdisjoint(match.by_subscription),
        at,
    )


def _insert(rows: Sequence[tuple[object, ...]]) -> None:
    """Write new items; one that is there already stays.

    A popular record makes thousands of rows, and `bulk_create` spends ten times as long on
    each of them as the database does. Both databases know this statement.
    """
    if not rows:
        return
    columns = {field.attname: field for field in Item._meta.concrete_fields}
    constant = Item(source=Item.Source.MATCH)
    fields = [columns[name] for name in DESCRIBED]
    rest = [f for f in columns.values() if not f.primary_key and f.attname not in DESCRIBED]
    prepared = tuple(
        field.get_db_prep_save(getattr(constant, field.attname), connection) for field in rest
    )
    as_json = cache(lambda numbers: connection.ops.adapt_json_value(list(numbers), None))
    as_moment = cache(connection.ops.adapt_datetimefield_value)
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column or "") for field in (*fields, *rest))
    marks = ", ".join(["%s"] * (len(fields) + len(rest)))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {quote(Item._meta.db_table)} ({names}) VALUES ({marks})"  # noqa: S608
            " ON CONFLICT DO NOTHING",
            [
                (*row[:4], as_json(tuple(row[4])), *row[5:-1], as_moment(row[-1]), *prepared)  # type: ignore[arg-type]
                for row in rows
            ],
        )


def _renew(book: Book, item: Item, match: Match, record: Facts, at: datetime) -> None:
    """Take a further match in. What changed since it was told is told again, but not daily."""
    is_changed = record.version > item.version
    further = [key for key in item.subscriptions if key not in match.by_subscription]
    item.subscriptions = [*match.subscriptions, *further]
    item.relevance = max(item.relevance, match.relevance)
    item.is_urgent = item.is_urgent or not book.urgent.isdisjoint(match.by_subscription)
    is_followed = any(
        book.followers[key].what == Subscription.What.RECORD for key in match.by_subscription
    )
    if is_changed and (is_followed or at - item.created_at >= TELL_AGAIN_AFTER):
        item.version, item.is_change = record.version, True
        item.created_at, item.read_at, item.mailed_at = at, None, None


def _in_parts(items: Sequence, size: int) -> Iterable[Sequence]:
    return (items[start : start + size] for start in range(0, len(items), size))
