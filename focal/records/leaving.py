"""What becomes of records when the person who owns them leaves (`directory.holdings`).

- What the successor writes for goes on to them; the rest stays with its organisation.
- What is marked RED goes on only where its owner has said so themselves; otherwise it stays
  theirs, closed to everybody but those they had named. Nobody decides that in their place.
- What was released to the leaver by name is closed: it was given to a person, not to a post.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from focal.audit.services import write_entry
from focal.directory.models import Membership, Person
from focal.directory.policy import WRITERS
from focal.outbox.services import emit
from focal.records import audience
from focal.records.models import Record, Release, WorkingCopy
from focal.records.services import TOPIC
from focal.sharing.markings import Marking


def count(person: Person) -> int:
    """How many go on. RED ones are counted for nobody: that there are any is their owner's."""
    return _owned(person).exclude(marking=Marking.RED).count()


def _owned(person: Person):
    return Record._base_manager.filter(owner_person=person)


def hand_over(
    *,
    leaver: Person,
    successor: Person | None,
    includes_sealed: bool,
    actor_key: str,
    at: datetime,
) -> int:
    """Give a leaver's records on, and close what was released to them; how many went on.

    Without a successor the records stay as they are: their organisation's desk has them.
    """
    _close_releases(leaver, actor_key, at)
    if successor is None:
        return 0
    writes_for = _read_writing(successor, at)
    handed = 0
    for record in _owned(leaver).select_for_update().order_by("pk"):
        if record.marking == Marking.RED:
            if not includes_sealed:
                continue
            new: Person | None = successor
        else:
            new = successor if record.owner_organisation_id in writes_for else None
        record.owner_person = new
        record.save(update_fields=("owner_person",))
        lost = audience.write(record, at=at)
        detail = {"from": leaver.reference, "to": new.reference if new else ""}
        _tell(record, "record.handed_over", actor_key, at, detail, revokes=lost)
        handed += new is not None
    return handed


def _read_writing(person: Person, at: datetime) -> set[int]:
    places = Membership.objects.current(timezone.localdate(at)).filter(
        person=person, role__in=WRITERS
    )
    return set(places.values_list("organisation_id", flat=True))


def _close_releases(leaver: Person, actor_key: str, at: datetime) -> None:
    token = f"person:{leaver.pk}"
    named = Release.objects.filter(token=token)
    for record in Record._base_manager.filter(pk__in=named.values("record_id")).order_by("pk"):
        named.filter(record_id=record.pk).delete()
        lost = audience.write(record, at=at)
        _tell(record, "record.release_closed", actor_key, at, {"token": token}, revokes=lost)


def _tell(
    record: Record,
    action: str,
    actor_key: str,
    at: datetime,
    detail: dict[str, str],
    *,
    revokes: bool,
) -> None:
    write_entry(
        action=action,
        target_kind="record",
        target_key=record.reference,
        actor_key=actor_key,
        at=at,
        detail=detail,
    )
    emit(topic=TOPIC, keys=[record.reference], at=at, revokes=revokes)


def export(person: Person) -> Sequence[dict]:
    """Records that belong to the person, and what they have typed and not saved."""
    rows = _owned(person).order_by("pk")
    records = [
        {
            "reference": row.reference,
            "kind": row.kind,
            "title": row.title,
            "language": row.language,
            "summary": row.summary,
            "text": row.body,
            "marking": row.marking,
            "state": row.state,
            "created_at": row.created_at.isoformat(timespec="seconds"),
        }
        for row in rows
    ]
    copies = WorkingCopy.objects.filter(person=person).order_by("pk")
    return [
        *records,
        *({"working_copy": row.kind or row.place, "fields": row.fields} for row in copies),
    ]


def forget(person: Person) -> None:
    """What they had typed and never saved was theirs alone."""
    WorkingCopy.objects.filter(person=person).delete()
