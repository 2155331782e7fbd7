"""Accounts: invited, accepted, changed, closed. There is no other way in.

Secrets of links are never kept, only their SHA-256; the log names people by their reference
and never by their address.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from focal.audit.services import write_entry
from focal.directory import policy
from focal.directory.models import (
    FocalPoint,
    FormatSeat,
    Invitation,
    Membership,
    Organisation,
    Person,
    Profile,
)
from focal.directory.selectors import (
    find_open_invitation,
    has_administrator,
    hash_secret,
    is_for_first_administrator,
)
from focal.kernel.decision import Decision
from focal.kernel.errors import BadInput, Refused
from focal.vocabulary.models import Concept

VALID_FOR = timedelta(days=7)
COMMAND_LINE = "system:command-line"
FIRST_START = "system:first-start"


class ClosedInvitation(Exception):
    """The link was used, has expired, was replaced or never existed: always the same answer."""


def _require(decision: Decision) -> None:
    if not decision:
        raise Refused(decision.reason)


def _actor_of(person: Person | None) -> str:
    return COMMAND_LINE if person is None else f"person:{person.pk}"


def _clean_email(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise BadInput(_("This is not an e-mail address: %s") % email) from error
    return email


def _log(action: str, person: Person, *, actor_key: str, at: datetime, **detail: object) -> None:
    write_entry(
        action=action,
        target_kind="person",
        target_key=person.reference,
        actor_key=actor_key,
        at=at,
        detail=detail,
    )


# Inviting


@transaction.atomic
def invite(
    *,
    email: str,
    full_name: str,
    organisation: Organisation | None,
    role: str,
    invited_by: Person | None,
    at: datetime,
    makes_administrator: bool = False,
) -> str:
    """Invite an address; the link works once, for seven days. A pending one is replaced.

    `invited_by` is None where the command line does it. Whoever looks after people is told that
    an address has an account; a focal point is not: the answer is the same, and the letter tells
    its reader that they are here already. Raises Refused or BadInput.
    """
    tells = invited_by is None or bool(
        policy.may_look_after_people(invited_by, on=timezone.localdate(at))
    )
    if invited_by is not None:
        _require(
            policy.may_invite(
                invited_by,
                organisation=organisation,
                role=role,
                makes_administrator=makes_administrator,
                on=timezone.localdate(at),
            )
        )
    email = _clean_email(email)
    if Person.objects.filter(email=email, is_active=True).exists() and tells:
        raise BadInput(_("This address has an account already."))
    if role not in Membership.Role.values:
        raise BadInput(_("There is no such role: %s") % role)
    replaced = Invitation.objects.filter(email=email, accepted_at__isnull=True).delete()[0]
    invitation, link = _make_invitation(
        at=at,
        replaced=replaced,
        actor_key=_actor_of(invited_by),
        email=email,
        full_name=full_name.strip(),
        organisation=organisation,
        role=role,
        makes_administrator=makes_administrator,
        invited_by=invited_by,
    )
    transaction.on_commit(partial(send_invitation, invitation_id=invitation.pk, link=link))
    return link


def _make_invitation(
    *, at: datetime, replaced: int, actor_key: str, **fields: object
) -> tuple[Invitation, str]:
    secret = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        secret_hash=hash_secret(secret), created_at=at, expires_at=at + VALID_FOR, **fields
    )
    organisation = invitation.organisation
    write_entry(
        action="invitation.made",
        target_kind="invitation",
        target_key=str(invitation.pk),
        actor_key=actor_key,
        at=at,
        detail={
            "organisation": organisation.reference if organisation else "",
            "role": invitation.role if organisation else "",
            "administrator": invitation.makes_administrator,
            "replaced": replaced,
        },
    )
    path = reverse("directory:accept_invitation", args=[secret])
    return invitation, settings.SITE_ADDRESS.rstrip("/") + path


def send_invitation(*, invitation_id: int, link: str) -> None:
    """Write the letter. Nothing happens where the invitation is gone again."""
    for invitation in Invitation.objects.select_related("organisation", "invited_by").filter(
        pk=invitation_id
    ):
        is_here = Person.objects.filter(email=invitation.email, is_active=True).exists()
        letter = "already_here" if is_here else "invitation"
        context = {"invitation": invitation, "link": link, "site_address": settings.SITE_ADDRESS}
        EmailMessage(
            subject=_("You are invited to Focal"),
            body=render_to_string(f"directory/letters/{letter}.txt", context),
            to=[invitation.email],
        ).send()


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, by: Person | None, at: datetime) -> None:
    """The link stops working; nothing of the invitation stays but its line in the log."""
    if by is not None and by.pk != invitation.invited_by_id:
        _require(policy.may_look_after_people(by, on=timezone.localdate(at)))
    key = str(invitation.pk)
    if not Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True).delete()[0]:
        return  # accepted or revoked by somebody else meanwhile
    write_entry(
        action="invitation.revoked",
        target_kind="invitation",
        target_key=key,
        actor_key=_actor_of(by),
        at=at,
    )


@transaction.atomic
def ensure_first_administrator_link(*, at: datetime) -> str | None:
    """A fresh link to become administrator while there is none; older ones stop working."""
    if has_administrator():
        return None
    replaced = Invitation.objects.filter(
        email="", makes_administrator=True, accepted_at__isnull=True
    ).delete()[0]
    _invitation, link = _make_invitation(
        at=at,
        replaced=replaced,
        actor_key=FIRST_START,
        email="",
        organisation=Organisation.objects.filter(is_secretariat=True).order_by("pk").first(),
        role=Membership.Role.EDITOR,
        makes_administrator=True,
        invited_by=None,
    )
    return link


# Accepting


@transaction.atomic
def accept(
    *,
    secret: str,
    full_name: str,
    password: str,
    language: str,
    at: datetime,
    email: str = "",
    takes_place: bool = True,
) -> Person:
    """Make the account that an invitation promises; only the first of two clicks does.

    `email` counts for the first administrator alone (everybody else has the address that was
    invited), and so does `takes_place`: without it they get no place at the secretariat.
    Raises ClosedInvitation, or ValidationError by field.
    """
    invitation = find_open_invitation(secret=secret, at=at)
    if invitation is None:
        raise ClosedInvitation
    is_first = is_for_first_administrator(invitation)
    person = _prepare_person(email if is_first else invitation.email)
    person.full_name, person.language = full_name.strip(), language
    try:
        validate_password(password, user=person)
    except ValidationError as error:
        raise ValidationError({"password": error.messages}) from error
    return _accept(
        invitation, person, password=password, takes_place=takes_place or not is_first, at=at
    )


def _accept(
    invitation: Invitation,
    person: Person,
    *,
    password: str | None,
    takes_place: bool,
    at: datetime,
) -> Person:
    # One statement decides between two clicks at once: only one of them changes the row.
    taken = Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True)
    if not taken.update(accepted_at=at, email=person.email):
        raise ClosedInvitation
    was_known = person.pk is not None
    _open_account(person, password=password, makes_administrator=invitation.makes_administrator)
    actor_key = _actor_of(person)
    _log(
        "person.returned" if was_known else "person.joined",
        person,
        actor_key=actor_key,
        at=at,
        invitation=invitation.pk,
        administrator=person.is_administrator,
    )
    if invitation.organisation is not None and takes_place:
        _add_place(person, invitation.organisation, invitation.role, actor_key=actor_key, at=at)
    return person


@transaction.atomic
def accept_by_provider(*, email: str, full_name: str, at: datetime) -> Person | None:
    """Accept the open invitation of an address that a trusted provider has checked.

    The account has no password. None where nobody has invited the address.
    """
    open_ones = Invitation.objects.filter(email=email, accepted_at__isnull=True, expires_at__gt=at)
    invitation = open_ones.select_related("organisation").order_by("-created_at", "-pk").first()
    if invitation is None:
        return None
    person = _prepare_person(email)
    person.full_name = full_name.strip()[:200] or invitation.full_name or email.partition("@")[0]
    return _accept(invitation, person, password=None, takes_place=True, at=at)


def _prepare_person(email: str) -> Person:
    """A new person, or one whose account was closed; an open one is nobody else's to take."""
    try:
        email = _clean_email(email)
    except BadInput as error:
        raise ValidationError({"email": str(error)}) from error
    person = Person.objects.filter(email=email).first()
    if person is not None and person.is_active:
        raise ValidationError({"email": _("This address has an account already.")})
    return person or Person(email=email)


