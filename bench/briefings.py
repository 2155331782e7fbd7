"""Briefings: the page, the PDF and the Word file of a document of twenty pages with fifteen charts.

In a process of its own, with a data folder of its own. 'First' draws every chart anew, 'again'
takes the drawings that are kept; each request asks for the figures once more.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

from bench.apart import run_apart
from bench.pages import SYLLABLES

PAGES, CHARTS, TIMES = 20, 15, 7
TARGETS = {"pdf": 2_000}  # milliseconds
CODES = ("AL", "BA", "XK", "ME", "MK", "RS")


def run() -> dict[str, object]:
    """Milliseconds of the page, the PDF and the Word file, beside what was promised."""
    return run_apart(measure)


def write() -> str:
    """The address of a published briefing with so many charts and pages."""
    from focal.briefings.services import create_briefing
    from focal.directory.models import Organisation
    from focal.indicators.models import Observation
    from focal.indicators.services import create_series, publish_series
    from focal.records.services import take_step
    from focal.sharing.viewer import Viewer

    dice, at = random.Random(7), datetime(2026, 1, 1, tzinfo=UTC)
    owner = Organisation.objects.create(name="An office")
    by = Viewer.for_organisation(owner, name="bench")
    blocks: list[dict[str, object]] = []
    for number in range(CHARTS):
        series = create_series(
            key=f"bench-{number}",
            content={"title": f"Measure {number}", "unit": "%", "counted": "People who say so",
                     "measure": "share"},
            observations=[
                {"area": code, "value": dice.randint(10, 90), "as_of": str(year),
                 "source_title": "A survey", "edition": "yearly"}
                for code in CODES for year in range(2016, 2026)
            ],
            owner_organisation=owner, by=by, at=at,
        )  # fmt: skip
        publish_series(series=series, by=by, at=at)
        rows = Observation.objects.filter(series_id=series.pk).order_by("position")
        texts = [
            "".join(f"<p>{' '.join(dice.choices(SYLLABLES, k=270))}.</p>" for _ in range(4)),
            f"<p>It was [[figure:{rows[9].reference}]] in the last year.</p>",
        ]
        blocks += [
            {"kind": "heading", "texts": {"en": {"text": f"Part {number + 1}"}}},
            {"kind": "text", "texts": {"en": {"text": "".join(texts)}}},
            {"kind": "figure", "observation": rows[0].reference},
            {"kind": "chart", "record": series.reference},
        ]
    made = create_briefing(
        title="A long briefing", template="topic", language="en", owner_organisation=owner,
        by=by, at=at, blocks=blocks,
    )  # fmt: skip
    take_step(record=made, step="publish", by=by, at=at)
    return made.get_absolute_url()


def measure() -> dict[str, object]:
    """Everything, in this process."""
    import pypdfium2
    from django.core.management import call_command
    from django.test import Client

    from focal.config.serving import prepare as prepare_installation

    prepare_installation(lambda text: None)
    call_command("check", verbosity=0)
    address = write()
    client = Client(HTTP_HOST="localhost")
    asked = {"pdf": f"{address}en/pdf", "page": address, "word": f"{address}en/docx",
             "leaflet": f"{address}en/leaflet"}  # fmt: skip
    client.get("/")  # as every process that serves has answered something before
    first = _time(lambda: client.get(asked["pdf"]))
    figures: dict[str, object] = {
        "pages": len(pypdfium2.PdfDocument(client.get(asked["pdf"]).content)),
        "charts": CHARTS,
        "pdf, every chart drawn anew": {"ms": first, "target_ms": TARGETS["pdf"]},
    }
    for name, place in asked.items():
        client.get(place)
        busy = time.process_time()
        times = [_time(lambda place=place: client.get(place)) for _ in range(TIMES)]
        busy = 1000 * (time.process_time() - busy) / TIMES
        target = {"target_ms": TARGETS[name]} if name in TARGETS else {}
        figures[f"{name}, again"] = {
            "median_ms": round(statistics.median(times)), "max_ms": max(times),
            "processor_ms": round(busy), **target,
        }  # fmt: skip
    return figures


def _time(deed: Callable[[], object]) -> int:
    start = time.perf_counter()
    deed()
    return round(1000 * (time.perf_counter() - start))
