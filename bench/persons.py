"""How many identifiers the check of persons finds, and how often it cries for nothing.

Recall on generated numbers, in a sentence that names them, bare beside a name, and in a table;
false alarms on long numbers as reports have them, on random digits, and on the given documents.
FOCAL_BENCH_PERSONS numbers of each kind (default 500).
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

from bench.apart import run_apart
from bench.identities import (
    BARE,
    HEADED,
    HEADS,
    MAKERS,
    NAMED,
    TABLE,
    draw_digits,
    make_harmless,
)
from focal.safety.persons import find_persons

COUNT = int(os.environ.get("FOCAL_BENCH_PERSONS", "500"))
DATA = Path(os.environ.get("FOCAL_SHARED_DATA", "../shared/data")) / "osce"


def run() -> dict[str, object]:
    """Shares of one for recall, counts for false alarms; measured in a process with settings."""
    return run_apart(measure)


def measure() -> dict[str, object]:
    """All of it, here and now."""
    draw = random.Random(7)
    return {
        "recall": {kind: measure_recall(kind, draw) for kind in MAKERS},
        "false alarms": {
            "long numbers of reports, per 1,000": per_thousand(
                [f"See {make_harmless(draw)} for more." for _ in range(COUNT * 10)]
            ),
            **{
                f"random numbers of {length} digits, per 1,000": per_thousand(
                    [f"The figure {draw_digits(draw, length)} follows." for _ in range(COUNT * 10)]
                )
                for length in (9, 10, 11, 13)
            },
            "given documents": measure_documents(),
        },
    }


def measure_recall(kind: str, draw: random.Random) -> dict[str, float]:
    """Which part of the numbers stops publishing, by what stands around them."""
    make, named = MAKERS[kind], NAMED[kind]
    hits = {"named": 0, "bare": 0, "in a table": 0, "under a heading": 0}
    for number in range(COUNT):
        value = make(draw)
        hits["named"] += is_found(named[number % len(named)].format(value))
        hits["bare"] += is_found(BARE.format(value))
        headed = HEADED.format(HEADS[kind], value, make(draw))
        hits["under a heading"] += is_found(headed)
        hits["in a table"] += is_found(TABLE.format(value, make(draw)))
    return {where: round(count / COUNT, 3) for where, count in hits.items()}


def is_found(text: str) -> bool:
    """Whether anything in it stops publishing."""
    return bool(find_persons(text))


def per_thousand(texts: list[str]) -> float:
    """How many of a thousand such texts are stopped."""
    return round(1000 * sum(map(is_found, texts)) / len(texts), 2)


def measure_documents() -> dict[str, object]:
    """The pages of the given documents: what is found in them, and how long that takes."""
    import pypdfium2 as pdfium

    pages = []
    for path in sorted(DATA.glob("*/*.pdf")):
        with pdfium.PdfDocument(path) as document:
            pages += [page.get_textpage().get_text_bounded(errors="ignore") for page in document]
    texts = [path.read_text() for path in sorted(DATA.glob("*/*.txt"))]
    start = time.perf_counter()
    finds = [find for page in pages for find in find_persons(page)]
    seconds = time.perf_counter() - start
    in_texts = [find for text in texts for find in find_persons(text)]
    return {
        "pages": len(pages),
        "characters": sum(map(len, pages)),
        "finds on pages": len(finds),
        "finds in the aligned texts": len(in_texts),
        "seconds for all pages": round(seconds, 2),
    }
