"""Search at 200,000 records: times of a results page, leaks, and a peer doing the same work.

A results page is the first 20 hits with marked snippets, the number of all hits, and counts by
facet, for a viewer with 20 tokens; 15 in 100 records are restricted. One process. The words and
the thesaurus are what users get; vectors of the records are made up (directions scattered about
that of the model's real vectors), the question's embedding is the real model's.

FOCAL_BENCH_RECORDS and FOCAL_BENCH_PEER_RECORDS (several sizes with commas) scale it down;
FOCAL_BENCH_FOLDER keeps the corpus' index for the next run.
"""

from __future__ import annotations

import os
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bench import peer as modelsearch
from bench.apart import make_data_folder, run_apart

RECORDS = int(os.environ.get("FOCAL_BENCH_RECORDS", "200000"))
PEER_RECORDS = os.environ.get("FOCAL_BENCH_PEER_RECORDS", "20000")
SEED = 20_26
BY_WORDS, WITH_MEANING, LEAKS, WARM = 600, 300, 2_000, 40
PEER_QUESTIONS = 40
BATCH = 2_000
TOGETHER = 0.92  # how much of a made-up vector is what all texts have in common


def run() -> dict[str, object]:
    """Milliseconds of results pages, leaks, and how many times faster than the peer."""
    kept = os.environ.get("FOCAL_BENCH_FOLDER")
    with make_data_folder() as folder:
        ours = run_apart(
            measure, RECORDS, "all", folder=Path(kept, "search") if kept else folder / "ours"
        )
        peers = {}
        for size in map(int, PEER_RECORDS.split(",")):
            same = ours["times"] if size == RECORDS else None
            if same is None:
                mine = folder / f"ours-{size}"
                same = run_apart(measure, size, "words", folder=mine)["times"]
            peer = run_apart(
                modelsearch.measure, size, folder=folder / f"peer-{size}", settings="bench.peer"
            )
            faster = peer["p95_ms"] / same["words"]["p95_ms"]
            peers[f"{size} records"] = {
                "ours": same["words"],
                "modelsearch on SQLite": peer,
                "times faster at p95": round(faster, 1),
            }
    return {**ours, "peer": peers}


