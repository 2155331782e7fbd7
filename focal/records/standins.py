"""Things that are found by themselves and shown as the record they belong to.

Apps above register them: their documents go into the same index, under keys of their own, with
an audience of their own, which may be narrower than the record's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from focal.search.documents import SearchDocument
from focal.sharing.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing stands: the reference of its record, and what follows in the address."""

    record: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class StandIn:
    """`load` gives the documents of those keys that are its own; `find` asks for a viewer."""

    name: str
    load: Callable[[Sequence[str]], list[SearchDocument]]
    all_keys: Callable[[], Iterable[str]]
    find: Callable[[Viewer, Sequence[str]], dict[str, Place]]


_stand_ins: dict[str, StandIn] = {}


def register_stand_in(stand_in: StandIn) -> None:
    """Add a sort of things; the same name again replaces it."""
    _stand_ins[stand_in.name] = stand_in


def load_documents(keys: Sequence[str]) -> list[SearchDocument]:
    """The documents of those keys that stand for no record themselves."""
    if not keys:
        return []
    return [document for each in _stand_ins.values() for document in each.load(keys)]


def iterate_keys() -> Iterator[str]:
    """The keys of all such things."""
    for each in _stand_ins.values():
        yield from each.all_keys()


def find_places(viewer: Viewer, keys: Sequence[str]) -> dict[str, Place]:
    """Where those of these things stand that the viewer may see."""
    if not keys:
        return {}
    return {
        key: place for each in _stand_ins.values() for key, place in each.find(viewer, keys).items()
    }
