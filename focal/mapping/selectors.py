"""What the pages of the mapping show. Everything is read through the viewer's door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from focal.mapping.models import (
    Frame,
    FrameNode,
    Identifier,
    Initiative,
    InitiativeFunding,
    InitiativePartner,
    InitiativePlace,
    InitiativeSplit,
    MappedRecord,
    Need,
    Response,
    is_known,
)
from focal.records.finding.shown import ShownRecord, only_for_lists, show
from focal.sharing.viewer import Viewer

MODELS: dict[str, type[MappedRecord]] = {
    "need": Need,
    "response": Response,
    "initiative": Initiative,
}
OUT = ("published", "archived")


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of a kind a viewer sees, and how many of them have to be confirmed again."""

    kind: str
    total: int
    stale: int


@dataclass(frozen=True, slots=True)
class MappedRow:
    """A record in a list, with what the mapping adds."""

    shown: ShownRecord
    record: Any
    is_stale: bool


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """An item of a frame that a record serves, with what stands above it."""

    frame: Frame
    code: str
    title: str
    above: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Details:
    """What hangs on a record of the mapping, ready to be shown."""

    measures: tuple[MeasureRow, ...] = ()
    places: tuple[InitiativePlace, ...] = ()
    partners: tuple[InitiativePartner, ...] = ()
    funding: tuple[InitiativeFunding, ...] = ()
    economy_shares: tuple[InitiativeSplit, ...] = ()
    topic_shares: tuple[InitiativeSplit, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    parent: Initiative | None = None
    children: tuple[Initiative, ...] = ()


def list_mapped(viewer: Viewer, kind: str) -> QuerySet[Any]:
    """Needs, responses or initiatives that the viewer sees and that are out."""
    return MODELS[kind].objects.visible_to(viewer).filter(state__in=OUT)


def count_kinds(viewer: Viewer, *, on: date) -> list[Counted]:
    """Each kind with its numbers. Two queries a kind."""
    found = []
    for kind in MODELS:
        rows = list_mapped(viewer, kind)
        total = rows.count()
        found.append(Counted(kind, total, total - rows.filter(is_known(on)).count()))
    return found


def show_rows(rows: Sequence[Any], language: str, *, on: date) -> list[MappedRow]:
    """Rows of a list in the reader's language."""
    return [
        MappedRow(shown, row, row.is_stale(on))
        for row, shown in zip(rows, show(rows, language), strict=True)
    ]


def list_newest(viewer: Viewer, language: str, *, on: date, limit: int = 5) -> list[MappedRow]:
    """What was changed last, of all kinds together."""
    rows: list[Any] = []
    for kind in MODELS:
        rows += only_for_lists(list_mapped(viewer, kind)).order_by("-updated_at", "-pk")[:limit]
    rows.sort(key=lambda row: (row.updated_at, row.pk), reverse=True)
    return show_rows(rows[:limit], language, on=on)


def list_frames() -> list[Frame]:
    """Current editions of all frames."""
    return list(Frame.objects.filter(is_current=True).order_by("title", "pk"))


def get_mapped(viewer: Viewer, reference: str) -> MappedRecord | None:
    """A need, response or initiative, or None where the viewer does not see one of that name."""
    for model in MODELS.values():
        found = (
            model.objects.visible_to(viewer)
            .select_related("owner_organisation", "last_confirmed_by")
            .filter(reference=reference)
            .first()
        )
        if found is not None:
            return found
    return None


def read_shown_details(viewer: Viewer, record: MappedRecord, language: str) -> Details:
    """The details of a record the viewer sees; related initiatives only as far as they see them."""
    measures = _list_measures(record, language)
    identifiers = tuple(Identifier.objects.filter(record_id=record.pk).order_by("scheme", "value"))
    if not isinstance(record, Initiative):
        return Details(measures=measures, identifiers=identifiers)
    mine = {"initiative_id": record.pk}
    shares = InitiativeSplit.objects.filter(**mine).order_by("-percent", "pk")
    visible = Initiative.objects.visible_to(viewer)
    return Details(
        measures=measures,
        identifiers=identifiers,
        places=tuple(InitiativePlace.objects.filter(**mine).order_by("economy_id", "name")),
        partners=tuple(
            InitiativePartner.objects.filter(**mine)
            .select_related("organisation")
            .order_by("role", "organisation__name", "pk")
        ),
        funding=tuple(
            InitiativeFunding.objects.filter(**mine).select_related("donor").order_by("position")
        ),
        economy_shares=tuple(shares.filter(economy__isnull=False)),
        topic_shares=tuple(shares.filter(topic__isnull=False).select_related("topic")),
        parent=visible.filter(pk=record.parent_id or 0).first(),
        children=tuple(visible.filter(parent_id=record.pk).order_by("start_date", "pk")),
    )


def _list_measures(record: MappedRecord, language: str) -> tuple[MeasureRow, ...]:
    nodes = list(record.measures.select_related("frame").order_by("frame__title", "path", "pk"))
    above = {
        (node.frame_id, node.path): node.get_title(language)
        for node in FrameNode.objects.filter(frame__in={node.frame_id for node in nodes})
    }
    return tuple(
        MeasureRow(
            node.frame,
            node.code,
            node.get_title(language),
            tuple(
                title
                for (frame, path), title in sorted(above.items())
                if frame == node.frame_id and node.path.startswith(path) and node.path != path
            ),
        )
        for node in nodes
    )


def count_by_node(viewer: Viewer, frame: Frame) -> dict[int, dict[str, int]]:
    """How many of each kind the viewer sees under each item itself. Three queries."""
    found: dict[int, dict[str, int]] = {}
    for kind in MODELS:
        rows = (
            list_mapped(viewer, kind)
            .filter(measures__frame=frame)
            .values("measures")
            .annotate(number=Count("pk", distinct=True))
            .values_list("measures", "number")
        )
        for node, number in rows:
            found.setdefault(node, {})[kind] = number
    return found
