"""The coverage matrix for many filters at 50,000 initiatives, 5,000 needs and 2,000 responses.

Milliseconds of the counting, with records changing in between; made-up facts in 13 economies and a
frame of 60 measures. `python -m bench.coverage`.
"""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INITIATIVES = int(os.environ.get("FOCAL_BENCH_INITIATIVES", "50000").split(",")[-1])
NEEDS, RESPONSES, ORGANISATIONS = INITIATIVES // 10, INITIATIVES // 25, 2000
ROUNDS = 60
ECONOMIES = ("AL", "BA", "BG", "HR", "GR", "XK", "MD", "ME", "MK", "RO", "RS", "SI", "TR")
TODAY = date(2026, 3, 1)


def run() -> dict[str, object]:
    """Median and p95 of the matrix for changing filters; of one after a change; of the first."""
    with tempfile.TemporaryDirectory(prefix="focal-bench-") as folder:
        environment = {**os.environ, "FOCAL_DATA": folder, "FOCAL_LOG_LEVEL": "ERROR",
                       "DJANGO_SETTINGS_MODULE": "focal.config.settings"}  # fmt: skip
        answer = subprocess.run(
            [sys.executable, "-m", "bench.coverage", "--measure"],
            cwd=ROOT, env=environment, check=True, capture_output=True, text=True,
        )  # fmt: skip
    return json.loads(answer.stdout.splitlines()[-1])


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
    import django

    django.setup()
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

    def ask(number: int) -> float:
        begun = time.perf_counter()
        tokens = (("public",), ("public", "community"), ("public", "community", f"org:{number}"))
        filters = Filters(
            Period.of_years(2018 + number % 9, 2019 + number % 9), TODAY,
            groups=frozenset({f"g{number % 20}"}) if number % 2 else frozenset(),
            levels=frozenset({"primary"}) if number % 3 == 0 else frozenset(),
        )  # fmt: skip
        visible = cube.get_visible(tokens[number % 3], [])
        count(cube, visible, axis, filters, economies=ECONOMIES, rows=range(len(axis.rows)))
        return (time.perf_counter() - begun) * 1000

    first = ask(0)
    took = [ask(number) for number in range(ROUNDS)]
    changed = []
    for number in range(20):
        begun = time.perf_counter()
        cube = renew(cube, [make_fact(number + 1, "initiative", leaves, chance)], [], number + 2)
        changed.append((time.perf_counter() - begun) * 1000 + ask(number))
    return {
        "initiatives": INITIATIVES,
        "cells": len(ECONOMIES) * len(axis.rows),
        "load_seconds": round(loaded, 2),
        "first_ms": round(first, 1),
        "median_ms": round(statistics.median(took), 1),
        "p95_ms": round(sorted(took)[int(ROUNDS * 0.95)], 1),
        "after_a_change_median_ms": round(statistics.median(changed), 1),
        "after_a_change_p95_ms": round(sorted(changed)[18], 1),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure()))
    else:
        print(json.dumps(run(), indent=1))
