"""The coverage matrix for many filters at 50,000 initiatives, 5,000 needs and 2,000 responses.

Milliseconds of the counting, with records changing in between, and of whole pages as a visitor and
a member get them; made-up facts in 13 economies and a frame of 60 measures. On a busy machine the
time of the processor (`cpu`) says what the work itself costs. `python -m bench.coverage`.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import time
from collections.abc import Callable
from datetime import date

from bench.apart import run_apart

INITIATIVES = int(os.environ.get("FOCAL_BENCH_INITIATIVES", "50000").split(",")[-1])
NEEDS, RESPONSES, ORGANISATIONS = INITIATIVES // 10, INITIATIVES // 25, 2000
ROUNDS = 60
PAGES = 40
TARGET_MS = 300  # for any filter, at p95
ECONOMIES = ("AL", "BA", "BG", "HR", "GR", "XK", "MD", "ME", "MK", "RO", "RS", "SI", "TR")
TODAY = date(2026, 3, 1)


def run() -> dict[str, object]:
    """Median and p95 of the matrix for changing filters; of one after a change; of the first."""
    return run_apart(measure)


def make_axis() -> object:
    """Four pillars, three objectives each, five measures each: 60 measures, 76 rows."""
    from focal.mapping.coverage.axes import Axis, Row

    rows: list[Row] = []
    for pillar in range(4):
        top = len(rows)
        rows.append(Row(top, f"n{top}", str(pillar), "Pillar", 0, ()))
        for _objective in range(3):
            middle = len(rows)
            rows.append(Row(middle, f"n{middle}", "", "Objective", 1, (top,)))
            for _measure in range(5):
                last = len(rows)
                rows.append(Row(last, f"n{last}", "", "Measure", 2, (top, middle)))
    return Axis("measure", tuple(rows))


def make_fact(number: int, kind: str, leaves: list[int], chance: random.Random) -> object:
    """One made-up record: one to three economies, two measures, two groups."""
    from focal.mapping.coverage.facts import Fact

    start = date(2015, 1, 1).toordinal() + chance.randrange(4000)
    where = chance.sample(ECONOMIES, chance.randint(1, 3))
    restricted = (f"org:{chance.randrange(ORGANISATIONS)}",)
    return Fact(
        record_id=number, reference=f"{number:014}", kind=kind,
        audience=chance.choice((("public",), ("public",), ("community",), restricted)),
        start=start, end=start + chance.randrange(100, 1500),
        due=TODAY.toordinal() + chance.randrange(-300, 900),
        economies={code: 1 / len(where) for code in where},
        measures=tuple(chance.sample(leaves, 2)),
        groups=tuple(f"g{group}" for group in chance.sample(range(20), 2)),
        levels=(chance.choice(("primary", "secondary", "tertiary")),),
        funders=(chance.randrange(ORGANISATIONS),),
        parent=number - 1 if kind == "initiative" and chance.random() < 0.1 else None,
        euro=chance.random() * 1e6 if kind == "initiative" else 0.0, has_money=True,
        money_start=start, money_end=start + 400,
    )  # fmt: skip


def measure() -> dict[str, object]:
    """Count the matrix for one filter after another."""

    from focal.mapping.coverage.cube import make_empty, renew
    from focal.mapping.coverage.matrix import Filters, Period, count

    chance = random.Random(5)
    axis = make_axis()
    leaves = sorted(axis.leaves)
    kinds = ["initiative"] * INITIATIVES + ["need"] * NEEDS + ["response"] * RESPONSES
    facts = [make_fact(number, kind, leaves, chance) for number, kind in enumerate(kinds, 1)]
    start = time.perf_counter()
    cube = renew(make_empty("bench"), facts, [], 1)
    loaded = time.perf_counter() - start

    def ask(number: int) -> None:
        tokens = (("public",), ("public", "community"), ("public", "community", f"org:{number}"))
        filters = Filters(
            Period.of_years(2018 + number % 9, 2019 + number % 9), TODAY,
            groups=frozenset({f"g{number % 20}"}) if number % 2 else frozenset(),
            levels=frozenset({"primary"}) if number % 3 == 0 else frozenset(),
        )  # fmt: skip
        visible = cube.get_visible(tokens[number % 3], [])
        count(cube, visible, axis, filters, economies=ECONOMIES, rows=range(len(axis.rows)))

    def ask_after_a_change(number: int) -> None:
        nonlocal cube
        cube = renew(cube, [make_fact(number + 1, "initiative", leaves, chance)], [], number + 2)
        ask(number)

    first = time_each(ask, 1)
    took = time_each(ask, ROUNDS)
    changed = time_each(ask_after_a_change, ROUNDS)
    memory = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return {
        "initiatives": INITIATIVES,
        "needs": NEEDS,
        "responses": RESPONSES,
        "organisations": ORGANISATIONS,
        "cells": len(ECONOMIES) * len(axis.rows),
        "load_seconds": round(loaded, 2),
        "first_ms": round(first[0][0], 1),
        **summarise("any_filter", took),
        **summarise("after_a_change", changed),
        "memory_mb": memory,
        **summarise("page", measure_pages(facts, leaves)),
        "target_p95_ms": TARGET_MS,
    }


def time_each(work: Callable[[int], object], rounds: int) -> list[tuple[float, float]]:
    """Milliseconds by the clock and of the processor, for each round."""
    took = []
    for number in range(rounds):
        begun, busy = time.perf_counter(), time.process_time()
        work(number)
        took.append(((time.perf_counter() - begun) * 1000, (time.process_time() - busy) * 1000))
    return took


def summarise(name: str, took: list[tuple[float, float]]) -> dict[str, float]:
    """Median and p95 by the clock, p95 of the processor."""
    clock, busy = (sorted(each) for each in zip(*took, strict=True))
    place = min(len(clock) - 1, int(len(clock) * 0.95))
    return {
        f"{name}_median_ms": round(statistics.median(clock), 1),
        f"{name}_p95_ms": round(clock[place], 1),
        f"{name}_p95_cpu_ms": round(busy[place], 1),
    }


def measure_pages(facts: list[object], leaves: list[int]) -> list[tuple[float, float]]:
    """Whole pages of the matrix with all its rows, in turn as a visitor and as a member."""
    from django.contrib.auth.signals import user_logged_in
    from django.core.management import call_command
    from django.test import Client
    from django.utils import timezone

    from bench.exchange import _show_second_factor
    from focal.directory.models import Membership, Organisation, Person
    from focal.mapping.models import CoverageFact, CoverageState
    from focal.vocabulary.services import load_vocabulary

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    load_vocabulary(timezone.now())
    nodes = make_frame()
    CoverageFact.objects.bulk_create(
        (
            CoverageFact(
                record_id=fact.record_id, reference=fact.reference, sequence=place,
                payload={**fact.to_payload(), "measures": [nodes[leaf] for leaf in fact.measures]},
            )
            for place, fact in enumerate(facts, 1)
        ),
        batch_size=2000,
    )  # fmt: skip
    CoverageState.objects.create(pk=1, sequence=len(facts))
    person = Person.objects.create(email="reader@example.org", full_name="Reader")
    office = Organisation.objects.create(name="Office")
    Membership.objects.create(person=person, organisation=office)
    visitor, member = Client(headers={"host": "localhost"}), Client(headers={"host": "localhost"})
    user_logged_in.connect(_show_second_factor)
    member.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")

    def open_page(number: int) -> None:
        query = f"by=measure&depth=3&from={2018 + number % 9}&to={2019 + number % 9}"
        query += "&level=primary" if number % 3 == 0 else ""
        query += "&view=prevention" if number % 4 == 0 else ""
        client = member if number % 2 else visitor
        answer = client.get(f"/mapping/coverage/?{query}")
        if answer.status_code != 200 or answer.content.count(b"<td") < len(leaves) * 13:
            raise SystemExit(
                f"the page failed: {answer.status_code} {answer.headers.get('Location')}"
            )

    time_each(open_page, 2)  # each process reads the facts once
    return time_each(open_page, PAGES)


def make_frame() -> list[int]:
    """The frame of the axis, kept: the key of each of its nodes."""
    from django.utils import timezone

    from focal.mapping.models import Frame, FrameNode

    frame = Frame.objects.create(key="bench", edition="1", title="A plan", added_at=timezone.now())
    kept: list[FrameNode] = []
    for row in make_axis().rows:
        parent = kept[row.above[-1]] if row.above else None
        kept.append(
            FrameNode.objects.create(
                frame=frame, parent=parent, level=("pillar", "objective", "measure")[row.depth],
                code=str(len(kept)), path=f"{len(kept):04}", titles={"en": row.label},
            )
        )  # fmt: skip
    return [node.pk for node in kept]
