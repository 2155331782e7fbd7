"""Break-glass reading: a deed of its own, for when nobody who may read a record can be asked.

An administrator or somebody of the secretariat asks, with a ground and a reason; a second one of
them decides; then the asker reads that one record for some hours, changes nothing, and it ends by
itself. Its owner is told at once, and every step is in the log, the refused ones too.

Nothing tells the asker whether there is such a record before two people have agreed, and nothing
ever tells the second person: they see the ground and not the reason, which is for the owner, and
after their yes only that they gave it (docs/decisions/0906). What is marked RED is never opened
this way (docs/decisions/0903): the answer is the one for a record that does not exist.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from focal.audit.services import write_entry
from focal.directory.models import Membership, Person
from focal.kernel.decision import YES, Decision, no
from focal.kernel.errors import BadInput, Refused
from focal.outbox.services import emit
from focal.records import audience, notices
from focal.records.content import clean_text
from focal.records.kinds import get_kind
from focal.records.models import GlassRequest, Record
from focal.records.services import TOPIC, require
from focal.sharing.markings import Marking
from focal.sharing.viewer import WRITERS, Viewer

MOST_HOURS = 72
WAITS_FOR = timedelta(days=7)  # a request that nobody answered says nothing about today


def may_use(viewer: Viewer) -> Decision:
    """Administrators and those who write for the secretariat."""
    if viewer.person_id is not None and (viewer.is_administrator or viewer.is_secretariat):
        return YES
    return no(_("Break-glass reading is for administrators and the secretariat."))


@transaction.atomic
def ask(
    *, reference: str, ground: str, reason: str, hours: int, by: Viewer, at: datetime
) -> GlassRequest:
    """Ask to read one record for some hours. Whether there is such a record is not told."""
    require(may_use(by))
    if ground not in GlassRequest.Ground.values:
        raise BadInput(_("Choose on what ground."))
    reason = clean_text(reason)
    if not reason:
        raise BadInput(_("Say why you have to read it. Its owner will read your reason."))
    if not 1 <= hours <= MOST_HOURS:
        raise BadInput(_("Choose between 1 and %s hours.") % MOST_HOURS)
    asked = GlassRequest.objects.create(
        record_reference=reference,
        ground=ground,
        reason=reason,
        hours=hours,
        asked_by_id=by.person_id or 0,
        asked_at=at,
    )
    _log(asked, "glass.asked", by=by, at=at, ground=ground, reason=reason, hours=hours)
    notices.tell(
        find_seconds(at=at) - {by.person_id},
        notices.GLASS_ASKED,
        reference=reference,
        values={"name": by.name, "ground": ground},
        at=at,
    )
    return asked


def find_seconds(*, at: datetime) -> set[int]:
    """Everybody who may ask, and so may answer others."""
    places = Membership.objects.current(timezone.localdate(at)).filter(
        organisation__is_secretariat=True, role__in=WRITERS
    )
    rows = Person.objects.filter(is_active=True).filter(
        Q(is_administrator=True) | Q(pk__in=places.values("person_id"))
    )
    return set(rows.values_list("pk", flat=True))


@transaction.atomic
def decide(*, asked: GlassRequest, grant: bool, by: Viewer, at: datetime, answer: str = "") -> str:
    """The second person's yes or no; returns the outcome. A refusal is in the log as well."""
    require(may_use(by))
    asked = GlassRequest.objects.select_for_update().get(pk=asked.pk)
    require(may_decide(by, asked, at=at))
    asked.decided_by_id, asked.decided_at, asked.answer = by.person_id, at, clean_text(answer)
    record = _find(asked)
    if not grant:
        asked.outcome = GlassRequest.Outcome.REFUSED
    elif record is None or record.marking == Marking.RED:
        asked.outcome = GlassRequest.Outcome.CLOSED
    else:
        asked.outcome = GlassRequest.Outcome.OPENED
        asked.record = record
    if grant:  # also where nothing opens: the second person is told the same
        asked.ends_at = at + timedelta(hours=asked.hours)
    asked.save()
    if asked.outcome == GlassRequest.Outcome.OPENED and record is not None:
        audience.write(record, at=at)
        emit(topic=TOPIC, keys=[record.reference], at=at)
    _log(asked, f"glass.{asked.outcome}", by=by, at=at, answer=asked.answer)
    if record is not None:
        _tell_owner(asked, record, by=by, at=at)
    values = {"reason": asked.answer}
    shut = asked.outcome == GlassRequest.Outcome.CLOSED
    kind = notices.GLASS_SHUT if shut else notices.GLASS_ANSWER
    notices.tell([asked.asked_by_id], kind, reference=asked.record_reference, values=values, at=at)
    return asked.outcome


