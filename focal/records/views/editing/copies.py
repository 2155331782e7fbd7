"""Working copies: what somebody has typed and not saved. Everybody finds their own alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from focal.records import changes
from focal.records.models import Record, WorkingCopy
from focal.sharing.viewer import Viewer

STILL_AT_IT = timedelta(hours=12)


def find_copy(
    viewer: Viewer, record: Record | None, *, kind: str = "", language: str = "", place: str = ""
) -> WorkingCopy | None:
    """The viewer's own unsaved text of a record, of its translation, of a new one, or beside it."""
    if viewer.person_id is None:
        return None
    copies = WorkingCopy.objects.filter(person_id=viewer.person_id, language=language, place=place)
    if record is None:
        return copies.filter(record=None, kind=kind).first()
    return copies.filter(record_id=record.pk).first()


def find_words(viewer: Viewer, record: Record) -> dict[str, WorkingCopy]:
    """What the viewer has begun to say beside a record, by its place."""
    if viewer.person_id is None:
        return {}
    rows = WorkingCopy.objects.filter(person_id=viewer.person_id, record_id=record.pk)
    return {row.place: row for row in rows.exclude(place="")}


def drop_copy(
    viewer: Viewer, record: Record | None, *, kind: str = "", language: str = "", place: str = ""
) -> None:
    """Throw the viewer's own unsaved text away."""
    copy = find_copy(viewer, record, kind=kind, language=language, place=place)
    if copy is not None:
        copy.delete()


def is_in_review(copy: WorkingCopy, record: Record) -> bool:
    """Whether its author has sent this text to review, and typed nothing since."""
    return record.is_out and any(
        asked.asked_by_id == copy.person_id and copy.saved_at <= asked.asked_at
        for asked in changes.list_waiting(record, copy.language)
    )


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else who has begun to change the same record and has not saved."""

    name: str
    since: datetime


def list_others(viewer: Viewer, record: Record, *, language: str = "") -> list[Other]:
    """Who else has an open working copy. Only for those who may edit the record."""
    rows = list(
        WorkingCopy.objects.filter(
            record_id=record.pk,
            language=language,
            place="",
            saved_at__gte=timezone.now() - STILL_AT_IT,
        )
        .select_related("person")
        .order_by("-saved_at", "pk")
    )
    return [
        Other(str(row.person), row.saved_at) for row in rows if row.person_id != viewer.person_id
    ]
