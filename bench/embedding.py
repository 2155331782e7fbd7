"""What meaning costs: passages embedded a second, and a question put to 200,000 passages.

Runs in a process of its own, with a data folder of its own: `python -m bench.embedding`.
"""

from __future__ import annotations

import random
import statistics
import time
from pathlib import Path

from bench.apart import run_apart

DOCUMENTS = 8
PAGES = 3
ROUNDS = 3
VECTORS = 200_000
QUESTIONS = 300
CHECKED = 40  # questions whose answers are compared with brute force
NEAREST = 50
SYLLABLES = (
    "ra", "di", "ka", "li", "zem", "pre", "ven", "ci", "ja", "mla", "de", "ško",
    "la", "grad", "sku", "pin", "re", "ha", "bi", "ti", "nas", "tav", "nik",
)  # fmt: skip


def run() -> dict[str, object]:
    """Throughput of the consumer beside the raw model's, and the scan's times and exactness."""
    return run_apart(measure)


def measure() -> dict[str, object]:
    """Everything, in this process."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return {"throughput": measure_throughput(), "scan": measure_scan()}


# Throughput


def measure_throughput() -> dict[str, float]:
    """Passages a second: from the outbox to the index, and from the model alone, by turns.

    The same passages go both ways. Turns even out what else the machine is doing.
    """
    from focal.search import registry
    from focal.search.meaning.embedder import get_embedder, prepare_text
    from focal.search.meaning.units import make_units

    documents = {}
    registry.register_source(
        topic="record",
        load=lambda keys: [documents[key] for key in keys if key in documents],
        all_keys=lambda: list(documents),
    )
    embedder = get_embedder()
    embedder.embed_passages(["warm"])
    ours = raw = 0.0
    count = 0
    for turn in range(ROUNDS):
        documents.clear()
        documents.update((document.key, document) for document in make_documents(turn))
        texts = [prepare_text(unit.text) for d in documents.values() for unit in make_units(d)]
        count += len(texts)
        raw += _time(lambda texts=texts: embedder._model.passage(texts))
        ours += _time(lambda keys=list(documents): _consume(keys))
    return {
        "passages": count,
        "consumer_passages_per_second": round(count / ours, 2),
        "raw_model_passages_per_second": round(count / raw, 2),
        "share_of_raw_model": round(raw / ours, 3),
    }


def _consume(keys: list[str]) -> None:
    from django.db import transaction
    from django.utils import timezone

    from focal.outbox.services import deliver_all, emit

    with transaction.atomic():
        emit(topic="record", keys=keys, at=timezone.now())
    deliver_all("meaning", "embeddings")


def _time(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def make_documents(seed: int) -> list:
    """Reports with a title, a summary and pages of uneven length; no text comes twice."""
    from focal.search.documents import Page, SearchDocument, Text

    chance = random.Random(seed)
    words = ["".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(3_000)]
    weights = [1 / (rank + 2) for rank in range(len(words))]

    def write(length: int) -> str:
        sentences = [
            " ".join(chance.choices(words, weights, k=chance.randint(6, 24))).capitalize() + "."
            for _ in range(length)
        ]
        return " ".join(sentences)

    return [
        SearchDocument(
            key=f"{seed}-{number}",
            kind="publication",
            audience=frozenset({"public"}),
            texts=(Text("sq", write(1), write(chance.randint(1, 3))),),
            pages=tuple(
                Page("report", page, "sq", write(chance.randint(1, 12)))
                for page in range(1, chance.randint(1, 2 * PAGES))
            ),
        )
        for number in range(DOCUMENTS)
    ]


# Scan


def measure_scan() -> dict[str, object]:
    """Milliseconds of a question among 200,000 passages, 15 % of them restricted."""
    import numpy as np
    from django.conf import settings

    from focal.search.meaning.index import MeaningIndex

    generator = np.random.default_rng(3)
    # As close together as a real model's vectors are: similarities of 0.75 to 0.95.
    vectors = generator.standard_normal((VECTORS, 384), dtype=np.float32) + 2.0
    vectors *= generator.choice([-1, 1], 384).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    audiences = [_get_audience(number) for number in range(VECTORS)]
    index = MeaningIndex(Path(settings.DATA) / "scan")
    filling = _time(lambda: _fill(index, vectors, audiences))
    member = frozenset({"public", *(f"org:{number}" for number in range(19))})
    narrow = frozenset({"org:7"})
    start = time.perf_counter()
    reader = MeaningIndex(Path(settings.DATA) / "scan")
    reader.count_records()
    opening = time.perf_counter() - start
    questions = [
        vectors[number * 17] + 0.02 * generator.standard_normal(384).astype(np.float32)
        for number in range(QUESTIONS)
    ]
    questions = [question / np.linalg.norm(question) for question in questions]
    return {
        "vectors": VECTORS,
        "write_seconds": round(filling, 1),
        "open_seconds": round(opening, 2),
        "member_with_20_tokens": _time_questions(reader, questions, member),
        "viewer_of_0.4_percent": _time_questions(reader, questions, narrow),
        "wrong_of_checked_answers": _count_wrong(reader, questions, member, vectors, audiences),
        "checked_answers": 2 * CHECKED,
    }


def _get_audience(number: int) -> frozenset[str]:
    return frozenset({f"org:{number % 40}"} if number * 7919 % 100 < 15 else {"public"})


def _fill(index, vectors, audiences) -> None:
    from focal.search.meaning.index import Entry, Place

    index.create("synthetic", 384)
    for start in range(0, VECTORS, 5_000):
        index.replace(
            [
                Entry(f"k{n:06}", audiences[n], [Place("en")], vectors[n : n + 1])
                for n in range(start, start + 5_000)
            ]
        )


def _time_questions(index, questions, tokens: frozenset[str]) -> dict[str, float]:
    times = sorted(
        1000 * _time(lambda q=question: index.search(q, tokens, limit=NEAREST))
        for question in questions
    )
    return {
        "median_ms": round(statistics.median(times), 2),
        "p95_ms": round(times[int(0.95 * len(times))], 2),
    }


def _count_wrong(index, questions, tokens, vectors, audiences) -> int:
    """Answers that are not those of float32 brute force among what the viewer may see."""
    import numpy as np

    wrong = 0
    for seen in (tokens, frozenset({"org:7"})):
        visible = np.array([not audience.isdisjoint(seen) for audience in audiences])
        for question in questions[:CHECKED]:
            similarity = np.where(visible, vectors @ question, -1)
            best = np.argsort(-similarity, kind="stable")[:20]
            found = [int(m.key[1:]) for m in index.search(question, seen, limit=20)]
            # Neighbours whose similarity differs by less than the 16 bits kept may change places.
            off = np.abs(np.sort(similarity[found]) - np.sort(similarity[best]))
            wrong += bool(len(found) != 20 or off.max() > 2e-5)
    return wrong
