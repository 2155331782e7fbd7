"""Blind questions as their owner sees them: from their own side alone.

Nothing here reads the other side. That is what keeps a no from being told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from focal.mapping.models import BlindSide, BlindWish, Initiative, OverlapVerdict
from focal.sharing import policy
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer
from focal.threads.models import Thread

RESTRICTED = (Marking.AMBER, Marking.AMBER_STRICT, Marking.RED)


@dataclass(frozen=True, slots=True)
class ShownSide:
    """A question: put, open or closed, and what this owner answered."""

    side: BlindSide
    is_open: bool
    thread_url: str


@dataclass(frozen=True, slots=True)
class Wish:
    """Whether the owner of an initiative wishes to be asked about it."""

    record: Initiative
    is_set: bool


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A verdict with the titles of what it is about."""

    verdict: OverlapVerdict
    titles: tuple[str, str]


def get_own(viewer: Viewer) -> QuerySet[Initiative]:
    """The initiatives that the viewer answers for: theirs, or of an organisation they write for."""
    mine = Q(owner_person_id=viewer.person_id) if viewer.person_id is not None else Q(pk__in=())
    desks = Q(owner_organisation_id__in=viewer.writes_for) & ~Q(marking=Marking.RED)
    return Initiative.objects.visible_to(viewer).filter(mine | desks)


def list_sides(viewer: Viewer, *, at: datetime) -> list[ShownSide]:
    """The questions put to the viewer, the newest first."""
    rows = (
        BlindSide.objects.filter(initiative__in=get_own(viewer))
        .select_related("initiative")
        .order_by("-asked_at", "reference")
    )
    return [show_side(side, at=at) for side in rows]


def get_side(viewer: Viewer, reference: str) -> BlindSide | None:
    """A question put to the viewer, or None."""
    return (
        BlindSide.objects.filter(reference=reference, initiative__in=get_own(viewer))
        .select_related("initiative")
        .first()
    )


def show_side(side: BlindSide, *, at: datetime) -> ShownSide:
    """A question as its owner sees it."""
    thread = Thread(reference=side.thread_reference) if side.thread_reference else None
    return ShownSide(
        side=side,
        is_open=not side.answer and at < side.closes_at,
        thread_url=thread.get_absolute_url() if thread else "",
    )


def count_open(viewer: Viewer, *, at: datetime) -> int:
    """How many questions wait for the viewer's answer."""
    if not viewer.writes_for and viewer.person_id is None:
        return 0
    return BlindSide.objects.filter(
        initiative__in=get_own(viewer), answer="", closes_at__gt=at
    ).count()


def list_wishes(viewer: Viewer) -> list[Wish]:
    """The viewer's restricted initiatives, and whether each is to be asked about."""
    rows = list(get_own(viewer).filter(marking__in=RESTRICTED).order_by("title", "pk")[:200])
    wished = set(
        BlindWish.objects.filter(initiative__in=[row.pk for row in rows]).values_list(
            "initiative_id", flat=True
        )
    )
    return [Wish(row, row.pk in wished) for row in rows]


def describe_wish(viewer: Viewer, record: Initiative) -> Wish | None:
    """The wish of an initiative, for those who may set it; None for all others."""
    if record.marking not in RESTRICTED or not policy.may_edit(viewer, record):
        return None
    return Wish(record, BlindWish.objects.filter(initiative_id=record.pk).exists())


def name_ledger(viewer: Viewer, rows: Sequence[OverlapVerdict]) -> list[LedgerRow]:
    """Verdicts with the titles of what they are about."""
    named = {row.first_reference for row in rows} | {row.second_reference for row in rows}
    titles = dict(
        Initiative.objects.visible_to(viewer)
        .filter(reference__in=named)
        .values_list("reference", "title")
    )
    return [
        LedgerRow(row, (titles.get(row.first_reference, ""), titles.get(row.second_reference, "")))
        for row in rows
    ]
