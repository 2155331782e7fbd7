"""`focal audit`: is the log whole?"""

import dataclasses
import json
import sys

import click

from focal.audit.services import verify as verify_chain


@click.group()
def audit() -> None:
    """The log of deeds: verify that nothing was changed or taken out."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def verify(as_json: bool) -> None:
    """Recompute the chain of hashes. Exit code 0 when it is intact, 1 when it is not."""
    verdict = verify_chain()
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(verdict)))
    elif verdict.intact:
        click.echo(f"The log is intact: {verdict.entries} entries, last hash {verdict.head}.")
    else:
        click.echo(f"The log is BROKEN at entry {verdict.broken_at}: {verdict.problem}", err=True)
    sys.exit(0 if verdict.intact else 1)
