"""What each app declares about its doors, rows and kinds, in `tests/<app>/declared.py`.

Every name is optional there: DOORS (rules of its addresses, see `tests/doors.py`), ON_RECORDS,
OWN, OPEN (its models, see `tests/test_boundaries.py`), SYSTEM_PLACES (its modules that serve the
platform itself), KINDS (its kinds of records, each with what it needs beside a title), DRESSINGS
(functions of world, record, word and moment that hang something of the app's on a record of the
world in `tests/world.py`, carrying the record's word).
"""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

APPS = sorted(path.parent.name for path in Path(__file__).parent.glob("*/declared.py"))


def gather(name: str) -> Iterator:
    """Whatever the apps declare under that name, one after another."""
    import_module("tests.doors")  # first: what is declared is said in its words
    for app in APPS:
        yield from getattr(import_module(f"tests.{app}.declared"), name, ())


def gather_kinds() -> dict[str, dict]:
    """The kinds of records that apps above `records` bring, with the content each needs."""
    return {
        kind: content
        for app in APPS
        for kind, content in getattr(import_module(f"tests.{app}.declared"), "KINDS", {}).items()
    }
