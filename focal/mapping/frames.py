"""Frames: taking one in as a tree, and the edition that follows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from focal.audit.services import write_entry
from focal.kernel.errors import BadInput
from focal.mapping.models import Frame, FrameNode
from focal.records.content import clean_line, clean_text
from focal.vocabulary.models import Concept

LEVELS = tuple(FrameNode.Level.values)


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One item of a frame as it comes in; `code` says where it stands: 2.1.3 is under 2.1."""

    code: str
    level: str
    titles: Mapping[str, str]
    description: str = ""
    topics: Sequence[str] = field(default_factory=tuple)


@transaction.atomic
def add_frame(
    *,
    key: str,
    edition: str,
    title: str,
    rows: Iterable[NodeRow],
    actor_key: str,
    at: datetime,
    acronym: str = "",
    language: str = "en",
    economy: str = "",
    start_date: date | None = None,
    end_date: date | None = None,
    source_url: str = "",
    is_example: bool = False,
) -> Frame:
    """A frame, or its next edition: then the one before stays, with all that is filed under it.

    An item with the number it had in the edition before is its successor. BadInput names the
    item that has no place, or stands there twice.
    """
    if Frame.objects.filter(key=key, edition=edition).exists():
        raise BadInput(_("There is an edition '%s' of this plan already.") % edition)
    before = Frame.objects.select_for_update().filter(key=key, is_current=True).first()
    if before is not None:
        Frame.objects.filter(pk=before.pk).update(is_current=False)
    frame = Frame.objects.create(
        key=key,
        edition=clean_line(edition)[:40],
        title=clean_line(title)[:300],
        acronym=clean_line(acronym)[:40],
        language=language,
        economy_id=economy or None,
        supersedes=before,
        start_date=start_date,
        end_date=end_date,
        source_url=source_url,
        is_example=is_example,
        added_at=at,
    )
    _add_nodes(frame, before, list(rows))
    write_entry(
        action="frame.added",
        target_kind="frame",
        target_key=frame.reference,
        actor_key=actor_key,
        at=at,
        detail={"key": key, "edition": edition},
    )
    return frame


def _add_nodes(frame: Frame, before: Frame | None, rows: Sequence[NodeRow]) -> None:
    if not rows:
        raise BadInput(_("There is no pillar, objective or measure in it."))
    earlier = {node.code: node for node in FrameNode.objects.filter(frame=before)} if before else {}
    concepts = {row.key: row for row in Concept.objects.filter(scheme="topics")}
    made: dict[str, FrameNode] = {}
    places: dict[str, int] = {}
    for row in rows:
        parent = _find_parent(row, made)
        under = parent.path if parent else ""
        places[under] = places.get(under, 0) + 1
        node = FrameNode.objects.create(
            frame=frame,
            parent=parent,
            succeeds=earlier.get(row.code),
            level=row.level,
            code=row.code,
            path=f"{under}{places[under]:04}",
            titles={code: clean_line(text)[:500] for code, text in row.titles.items() if text},
            description=clean_text(row.description),
        )
        node.topics.set([concepts[key] for key in row.topics if key in concepts])
        made[row.code] = node


def _find_parent(row: NodeRow, made: Mapping[str, FrameNode]) -> FrameNode | None:
    """The item above: the longest number made so far that this one begins with."""
    if not row.code or not row.titles:
        raise BadInput(_("An item has no number or no title."))
    if row.code in made:
        raise BadInput(_("The number %s stands there twice.") % row.code)
    if row.level not in LEVELS:
        raise BadInput(
            _("%(code)s: '%(level)s' is none of pillar, objective, measure.")
            % {"code": row.code, "level": row.level}
        )
    if row.level == FrameNode.Level.PILLAR:
        return None
    above = [code for code in made if row.code.startswith(f"{code}.")]
    parent = made[max(above, key=len)] if above else None
    if parent is None or LEVELS.index(parent.level) >= LEVELS.index(row.level):
        raise BadInput(_("%s has nothing above it: write what it belongs to first.") % row.code)
    return parent
