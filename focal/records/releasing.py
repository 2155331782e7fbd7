"""Asking for a change of who sees a record: a reader asks its owner, an owner a second person.

Nobody re-releases another's record. They ask; the owner's yes adds to the release list, and both
are in the log. What a second person confirms is done in the name of who asked, whose right to do
it is looked at again at that moment.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from focal.audit.services import write_entry
from focal.directory.models import Person
from focal.kernel.decision import YES, Decision, no
from focal.kernel.errors import BadInput, Refused
from focal.records import audience, notices, portions, services
from focal.records.content import clean_text
from focal.records.models import Record, SharingRequest
from focal.records.services import require
from focal.sharing import policy
from focal.sharing.markings import Marking
from focal.sharing.tokens import get_releasable, may_release_to
from focal.sharing.viewer import Viewer

# A reader asks


def may_ask_for_release(viewer: Viewer, record: Record) -> Decision:
    """Whether somebody who sees a record can ask its owner to release it to others."""
    if viewer.is_anonymous or viewer.person_id is None:
        return no(_("Sign in to ask."))
    if policy.may_share(viewer, record):
        return no(_("It is yours to release: you need not ask."))
    if not record.is_out:
        return no(_("It is not published yet."))
    if not get_releasable(record.marking):
        return no(
            _("%s already says who may read it; it takes no release list.")
            % Marking(record.marking).label
        )
    return YES


@transaction.atomic
def ask_for_release(
    *,
    record: Record,
    tokens: Collection[str],
    names: Collection[str],
    reason: str,
    by: Viewer,
    at: datetime,
) -> SharingRequest:
    """Ask the owner of a record to release it to others; `names` say in words to whom."""
    require(may_ask_for_release(by, record))
    require(may_release_to(record.marking, tokens))
    new = set(tokens) - set(audience.read_releases(record, at=at))
    if not tokens:
        raise BadInput(_("Choose whom it should be released to."))
    if not new:
        raise BadInput(_("It is released to them already."))
    reason = clean_text(reason)
    if not reason:
        raise BadInput(_("Say why they need it."))
    asked = SharingRequest.objects.create(
        record_id=record.pk,
        kind=SharingRequest.Kind.RELEASE,
        wanted={"releases": sorted(new), "names": list(names)},
        reason=reason,
        asked_by_id=by.person_id or 0,
        asked_at=at,
    )
    log(asked, record, "record.release_asked", by=by, at=at)
    notices.tell(
        notices.find_owners(record, at=at),
        notices.ASKED,
        reference=record.reference,
        values=_values(record, by, asked),
        at=at,
    )
    return asked


@transaction.atomic
def decide_release(
    *,
    asked: SharingRequest,
    record: Record,
    grant: bool,
    by: Viewer,
    at: datetime,
    answer: str = "",
    confirmed_by: Viewer | None = None,
) -> SharingRequest:
    """The owner's yes or no. A yes adds to the release list; what stands there stays.

    SecondEyesNeeded as in `set_sharing`; `put_as_change` is what is then put before them.
    """
    asked = lock(asked, SharingRequest.Kind.RELEASE)
    require(policy.may_share(by, record))
    if grant:
        standing = set(audience.read_releases(record, at=at))
        services.set_sharing(
            record=record,
            marking=record.marking,
            releases=standing | set(asked.wanted["releases"]),
            by=by,
            at=at,
            confirmed_by=confirmed_by,
        )
    settle(asked, grant=grant, answer=answer, by=by, at=at)
    action = "record.release_granted" if grant else "record.release_refused"
    log(asked, record, action, by=by, at=at)
    notices.tell(
        [asked.asked_by_id],
        notices.GRANTED if grant else notices.REFUSED,
        reference=record.reference,
        values=_values(record, by, asked) | {"reason": asked.answer},
        at=at,
    )
    return asked


def put_as_change(asked: SharingRequest, record: Record, *, at: datetime) -> dict[str, Any]:
    """A yes to a reader, as a change that a second person can be asked to confirm."""
    standing = set(audience.read_releases(record, at=at))
    return {
        "marking": record.marking,
        "releases": sorted(standing | set(asked.wanted["releases"])),
        "second_eyes_over": record.second_eyes_over,
        "answers": asked.reference,
    }


# A second pair of eyes


@transaction.atomic
def ask_second(
    *, record: Record, wanted: dict[str, Any], reason: str, by: Viewer, at: datetime
) -> SharingRequest:
    """Put a change before a second person. `wanted`: `step`, or what `set_sharing` is given."""
    require(
        services.may_take_step(by, record, wanted["step"])
        if "step" in wanted
        else policy.may_share(by, record)
    )
    if not find_confirmers(record, by=by, at=at):
        raise Refused(
            _(
                "There is nobody who could confirm it: no second editor, and the secretariat does"
                " not see it."
            )
        )
    SharingRequest.objects.filter(
        record_id=record.pk, kind=SharingRequest.Kind.SECOND, decided_at__isnull=True
    ).update(decided_at=at, is_granted=False, answer=_("Something else was asked instead."))
    asked = SharingRequest.objects.create(
        record_id=record.pk,
        kind=SharingRequest.Kind.SECOND,
        wanted=wanted,
        reason=clean_text(reason),
        asked_by_id=by.person_id or 0,
        asked_at=at,
    )
    log(asked, record, "record.second_eyes_asked", by=by, at=at)
    notices.tell(
        find_confirmers(record, by=by, at=at),
        notices.SECOND,
        reference=record.reference,
        values=_values(record, by, asked),
        at=at,
    )
    return asked


def find_confirmers(
    record: Record, *, by: Viewer, at: datetime, reads_all: bool = False
) -> set[int]:
    """Who could confirm: other editors of its organisation, or the secretariat where it sees it.

    With `reads_all` those alone who read every paragraph of it.
    """
    on = timezone.localdate(at)
    rule = may_review if reads_all else may_confirm
    owners = notices.find_owners(record, at=at, leave_out=(by.person_id,))
    people = Person.objects.filter(is_active=True).exclude(pk=by.person_id or 0)
    candidates = owners | set(
        people.filter(memberships__organisation__is_secretariat=True).values_list("pk", flat=True)
    )
    return {
        person.pk
        for person in Person.objects.filter(pk__in=candidates)
        if _sees_and(rule, Viewer.from_person(person, on=on), record, asker=by.person_id)
    }


def _sees_and(
    rule: Callable[..., Decision], viewer: Viewer, record: Record, *, asker: int | None
) -> bool:
    sees = Record.objects.visible_to(viewer).filter(pk=record.pk).exists()
    return sees and bool(rule(viewer, record, asker=asker))


def may_confirm(viewer: Viewer, record: Record, *, asker: int | None) -> Decision:
    """Whether somebody who sees the record can be the second pair of eyes."""
    if viewer.person_id is None or viewer.person_id == asker:
        return no(_("Somebody else than the one who asked has to confirm it."))
    if viewer.is_secretariat or record.owner_organisation_id in viewer.publishes_for:
        return YES
    return no(_("Another editor of its organisation, or the secretariat, has to confirm it."))


def may_review(viewer: Viewer, record: Record, *, asker: int | None) -> Decision:
    """Whether somebody who sees the record can publish what a contributor changed of it."""
    decision = may_confirm(viewer, record, asker=asker)
    return portions.and_reads_all(viewer, record) if decision else decision


@transaction.atomic
def decide_second(
    *,
    asked: SharingRequest,
    record: Record,
    grant: bool,
    by: Viewer,
    at: datetime,
    answer: str = "",
) -> SharingRequest:
    """Confirm what was put before a second person, and do it; or say no."""
    asked = lock(asked, SharingRequest.Kind.SECOND)
    require(may_confirm(by, record, asker=asked.asked_by_id))
    if grant:
        asker = Viewer.from_person(asked.asked_by, on=timezone.localdate(at))
        _carry_out(asked.wanted, record, asker=asker, confirmed_by=by, at=at)
    settle(asked, grant=grant, answer=answer, by=by, at=at)
    action = "record.second_eyes_confirmed" if grant else "record.second_eyes_refused"
    log(asked, record, action, by=by, at=at)
    notices.tell(
        [asked.asked_by_id],
        notices.CONFIRMED if grant else notices.NOT_CONFIRMED,
        reference=record.reference,
        values=_values(record, by, asked) | {"reason": asked.answer},
        at=at,
    )
    return asked


def _carry_out(
    wanted: dict[str, Any], record: Record, *, asker: Viewer, confirmed_by: Viewer, at: datetime
) -> None:
    if "step" in wanted:
        services.take_step(
            record=record, step=wanted["step"], by=asker, at=at, confirmed_by=confirmed_by
        )
        return
    if "answers" in wanted:
        asked = SharingRequest.objects.get(reference=wanted["answers"], record_id=record.pk)
        decide_release(
            asked=asked, record=record, grant=True, by=asker, at=at, confirmed_by=confirmed_by
        )
        return
    services.set_sharing(
        record=record,
        marking=wanted["marking"],
        releases=wanted["releases"],
        ends={token: datetime.fromisoformat(end) for token, end in wanted.get("ends", {}).items()},
        second_eyes_over=wanted["second_eyes_over"],
        by=asker,
        at=at,
        confirmed_by=confirmed_by,
    )


# Shared


@dataclass(frozen=True, slots=True)
class Open:
    """A request that waits for this viewer's answer."""

    request: SharingRequest
    record: Record


