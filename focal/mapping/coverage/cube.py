"""All facts in memory as columns, so that any question is answered by counting.

Each process holds one cube and brings it up to date before it answers: by the facts written
since (their sequence grows in the order of their commits) and by the keys that something was
taken away from and that the consumer has not settled yet. Two queries, whatever has changed.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from focal.mapping.coverage.facts import KINDS, Fact
from focal.mapping.models import CoverageFact, CoverageState
from focal.outbox.services import get_revoked_keys
from focal.sharing.tokens import PUBLIC

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

CONSUMER = "coverage"
OPEN_START, OPEN_END = 1, 3_652_059  # the first and the last day a calendar has
PER_RECORD = (
    "ids", "kind", "audience", "counts", "start", "end", "due", "view", "funders", "lead", "owner",
    "parent", "euro", "money_start", "money_end", "has_money", "unconverted",
)  # fmt: skip
VIEWS = ("", "prevention", "response")


class Names:
    """Numbers for names, given in the order they are met and never taken back."""

    def __init__(self) -> None:
        self.names: list[Any] = []
        self.numbers: dict[Any, int] = {}

    def __len__(self) -> int:
        return len(self.names)

    def give(self, name: Any) -> int:
        """The number of a name; a new one when it has none."""
        number = self.numbers.get(name)
        if number is None:
            number = self.numbers[name] = len(self.names)
            self.names.append(name)
        return number

    def find(self, name: Any) -> int:
        """The number of a name; -1 when it has none."""
        return self.numbers.get(name, -1)


@dataclass(frozen=True, slots=True)
class Tags:
    """Rows of a record with something: an economy, a node, a group; `weight` is its share."""

    record: Ints
    tag: Ints
    weight: Floats


@dataclass(frozen=True)
class Cube:
    """The facts at one moment. Nothing in it changes; a newer one takes its place."""

    token: str
    sequence: int
    columns: dict[str, NDArray[Any]]
    tags: dict[str, Tags]
    names: dict[str, Names]
    cache: dict[Any, Any] = field(default_factory=dict, compare=False)

    def __len__(self) -> int:
        return len(self.columns["ids"])

    def get_visible(self, tokens: Collection[str], hidden: Collection[str]) -> Flags:
        """Which records a holder of the tokens may know of; `hidden` are references left out."""
        meets = np.array(
            [not audience.isdisjoint(tokens) for audience in self.names["audience"].names], bool
        )
        visible: Flags = meets[self.columns["audience"]] if len(self) else np.zeros(0, bool)
        if hidden:
            places = self.get_places()
            for reference in hidden:
                place = places.get(reference)
                if place is not None:
                    visible[place] = False
        return visible

    def get_places(self) -> dict[str, int]:
        """Where each record stands, by its reference."""
        if "places" not in self.cache:
            self.cache["places"] = {
                name: place for place, name in enumerate(self.columns["reference"].tolist())
            }
        return self.cache["places"]

    def is_restricted(self) -> Flags:
        """Which records are not for the public."""
        if "restricted" not in self.cache:
            open_to_all = [PUBLIC in audience for audience in self.names["audience"].names]
            flags = np.array(open_to_all, bool)
            self.cache["restricted"] = (
                ~flags[self.columns["audience"]] if len(self) else np.zeros(0, bool)
            )
        return self.cache["restricted"]


TAGS = ("economy", "measure", "topic", "group", "level")
TYPES: dict[str, Any] = {
    "kind": np.int8, "counts": np.bool_, "view": np.int8, "euro": np.float64,
    "has_money": np.bool_, "unconverted": np.bool_, "reference": np.dtype("<U14"),
}  # fmt: skip


def make_empty(token: str) -> Cube:
    """A cube that knows of nothing."""
    names = {name: Names() for name in ("audience", "funders", *TAGS)}
    names["audience"].give(frozenset())
    names["funders"].give(frozenset())
    columns = {name: np.zeros(0, TYPES.get(name, np.int64)) for name in (*PER_RECORD, "reference")}
    tags = {name: Tags(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)) for name in TAGS}
    return Cube(token, 0, columns, tags, names)


def renew(cube: Cube, facts: Iterable[Fact], gone: Collection[int], sequence: int) -> Cube:
    """The cube with these facts in the place of what it knew of their records.

    What was worked out from the old one and can be carried over is carried: a change of one record
    must not cost a reader the counting of fifty thousand.
    """
    fresh = _encode(cube.token, sequence, list(facts), cube.names)
    replaced = np.union1d(fresh.columns["ids"], np.array(sorted(gone), np.int64))
    keep = ~np.isin(cube.columns["ids"], replaced)
    change = Change(keep, np.cumsum(keep) - 1, int(keep.sum()), fresh)
    return Cube(
        token=cube.token,
        sequence=sequence,
        columns={
            name: np.concatenate([values[keep], fresh.columns[name]])
            for name, values in cube.columns.items()
        },
        tags={
            name: Tags(
                change.join(old.record, fresh.tags[name].record),
                change.append(old.record, old.tag, fresh.tags[name].tag),
                change.append(old.record, old.weight, fresh.tags[name].weight),
            )
            for name, old in cube.tags.items()
        },
        names=cube.names,
        cache={
            key: value.carry(change)
            for key, value in list(cube.cache.items())
            if hasattr(value, "carry")
        },
    )


@dataclass(frozen=True, slots=True)
class Change:
    """From one cube to the next: which records stay, where they then stand, and what is new."""

    keep: Flags
    moved: Ints
    first: int
    fresh: Cube

    def join(self, record: Ints, fresh: Ints) -> Ints:
        """A column of records: those that stay where they then stand, and the new ones."""
        return np.concatenate([self.moved[record[self.keep[record]]], fresh + self.first])

    def append(self, record: Ints, values: NDArray[Any], fresh: NDArray[Any]) -> NDArray[Any]:
        """Another column beside it."""
        return np.concatenate([values[self.keep[record]], fresh])


def _encode(token: str, sequence: int, facts: Sequence[Fact], names: dict[str, Names]) -> Cube:
    audience, funders = names["audience"], names["funders"]
    rows: dict[str, list[Any]] = {name: [] for name in (*PER_RECORD, "reference")}
    tags: dict[str, tuple[list[int], list[int], list[float]]]
    tags = {name: ([], [], []) for name in TAGS}
    for place, fact in enumerate(facts):
        for name, value in (
            ("ids", fact.record_id),
            ("reference", fact.reference),
            ("kind", KINDS.index(fact.kind)),
            ("audience", audience.give(frozenset(fact.audience))),
            ("counts", fact.counts),
            ("start", OPEN_START if fact.start is None else fact.start),
            ("end", OPEN_END if fact.end is None else fact.end),
            ("due", OPEN_END if fact.due is None else fact.due),
            ("view", VIEWS.index(fact.view) if fact.view in VIEWS else 0),
            ("funders", funders.give(frozenset(fact.funders))),
            ("lead", fact.lead),
            ("owner", fact.owner),
            ("parent", -1 if fact.parent is None else fact.parent),
            ("euro", fact.euro),
            ("money_start", fact.money_start),
            ("money_end", fact.money_end),
            ("has_money", fact.has_money),
            ("unconverted", fact.unconverted),
        ):
            rows[name].append(value)
        for name, keys in (
            ("economy", fact.economies),
            ("measure", dict.fromkeys(fact.measures, 1.0)),
            ("topic", fact.topics),
            ("group", dict.fromkeys(fact.groups, 1.0)),
            ("level", dict.fromkeys(fact.levels, 1.0)),
        ):
            record, tag, weight = tags[name]
            for key, share in keys.items():
                record.append(place)
                tag.append(names[name].give(key))
                weight.append(share)
    return Cube(
        token=token,
        sequence=sequence,
        columns={
            name: np.array(values, TYPES.get(name, np.int64)) for name, values in rows.items()
        },
        tags={
            name: Tags(np.array(record, np.int64), np.array(tag, np.int64), np.array(weight, float))
            for name, (record, tag, weight) in tags.items()
        },
        names=names,
    )


# The cube of this process

_lock = threading.Lock()
_held: list[Cube] = []


def get_cube() -> tuple[Cube, list[str]]:
    """The cube as it stands, and the references that must be left out of it. Three queries."""
    # First what is revoked: what is settled meanwhile is found among the facts.
    hidden = get_revoked_keys(CONSUMER)
    with _lock:
        token = CoverageState.objects.values_list("token", flat=True).first() or ""
        cube = _held[0] if _held and _held[0].token == token else make_empty(token)
        rows = list(
            CoverageFact.objects.filter(sequence__gt=cube.sequence)
            .order_by("sequence")
            .values_list("record_id", "reference", "sequence", "payload")
        )
        if rows:
            facts = [Fact.from_payload(pk, name, kept) for pk, name, _s, kept in rows if kept]
            gone = [pk for pk, _name, _s, kept in rows if not kept]
            cube = renew(cube, facts, gone, rows[-1][2])
        _held[:] = [cube]
    return cube, hidden


def forget() -> None:
    """Drop what this process holds: the next question reads all facts again."""
    with _lock:
        _held.clear()