def _open_account(person: Person, *, password: str | None, makes_administrator: bool) -> None:
    person.is_active = True
    person.is_administrator = makes_administrator
    person.left_at = person.successor = person.contact_removed_at = None
    person.set_password(password)
    person.save()
    # allauth sends its letters (a forgotten password, a new second factor) to this row.
    EmailAddress.objects.update_or_create(
        user=person, email=person.email, defaults={"verified": True, "primary": True}
    )


def _add_place(
    person: Person,
    organisation: Organisation,
    role: str,
    *,
    actor_key: str,
    at: datetime,
    post: str = "",
) -> None:
    Membership.objects.create(
        person=person, organisation=organisation, role=role, post=post, since=timezone.localdate(at)
    )
    _log(
        "person.placed",
        person,
        actor_key=actor_key,
        at=at,
        organisation=organisation.reference,
        role=role,
    )


# Looking after accounts


@transaction.atomic
def change_person(*, person: Person, full_name: str, language: str, at: datetime) -> None:
    """A member's own name and language."""
    full_name = full_name.strip()
    changed = sorted(
        name
        for name, value in (("full_name", full_name), ("language", language))
        if getattr(person, name) != value
    )
    if not changed:
        return
    person.full_name, person.language = full_name, language
    person.save(update_fields=changed)
    _log("person.changed", person, actor_key=_actor_of(person), at=at, fields=changed)


