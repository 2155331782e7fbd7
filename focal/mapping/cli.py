"""Commands of the mapping."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
from django.utils import timezone

from focal.mapping.example.services import add_example, remove_example


@click.group()
def example() -> None:
    """Example data of the mapping: made up, marked as such, in and out by one command."""


@example.command("add")
@click.option("--json", "as_json", is_flag=True, help="Print what happened as JSON.")
def add(as_json: bool) -> None:
    """Put the example in: needs, responses and initiatives of thirteen economies."""
    added = asdict(add_example(at=timezone.now()))
    click.echo(json.dumps(added) if as_json else _say("Added", added))


@example.command("remove")
@click.option("--json", "as_json", is_flag=True, help="Print what happened as JSON.")
def remove(as_json: bool) -> None:
    """Take all of it out again."""
    removed, kept = remove_example(at=timezone.now())
    if as_json:
        click.echo(json.dumps({**asdict(removed), "kept": kept}, ensure_ascii=False))
        return
    click.echo(_say("Removed", asdict(removed)))
    for sentence in kept:
        click.echo(sentence)


def _say(deed: str, counts: dict[str, int]) -> str:
    return f"{deed}: " + ", ".join(f"{count} {name}" for name, count in counts.items()) + "."
