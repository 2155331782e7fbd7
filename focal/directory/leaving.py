"""Somebody leaves: one deed hands on what was in their hands, ends access, and starts the clock
after which their contact data is gone. And what each of us may take along.

A successor gets duties, never sight that was given to the leaver by name: what was released to a
person is closed with their account (docs/decisions/0711).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from focal.audit.models import Entry
from focal.audit.services import write_entry
from focal.directory import policy, services
from focal.directory.holdings import get_holdings
from focal.directory.models import (
    Announcement,
    FocalPoint,
    FormatSeat,
    Invitation,
    Membership,
    Person,
    Profile,
)
from focal.kernel.errors import BadInput, Refused

RANK = {role: rank for rank, role in enumerate(Membership.Role.values)}
FORMER_NAME = "–"  # where a name was deleted


@dataclass(slots=True)
class HandedOver:
    """What went to the successor, by kind."""

    counts: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Duties:
    """What would go on, as far as whoever asks may be told."""

    focal_posts: list[FocalPoint]
    offices: list[FormatSeat]
    places: list[Membership]
    holdings: list[tuple[str, int]]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to hand on, as far as may be told."""
        held = any(count for _title, count in self.holdings)
        return not (self.focal_posts or self.offices or self.places or held)


def get_duties(person: Person, by: Person, *, at: datetime) -> Duties:
    """A leaver's duties. A confidential format is told to nobody but them."""
    on, is_own = timezone.localdate(at), by.pk == person.pk
    offices = FormatSeat.objects.current(on).filter(person=person, role__in=FormatSeat.OFFICES)
    if not is_own:
        offices = offices.filter(format__is_confidential=False)
    return Duties(
        focal_posts=list(FocalPoint.objects.current(on).filter(person=person).order_by("pk")),
        offices=list(offices.select_related("format").order_by("pk")),
        places=list(
            Membership.objects.current(on)
            .filter(person=person, role__in=policy.WRITERS)
            .select_related("organisation")
            .order_by("pk")
        ),
        holdings=[(str(one.title), one.count(person)) for one in get_holdings()],
    )


@transaction.atomic
def leave(
    *,
    person: Person,
    successor: Person | None,
    by: Person | None,
    at: datetime,
    includes_sealed: bool = False,
    deletes_contact: bool = False,
) -> HandedOver:
    """Hand over, end access at once, and keep contact data for the retention period at most.

    `by` is None for the command line. What is marked RED goes on only where the leaver does it
    themselves and says so (`includes_sealed`); so do seats in confidential formats, and so is
    contact data deleted at once (`deletes_contact`). Of somebody whose account was closed
    already, the records still go on. Raises Refused or BadInput.
    """
    is_own = by is not None and by.pk == person.pk
    _check(person, successor, by, is_own=is_own, at=at)
    was_open = person.is_active
    if not was_open and successor is None:
        return HandedOver()
    actor_key = "system:command-line" if by is None else f"person:{by.pk}"
    handed = HandedOver()
    if successor is not None:
        handed.counts = _hand_over_duties(person, successor, by, is_own=is_own, at=at)
    for holding in get_holdings():
        handed.counts[holding.key] = holding.hand_over(
            leaver=person,
            successor=successor,
            includes_sealed=includes_sealed and is_own,
            actor_key=actor_key,
            at=at,
        )
    if successor is not None:
        write_entry(
            action="person.handed_over",
            target_kind="person",
            target_key=person.reference,
            actor_key=actor_key,
            at=at,
            detail={"successor": successor.reference},
        )
    if was_open:
        services.close_account(person=person, actor_key=actor_key, at=at)
    Person.objects.filter(pk=person.pk).update(successor=successor)
    if deletes_contact and is_own:
        remove_contact_data(person=person, actor_key=actor_key, at=at, with_name=True)
    return handed


