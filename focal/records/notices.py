"""What people are told about sharing, on their desk: recalls, requests, break-glass reading.

A notice holds plain words, not a way to the record: whoever lost sight of it is told so, by the
title that they had read, and nothing more. Apps above hear of each through the topic `notice`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from focal.directory.models import Membership, Person
from focal.outbox.services import emit
from focal.records.models import (
    GlassRequest,
    Notice,
    Opening,
    Record,
    RecordAudience,
    SharingRequest,
)
from focal.sharing.markings import Marking
from focal.sharing.people import find_people
from focal.sharing.viewer import Viewer

TOPIC = "notice"
RECALLED, NARROWED, WITHDRAWN = "recalled", "narrowed", "withdrawn"
ASKED, GRANTED, REFUSED = "asked", "granted", "refused"
CHANGE_ASKED, CHANGE_PUBLISHED = "change_asked", "change_published"
CHANGE_REFUSED, DOCUMENT_REFUSED = "change_refused", "document_refused"
SECOND, CONFIRMED, NOT_CONFIRMED = "second", "confirmed", "not_confirmed"
GLASS_ASKED, GLASS_REFUSED = "glass_asked", "glass_refused"
GLASS_OPENED, GLASS_SHUT, GLASS_ANSWER = "glass_opened", "glass_shut", "glass_answer"


def tell(
    people: Iterable[int], kind: str, *, reference: str, values: dict[str, Any], at: datetime
) -> None:
    """Leave a notice for each of these people. Belongs inside the transaction of the deed."""
    made = [
        Notice.objects.create(
            person_id=person, kind=kind, record_reference=reference, values=values, at=at
        )
        for person in sorted(set(people))
    ]
    emit(topic=TOPIC, keys=[str(notice.pk) for notice in made], at=at)


def tell_readers(record: Record, kind: str, *, by: Viewer, at: datetime, reason: str = "") -> None:
    """Tell those who had opened it and do not see it any more, once the audience is set."""
    first = dict(
        Opening.objects.filter(record_id=record.pk)
        .order_by("-first_at")
        .values_list("person_id", "first_at")
    )
    if not first:
        return
    tokens = RecordAudience.objects.filter(record_id=record.pk).values_list("token", flat=True)
    gone = set(first) - find_people(list(tokens), on=timezone.localdate(at)) - {by.person_id}
    for person in sorted(gone):
        values = {
            "title": record.title,
            "owner": str(record.owner_organisation),
            "opened_at": first[person].isoformat(),
            "reason": reason,
        }
        tell([person], kind, reference=record.reference, values=values, at=at)


def find_owners(
    record: Record, *, at: datetime, leave_out: Collection[int | None] = ()
) -> set[int]:
    """Who decides about a record: its owner, and the editors of its organisation if not RED."""
    people = {record.owner_person_id} if record.owner_person_id else set()
    if record.marking != Marking.RED:
        people |= set(
            Membership.objects.current(timezone.localdate(at))
            .filter(organisation_id=record.owner_organisation_id, role=Membership.Role.EDITOR)
            .values_list("person_id", flat=True)
        )
    active = Person.objects.filter(pk__in=people, is_active=True)
    return set(active.values_list("pk", flat=True)) - set(leave_out)


def list_unseen(viewer: Viewer, limit: int = 30) -> list[Notice]:
    """The viewer's notices that they have not put away, the newest first."""
    if viewer.person_id is None:
        return []
    rows = Notice.objects.filter(person_id=viewer.person_id, seen_at__isnull=True)
    return list(rows.order_by("-pk")[:limit])


def say_change_asked(asked: SharingRequest, record: Record) -> str:
    """That a change waits for review, and whose it is."""
    return _SENTENCES[CHANGE_ASKED]() % {"name": asked.asked_by, "title": record.title}


def get_key(notice: Notice) -> str:
    """How a page names a notice: its number would tell how many others were told meanwhile."""
    return salted_hmac("focal.records.notice", str(notice.pk), algorithm="sha256").hexdigest()[:16]


def put_away(viewer: Viewer, *, key: str | None, at: datetime) -> None:
    """Mark one notice of the viewer as seen, or all."""
    rows = Notice.objects.filter(person_id=viewer.person_id or 0, seen_at__isnull=True)
    if key is not None:
        rows = rows.filter(pk__in=[row.pk for row in rows if get_key(row) == key])
    rows.update(seen_at=at)


