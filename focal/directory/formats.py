"""Formats looked after: who sits there, which economies and organisations belong, who chairs.

A seat opens what is released to the format, so every change of seats is in the log. The log names
a format by its number: its name may be a secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from focal.audit.services import write_entry
from focal.directory import policy
from focal.directory.models import (
    Announcement,
    Format,
    FormatChair,
    FormatMember,
    FormatSeat,
    Organisation,
    Person,
)
from focal.kernel.errors import BadInput, Refused
from focal.kernel.ids import new_reference
from focal.outbox.services import emit

ANNOUNCEMENT = "announcement"  # topic: made or taken down, keys are numbers of announcements

# Reading


@dataclass(frozen=True, slots=True)
class Space:
    """What a format is to one member: nothing of it is there for those who do not sit in it."""

    seat: FormatSeat | None
    seats: list[FormatSeat]
    announcements: list[Announcement]
    may_manage: bool
    sees_members: bool


def find_format(person: Person, slug: str, *, on: date) -> Format | None:
    """A format that a person may know of."""
    return Format.objects.known_to(person.pk, on=on).filter(slug=slug).first()


def get_space(person: Person, body: Format, *, on: date) -> Space:
    """A format's people and announcements, as far as a person sits there or looks after it."""
    may_manage = bool(policy.may_manage_format(person, body=body, on=on))
    seats = _order(FormatSeat.objects.current(on).filter(format=body, person__is_active=True))
    own = next((seat for seat in seats if seat.person_id == person.pk), None)
    is_inside = own is not None
    sees_members = may_manage or (is_inside and not body.hides_members)
    shown = [
        seat
        for seat in seats
        if sees_members or (is_inside and (seat == own or seat.role in FormatSeat.OFFICES))
    ]
    announcements = Announcement.objects.filter(format=body).select_related("made_by")
    return Space(
        seat=own,
        seats=shown,
        announcements=[
            row
            for row in announcements.order_by("-made_at", "-pk")
            if is_inside and (row.until is None or on <= row.until)
        ],
        may_manage=may_manage,
        sees_members=sees_members,
    )


