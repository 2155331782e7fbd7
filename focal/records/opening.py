"""Who opened an AMBER or RED record, and when: kept for its owner, and said to the reader.

Those who own it are not listed. The first time somebody opens a thing is in the log as well;
later times only move the last moment, at most once a minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from focal.audit.services import write_entry
from focal.records.models import Attachment, GlassRequest, Opening, Record
from focal.sharing import policy
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer

WATCHED = (Marking.AMBER, Marking.AMBER_STRICT, Marking.RED)
SAME_TIME = timedelta(minutes=1)


def is_noted(viewer: Viewer, record: Record) -> bool:
    """Whether the owner is told that this viewer opens this record."""
    return (
        viewer.person_id is not None
        and record.marking in WATCHED
        and not policy.owns(viewer, record)
    )


def note_opening(
    *, viewer: Viewer, record: Record, what: str, at: datetime, attachment: str = ""
) -> bool:
    """Keep that the viewer opened a record they see; returns whether it is kept."""
    if not is_noted(viewer, record):
        return False
    _note(viewer=viewer, record=record, what=what, at=at, attachment=attachment)
    return True


@transaction.atomic
def _note(*, viewer: Viewer, record: Record, what: str, at: datetime, attachment: str) -> None:
    opening, is_first = Opening.objects.get_or_create(
        record_id=record.pk,
        person_id=viewer.person_id or 0,
        what=what,
        attachment=attachment,
        defaults={"first_at": at, "last_at": at},
    )
    if is_first:
        detail = {"what": what} | ({"document": attachment} if attachment else {})
        write_entry(
            action="record.opened",
            target_kind="record",
            target_key=record.reference,
            actor_key=viewer.actor_key,
            at=at,
            detail=detail,
        )
    elif at - opening.last_at >= SAME_TIME:
        Opening.objects.filter(pk=opening.pk).update(last_at=at, times=F("times") + 1)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who opened something of a record."""

    name: str
    what: str
    document: str
    first_at: datetime
    last_at: datetime
    times: int
    by_glass: bool


def list_readers(record: Record) -> list[Reader]:
    """Who opened what of a record, the latest first. For its owner alone."""
    titles = dict(Attachment.objects.filter(record_id=record.pk).values_list("reference", "title"))
    glass = set(
        GlassRequest.objects.filter(
            record_id=record.pk, outcome=GlassRequest.Outcome.OPENED
        ).values_list("asked_by_id", flat=True)
    )
    return [
        Reader(
            name=str(row.person),
            what=row.get_what_display(),
            document=titles.get(row.attachment, ""),
            first_at=row.first_at,
            last_at=row.last_at,
            times=row.times,
            by_glass=row.person_id in glass,
        )
        for row in Opening.objects.filter(record_id=record.pk)
        .select_related("person")
        .order_by("-last_at", "-pk")
    ]
