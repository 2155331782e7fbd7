"""Told once, offered again: records filed under an edition of a plan are offered for the next.

An item of the new edition succeeds the one with its number. What an organisation confirmed
there is offered, filled in, under the new one; it says yes to all with one click.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from focal.mapping import services
from focal.mapping.models import Frame, FrameNode
from focal.mapping.selectors import MODELS
from focal.records.models import State
from focal.sharing.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Offer:
    """A record, and the items of the new edition that it would be filed under."""

    record: Any
    nodes: tuple[FrameNode, ...]


def find_offers(viewer: Viewer, frame: Frame) -> list[Offer]:
    """The viewer's own records under the edition before that are not under this one yet."""
    if frame.supersedes_id is None or not viewer.writes_for:
        return []
    after = {
        node.succeeds_id: node
        for node in FrameNode.objects.filter(frame=frame, succeeds__isnull=False)
    }
    offers = []
    for model in MODELS.values():
        rows = (
            model.objects.visible_to(viewer)
            .filter(owner_organisation__in=viewer.writes_for, measures__in=after)
            .exclude(state=State.WITHDRAWN)
            .distinct()
            .order_by("pk")
        )
        for row in rows:
            held = set(row.measures.values_list("pk", flat=True))
            wanted = [after[pk] for pk in held if pk in after]
            nodes = sorted(
                (node for node in wanted if node.pk not in held), key=lambda node: node.path
            )
            if nodes:
                offers.append(Offer(row, tuple(nodes)))
    return offers


@transaction.atomic
def carry_over(frame: Frame, *, references: Collection[str], by: Viewer, at: datetime) -> list[Any]:
    """Take the offers up for these records; they count as confirmed. Returns the records.

    What is published waits for a reviewer where whoever takes them up may not publish it.
    """
    done = []
    for offer in find_offers(by, frame):
        if offer.record.reference not in references:
            continue
        held = list(offer.record.measures.values_list("reference", flat=True))
        services.edit_or_send_to_review(
            record=offer.record,
            content={"measures": sorted({*held, *(node.reference for node in offer.nodes)})},
            base_version=offer.record.version,
            by=by,
            at=at,
        )
        done.append(offer.record)
    return done