@transaction.atomic
def give_place(
    *,
    person: Person,
    organisation: Organisation,
    role: str,
    by: Person | None,
    at: datetime,
    post: str = "",
) -> None:
    """Give a member a place in an organisation; the role and post they had there end."""
    on = timezone.localdate(at)
    if by is not None:
        _require(
            policy.may_invite(
                by, organisation=organisation, role=role, makes_administrator=False, on=on
            )
        )
    if not person.is_active:
        raise BadInput(_("This account is closed; invite the person again."))
    held = Membership.objects.current(on).filter(person=person, organisation=organisation)
    if [(membership.role, membership.post) for membership in held] == [(role, post)]:
        return
    held.update(until=on)
    _add_place(person, organisation, role, actor_key=_actor_of(by), at=at, post=post)


@transaction.atomic
def end_place(*, membership: Membership, by: Person | None, at: datetime) -> None:
    """A member leaves an organisation; what they wrote stays with it."""
    on = timezone.localdate(at)
    if by is not None:
        _require(policy.may_end_place(by, membership=membership, on=on))
    if not Membership.objects.current(on).filter(pk=membership.pk).update(until=on):
        return
    _log(
        "person.left",
        membership.person,
        actor_key=_actor_of(by),
        at=at,
        organisation=membership.organisation.reference,
    )


@transaction.atomic
def appoint_focal_point(
    *, person: Person, economy_id: str, by: Person | None, at: datetime
) -> None:
    """An economy has named who speaks for it; there may be several."""
    on = timezone.localdate(at)
    if by is not None:
        _require(policy.may_appoint_focal_points(by, on=on))
    if not person.is_active:
        raise BadInput(_("This account is closed; invite the person again."))
    if FocalPoint.objects.current(on).filter(person=person, economy_id=economy_id).exists():
        return
    FocalPoint.objects.create(person=person, economy_id=economy_id, since=on)
    _log("person.appointed", person, actor_key=_actor_of(by), at=at, economy=economy_id)


@transaction.atomic
def end_focal_post(*, post: FocalPoint, by: Person | None, at: datetime) -> None:
    """Somebody no longer speaks for an economy."""
    on = timezone.localdate(at)
    if by is not None:
        _require(policy.may_appoint_focal_points(by, on=on))
    if FocalPoint.objects.current(on).filter(pk=post.pk).update(until=on):
        _log(
            "person.post_ended",
            post.person,
            actor_key=_actor_of(by),
            at=at,
            economy=post.economy_id,
        )