def settle(kind: str, *, request: str, at: datetime) -> None:
    """What asked several people for an answer is settled for all once one has given it."""
    Notice.objects.filter(kind=kind, values__request=request, seen_at__isnull=True).update(
        seen_at=at
    )


def describe(notice: Notice) -> str:
    """The notice as a sentence in the language of the page."""
    values = {"title": "", "name": "", "whom": "", "owner": "", "reason": ""} | notice.values
    if opened := notice.values.get("opened_at"):
        values["opened"] = date_format(
            timezone.localtime(datetime.fromisoformat(opened)), "DATE_FORMAT"
        )
    text = _SENTENCES[notice.kind]() % values
    if ground := notice.values.get("ground"):
        text += " " + _("The ground: %s.") % GlassRequest.Ground(ground).label
    if values["reason"] and notice.kind in _WITH_REASON:
        text += " " + _("The reason: %s") % values["reason"]
    return text


_WITH_REASON = {
    RECALLED, WITHDRAWN, ASKED, REFUSED, NOT_CONFIRMED, GLASS_OPENED, CHANGE_REFUSED,
    DOCUMENT_REFUSED,
}  # fmt: skip
_SENTENCES = {
    RECALLED: lambda: _(
        "%(owner)s has recalled '%(title)s', which you opened on %(opened)s. Do not use it or"
        " pass it on any more, and delete what you took along."
    ),
    NARROWED: lambda: _(
        "%(owner)s now shares '%(title)s' with fewer people, and no longer with you. You opened"
        " it on %(opened)s. Do not pass it on any more."
    ),
    WITHDRAWN: lambda: _(
        "%(owner)s has withdrawn '%(title)s', which you opened on %(opened)s. Do not rely on it"
        " any more."
    ),
    ASKED: lambda: _("%(name)s asks you to release '%(title)s' to %(whom)s."),
    GRANTED: lambda: _("'%(title)s' is now released to %(whom)s, as you asked."),
    REFUSED: lambda: _("'%(title)s' is not released to %(whom)s."),
    CHANGE_ASKED: lambda: _("%(name)s has changed '%(title)s' and sends the change to review."),
    CHANGE_PUBLISHED: lambda: _("%(name)s has published your change of '%(title)s'."),
    CHANGE_REFUSED: lambda: _(
        "%(name)s has sent your change of '%(title)s' back. Your text is kept."
    ),
    DOCUMENT_REFUSED: lambda: _("%(name)s has sent your document for '%(title)s' back."),
    SECOND: lambda: _("%(name)s asks for a second pair of eyes on who sees '%(title)s'."),
    CONFIRMED: lambda: _("%(name)s has confirmed who sees '%(title)s'. It holds from now on."),
    NOT_CONFIRMED: lambda: _("%(name)s has not confirmed who is to see '%(title)s'."),
    GLASS_ASKED: lambda: _("%(name)s asks to read a record by break-glass and needs your answer."),
    GLASS_OPENED: lambda: _(
        "%(name)s reads '%(title)s' by break-glass until %(until)s; %(second)s allowed it."
    ),
    GLASS_REFUSED: lambda: _(
        "%(name)s asked to read '%(title)s' by break-glass. It was refused: they cannot read it."
    ),
    GLASS_SHUT: lambda: _("The record you asked to read by break-glass cannot be opened that way."),
    GLASS_ANSWER: lambda: _("Your request to read a record by break-glass has been answered."),
}


def get_address(notice: Notice) -> str:
    """Where the notice can be settled; empty where there is nothing to be done."""
    if notice.kind in {ASKED, GLASS_OPENED, GLASS_REFUSED}:
        return reverse("records:sharing", args=[notice.record_reference])
    if notice.kind in {CHANGE_ASKED, CHANGE_REFUSED, DOCUMENT_REFUSED}:
        return reverse("records:sharing_decide", args=[notice.values["request"]])
    if notice.kind in {SECOND}:
        return reverse("records:sharing_requests")
    if notice.kind in {GRANTED, REFUSED, CONFIRMED, NOT_CONFIRMED, CHANGE_PUBLISHED}:
        return reverse("records:record", args=[notice.record_reference])
    if notice.kind in {GLASS_ASKED, GLASS_SHUT, GLASS_ANSWER}:
        return reverse("records:glass")
    return ""
