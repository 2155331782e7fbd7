"""A saved search: its query string, what it asks, what it means and how near is near enough."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from focal.alerts.models import Subscription
from focal.directory.models import Person
from focal.records.finding.search import Wish
from focal.records.finding.search import make_query as make_query_of
from focal.records.views.finding import parameters
from focal.search import nearness
from focal.search.finding import LOWEST
from focal.search.meaning.embedder import Vector, get_embedder
from focal.search.meaning.languages import get_space
from focal.search.queries import Query, parse
from focal.search.services import NEAR_THE_BEST
from focal.sharing.viewer import Viewer

AMONG = 20  # a new record is told of when it would be among so many nearest
FEW = 0.03  # in a library smaller than that: at most so much less similar than the best
EMPTY_LIBRARY = 0.84  # where there is nothing to compare with
MEASURE_AFTER = timedelta(days=7)


def make_wish(query: str) -> Wish:
    """What a query string asks for."""
    return parameters.understand(QueryDict(query.removeprefix("?"))).wish


def write_wish(wish: Wish) -> str:
    """The one query string of a wish, without order and page: they change nothing of it."""
    return parameters.write(Wish(**{n: getattr(wish, n) for n in ASKED}))


ASKED = (
    "text", "filters", "date_from", "date_to", "words", "thesaurus", "folding", "meaning",
)  # fmt: skip


def make_query(wish: Wish) -> Query:
    """The wish as the engine takes it."""
    return make_query_of(wish, language="en", offset=0, limit=1)


def get_digest(query: str) -> str:
    """What a search is known by."""
    return hashlib.sha256(query.encode()).hexdigest()


def read_vector(stored: bytes | memoryview) -> Vector:
    """A subscription's vector as it is multiplied."""
    return np.frombuffer(bytes(stored), dtype="<f2").astype(np.float32)


def write_vector(vector: Vector) -> bytes:
    """A vector as it is kept."""
    return vector.astype("<f2").tobytes()


def get_meant_text(query: Query) -> str:
    """What of a question is asked by meaning; "" when words and filters alone ask."""
    plain = parse(query.text).plain if query.meaning else ""
    return plain if nearness.has_meaning(plain) else ""


def measure(references: Sequence[str]) -> None:
    """The outbox consumer: find out what these searches mean and how near a record must come."""
    rows = Subscription.objects.filter(reference__in=references, what=Subscription.What.SEARCH)
    measure_searches(rows, at=timezone.now())


def measure_again(at: datetime) -> int:
    """The clock: floors follow the library as it grows, vectors the model; once a week each."""
    rows = Subscription.objects.filter(what=Subscription.What.SEARCH).filter(
        Q(changed_at__lt=at - MEASURE_AFTER)
        | (Q(space__gt="") & ~Q(space=get_space(get_embedder())))
    )
    return measure_searches(rows.order_by("pk"), at=at)


def measure_searches(rows: Iterable[Subscription], *, at: datetime) -> int:
    """Give searches their vector and floor; returns how many have one now."""
    embedder = get_embedder()
    space = get_space(embedder)
    count = 0
    for row in list(rows):
        text = get_meant_text(make_query(make_wish(row.query)))
        if not text:
            continue
        if row.vector is None or row.space != space:
            row.vector, row.space = write_vector(embedder.embed_query(text)), space
        row.floor = find_floor(read_vector(row.vector), person_id=row.person_id, at=at)
        row.changed_at = at
        row.save(update_fields=("vector", "space", "floor", "changed_at"))
        count += 1
    return count


def find_floor(vector: Vector, *, person_id: int, at: datetime) -> float:
    """How near a record must come: as near as the first of what this person finds today.

    It is made from records that the person may see and from no others.
    """
    person = Person.objects.get(pk=person_id)
    viewer = Viewer.from_person(person, on=timezone.localdate(at))
    nearest = nearness.get_index().search(vector, viewer.tokens, limit=AMONG)
    if not nearest:
        return EMPTY_LIBRARY
    best = nearest[0].similarity
    if len(nearest) < AMONG:
        return max(LOWEST, best - FEW)
    return max(LOWEST, best - NEAR_THE_BEST, nearest[-1].similarity)