def measure(records: int, what: str) -> dict[str, object]:
    """Everything, in this process."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    say("making records")
    documents = make_corpus(records)
    built = build_words(documents)
    dice = random.Random(SEED)
    asked = [draw(dice, documents) for _ in range(BY_WORDS + WARM)]
    times = {"words": time_questions(asked, meaning=False)}
    if what == "words":
        return {"times": times}
    checked = check_leaks(documents, dice)
    built |= build_meaning(documents)
    times["words and meaning"] = time_questions(asked[: WITH_MEANING + WARM], meaning=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "records": records,
        "restricted": sum("public" not in d.audience for d in documents),
        "tokens of a viewer": 20,
        "times": times,
        "checked": checked,
        "building": built,
        "peak memory of this process (MB)": round(peak),
    }


def say(text: str) -> None:
    """Progress, beside the figures."""
    print(f"  {text}", file=sys.stderr, flush=True)


# What is searched


def make_corpus(records: int) -> list:
    """The records, with labels of the real thesaurus in them."""
    from datetime import UTC, datetime

    from bench.corpus import make_documents, make_tables
    from focal.search import registry
    from focal.vocabulary.services import load_vocabulary

    load_vocabulary(datetime.now(UTC))
    terms = [(t.concept, t.language, t.label) for t in registry.get_thesaurus().load_terms()]
    documents = list(make_documents(records, make_tables(SEED, terms), SEED))
    by_key = {document.key: document for document in documents}
    registry.register_source(
        topic="record",
        load=lambda keys: [by_key[key] for key in keys if key in by_key],
        all_keys=lambda: list(by_key),
    )
    return documents


def build_words(documents: Sequence) -> dict[str, float]:
    """The word index, unless it stands from an earlier run."""
    from focal.search import services

    if services.get_index().count() == len(documents):
        return {}
    services.REBUILD_BATCH = BATCH
    start = time.monotonic()
    services.rebuild_words(
        lambda done, total: say(f"words of {done} of {total}") if done % 20_000 == 0 else None
    )
    seconds = time.monotonic() - start
    return {"records a second by words": round(len(documents) / seconds)}


def build_meaning(documents: Sequence) -> dict[str, float]:
    """The index of meaning, from vectors scattered about the middle of real ones."""
    from focal.search import nearness
    from focal.search.meaning.embedder import get_embedder, normalise
    from focal.search.meaning.index import Entry, Place
    from focal.search.meaning.languages import get_space

    model, index = get_embedder(), nearness.get_index()
    if index.count_records() == len(documents):
        return {}
    middle = normalise(
        model.embed_passages([d.texts[0].summary for d in documents[:40]]).mean(axis=0)
    )
    numbers = np.random.default_rng(SEED)
    start = time.monotonic()
    index.create(get_space(model), model.dimensions)
    for place in range(0, len(documents), BATCH):
        some = documents[place : place + BATCH]
        noise = normalise(numbers.standard_normal((len(some), model.dimensions), np.float32))
        vectors = normalise(TOGETHER * middle + (1 - TOGETHER**2) ** 0.5 * noise)
        index.replace(
            [
                Entry(d.key, d.audience, [Place(d.texts[0].language)], vectors[number : number + 1])
                for number, d in enumerate(some)
            ]
        )
    return {"vectors a second": round(len(documents) / (time.monotonic() - start))}


# What is asked


def draw(dice: random.Random, documents: Sequence) -> tuple[str, dict, frozenset[str]]:
    """A question, its filters and who asks."""
    from bench.corpus import draw_filters, draw_question, draw_viewer

    return draw_question(dice, documents), draw_filters(dice), draw_viewer(dice)


def time_questions(asked: Sequence, *, meaning: bool) -> dict[str, float]:
    """Median and 95th percentile of the milliseconds of results pages."""
    from focal.search import services
    from focal.search.queries import Query

    if meaning:
        from focal.search import nearness

        nearness.load_model()

    def ask(question: tuple[str, dict, frozenset[str]]) -> object:
        text, filters, tokens = question
        answer = services.search(Query(text=text, filters=filters, meaning=meaning), tokens)
        if not answer.index_ready or (meaning and not answer.meaning_ready):
            raise RuntimeError("The index does not answer")
        return answer

    say(f"asking {len(asked)} questions, {'words and meaning' if meaning else 'words alone'}")
    return time_each(ask, asked)


def time_each(ask: Callable, asked: Sequence, longest: float = 600.0) -> dict[str, float]:
    """What a call takes, without the first ones; ends after so many seconds."""
    end = time.monotonic() + longest
    for question in asked[:WARM]:
        ask(question)
    times, hits = [], []
    for question in asked[WARM:]:
        start = time.perf_counter()
        answer = ask(question)
        times.append(1000 * (time.perf_counter() - start))
        hits.append(getattr(answer, "total", answer))
        if time.monotonic() > end:
            break
    return {
        "questions": len(times),
        "median_ms": round(float(np.median(times)), 2),
        "p95_ms": round(float(np.percentile(times, 95)), 2),
        "max_ms": round(max(times), 2),
        "median of hits": int(np.median(hits)),
    }


def check_leaks(documents: Sequence, dice: random.Random) -> dict[str, object]:
    """Searches of random viewers against the audiences: what is shown, and how many are counted."""
    from focal.search import services
    from focal.search.queries import Query

    say(f"checking {LEAKS} searches for leaks")
    audience = {d.key: d.audience for d in documents}
    shown = leaked = restricted = miscounted = 0
    for number in range(LEAKS):
        text, filters, tokens = draw(dice, documents)
        tokens = frozenset(dice.sample(sorted(tokens), dice.randint(0, len(tokens)))) | {"public"}
        answer = services.search(
            Query(text=text, filters=filters, limit=100, meaning=False), tokens
        )
        shown += len(answer.hits)
        restricted += sum("public" not in audience[hit.key] for hit in answer.hits)
        leaked += sum(audience[hit.key].isdisjoint(tokens) for hit in answer.hits)
        if number % 20 == 0:
            counted = services.search(Query(meaning=False, limit=1), tokens).total
            visible = sum(not a.isdisjoint(tokens) for a in audience.values())
            miscounted += counted != visible
    return {
        "searches of random viewers": LEAKS,
        "hits looked at": shown,
        "restricted ones among them": restricted,
        "leaked": leaked,
        "totals that differ from a count by hand": miscounted,
    }
