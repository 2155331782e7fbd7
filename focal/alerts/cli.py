"""`focal alerts`: do now what the worker does by the clock."""

from __future__ import annotations

import json

import click
from django.utils import timezone


@click.group()
def alerts() -> None:
    """What is new, due or stale, told to those it concerns."""


@alerts.command()
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def run(as_json: bool) -> None:
    """Match what has come, gather nudges, write the letters that are due, and send them.

    It may run beside the worker: each thing is told once, whoever comes first.
    """
    from focal.alerts.running import run_all  # noqa: PLC0415 -- after Django is set up

    counts = run_all(at=timezone.now())
    if as_json:
        click.echo(json.dumps(counts))
        return
    for name, count in counts.items():
        click.echo(f"{count:>7}  {name}")