@transaction.atomic
def change_profile(
    *,
    person: Person,
    phone: str,
    about: str,
    languages: Sequence[str],
    topics: Sequence[str],
    shown: Mapping[str, str],
    at: datetime,
) -> None:
    """What a member tells of themselves and whom; always their own deed."""
    unknown = {level for level in shown.values() if level not in Profile.Level.values}
    if unknown or set(shown) - set(Profile.DEFAULTS):
        raise BadInput(_("There is no such choice."))
    Profile.objects.update_or_create(
        person=person,
        defaults={
            "phone": phone.strip(),
            "about": about.strip(),
            "languages": sorted(languages),
            "topics": sorted(topics),
            "shown": dict(shown),
        },
    )
    _log("person.shown_changed", person, actor_key=_actor_of(person), at=at)


@transaction.atomic
def save_organisation(
    *,
    organisation: Organisation | None,
    name: str,
    acronym: str,
    description: str,
    website: str,
    kind: str,
    by: Person,
    at: datetime,
    economy: str | None = None,
) -> Organisation:
    """Enter an organisation or change what its page says. `economy` counts for a new one."""
    on, name = timezone.localdate(at), name.strip()
    _require(policy.may_describe(by, organisation=organisation, on=on))
    if organisation is None:
        own = policy.get_own_economies(by, on=on)
        if economy not in own and not policy.may_look_after_people(by, on=on):
            raise Refused(_("As a focal point you enter organisations of your economy."))
    same = Organisation.objects.filter(name__iexact=name)
    if organisation is not None:
        same = same.exclude(pk=organisation.pk)
    if same.exists():
        raise BadInput(_("An organisation of this name is in the directory already."))
    is_new = organisation is None
    saved = organisation or Organisation(economy_id=economy or None)
    saved.name, saved.acronym, saved.description = name, acronym.strip(), description.strip()
    saved.website = website
    saved.kind = Concept.objects.filter(scheme="organisation-kinds", key=kind).first()
    saved.save()
    write_entry(
        action="organisation.entered" if is_new else "organisation.changed",
        target_kind="organisation",
        target_key=saved.reference,
        actor_key=_actor_of(by),
        at=at,
        detail={"economy": saved.economy_id or ""},
    )
    return saved


@transaction.atomic
def deactivate(*, person: Person, by: Person | None, at: datetime) -> None:
    """Close an account: every session, password, second factor and place of it ends at once.

    The person stays as the author of what they wrote. A new invitation opens the account again,
    with what that invitation gives and nothing more. Raises Refused.
    """
    if by is not None:
        _require(policy.may_deactivate(by, person=person, on=timezone.localdate(at)))
    close_account(person=person, actor_key=_actor_of(by), at=at)


def close_account(*, person: Person, actor_key: str, at: datetime) -> None:
    """End every way in, inside the caller's transaction."""
    on = timezone.localdate(at)
    # Asked of the database: `person` may be older than what somebody else did meanwhile.
    if not Person.objects.filter(pk=person.pk, is_active=True).update(
        is_active=False, is_administrator=False, left_at=at
    ):
        return
    person.refresh_from_db()
    person.set_unusable_password()  # sessions hang on the password: none comes back later
    person.save(update_fields=("password",))
    Authenticator.objects.filter(user=person).delete()
    SocialAccount.objects.filter(user=person).delete()
    for session in UserSession.objects.filter(user=person):
        session.end()
    ended = sum(
        model.objects.current(on).filter(person=person).update(until=on)
        for model in (Membership, FocalPoint, FormatSeat)
    )
    _log("person.deactivated", person, actor_key=actor_key, at=at, places_ended=ended)


def log_password_set(*, person: Person, at: datetime) -> None:
    """Note a changed or reset password, inside the transaction that saves it."""
    _log("person.password_set", person, actor_key=_actor_of(person), at=at)


@transaction.atomic
def log_second_factor(*, person: Person, change: str, kind: str, at: datetime) -> None:
    """Note that a second factor was `added` or `removed`."""
    _log(f"person.factor_{change}", person, actor_key=_actor_of(person), at=at, kind=kind)
