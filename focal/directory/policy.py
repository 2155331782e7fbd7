"""Who may look after accounts. What people may see and write is decided in `focal.sharing`."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from focal.directory.models import Membership, Organisation, Person
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


def may_invite(
    person: Person,
    *,
    organisation: Organisation | None,
    role: str,
    makes_administrator: bool,
    on: date,
) -> Decision:
    """Whoever looks after people may, but nobody hands out more than is theirs to give."""
    decision = may_look_after_people(person, on=on)
    if not decision or person.is_administrator:
        return decision
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
