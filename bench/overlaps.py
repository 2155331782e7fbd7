"""Overlaps: how long finding them takes as they grow, and how right it is on labelled pairs.

Quality: `labels/initiatives*.csv` (made up by the team, in the region's languages) with the real
model. Records of one `project` are duplicates; a project and its `b` are phases. The thresholds of
`overlaps/near.py` were set on `initiatives.csv` and mended on `initiatives_more.csv`, which has
near misses of the same lead, funder, place or title. `initiatives_held_out.csv` was written after
that and nothing was set by it: its figures are those to believe. Cost: made-up initiatives with
made-up vectors, so that no embedding is counted. `python -m bench.overlaps`.
"""

from __future__ import annotations

import csv
import itertools
import os
import random
import resource
import time
from datetime import date
from pathlib import Path

from bench.apart import run_apart

LABELS = Path(__file__).parent / "labels"
SETS = {
    "quality": "initiatives.csv",
    "quality_more": "initiatives_more.csv",
    "quality_held_out": "initiatives_held_out.csv",
}
TARGETS = {"quality": 0.9, "seconds_for_50000": 60, "one_again_ms": 500, "growth_of_ten_times": 13}
SIZES = tuple(int(n) for n in os.environ.get("FOCAL_BENCH_INITIATIVES", "5000,50000").split(","))
OF_A_KIND = 20  # initiatives of one kind of work: what is of one kind means the same
DIMENSIONS = 384
DAY = date(2026, 1, 1)


def run() -> dict[str, object]:
    """Precision and recall on the labels; seconds for all pairs of each size, and for one."""
    figures: dict[str, object] = {name: run_apart(measure_quality, name) for name in SETS}
    for size in SIZES:
        figures[f"initiatives_{size}"] = run_apart(measure_cost, size)
    first, last = (figures[f"initiatives_{size}"] for size in (SIZES[0], SIZES[-1]))
    if len(SIZES) > 1:
        spent = "seconds_of_processor"
        figures["growth_of_time"] = round(last[spent] / max(first[spent], 0.01), 1)
        figures["growth_of_pairs"] = round(last["pairs"] / max(first["pairs"], 1), 1)
        figures["growth_of_size"] = round(SIZES[-1] / SIZES[0], 1)
    return {**figures, "targets": TARGETS}


# Quality


def read_sides(name: str) -> list[tuple[str, object, str]]:
    """(project, side, text) of each labelled record."""
    from focal.mapping.overlaps.near import Side

    sides = []
    organisations: dict[str, int] = {}

    def number(name: str) -> int:
        return organisations.setdefault(name, len(organisations) + 1) if name else 0

    with (LABELS / SETS[name]).open(encoding="utf-8") as file:
        for place, row in enumerate(csv.DictReader(file), 1):
            side = Side(
                record_id=place,
                title=row["title"],
                economies=frozenset(row["economies"].split()),
                nodes=frozenset(("t", topic) for topic in row["topics"].split()),
                groups=frozenset(row["groups"].split()),
                funders=frozenset({number(row["funder"])} - {0}),
                lead=number(row["lead"]),
                start=date.fromisoformat(row["start"]).toordinal(),
                end=date.fromisoformat(row["end"]).toordinal(),
                euro=float(row["amount"] or 0),
            )
            sides.append((row["project"], side, row["language"], row["summary"]))
    return sides


def measure_quality(name: str) -> dict[str, object]:
    """How often what is called a duplicate or a phase is one, and how many are found."""

    from focal.mapping.overlaps.near import compare
    from focal.search.documents import SearchDocument, Text
    from focal.search.meaning.consumer import get_store, make_entries
    from focal.search.meaning.embedder import get_embedder

    sides = read_sides(name)
    documents = [
        SearchDocument(
            key=str(side.record_id), kind="initiative", audience=frozenset(),
            texts=(Text(language, side.title, summary, ""),), pages=(), facets={}, date=DAY,
        )
        for _project, side, language, summary in sides
    ]  # fmt: skip
    vectors = [e.vectors[0] for e in make_entries(documents, get_embedder(), get_store())]
    told, true = (
        {"duplicate": set(), "phase": set(), "overlap": set()},
        {"duplicate": set(), "phase": set()},
    )
    same, other, wrong = [], [], []
    for (i, a), (j, b) in itertools.combinations(enumerate(sides), 2):
        meaning = float(vectors[i] @ vectors[j])
        if a[0] == b[0]:
            true["duplicate"].add((i, j))
        elif a[0].rstrip("b") == b[0].rstrip("b"):
            true["phase"].add((i, j))
        (same if a[0] == b[0] else other).append(meaning)
        found = compare(a[1], b[1], meaning)
        if found is not None:
            told[str(found.kind)].add((i, j))
        kind = next((kind for kind, pairs in true.items() if (i, j) in pairs), "")
        said = str(found.kind) if found else ""
        if kind != said and (kind or said != "overlap"):
            wrong.append([a[1].title, b[1].title, kind, said, round(meaning, 3)])
    figures: dict[str, object] = {
        "records": len(sides), "languages": len({side[2] for side in sides}),
        "meaning_of_duplicates": _spread(same), "meaning_of_others": _spread(other),
        "overlaps_told": len(told["overlap"]), "wrong": wrong,
    }  # fmt: skip
    for kind, pairs in true.items():
        right = len(pairs & told[kind])
        figures[f"{kind}_pairs"] = len(pairs)
        figures[f"{kind}_precision"] = round(right / max(1, len(told[kind])), 3)
        figures[f"{kind}_recall"] = round(right / max(1, len(pairs)), 3)
    return figures


