"""`focal people`: invite, list and close accounts from the machine that Focal runs on.

Whoever can start it already holds the database; the log names it as the command line.
"""

from __future__ import annotations

import json

import click
from django.utils import timezone

from focal.directory import leaving, services
from focal.directory.models import Invitation, Membership, Organisation, Person
from focal.directory.selectors import PersonRow, list_pending_invitations, list_people
from focal.kernel.errors import BadInput

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.group()
def people() -> None:
    """Members and their accounts: invite somebody, list everybody, close an account."""


@people.command()
@click.argument("email")
@click.option("--name", default="", help="Their name; they can correct it.")
@click.option("--organisation", "wanted", help="Name, acronym or reference of an organisation.")
@click.option(
    "--role",
    type=click.Choice(Membership.Role.values),
    default=Membership.Role.MEMBER.value,
    show_default=True,
    help="What they may do for the organisation.",
)
@click.option("--administrator", is_flag=True, help="Also make them an administrator.")
@AS_JSON
def invite(
    email: str, name: str, wanted: str | None, role: str, administrator: bool, as_json: bool
) -> None:
    """Invite EMAIL, print the link that makes the account (once, within seven days).

    A letter with the same link goes to the mail folder. Inviting again replaces the link.
    """
    if wanted is None and not administrator:
        raise BadInput("Name the organisation with --organisation, or say --administrator.")
    organisation = None if wanted is None else _find_organisation(wanted)
    at = timezone.now()
    link = services.invite(
        email=email,
        full_name=name,
        organisation=organisation,
        role=role,
        invited_by=None,
        at=at,
        makes_administrator=administrator,
    )
    if as_json:
        expires = (at + services.VALID_FOR).isoformat(timespec="seconds")
        click.echo(json.dumps({"email": email.strip().lower(), "link": link, "expires": expires}))
    else:
        click.echo(f"The link works once, for {services.VALID_FOR.days} days:\n{link}")


def _find_organisation(wanted: str) -> Organisation:
    for field in ("reference", "name__iexact", "acronym__iexact"):
        found = list(Organisation.objects.filter(**{field: wanted.strip()})[:2])
        if len(found) == 1:
            return found[0]
        if found:
            raise BadInput(f"Several organisations are called {wanted!r}; give the whole name.")
    raise BadInput(f"There is no organisation called {wanted!r}.")


@people.command("list")
@click.option("--closed", is_flag=True, help="Closed accounts instead of open ones.")
@AS_JSON
def list_command(closed: bool, as_json: bool) -> None:
    """List members with their places, and invitations that wait."""
    rows = list_people(is_active=not closed, on=timezone.localdate())
    waiting = [] if closed else list_pending_invitations()
    if as_json:
        people = [_describe(row) for row in rows]
        invitations = [_describe_invitation(invitation) for invitation in waiting]
        listed = {"people": people, "invitations": invitations}
        click.echo(json.dumps(listed, ensure_ascii=False))
        return
    for row in rows:
        mark = "  [administrator]" if row.person.is_administrator else ""
        click.echo(f"{row.person.email}  {row.person.full_name}{mark}")
        for place in row.places:
            click.echo(f"    {place.role}: {place.organisation}")
    for invitation in waiting:
        until = timezone.localtime(invitation.expires_at)
        click.echo(f"{invitation.email}  invited, the link works until {until:%Y-%m-%d %H:%M}")
    if not rows and not waiting:
        click.echo("Nobody.")


def _describe(row: PersonRow) -> dict[str, object]:
    person = row.person
    return {
        "reference": person.reference,
        "email": person.email,
        "name": person.full_name,
        "administrator": person.is_administrator,
        "second_factor": row.has_second_factor,
        "places": [
            {"organisation": place.organisation.name, "role": place.role} for place in row.places
        ],
    }


def _describe_invitation(invitation: Invitation) -> dict[str, object]:
    return {
        "email": invitation.email,
        "name": invitation.full_name,
        "organisation": invitation.organisation.name if invitation.organisation else None,
        "role": invitation.role,
        "administrator": invitation.makes_administrator,
        "expires": invitation.expires_at.isoformat(timespec="seconds"),
    }


@people.command()
@click.argument("email")
@click.option("--successor", help="E-mail address of who takes over records and duties.")
@AS_JSON
def deactivate(email: str, successor: str | None, as_json: bool) -> None:
    """Close the account of EMAIL: sessions, password, second factors and places end at once.

    With --successor, posts, offices and records go on to somebody else; what is marked RED never
    does. A new invitation opens it again. When the last administrator's account is closed, the next
    `focal serve` prints a link for a new first administrator.
    """
    person = _find_person(email)
    was_open = person.is_active
    handed = leaving.leave(
        person=person,
        successor=_find_person(successor) if successor else None,
        by=None,
        at=timezone.now(),
    )
    if as_json:
        told = {"email": person.email, "changed": was_open, "handed_over": handed.counts}
        click.echo(json.dumps(told))
        return
    click.echo("The account is closed." if was_open else "The account was closed already.")
    if successor:
        for kind, count in handed.counts.items():
            click.echo(f"    handed over: {count} {kind.replace('_', ' ')}")


def _find_person(email: str) -> Person:
    person = Person.objects.filter(email=email.strip().lower()).first()
    if person is None:
        raise BadInput(f"Nobody has an account with the address {email}.")
    return person
