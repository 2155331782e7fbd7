"""Who may look after accounts, the directory and formats.

What people may see and write is decided in `focal.sharing`. The page of roles says the same in
words (`directory.roles`); a test holds the two together.
"""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from focal.directory.models import FocalPoint, Format, FormatSeat, Membership, Organisation, Person
from focal.kernel.decision import YES, Decision, no

WRITERS = (Membership.Role.CONTRIBUTOR, Membership.Role.EDITOR)


def _has_secretariat_role(person: Person, roles: tuple[str, ...], on: date) -> bool:
    return (
        Membership.objects.current(on)
        .filter(person=person, organisation__is_secretariat=True, role__in=roles)
        .exists()
    )


def may_look_after_people(person: Person, *, on: date) -> Decision:
    """Administrators, and those who write for the secretariat."""
    if person.is_active and (person.is_administrator or _has_secretariat_role(person, WRITERS, on)):
        return YES
    return no(_("Accounts are looked after by the secretariat and the administrators."))


def get_own_economies(person: Person, *, on: date) -> set[str]:
    """The economies a person is focal point of."""
    if not person.is_active:
        return set()
    posts = FocalPoint.objects.current(on).filter(person=person)
    return set(posts.values_list("economy_id", flat=True))


def may_invite_at_all(person: Person, *, on: date) -> Decision:
    """Those who look after people, and focal points for their economy."""
    if get_own_economies(person, on=on):
        return YES
    if may_look_after_people(person, on=on):
        return YES
    return no(_("People are invited by the secretariat, the administrators and their focal point."))


def may_invite(
    person: Person,
    *,
    organisation: Organisation | None,
    role: str,
    makes_administrator: bool,
    on: date,
) -> Decision:
    """Nobody hands out more than is theirs to give; a focal point invites for their economy."""
    if not may_look_after_people(person, on=on):
        return _may_invite_for_economy(
            person, organisation=organisation, makes_administrator=makes_administrator, on=on
        )
    if person.is_administrator:
        return YES
    if makes_administrator:
        return no(_("Only an administrator can make another administrator."))
    if (
        organisation is not None
        and organisation.is_secretariat
        and role == Membership.Role.EDITOR
        and not _has_secretariat_role(person, (Membership.Role.EDITOR,), on)
    ):
        return no(_("Only an editor of the secretariat can make another one."))
    return YES


def _may_invite_for_economy(
    person: Person, *, organisation: Organisation | None, makes_administrator: bool, on: date
) -> Decision:
    economies = get_own_economies(person, on=on)
    if not economies:
        return may_look_after_people(person, on=on)
    if makes_administrator:
        return no(_("Only an administrator can make another administrator."))
    if (
        organisation is None
        or organisation.economy_id not in economies
        or organisation.is_secretariat
    ):
        return no(_("As a focal point you invite people of organisations of your economy."))
    return YES


def may_deactivate(by: Person, *, person: Person, on: date) -> Decision:
    """Administrators may close any account but their own; secretariat editors those of members."""
    if by.pk == person.pk:
        return no(_("You cannot close your own account; somebody else has to do it."))
    if by.is_active and by.is_administrator:
        return YES
    if not by.is_active or not _has_secretariat_role(by, (Membership.Role.EDITOR,), on):
        return no(_("Accounts are closed by editors of the secretariat and by administrators."))
    if person.is_administrator:
        return no(_("Only an administrator can close an administrator's account."))
    return YES


def may_leave(person: Person) -> Decision:
    """Everybody may leave, but not the last who looks after this installation."""
    if not person.is_active:
        return no(_("This account is closed."))
    others = Person.objects.filter(is_active=True, is_administrator=True).exclude(pk=person.pk)
    if person.is_administrator and not others.exists():
        return no(_("You are the only administrator. Make somebody else one before you leave."))
    return YES


def may_end_place(by: Person, *, membership: Membership, on: date) -> Decision:
    """Whoever could have given the place may take it; nobody shuts themselves out."""
    if by.pk == membership.person_id:
        return no(_("You cannot end your own place; somebody else has to do it."))
    return may_invite(
        by,
        organisation=membership.organisation,
        role=membership.role,
        makes_administrator=False,
        on=on,
    )


def may_appoint_focal_points(person: Person, *, on: date) -> Decision:
    """Writers of the secretariat. Not an administrator: the post opens content."""
    if person.is_active and _has_secretariat_role(person, WRITERS, on):
        return YES
    return no(_("Focal points are entered by the secretariat, as the economies name them."))


def may_describe(person: Person, *, organisation: Organisation | None, on: date) -> Decision:
    """An organisation's page: the secretariat, its own editors, its economy's focal point.

    Without an organisation: whether they may enter a new one.
    """
    if not person.is_active:
        return no(_("This account is closed."))
    if _has_secretariat_role(person, WRITERS, on) or person.is_administrator:
        return YES
    economies = get_own_economies(person, on=on)
    if organisation is None:
        return YES if economies else no(_("Organisations are entered by the secretariat."))
    if organisation.economy_id in economies and not organisation.is_secretariat:
        return YES
    own = Membership.objects.current(on).filter(
        person=person, organisation=organisation, role=Membership.Role.EDITOR
    )
    if own.exists():
        return YES
    return no(_("Only its editors, its economy's focal point and the secretariat can change it."))


def may_enter_format(person: Person, *, on: date) -> Decision:
    """A new format is entered by writers of the secretariat."""
    if person.is_active and _has_secretariat_role(person, WRITERS, on):
        return YES
    return no(_("Formats are entered by the secretariat."))


def may_manage_format(person: Person, *, body: Format, on: date) -> Decision:
    """Its chair and secretary; the secretariat, where it is no secret to it.

    Where nobody holds an office, those who sit there may fill one. Administrators may not by
    right: a seat opens content.
    """
    refusal = no(_("A format is looked after by its chair, its secretary and the secretariat."))
    if not person.is_active:
        return refusal
    seats = FormatSeat.objects.current(on).filter(format=body, person__is_active=True)
    own = seats.filter(person=person)
    if own.filter(role__in=FormatSeat.OFFICES).exists():
        return YES
    if not body.is_confidential and _has_secretariat_role(person, WRITERS, on):
        return YES
    if own.exists() and not seats.filter(role__in=FormatSeat.OFFICES).exists():
        return YES
    return refusal