def may_decide(viewer: Viewer, asked: GlassRequest, *, at: datetime) -> Decision:
    """Whether this viewer can be the second person for a request."""
    if asked.outcome != GlassRequest.Outcome.WAITING:
        return no(_("This has been answered already."))
    if at - asked.asked_at > WAITS_FOR:
        return no(_("This was asked too long ago. It has to be asked anew."))
    if viewer.person_id == asked.asked_by_id:
        return no(_("Somebody else has to decide about your own request."))
    return may_use(viewer)


@transaction.atomic
def end(*, asked: GlassRequest, by: Viewer, at: datetime) -> None:
    """End reading before its time: the reader themselves, or the second person."""
    asked = GlassRequest.objects.select_for_update().get(pk=asked.pk)
    if asked.ends_at is None:
        return
    if by.person_id not in {asked.asked_by_id, asked.decided_by_id}:
        raise Refused(_("Only those two who opened it can end it."))
    if asked.ends_at <= at:
        return
    asked.ends_at = at
    asked.save(update_fields=("ends_at",))
    record = _find(asked) if asked.outcome == GlassRequest.Outcome.OPENED else None
    if record is not None:
        narrowed = audience.write(record, at=at)
        emit(topic=TOPIC, keys=[record.reference], at=at, revokes=narrowed)
    _log(asked, "glass.ended", by=by, at=at)


def list_requests(viewer: Viewer, *, limit: int = 100) -> list[GlassRequest]:
    """All requests, the newest first, for those who may make and answer them."""
    if not may_use(viewer):
        return []
    return list(
        GlassRequest.objects.select_related("asked_by", "decided_by").order_by("-asked_at", "-pk")[
            :limit
        ]
    )


def describe(viewer: Viewer, asked: GlassRequest, *, at: datetime) -> dict[str, Any]:
    """A request as one of those who may ask sees it.

    Only the asker sees their reason, the answer, and whether the record could be opened; the
    others see who agreed or refused, which is the same for a record that does not exist.
    """
    is_mine = asked.asked_by_id == viewer.person_id
    is_decider = asked.decided_by_id == viewer.person_id
    is_opened = asked.outcome == GlassRequest.Outcome.OPENED
    ends_at = asked.ends_at if is_opened or not is_mine else None
    runs = ends_at is not None and ends_at > at
    return {
        "asked": asked,
        "is_mine": is_mine,
        "outcome": asked.get_outcome_display() if is_mine else _say_answer(asked),
        "answer": asked.answer if is_mine or is_decider else "",
        "ends_at": ends_at,
        "runs": runs,
        "may_decide": bool(may_decide(viewer, asked, at=at)),
        "may_read": runs and is_mine,
        "may_end": runs and (is_mine or is_decider),
    }


def _say_answer(asked: GlassRequest) -> str:
    """What the second person said, and nothing of what came of it."""
    if asked.outcome in {GlassRequest.Outcome.OPENED, GlassRequest.Outcome.CLOSED}:
        return _("Agreed by the second person")
    return asked.get_outcome_display()


def list_of_record(record: Record) -> list[GlassRequest]:
    """Every request about a record that was answered, for its owner, the newest first."""
    return list(
        GlassRequest.objects.filter(record_reference=record.reference)
        .exclude(outcome=GlassRequest.Outcome.WAITING)
        .select_related("asked_by", "decided_by")
        .order_by("-decided_at", "-pk")
    )


def _find(asked: GlassRequest) -> Record | None:
    row = (
        Record.objects.for_system("two people answer for it, and neither may see it")
        .filter(reference=asked.record_reference)
        .first()
    )
    return get_kind(row.kind).model._base_manager.get(pk=row.pk) if row is not None else None


def _tell_owner(asked: GlassRequest, record: Record, *, by: Viewer, at: datetime) -> None:
    opened = asked.outcome == GlassRequest.Outcome.OPENED
    until = timezone.localtime(asked.ends_at) if asked.ends_at else None
    notices.tell(
        notices.find_owners(record, at=at),
        notices.GLASS_OPENED if opened else notices.GLASS_REFUSED,
        reference=record.reference,
        values={
            "title": record.title,
            "name": str(asked.asked_by),
            "second": by.name,
            "until": date_format(until, "DATETIME_FORMAT") if until else "",
            "reason": f"{asked.get_ground_display()}. {asked.reason}",
        },
        at=at,
    )


def _log(asked: GlassRequest, action: str, *, by: Viewer, at: datetime, **detail: object) -> None:
    write_entry(
        action=action,
        target_kind="record",
        target_key=asked.record_reference,
        actor_key=by.actor_key,
        at=at,
        detail={"request": asked.reference, **detail},
    )