def list_open(viewer: Viewer) -> list[Open]:
    """What waits for this viewer's yes or no: only about records that they see."""
    return [row for row in read_open(viewer) if may_decide(viewer, row.record, row.request)]


def read_open(viewer: Viewer) -> list[Open]:
    """What waits for anybody's answer about records that this viewer sees, oldest first."""
    if viewer.person_id is None:
        return []
    rows = list(
        SharingRequest.objects.filter(
            decided_at__isnull=True,
            record_id__in=Record.objects.visible_to(viewer).values("pk"),
        )
        .select_related("asked_by")
        .order_by("asked_at", "pk")
    )
    records = {
        row.pk: row
        for row in Record.objects.visible_to(viewer)
        .filter(pk__in=[row.record_id for row in rows])
        .defer("body")
    }
    return [Open(row, records[row.record_id]) for row in rows if row.record_id in records]


def may_decide(viewer: Viewer, record: Record, asked: SharingRequest) -> Decision:
    """Whether a request is this viewer's to answer."""
    if asked.kind == SharingRequest.Kind.CHANGE:
        return may_review(viewer, record, asker=asked.asked_by_id)
    if asked.kind == SharingRequest.Kind.SECOND:
        return may_confirm(viewer, record, asker=asked.asked_by_id)
    return policy.may_share(viewer, record)


