"""Measure in a process of its own, with a data folder of its own.

What was read or imported for one measurement then costs the next nothing, and no measurement
touches the data of whoever runs it.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("FOCAL_SHARED_DATA", ROOT.parent / "shared" / "data"))
SETTINGS = "focal.config.settings"


@contextmanager
def make_data_folder() -> Iterator[Path]:
    """A folder for data that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="focal-bench-") as folder:
        yield Path(folder)


def get_environment(folder: Path, *, settings: str = SETTINGS) -> dict[str, str]:
    """The environment of a process that keeps its data there and says nothing but errors."""
    return {
        **os.environ,
        "FOCAL_DATA": str(folder),
        "FOCAL_LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": settings,
    }


def run_apart(
    function: Callable[..., Any],
    *arguments: str | float,
    folder: Path | None = None,
    settings: str = SETTINGS,
) -> Any:
    """What a function of a module returns when a process of its own calls it, as JSON has it.

    Its data lie in `folder`, or in one that is gone afterwards. CalledProcessError when it fails;
    what went wrong stands on the standard error.
    """
    asked = [function.__module__, function.__name__, *map(json.dumps, arguments)]
    with nullcontext(folder) if folder else make_data_folder() as place:
        place.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [sys.executable, "-m", "bench.apart", *asked],
            cwd=ROOT,
            env=get_environment(place, settings=settings),
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    return json.loads(done.stdout.splitlines()[-1])


def main(module: str, name: str, *arguments: str) -> None:
    """Call the function, with Django set up, and write what it returns."""
    import django

    django.setup()
    function = getattr(importlib.import_module(module), name)
    print(json.dumps(function(*map(json.loads, arguments)), ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