def _check(
    person: Person, successor: Person | None, by: Person | None, *, is_own: bool, at: datetime
) -> None:
    on = timezone.localdate(at)
    if by is not None:
        decision = (
            policy.may_leave(person) if is_own else policy.may_deactivate(by, person=person, on=on)
        )
        if not decision:
            raise Refused(decision.reason)
    if successor is None:
        return
    if successor.pk == person.pk or not successor.is_active:
        raise BadInput(_("Choose somebody else, whose account is open, as successor."))
    if by is not None and successor.pk == by.pk:
        raise Refused(_("Nobody hands somebody else's duties to themselves."))


def _hand_over_duties(
    person: Person, successor: Person, by: Person | None, *, is_own: bool, at: datetime
) -> dict[str, int]:
    """Posts, offices and writing places; only what whoever does it could give by itself."""
    on = timezone.localdate(at)
    may_appoint = by is None or is_own or bool(policy.may_appoint_focal_points(by, on=on))
    posts = offices = places = 0
    for post in FocalPoint.objects.current(on).filter(person=person) if may_appoint else ():
        if (
            not FocalPoint.objects.current(on)
            .filter(person=successor, economy_id=post.economy_id)
            .exists()
        ):
            FocalPoint.objects.create(person=successor, economy_id=post.economy_id, since=on)
            posts += 1
    for seat in FormatSeat.objects.current(on).filter(person=person).select_related("format"):
        allowed = is_own or by is None or policy.may_manage_format(by, body=seat.format, on=on)
        passes = seat.role in FormatSeat.OFFICES and (is_own or not seat.format.is_confidential)
        if allowed and passes:
            held = FormatSeat.objects.current(on).filter(person=successor, format=seat.format)
            if not held.filter(role__in=FormatSeat.OFFICES).exists():
                held.update(until=on)
                FormatSeat.objects.create(
                    person=successor, format=seat.format, role=seat.role, since=on
                )
                offices += 1
    for place in Membership.objects.current(on).filter(person=person, role__in=policy.WRITERS):
        places += _raise_place(place, successor, by, at=at)
    return {"focal_posts": posts, "offices": offices, "places": places}


def _raise_place(place: Membership, successor: Person, by: Person | None, *, at: datetime) -> int:
    """A colleague of the same organisation writes for it from now on; a stranger does not."""
    on = timezone.localdate(at)
    held = Membership.objects.current(on).filter(
        person=successor, organisation_id=place.organisation_id
    )
    role = max((row.role for row in held), key=RANK.__getitem__, default=None)
    if role is None or RANK[role] >= RANK[place.role]:
        return 0
    may = by is None or policy.may_invite(
        by, organisation=place.organisation, role=place.role, makes_administrator=False, on=on
    )
    if not may:
        return 0
    post = held[0].post
    services.give_place(
        person=successor,
        organisation=place.organisation,
        role=place.role,
        by=by,
        at=at,
        post=post,
    )
    return 1


# Contact data


@transaction.atomic
def remove_contact_data(
    *, person: Person, actor_key: str, at: datetime, with_name: bool = False
) -> None:
    """Address, telephone, what they told of themselves, devices, drafts of their own.

    The name stays beside what they wrote, unless they wish it gone too.
    """
    old = person.email
    person.refresh_from_db()
    if person.is_active or person.contact_removed_at is not None:
        return
    person.email = f"{person.reference}@left.invalid"
    person.contact_removed_at = at
    if with_name:
        person.full_name = FORMER_NAME
    person.save(update_fields=("email", "contact_removed_at", "full_name"))
    for model in (EmailAddress, SocialAccount, UserSession, Authenticator):
        model.objects.filter(user=person).delete()
    Profile.objects.filter(person=person).delete()
    Invitation.objects.filter(Q(email=old)).delete()
    for holding in get_holdings():
        holding.forget(person)
    write_entry(
        action="person.contact_removed",
        target_kind="person",
        target_key=person.reference,
        actor_key=actor_key,
        at=at,
        detail={"name": with_name},
    )


def remove_old_contact_data(at: datetime) -> int:
    """Contact data of those who left longer ago than the retention period; how many it was."""
    until = at - timedelta(days=settings.CONTACT_RETENTION_DAYS)
    due = Person.objects.filter(
        is_active=False, left_at__lte=until, contact_removed_at__isnull=True
    )
    people = list(due.order_by("pk"))
    for person in people:
        remove_contact_data(person=person, actor_key="system:clock", at=at)
    return len(people)


