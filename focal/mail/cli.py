"""`focal mail`: what came back, and a letter to try the way out."""

from __future__ import annotations

import json
import sys
from typing import BinaryIO

import click
from django.db import transaction
from django.utils import timezone


@click.group()
def mail() -> None:
    """Letters: what came back, and whether the way out works."""


@mail.command()
@click.argument("files", nargs=-1, type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def bounces(files: tuple[BinaryIO, ...], as_json: bool) -> None:
    """Read reports of undelivered mail (RFC 3464), one in each file, or one from standard input.

    A mail server hands each report over by a line like this in its aliases:

      bounces: "|focal mail bounces"

    Whoever's address does not exist gets no more mail, and is told when they sign in.
    """
    from focal.mail.bounces import take_report  # noqa: PLC0415 -- after Django is set up

    at = timezone.now()
    given = files or (sys.stdin.buffer,)
    counts = {"reports": len(given), "stopped": sum(take_report(f.read(), at=at) for f in given)}
    click.echo(json.dumps(counts) if as_json else f"{counts['stopped']} addresses stopped.")


@mail.command()
@click.argument("address")
def test(address: str) -> None:
    """Send a letter to an address, to see whether mail gets out."""
    from focal.mail.models import State  # noqa: PLC0415 -- after Django is set up
    from focal.mail.selectors import describe_way_out  # noqa: PLC0415
    from focal.mail.services import send_letter, send_letters  # noqa: PLC0415

    at = timezone.now()
    with transaction.atomic():
        letter = send_letter(
            to=address,
            kind="test",
            subject="A letter from Focal",
            text="Mail from this installation of Focal arrives.",
            at=at,
        )
    send_letters([letter], at=at)
    letter.refresh_from_db()
    if letter.state == State.SENT:
        click.echo(f"Sent by {describe_way_out()}.")
    else:
        raise click.ClickException(f"{letter.get_state_display()}. {letter.error}")
