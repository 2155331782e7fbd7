"""Following: 10,000 subscriptions against 1,000 new records and against one; digests for all.

Half of the subscriptions are searches by word and by meaning; of the others, half are searches
by words alone and half follow topics, economies and organisations. Vectors of records and
questions are made beforehand by a stand-in of the model's shape (384 numbers, clustered by
words), because embedding is measured elsewhere and its result is kept; how near a record must
come is found for each search as the platform finds it. Runs in a process and a data folder of
its own: `python -m bench alerts`. FOCAL_BENCH_PEOPLE and FOCAL_BENCH_RECORDS change the size.
"""

from __future__ import annotations

import hashlib
import os
import random
import resource
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from bench.apart import run_apart

PEOPLE = int(os.environ.get("FOCAL_BENCH_PEOPLE", "10000"))
RECORDS = int(os.environ.get("FOCAL_BENCH_RECORDS", "1000"))
ALONE = 60  # records matched one by one
TARGETS = {  # for 10,000 subscriptions, half of them by meaning, 1,000 new records
    "match_all_s": 60,
    "one_record_ms": 300,
    "digests_for_10000_s": 120,
}
AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # a Monday


def run() -> dict[str, object]:
    """Seconds for matching and for digests, with how much was matched and written."""
    return run_apart(prepare_and_measure)


class StandIn:
    """Vectors of the model's shape: texts that share words lie near, all lie in one cone."""

    name = "bench-stand-in"
    dimensions = 384

    def __init__(self) -> None:
        self.known: dict[str, np.ndarray] = {}

    def embed_query(self, text: str) -> np.ndarray:
        return self._embed(text)

    def embed_passages(self, texts: Sequence[str]) -> np.ndarray:
        return np.stack([self._embed(text) for text in texts])

    def _embed(self, text: str) -> np.ndarray:
        words = text.lower().split()[:60]
        vector = 2.0 * self._get("the cone") + sum(self._get(word) for word in words) / len(words)
        return (vector / np.linalg.norm(vector)).astype(np.float32)

    def _get(self, word: str) -> np.ndarray:
        if word not in self.known:
            seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "big")
            direction = np.random.default_rng(seed).standard_normal(self.dimensions)
            self.known[word] = direction / np.linalg.norm(direction)
        return self.known[word]


def prepare() -> None:
    """A database with vocabulary and records, their vectors, and people who follow things."""

    from bench.pages import fill
    from focal.config.serving import prepare as prepare_installation
    from focal.records.models import Record
    from focal.search.meaning.consumer import embed
    from focal.search.meaning.embedder import set_embedder

    set_embedder(StandIn())
    prepare_installation(lambda text: None)
    fill(RECORDS)
    keys = list(Record.objects.for_system("a measurement").values_list("reference", flat=True))
    for start in range(0, len(keys), 200):
        embed(keys[start : start + 200])
    follow()


def follow() -> None:
    """People of a few hundred organisations, each of whom follows one thing.

    A search asks for the two rarest words of some title, as people do.
    """
    from focal.alerts.models import Rhythm, Subscription
    from focal.alerts.wishes import get_digest, make_wish, measure_searches, write_wish
    from focal.directory.models import Membership, Organisation, Person
    from focal.records.models import Record
    from focal.vocabulary.models import Concept, Economy

    dice = random.Random(11)
    owner = Organisation.objects.order_by("pk").first()
    others = Organisation.objects.bulk_create(
        Organisation(name=f"Bench organisation {number}") for number in range(300)
    )
    people = Person.objects.bulk_create(
        [
            Person(
                email=f"bench{number}@example.org",
                full_name=f"Reader {number}",
                language=("en", "sq", "mk", "bs", "sr-latn")[number % 5],
            )
            for number in range(PEOPLE)
        ],
        batch_size=1000,
    )
    Membership.objects.bulk_create(
        [
            Membership(person=person, organisation=owner if n % 20 == 0 else dice.choice(others))
            for n, person in enumerate(people)
        ],
        batch_size=1000,
    )
    titles = list(Record.objects.for_system("a measurement").values_list("title", flat=True))
    economies = list(Economy.objects.values_list("code", flat=True))
    topics = list(Concept.objects.filter(scheme="topics").values_list("key", flat=True))

    frequency = Counter(word for title in titles for word in set(title.lower().split()))

    def choose(number: int) -> tuple[str, str, str]:
        title = dice.choice(titles).lower().split()
        words = "+".join(sorted(set(title), key=lambda word: frequency[word])[:2])
        narrowed = f"&economy={dice.choice(economies)}" if number % 3 == 0 else ""
        if number % 2 == 0:
            return "search", "", f"?q={words}{narrowed}"
        if number % 4 == 1:
            return "search", "", f"?q={words}{narrowed}&meaning=0"
        if number % 8 == 3:
            return "topic", dice.choice(topics), ""
        return "economy", dice.choice(economies), ""

    rows = []
    for number, person in enumerate(people):
        what, value, query = choose(number)
        asked = write_wish(make_wish(query)) if query else ""
        rows.append(
            Subscription(
                person=person, what=what, value=value or get_digest(asked), query=asked,
                rhythm=Rhythm.DAILY, created_at=AT, changed_at=AT,
            )
        )  # fmt: skip
    Subscription.objects.bulk_create(rows, batch_size=1000)
    measure_searches(Subscription.objects.filter(what="search"), at=AT)


