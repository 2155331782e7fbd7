"""Reading, checking and previewing what others publish: 10,000 rows, and 6 MB of IATI.

Runs in a process of its own, with a data folder of its own: `python -m bench.mapping_import`.
Memory is the growth of the process while it works; each file is also measured at a quarter of its
size, which must need about as much. FOCAL_BENCH_ROWS and FOCAL_BENCH_MEGABYTES change the sizes.
"""

from __future__ import annotations

import os
import random
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.apart import run_apart

ROWS = int(os.environ.get("FOCAL_BENCH_ROWS", "10000"))
MEGABYTES = float(os.environ.get("FOCAL_BENCH_MEGABYTES", "6"))
ECONOMIES = ("AL", "BA", "BG", "HR", "GR", "XK", "MD", "ME", "MK", "RO", "RS", "SI", "TR")
WORDS = ("training", "teachers", "prison", "youth", "media", "work", "community", "families")


def run() -> dict[str, Any]:
    """Seconds and megabytes of a preview, for each file at full and at a quarter of its size."""
    figures: dict[str, Any] = {"rows": ROWS, "megabytes": MEGABYTES}
    for what in ("table", "iati"):
        for share in (0.25, 1.0):
            figures[f"{what} x{share:g}"] = run_apart(measure, what, share)
    return {**figures, "targets": {"seconds": 30, "grown_mb": "about the same at both sizes"}}


def write_table(path: Path, rows: int) -> None:
    """A list of projects: organisations of 400 names, money, dates, some faults."""
    chance = random.Random(7)
    with path.open("w", encoding="utf-8") as file:
        file.write("id;Title;Country;Municipality;Lead;Donor;Budget;Currency;Start;End;Sector\n")
        for number in range(rows):
            words = " ".join(chance.sample(WORDS, 4))
            lead, donor = f"House {chance.randrange(400)}", f"Donor {chance.randrange(40)}"
            currency = "EUR" if number % 50 else "XXX"
            file.write(
                f"P{number};{words} {number};{chance.choice(ECONOMIES)};Place {number % 300};"
                f"{lead};{donor};{chance.randrange(10_000, 900_000)};{currency};"
                "2025-01-01;2026-12-31;"
                f"{chance.choice(('prison', 'youth', 'teacher'))}\n"
            )


def write_iati(path: Path, size: int) -> None:
    """Activities with what large publishers tell: transactions, sectors, several languages."""
    with path.open("w", encoding="utf-8") as file:
        file.write('<iati-activities version="2.03">')
        for number, activity in enumerate(_activities()):
            file.write(activity)
            if file.tell() >= size and number:
                break
        file.write("</iati-activities>")


def _activities() -> Iterator[str]:
    chance, number = random.Random(7), 0
    while True:
        number += 1
        words = " ".join(chance.sample(WORDS, 5))
        money = "".join(
            f'<transaction><transaction-type code="{chance.choice((2, 3, 4))}"/>'
            f'<value currency="EUR" value-date="2025-0{chance.randrange(1, 10)}-01">'
            f"{chance.randrange(1000, 90_000)}</value><provider-org><narrative>Donor"
            f" {chance.randrange(40)}</narrative></provider-org></transaction>"
            for _place in range(18)
        )
        yield (
            f'<iati-activity xml:lang="en" last-updated-datetime="2026-01-01T00:00:00Z">'
            f"<iati-identifier>XX-{number}</iati-identifier><reporting-org ref='XX'><narrative>"
            f"House {number % 60}</narrative></reporting-org><title><narrative>{words} {number}"
            f"</narrative><narrative xml:lang='sq'>{words}</narrative></title><description>"
            f"<narrative>{' '.join([words] * 20)}</narrative></description><activity-status"
            f' code="2"/><activity-date type="2" iso-date="2025-01-01"/>'
            f'<recipient-country code="{chance.choice(ECONOMIES)}" percentage="60"/>'
            f'<recipient-country code="KE" percentage="40"/>'
            f'<sector vocabulary="1" code="15220" percentage="100"/>{money}</iati-activity>'
        )


def measure(what: str, share: float) -> dict[str, Any]:
    """One file, in this process."""
    from django.core.management import call_command
    from django.utils import timezone

    from focal.directory.models import Organisation
    from focal.mapping.importing import jobs
    from focal.sharing.viewer import Viewer
    from focal.vocabulary.services import load_vocabulary

    call_command("migrate", verbosity=0)
    load_vocabulary(timezone.now())
    office = Organisation.objects.create(name="Office", is_secretariat=True)
    by = Viewer.for_organisation(office, name="bench")
    path = Path(os.environ["FOCAL_DATA"]) / ("file.csv" if what == "table" else "file.xml")
    if what == "table":
        write_table(path, int(ROWS * share))
    else:
        write_iati(path, int(MEGABYTES * 1024 * 1024 * share))
    job = jobs.start_import(
        file=path, name=path.name, by=by, organisation=office, marking="GREEN",
        publish=False, at=timezone.now(), queue=False,
    )  # fmt: skip
    before, started, shown = _peak(), time.perf_counter(), []
    worked = time.process_time()
    jobs.check(job, by=by, at=timezone.now(), progress=lambda done, total: shown.append(done))
    return {
        "seconds": round(time.perf_counter() - started, 1),
        "cpu_seconds": round(time.process_time() - worked, 1),
        "grown_mb": round(_peak() - before, 1),
        "file_mb": round(path.stat().st_size / 1024**2, 1),
        "progress_shown": len(shown),
        **job.counts,
    }


def _peak() -> float:
    """The most memory that the process has held, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