def _order(seats: QuerySet[FormatSeat]) -> list[FormatSeat]:
    """Chair, secretary, then everybody by name."""
    rank = Case(
        When(role=FormatSeat.Role.CHAIR, then=Value(0)),
        When(role=FormatSeat.Role.SECRETARY, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return list(seats.select_related("person").order_by(rank, "person__full_name", "pk"))


# Changing


def _log(action: str, body: Format, *, by: Person, at: datetime, **detail: object) -> None:
    write_entry(
        action=action,
        target_kind="format",
        target_key=str(body.pk),
        actor_key=f"person:{by.pk}",
        at=at,
        detail=detail,
    )


def _require_manager(by: Person, body: Format, at: datetime) -> date:
    on = timezone.localdate(at)
    decision = policy.may_manage_format(by, body=body, on=on)
    if not decision:
        raise Refused(decision.reason)
    return on


@transaction.atomic
def enter_format(
    *,
    name: str,
    acronym: str,
    description: str,
    rhythm: str,
    website: str,
    is_confidential: bool,
    hides_members: bool,
    by: Person,
    at: datetime,
) -> Format:
    """Enter a format. Whoever enters it is its secretary, until it has another one."""
    on = timezone.localdate(at)
    decision = policy.may_enter_format(by, on=on)
    if not decision:
        raise Refused(decision.reason)
    body = Format.objects.create(
        slug=_make_slug(acronym or name, is_confidential=is_confidential),
        name=name.strip(),
        acronym=acronym.strip(),
        description=description.strip(),
        rhythm=rhythm.strip(),
        website=website,
        is_confidential=is_confidential,
        hides_members=hides_members,
    )
    FormatSeat.objects.create(format=body, person=by, role=FormatSeat.Role.SECRETARY, since=on)
    _log("format.entered", body, by=by, at=at, confidential=is_confidential)
    return body


def _make_slug(text: str, *, is_confidential: bool) -> str:
    """A confidential one is named by chance: no other can meet it and so find it out."""
    if is_confidential:
        return new_reference()
    wished = slugify(text)[:40] or new_reference()
    return wished if not Format.objects.filter(slug=wished).exists() else new_reference()


@transaction.atomic
def change_format(
    *,
    body: Format,
    name: str,
    acronym: str,
    description: str,
    rhythm: str,
    website: str,
    is_confidential: bool,
    hides_members: bool,
    by: Person,
    at: datetime,
) -> None:
    """What its page says, and who is to know of it."""
    on = _require_manager(by, body, at)
    seats = FormatSeat.objects.current(on).filter(format=body, person__is_active=True)
    if is_confidential and not seats.exists():
        raise BadInput(_("Nobody sits in it: as a confidential format it would be lost."))
    if is_confidential and not body.is_confidential:
        body.slug = _make_slug("", is_confidential=True)
    body.name, body.acronym = name.strip(), acronym.strip()
    body.description, body.rhythm, body.website = description.strip(), rhythm.strip(), website
    body.is_confidential, body.hides_members = is_confidential, hides_members
    body.save()
    _log(
        "format.changed",
        body,
        by=by,
        at=at,
        confidential=is_confidential,
        hides_members=hides_members,
    )


@transaction.atomic
def give_seat(*, body: Format, person: Person, role: str, by: Person, at: datetime) -> None:
    """Somebody sits in a format, or takes another role there."""
    on = _require_manager(by, body, at)
    if not person.is_active:
        raise BadInput(_("This account is closed; invite the person again."))
    if role not in FormatSeat.Role.values:
        raise BadInput(_("There is no such role: %s") % role)
    held = FormatSeat.objects.current(on).filter(format=body, person=person)
    if [seat.role for seat in held] == [role]:
        return
    held.update(until=on)
    FormatSeat.objects.create(format=body, person=person, role=role, since=on)
    _log("format.seat_given", body, by=by, at=at, person=person.reference, role=role)


@transaction.atomic
def end_seat(*, seat: FormatSeat, by: Person, at: datetime) -> None:
    """Somebody no longer sits in a format: what is released to it is closed to them at once."""
    on = _require_manager(by, seat.format, at)
    others = FormatSeat.objects.current(on).filter(format=seat.format, person__is_active=True)
    if seat.format.is_confidential and not others.exclude(person=seat.person_id).exists():
        raise BadInput(_("This is the last who knows this format. It cannot be left to nobody."))
    if FormatSeat.objects.current(on).filter(pk=seat.pk).update(until=on):
        _log("format.seat_ended", seat.format, by=by, at=at, person=seat.person.reference)


@transaction.atomic
def add_member(
    *,
    body: Format,
    economy: str,
    organisation: Organisation | None,
    status: str,
    since: date | None,
    until: date | None,
    by: Person,
    at: datetime,
) -> None:
    """An economy's or organisation's place in a format."""
    _require_manager(by, body, at)
    _check_party(economy, organisation, since, until)
    FormatMember.objects.create(
        format=body,
        economy_id=economy or None,
        organisation=organisation,
        status=status,
        since=since,
        until=until,
    )
    _log("format.member_added", body, by=by, at=at, party=_name(economy, organisation))


@transaction.atomic
def end_member(*, member: FormatMember, by: Person, at: datetime) -> None:
    """Its place ends today; it stays in the list of former members."""
    on = _require_manager(by, member.format, at)
    if FormatMember.objects.current(on).filter(pk=member.pk).update(until=on):
        _log("format.member_ended", member.format, by=by, at=at, member=member.pk)


@transaction.atomic
def add_chair(
    *,
    body: Format,
    economy: str,
    organisation: Organisation | None,
    since: date | None,
    until: date | None,
    note: str,
    by: Person,
    at: datetime,
) -> None:
    """Who chairs it from when. A chair without an end ends where the next one begins."""
    on = _require_manager(by, body, at)
    _check_party(economy, organisation, since, until)
    start = since or on
    open_ones = FormatChair.objects.filter(format=body, until__isnull=True)
    open_ones.exclude(since__gte=start).update(until=start)
    FormatChair.objects.create(
        format=body,
        economy_id=economy or None,
        organisation=organisation,
        since=start,
        until=until,
        note=note.strip(),
    )
    _log("format.chair_added", body, by=by, at=at, party=_name(economy, organisation))


@transaction.atomic
def remove_chair(*, chair: FormatChair, by: Person, at: datetime) -> None:
    """An entry in the rotation that was wrong."""
    _require_manager(by, chair.format, at)
    body = chair.format
    if FormatChair.objects.filter(pk=chair.pk).delete()[0]:
        _log("format.chair_removed", body, by=by, at=at)


def _check_party(
    economy: str, organisation: Organisation | None, since: date | None, until: date | None
) -> None:
    if bool(economy) == (organisation is not None):
        raise BadInput(_("Choose an economy or an organisation, one of the two."))
    if since and until and until <= since:
        raise BadInput(_("It ends before it begins."))


def _name(economy: str, organisation: Organisation | None) -> str:
    return economy or (organisation.reference if organisation else "")


@transaction.atomic
def announce(
    *,
    body: Format,
    title: str,
    text: str,
    until: date | None,
    language: str,
    by: Person,
    at: datetime,
) -> Announcement:
    """Tell those who sit in a format. It is on its page until a day, or until it is taken down."""
    _require_manager(by, body, at)
    made = Announcement.objects.create(
        format=body,
        title=title.strip(),
        text=text.strip(),
        until=until,
        language=language,
        made_by=by,
        made_at=at,
    )
    _log("format.announced", body, by=by, at=at, announcement=made.pk)
    emit(topic=ANNOUNCEMENT, keys=[str(made.pk)], at=at)
    return made


@transaction.atomic
def take_down(*, announcement: Announcement, by: Person, at: datetime) -> None:
    """An announcement goes; the log keeps that there was one."""
    body, key = announcement.format, announcement.pk
    _require_manager(by, body, at)
    if Announcement.objects.filter(pk=key).delete()[0]:
        _log("format.announcement_removed", body, by=by, at=at, announcement=key)
        emit(topic=ANNOUNCEMENT, keys=[str(key)], at=at)