def _spread(values: list[float]) -> list[float]:
    values = sorted(values)
    return [round(values[int(len(values) * part)], 3) for part in (0, 0.05, 0.5, 0.95)] + [
        round(values[-1], 3)
    ]


# Cost


def make_world(size: int) -> object:
    """So many initiatives in 13 economies, 60 measures, 20 groups; vectors by their subject."""
    import numpy as np

    from focal.mapping.coverage.cube import make_empty, renew
    from focal.mapping.coverage.facts import Fact
    from focal.mapping.overlaps.finding import Material, find_initiatives, gather_tags

    chance = random.Random(11)
    noise = np.random.default_rng(11)
    economies = ["AL", "BA", "BG", "HR", "GR", "XK", "MD", "ME", "MK", "RO", "RS", "SI", "TR"]
    facts, subjects, kinds = [], [], size // OF_A_KIND
    for number in range(1, size + 1):
        subject = chance.randrange(kinds)
        start = date(2015, 1, 1).toordinal() + chance.randrange(3600)
        where = chance.sample(economies, chance.choice((1, 1, 2, 3)))
        facts.append(
            Fact(
                record_id=number, reference=f"{number:014}", kind="initiative",
                audience=(chance.choice(("public",) * 4 + (f"org:{chance.randrange(2000)}",)),),
                start=start, end=start + chance.randrange(200, 1100),
                economies={code: 1 / len(where) for code in where},
                measures=(subject % 60, (subject + 7) % 60), groups=(f"g{subject % 20}",),
                funders=(chance.randrange(200),), lead=chance.randrange(2000),
                euro=float(chance.randrange(10**6)), has_money=True,
                money_start=start, money_end=start + 365,
            )
        )  # fmt: skip
        subjects.append(subject)
    cube = renew(make_empty("bench"), facts, [], 1)
    middles = noise.normal(size=(kinds, DIMENSIONS)).astype(np.float32)
    vectors = middles[subjects] + 0.6 * noise.normal(size=(size, DIMENSIONS)).astype(np.float32)
    common = noise.normal(size=DIMENSIONS).astype(np.float32)
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = vectors + 1.2 * common / np.linalg.norm(common)  # texts of one field are all near
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    places = find_initiatives(cube)
    titles = {fact.record_id: f"Initiative {subject} {fact.record_id}" for fact, subject in
              zip(facts, subjects, strict=True)}  # fmt: skip
    return Material(
        cube, places, vectors, np.ones(size, bool), titles, {}, gather_tags(cube, places)
    )


def measure_cost(size: int) -> dict[str, object]:
    """Seconds for all pairs; milliseconds for one initiative among all."""

    import numpy as np

    from focal.mapping.overlaps.finding import (
        Material,
        find_all,
        find_for,
        find_neighbours,
        gather_tags,
    )

    material = make_world(size)
    start, busy = time.perf_counter(), time.process_time()
    found = find_all(material)
    took, busy = time.perf_counter() - start, time.process_time() - busy
    once = []
    for place in range(0, size, max(1, size // 50)):
        begun = time.perf_counter()
        near = find_neighbours(material.cube, place)
        at = np.searchsorted(material.places, near)
        few = Material(material.cube, near, material.vectors[at], material.has_vector[at],
                       material.titles, {}, gather_tags(material.cube, near))  # fmt: skip
        find_for(few, place)
        once.append((time.perf_counter() - begun) * 1000)
    return {
        "seconds": round(took, 2),
        "seconds_of_processor": round(busy, 2),
        "pairs": len(found),
        "one_again_median_ms": round(sorted(once)[len(once) // 2], 1),
        "one_again_p95_ms": round(sorted(once)[int(len(once) * 0.95)], 1),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
