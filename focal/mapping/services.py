"""Changes of the mapping. Each is one transaction: the fact, its log entry, its outbox entry."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from focal.audit.services import write_entry
from focal.directory.models import Organisation
from focal.kernel.errors import BadInput
from focal.mapping.models import MappedRecord
from focal.mapping.upkeep import get_review_date
from focal.outbox.services import emit
from focal.records import changes
from focal.records import services as records
from focal.records.kinds import get_kind
from focal.records.second_eyes import SecondEyesNeeded
from focal.sharing import policy
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer


@transaction.atomic
def create_mapped(
    *,
    kind: str,
    content: Mapping[str, Any],
    owner_organisation: Organisation,
    by: Viewer,
    at: datetime,
    marking: str = Marking.GREEN,
    releases: Collection[str] = (),
    origin: str = MappedRecord.Origin.FORM,
    confirmed: date | None = None,
    is_example: bool = False,
    publish: bool = False,
    reference: str | None = None,
    not_persons: str = "",
) -> MappedRecord:
    """A new need, response or initiative. It counts as confirmed on its day, or on `confirmed`.

    A record taken over from elsewhere is as old as its source says: give that day.
    """
    _check_days(content.get("start_date"), content.get("end_date"))
    record = records.create_record(
        kind=kind,
        content=dict(content),
        owner_organisation=owner_organisation,
        by=by,
        at=at,
        marking=marking,
        releases=releases,
        reference=reference,
    )
    day = min(confirmed or at.date(), at.date())
    model: Any = get_kind(kind).model
    model._base_manager.filter(pk=record.pk).update(
        origin=origin,
        is_example=is_example,
        last_confirmed_date=day,
        review_due_date=get_review_date(kind, day),
    )
    if publish:
        records.take_step(record=record, step="publish", by=by, at=at, not_persons=not_persons)
    return lock_mapped(record.pk, kind)


@transaction.atomic
def edit_mapped(
    *,
    record: MappedRecord,
    content: Mapping[str, Any],
    base_version: int,
    by: Viewer,
    at: datetime,
    confirmed: date | None = None,
    note: str = "",
    not_persons: str = "",
) -> MappedRecord:
    """Change it; whoever changes what they own says that it is true today."""
    _check_days(
        content.get("start_date", record.start_date), content.get("end_date", record.end_date)
    )
    records.edit_record(
        record=record,
        content=content,
        base_version=base_version,
        by=by,
        at=at,
        note=note,
        not_persons=not_persons,
    )
    confirm_mapped(
        record=record, by=by, at=at, confirmed=min(confirmed, at.date()) if confirmed else None
    )
    return lock_mapped(record.pk, record.kind)


def edit_or_send_to_review(
    *,
    record: MappedRecord,
    content: Mapping[str, Any],
    base_version: int,
    by: Viewer,
    at: datetime,
    note: str = "",
    not_persons: str = "",
) -> bool:
    """Change it, true; or put the change before a reviewer where that is due, false."""
    given: dict[str, Any] = {
        "record": record,
        "content": content,
        "base_version": base_version,
        "by": by,
        "at": at,
        "note": note,
        "not_persons": not_persons,
    }
    try:
        edit_mapped(**given)
    except SecondEyesNeeded:
        changes.ask_for_change(**given)
        return False
    return True


@transaction.atomic
def confirm_mapped(
    *, record: MappedRecord, by: Viewer, at: datetime, confirmed: date | None = None
) -> bool:
    """'Still true': its day of review moves on. False when it was confirmed on that day already."""
    record = lock_mapped(record.pk, record.kind)
    records.require(policy.may_edit(by, record))
    day = confirmed or at.date()
    if day > at.date():
        raise BadInput(_("It cannot be confirmed for a day that has not come."))
    if record.last_confirmed_date is not None and record.last_confirmed_date >= day:
        return False
    type(record)._base_manager.filter(pk=record.pk).update(
        last_confirmed_date=day,
        last_confirmed_by=by.person_id,
        review_due_date=get_review_date(record.kind, day),
    )
    write_entry(
        action="mapping.confirmed",
        target_kind="record",
        target_key=record.reference,
        actor_key=by.actor_key,
        at=at,
        detail={"day": day.isoformat()},
    )
    emit(topic=records.TOPIC, keys=[record.reference], at=at)
    return True


def lock_mapped(pk: int, kind: str) -> MappedRecord:
    """The row as it is now, held until the transaction ends."""
    model: Any = get_kind(kind).model
    found: MappedRecord = model._base_manager.select_for_update(of=("self",)).get(pk=pk)
    return found


def _check_days(start: date | str | None, end: date | str | None) -> None:
    """What cannot be read as a day is told by whoever reads it."""
    start, end = str(start or ""), str(end or "")
    if start and end and end < start:
        raise BadInput(
            _("It ends (%(end)s) before it starts (%(start)s).") % {"end": end, "start": start}
        )