# Taking one's data along


def export_data(person: Person, *, at: datetime) -> dict[str, object]:
    """Everything the platform holds about a person, as plain values."""
    profile = Profile.objects.filter(person=person).first()
    return {
        "exported_at": at.isoformat(timespec="seconds"),
        "account": {
            "reference": person.reference,
            "email": person.email,
            "name": person.full_name,
            "language": person.language,
            "administrator": person.is_administrator,
            "joined_at": person.joined_at.isoformat(timespec="seconds"),
            "last_signed_in_at": person.last_login.isoformat(timespec="seconds")
            if person.last_login
            else None,
        },
        "shown": {
            "phone": profile.phone,
            "about": profile.about,
            "languages": profile.languages,
            "topics": profile.topics,
            "to": {name: profile.get_level(name) for name in Profile.DEFAULTS},
        }
        if profile
        else None,
        "places": [
            {
                "organisation": row.organisation.name,
                "role": row.role,
                "post": row.post,
                **_days(row),
            }
            for row in Membership.objects.filter(person=person)
            .select_related("organisation")
            .order_by("pk")
        ],
        "focal_point_of": [
            {"economy": row.economy_id, **_days(row)}
            for row in FocalPoint.objects.filter(person=person).order_by("pk")
        ],
        "formats": [
            {"format": row.format.name, "role": row.role, **_days(row)}
            for row in FormatSeat.objects.filter(person=person)
            .select_related("format")
            .order_by("pk")
        ],
        "announcements": [
            {"title": row.title, "text": row.text, "at": row.made_at.isoformat()}
            for row in Announcement.objects.filter(made_by=person).order_by("pk")
        ],
        "invitations": [
            {"email": row.email, "at": row.created_at.isoformat(timespec="seconds")}
            for row in Invitation.objects.filter(invited_by=person).order_by("pk")
        ],
        "sessions": [
            {
                "network": row.ip,
                "browser": row.user_agent,
                "since": row.created_at.isoformat(timespec="seconds"),
                "last_seen": row.last_seen_at.isoformat(timespec="seconds"),
            }
            for row in UserSession.objects.filter(user=person).order_by("pk")
        ],
        "second_factors": [
            {"kind": row.type, "since": row.created_at.isoformat(timespec="seconds")}
            for row in Authenticator.objects.filter(user=person).order_by("pk")
        ],
        "log": [
            {
                "at": row.at.isoformat(timespec="seconds"),
                "action": row.action,
                "about": f"{row.target_kind}:{row.target_key}",
            }
            for row in Entry.objects.filter(
                Q(actor_key=f"person:{person.pk}")
                | Q(target_kind="person", target_key=person.reference)
            ).order_by("number")
        ],
        **{holding.key: list(holding.export(person)) for holding in get_holdings()},
    }


def _days(row: Membership | FocalPoint | FormatSeat) -> Mapping[str, str | None]:
    return {
        "since": row.since.isoformat() if row.since else None,
        "until": row.until.isoformat() if row.until else None,
    }


def write_export(person: Person, *, at: datetime) -> bytes:
    """The export as a zip with one JSON file and a note on what it is. Logged."""
    import io  # noqa: PLC0415 -- seldom needed
    import zipfile  # noqa: PLC0415 -- as above

    data = export_data(person, at=at)
    note = _(
        "Everything Focal holds about you, as it was at the moment of the export. The log names"
        " deeds by reference. What was sent to you by name is not part of it: it belongs to"
        " those who wrote it."
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("focal-my-data.json", json.dumps(data, ensure_ascii=False, indent=2))
        archive.writestr("README.txt", note + "\n")
    with transaction.atomic():
        write_entry(
            action="person.exported",
            target_kind="person",
            target_key=person.reference,
            actor_key=f"person:{person.pk}",
            at=at,
        )
    return packed.getvalue()
