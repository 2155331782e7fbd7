"""The two ways to cut: by the measures of a frame, or by topics. Both are trees.

A record tagged with a measure counts for the objective and the pillar above it too, once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from focal.mapping.models import Frame, FrameNode
from focal.vocabulary.selectors import get_vocabulary

MEASURE, TOPIC = "measure", "topic"
BY = (MEASURE, TOPIC)


@dataclass(frozen=True, slots=True)
class Row:
    """A node of the tree: `key` as facts name it, `slug` as addresses do, `above` its parents'
    places, the nearest last."""

    key: Any
    slug: str
    code: str
    label: str
    depth: int
    above: tuple[int, ...]

    @property
    def name(self) -> str:
        """Its number and its label."""
        return f"{self.code} {self.label}".strip()


@dataclass(frozen=True)
class Axis:
    """A whole tree, in its order, broader before narrower."""

    by: str
    rows: tuple[Row, ...]
    frame: Frame | None = None

    @cached_property
    def places(self) -> Mapping[Any, int]:
        """Where each node stands, by its key."""
        return {row.key: place for place, row in enumerate(self.rows)}

    @cached_property
    def leaves(self) -> frozenset[int]:
        """The places with nothing below them."""
        parents = {row.above[-1] for row in self.rows if row.above}
        return frozenset(range(len(self.rows))) - parents

    @property
    def shape(self) -> tuple[Any, ...]:
        """What the counting depends on: the same shape, the same way to roll up."""
        return (self.by, tuple((row.key, row.above) for row in self.rows))

    @property
    def deepest(self) -> int:
        """How many levels there are."""
        return 1 + max((row.depth for row in self.rows), default=0)

    def find(self, slug: str) -> int | None:
        """The place of a node by the name that addresses give it."""
        return next((place for place, row in enumerate(self.rows) if row.slug == slug), None)

    def below(self, place: int) -> list[int]:
        """Everything under a node, in order, without itself."""
        return [other for other, row in enumerate(self.rows) if place in row.above]

    def choose(self, *, within: int | None = None, depth: int | None = None) -> list[int]:
        """The places to show: a node and what is below it, or all; down to a depth."""
        places: Sequence[int] = (
            range(len(self.rows)) if within is None else [within, *self.below(within)]
        )
        if depth is None:
            return list(places)
        first = self.rows[within].depth if within is not None else 0
        return [place for place in places if self.rows[place].depth - first < depth]


def get_topic_axis(language: str) -> Axis:
    """All topics in use."""
    vocabulary = get_vocabulary()
    places: dict[str, int] = {}
    rows: list[Row] = []
    path: list[int] = []
    for key, depth in vocabulary.get_tree("topics"):
        del path[depth:]
        rows.append(
            Row(key, key, "", vocabulary.label("topics", key, language), depth, tuple(path))
        )
        places[key] = len(rows) - 1
        path.append(places[key])
    return Axis(TOPIC, tuple(rows))


def get_measure_axis(frame: Frame, language: str) -> Axis:
    """All pillars, objectives and measures of a frame. One query."""
    nodes = list(FrameNode.objects.filter(frame_id=frame.pk).order_by("path", "pk"))
    places: dict[int, int] = {}
    rows: list[Row] = []
    for node in nodes:
        parent = places.get(node.parent_id) if node.parent_id else None
        above = () if parent is None else (*rows[parent].above, parent)
        rows.append(
            Row(node.pk, node.reference, node.code, node.get_title(language), len(above), above)
        )
        places[node.pk] = len(rows) - 1
    return Axis(MEASURE, tuple(rows), frame)


def list_frames() -> list[Frame]:
    """All frames, those in force first."""
    return list(Frame.objects.order_by("-is_current", "is_example", "key", "-edition", "pk"))