def find(viewer: Viewer, reference: str) -> Open | None:
    """A request about a record that the viewer sees; None where there is none for them."""
    asked = (
        SharingRequest.objects.filter(
            reference=reference, record_id__in=Record.objects.visible_to(viewer).values("pk")
        )
        .select_related("asked_by")
        .first()
    )
    if asked is None:
        return None
    record = Record.objects.visible_to(viewer).filter(pk=asked.record_id).first()
    return Open(asked, record) if record is not None else None


def list_of_record(record: Record) -> list[SharingRequest]:
    """The requests about who sees a record that wait, oldest first."""
    return list(
        SharingRequest.objects.filter(record_id=record.pk, decided_at__isnull=True)
        .exclude(kind=SharingRequest.Kind.CHANGE)
        .select_related("asked_by")
        .order_by("asked_at", "pk")
    )


def lock(asked: SharingRequest, kind: str) -> SharingRequest:
    """The request as it is now, held; Refused when somebody has answered it."""
    row = (
        SharingRequest.objects.select_for_update(of=("self",))
        .select_related("asked_by")
        .get(pk=asked.pk)
    )
    if row.kind != kind or row.decided_at is not None:
        raise Refused(_("This has been answered already."))
    return row


def settle(asked: SharingRequest, *, grant: bool, answer: str, by: Viewer, at: datetime) -> None:
    """Keep the answer to a request."""
    asked.decided_by_id, asked.decided_at = by.person_id, at
    asked.is_granted, asked.answer = grant, clean_text(answer)
    asked.save(update_fields=("decided_by", "decided_at", "is_granted", "answer", "wanted"))


def _values(record: Record, by: Viewer, asked: SharingRequest) -> dict[str, Any]:
    return {
        "title": record.title,
        "name": by.name,
        "whom": ", ".join(asked.wanted.get("names", ())),
        "reason": asked.reason,
    }


def log(
    asked: SharingRequest,
    record: Record,
    action: str,
    *,
    by: Viewer,
    at: datetime,
    wanted: dict[str, Any] | None = None,
) -> None:
    """Write to the log what was asked or answered; `wanted` where not all of it belongs there."""
    write_entry(
        action=action,
        target_kind="record",
        target_key=record.reference,
        actor_key=by.actor_key,
        at=at,
        detail={
            "request": asked.reference,
            "wanted": asked.wanted if wanted is None else wanted,
            "reason": asked.reason,
        },
    )