def measure() -> dict[str, object]:
    """Matching of all at once, of one at a time, and the digests that come of it."""
    from focal.alerts import matching
    from focal.alerts.models import Item, Subscription
    from focal.records.models import Record

    keys = list(
        Record.objects.for_system("a measurement")
        .order_by("-pk")
        .values_list("reference", flat=True)[:RECORDS]
    )
    figures: dict[str, Any] = {
        "subscriptions": Subscription.objects.count(),
        "by_meaning": Subscription.objects.filter(vector__isnull=False).count(),
        "records": len(keys),
        "read_subscriptions_s": _time(matching.get_book),
    }
    began = time.process_time()
    figures["match_words_s"] = _time(lambda: matching.match_by_words(keys))
    figures["match_words_cpu_s"] = round(time.process_time() - began, 1)
    began = time.process_time()
    figures["match_meaning_s"] = _time(lambda: matching.match_by_meaning(keys))
    figures["match_meaning_cpu_s"] = round(time.process_time() - began, 1)
    figures["match_all_s"] = round(figures["match_words_s"] + figures["match_meaning_s"], 1)
    figures["match_all_cpu_s"] = round(
        figures["match_words_cpu_s"] + figures["match_meaning_cpu_s"], 1
    )
    figures["items"] = Item.objects.count()
    figures["people_told"] = Item.objects.values("person").distinct().count()
    figures["one_record_ms"] = _measure_alone(keys[:ALONE])
    figures["digests"] = _measure_digests()
    figures["targets"] = TARGETS
    figures["peak_memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 0)
    return figures


def _measure_alone(keys: Sequence[str]) -> dict[str, float]:
    """One record that nobody was told of yet, both ways of matching together."""
    from focal.alerts import matching
    from focal.alerts.models import Item

    took, cpu = [], []
    for number, key in enumerate(keys):
        Item.objects.filter(key=key).delete()
        at = AT + timedelta(minutes=number)
        began = time.process_time()
        took.append(1000 * _time(lambda key=key, at=at: matching.match_records([key], at=at)))
        cpu.append(1000 * (time.process_time() - began))
    took.sort()
    return {
        "cpu_median": round(statistics.median(cpu), 1),
        "median": round(statistics.median(took), 1),
        "p95": round(took[int(len(took) * 0.95)], 1),
        "slowest": round(took[-1], 1),
    }


def _measure_digests() -> dict[str, object]:
    """Everybody's letter: chosen, checked, rendered as text and HTML, queued, marked."""
    from django.utils import timezone

    from focal.alerts import digests
    from focal.alerts.models import Item
    from focal.mail.models import Letter

    now = timezone.now()
    Item.objects.update(created_at=now - timedelta(days=8), is_change=False)
    began = time.process_time()
    seconds = _time(lambda: digests.send_digests(now))
    cpu = time.process_time() - began
    texts = list(Letter.objects.values_list("text", flat=True)[:500])
    return {
        "letters": Letter.objects.count(),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu, 1),
        "cpu_seconds_for_10000": round(cpu * 10_000 / max(Letter.objects.count(), 1), 1),
        "words_in_a_letter": round(statistics.median(len(text.split()) for text in texts)),
    }


def _time(deed: Callable[[], object]) -> float:
    start = time.perf_counter()
    deed()
    return round(time.perf_counter() - start, 4)


def prepare_and_measure() -> dict[str, object]:
    """Everything, in this process."""
    began = time.perf_counter()
    prepare()
    prepared = round(time.perf_counter() - began, 1)
    return {**measure(), "preparation_s": prepared}
