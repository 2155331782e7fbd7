"""What the account pages show: people, their places, invitations that wait."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import QuerySet

from focal.directory.models import (
    FocalPoint,
    FormatSeat,
    Invitation,
    Membership,
    Organisation,
    Person,
)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person on the list of people, with what they hold on a day."""

    person: Person
    places: Sequence[Membership]
    has_second_factor: bool


@dataclass(frozen=True, slots=True)
class Places:
    """Everything a person holds on a day."""

    memberships: Sequence[Membership]
    focal_posts: Sequence[FocalPoint]
    seats: Sequence[FormatSeat]


def list_people(*, is_active: bool, on: date) -> list[PersonRow]:
    """People by name, with their current places; three queries for any number."""
    people = list(Person.objects.filter(is_active=is_active).order_by("full_name", "pk"))
    places: dict[int, list[Membership]] = defaultdict(list)
    for membership in (
        Membership.objects.current(on)
        .filter(person__in=[person.pk for person in people])
        .select_related("organisation")
        .order_by("organisation__name", "pk")
    ):
        places[membership.person_id].append(membership)
    secured = _with_second_factor(people)
    return [PersonRow(person, places[person.pk], person.pk in secured) for person in people]


def _with_second_factor(people: Iterable[Person]) -> set[int]:
    return set(
        Authenticator.objects.filter(user__in=[person.pk for person in people])
        .exclude(type=Authenticator.Type.RECOVERY_CODES)
        .values_list("user_id", flat=True)
    )


def list_pending_invitations(*, by: Person | None = None) -> list[Invitation]:
    """Invitations that nobody has accepted, the newest first; also those that have expired.

    `by` keeps those of one inviter. Links for the first administrator are left out: they are
    the operator's.
    """
    waiting = Invitation.objects.filter(accepted_at__isnull=True).exclude(email="")
    if by is not None:
        waiting = waiting.filter(invited_by=by)
    return list(waiting.select_related("organisation", "invited_by").order_by("-created_at", "-pk"))


def get_places(person: Person, *, on: date) -> Places:
    """What a person holds on a day."""
    return Places(
        memberships=list(
            Membership.objects.current(on)
            .filter(person=person)
            .select_related("organisation")
            .order_by("organisation__name", "pk")
        ),
        focal_posts=list(
            FocalPoint.objects.current(on)
            .filter(person=person)
            .select_related("economy")
            .order_by("economy_id", "pk")
        ),
        seats=list(
            FormatSeat.objects.current(on)
            .filter(person=person)
            .select_related("format")
            .order_by("format__name", "pk")
        ),
    )


def list_organisations() -> QuerySet[Organisation]:
    """Organisations by name."""
    return Organisation.objects.order_by("name", "pk")


def has_administrator() -> bool:
    """Whether anybody can look after this installation."""
    return Person.objects.filter(is_administrator=True, is_active=True).exists()


def is_for_first_administrator(invitation: Invitation) -> bool:
    """Such a link is bound to no address: it is printed where the server is started."""
    return invitation.makes_administrator and not invitation.email


def hash_secret(secret: str) -> str:
    """What is kept of a link's secret."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def find_open_invitation(*, secret: str, at: datetime) -> Invitation | None:
    """The invitation that a link opens; None where it was used, expired, replaced or invented."""
    invitation = (
        Invitation.objects.select_related("organisation", "invited_by")
        .filter(secret_hash=hash_secret(secret))
        .first()
    )
    if invitation is None or not invitation.is_open(at):
        return None
    if is_for_first_administrator(invitation) and has_administrator():
        return None
    return invitation


@dataclass(frozen=True, slots=True)
class Factors:
    """By what somebody signs in beside the password."""

    has_codes: bool
    keys: int
    has_recovery_codes: bool


def get_factors(person: Person) -> Factors:
    """The second factors of a person."""
    kinds = list(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    return Factors(
        has_codes=Authenticator.Type.TOTP in kinds,
        keys=kinds.count(Authenticator.Type.WEBAUTHN),
        has_recovery_codes=Authenticator.Type.RECOVERY_CODES in kinds,
    )


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A device that is signed in."""

    key: int
    browser: str
    system: str
    network: str
    since: datetime
    last_seen: datetime
    is_current: bool


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def _recognise(agent: str, marks: Sequence[tuple[str, str]]) -> str:
    return next((name for mark, name in marks if mark in agent), "")


def list_sessions(person: Person, *, current_key: str) -> list[SessionRow]:
    """Where an account is signed in, this device first; sessions that have ended are dropped."""
    rows = [
        SessionRow(
            key=session.pk,
            browser=_recognise(session.user_agent, _BROWSERS),
            system=_recognise(session.user_agent, _SYSTEMS),
            network=session.ip,
            since=session.created_at,
            last_seen=session.last_seen_at,
            is_current=session.session_key == current_key,
        )
        for session in UserSession.objects.purge_and_list(person)
    ]
    return sorted(rows, key=lambda row: (row.is_current, row.last_seen, row.key), reverse=True)
