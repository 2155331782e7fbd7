"""Which pairs are worth comparing: found by what they share, not by trying all.

Pairs are looked for inside blocks: initiatives of one economy, for one target group, at one measure
or topic; of one economy and one lead; of one economy and one funder; under one identifier or one
title. Inside a block the vectors of meaning decide which are compared in full.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from focal.mapping.coverage.cube import Cube, Flags, Ints
from focal.mapping.coverage.facts import INITIATIVE, KINDS
from focal.mapping.overlaps.near import NEAR_MEANING, Nearness, Side, compare, fold_title

Vectors = NDArray[np.float32]
Identifiers = frozenset[tuple[str, str]]
CHUNK = 1024  # rows of a block compared at once
MOST = 20  # pairs that one initiative keeps with those of one audience


@dataclass(frozen=True, slots=True)
class Found:
    """Two records that come close, the lower number first."""

    first: int
    second: int
    nearness: Nearness


@dataclass(frozen=True)
class Material:
    """Everything comparing needs of some initiatives; `places` are theirs in the cube, rising."""

    cube: Cube
    places: Ints
    vectors: Vectors
    has_vector: Flags
    titles: dict[int, str]
    identifiers: dict[int, Identifiers]
    tags: dict[str, dict[int, list[int]]]
    sides: dict[int, Side] = field(default_factory=dict)

    def side(self, place: int) -> Side:
        """One initiative as it is compared."""
        if place not in self.sides:
            self.sides[place] = self._make_side(place)
        return self.sides[place]

    def _make_side(self, place: int) -> Side:
        columns, names, tags = self.cube.columns, self.cube.names, self.tags
        pk, parent = int(columns["ids"][place]), int(columns["parent"][place])

        def named(name: str) -> list[Any]:
            return [names[name].names[tag] for tag in tags[name].get(place, ())]

        return Side(
            record_id=pk,
            title=self.titles.get(pk, ""),
            economies=frozenset(named("economy")),
            nodes=frozenset(
                [*(("m", key) for key in named("measure")), *(("t", key) for key in named("topic"))]
            ),
            groups=frozenset(named("group")),
            funders=names["funders"].names[int(columns["funders"][place])],
            lead=int(columns["lead"][place]),
            start=int(columns["start"][place]),
            end=int(columns["end"][place]),
            euro=float(columns["euro"][place]),
            parent=None if parent < 0 else parent,
            identifiers=self.identifiers.get(pk, frozenset()),
        )


def find_initiatives(cube: Cube) -> Ints:
    """The places of all initiatives in a cube, rising."""
    return np.flatnonzero(cube.columns["kind"] == KINDS.index(INITIATIVE))


def gather_tags(cube: Cube, places: Ints) -> dict[str, dict[int, list[int]]]:
    """What these records are tagged with, tag by tag."""
    wanted = np.zeros(len(cube), bool)
    wanted[places] = True
    gathered: dict[str, dict[int, list[int]]] = {}
    for name, rows in cube.tags.items():
        found: dict[int, list[int]] = defaultdict(list)
        chosen = wanted[rows.record]
        pairs = zip(rows.record[chosen].tolist(), rows.tag[chosen].tolist(), strict=True)
        for place, tag in pairs:
            found[place].append(tag)
        gathered[name] = found
    return gathered


def find_all(
    material: Material, progress: Callable[[int, int], None] = lambda *_: None
) -> list[Found]:
    """All pairs that come close, each once."""
    pairs: dict[tuple[int, int], float] = {}
    blocks = list(_iterate_blocks(material))
    # Many small products: threads would spend most of the time waiting for one another.
    with threadpool_limits(limits=1, user_api="blas"):
        for number, block in enumerate(blocks):
            _compare_block(material, np.array(block), pairs)
            if number % 1000 == 0:
                progress(number, len(blocks))
    found = (_compare(material, a, b, meaning) for (a, b), meaning in pairs.items())
    return keep_nearest(material.cube, [pair for pair in found if pair is not None])


def find_for(material: Material, place: int) -> list[Found]:
    """All pairs of one initiative with the others of the material."""
    others = material.places[material.places != place]
    own = int(np.searchsorted(material.places, place))
    at = np.searchsorted(material.places, others)
    meaning = np.clip(material.vectors[at] @ material.vectors[own], 0, 1)
    found = [
        _compare(material, place, other, near)
        for other, near in zip(others.tolist(), meaning.tolist(), strict=True)
        if near >= NEAR_MEANING or _share_identifier(material, place, other)
    ]
    return keep_nearest(material.cube, [pair for pair in found if pair is not None])


def _share_identifier(material: Material, place: int, other: int) -> bool:
    mine, theirs = (
        material.identifiers.get(int(material.cube.columns["ids"][at]), frozenset())
        for at in (place, other)
    )
    return bool(mine & theirs)


def _compare(material: Material, a: int, b: int, meaning: float) -> Found | None:
    first, second = sorted((material.side(a), material.side(b)), key=lambda side: side.record_id)
    nearness = compare(first, second, min(meaning, 1.0))
    return None if nearness is None else Found(first.record_id, second.record_id, nearness)


# Blocks


def _iterate_blocks(material: Material) -> Iterator[list[int]]:
    """Lists of places worth comparing with one another. A pair may come in several."""
    blocks: dict[Any, list[int]] = defaultdict(list)
    for place in material.places.tolist():
        for key in dict.fromkeys(_name_blocks(material, place)):
            blocks[key].append(place)
    return (block for block in blocks.values() if len(block) > 1)


def _name_blocks(material: Material, place: int) -> Iterable[Any]:
    columns, tags = material.cube.columns, material.tags
    pk = int(columns["ids"][place])
    funders = material.cube.names["funders"].names[int(columns["funders"][place])]
    nodes = [("m", tag) for tag in tags["measure"].get(place, ())]
    nodes += [("t", tag) for tag in tags["topic"].get(place, ())]
    title = " ".join(sorted(fold_title(material.titles.get(pk, ""))))
    for economy in tags["economy"].get(place, ()):
        yield ("lead", economy, int(columns["lead"][place]))
        yield ("title", economy, title)
        for funder in funders:
            yield ("funder", economy, funder)
        for node in nodes:
            for group in tags["group"].get(place, ()):
                yield ("cell", economy, node, group)
    for identifier in material.identifiers.get(pk, ()):
        yield ("identifier", identifier)


def _compare_block(material: Material, block: Ints, pairs: dict[tuple[int, int], float]) -> None:
    """Note the pairs of a block whose meaning is near, and those under one identifier."""
    at = np.searchsorted(material.places, block)
    for first in range(0, len(block), CHUNK):
        near = material.vectors[at[first : first + CHUNK]] @ material.vectors[at[first:]].T
        rows, columns = np.nonzero(near >= NEAR_MEANING)
        later = columns > rows
        for row, column in zip(rows[later].tolist(), columns[later].tolist(), strict=True):
            a, b = int(block[first + row]), int(block[first + column])
            pairs[a, b] = float(near[row, column])
    if material.identifiers and len(block) <= CHUNK:
        marked = [
            place
            for place in block.tolist()
            if int(material.cube.columns["ids"][place]) in material.identifiers
        ]
        for number, a in enumerate(marked):
            for b in marked[number + 1 :]:
                if _share_identifier(material, a, b):
                    pairs.setdefault((a, b), 0.0)


def find_neighbours(cube: Cube, place: int, *, named: Sequence[int] = ()) -> Ints:
    """The places worth comparing with one: those that share a block with it, itself among them.

    `named` are the numbers of records that share an identifier or the title with it.
    """
    columns = cube.columns
    tags = gather_tags(cube, np.array([place]))

    def having(name: str) -> Flags:
        rows, flags = cube.tags[name], np.zeros(len(cube), bool)
        flags[rows.record[np.isin(rows.tag, tags[name].get(place, []))]] = True
        return flags

    close = (having("measure") | having("topic")) & having("group")
    close |= columns["lead"] == columns["lead"][place]
    funders = cube.names["funders"].names
    mine = funders[int(columns["funders"][place])]
    shared = [number for number, other in enumerate(funders) if not mine.isdisjoint(other)]
    close |= np.isin(columns["funders"], shared)
    close &= having("economy")
    close |= np.isin(columns["ids"], np.array(sorted(named), np.int64))
    close &= columns["kind"] == KINDS.index(INITIATIVE)
    close[place] = True
    return np.flatnonzero(close)


def keep_nearest(cube: Cube, found: Sequence[Found]) -> list[Found]:
    """Of each initiative the nearest ones, so many of each audience.

    By audience: what is shown must not depend on how many there are that a reader does not see.
    """
    columns = cube.columns
    known = dict(zip(columns["ids"].tolist(), columns["audience"].tolist(), strict=True))
    kept: dict[tuple[int, int], int] = defaultdict(int)
    nearest = []
    for pair in sorted(found, key=lambda one: (-one.nearness.score, one.first, one.second)):
        ways = (
            (pair.first, known.get(pair.second, -1)),
            (pair.second, known.get(pair.first, -1)),
        )
        if any(kept[way] < MOST for way in ways):
            nearest.append(pair)
        for way in ways:
            kept[way] += 1
    return nearest
