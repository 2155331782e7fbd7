"""`focal index`: how far it is, and making it anew."""

import json
import sys

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from focal.search import services

WORDS = {"words": "Words", "meaning": "Meaning"}


@click.group()
def index() -> None:
    """The search index: how far it is, and making it anew from the database."""


@index.command()
@click.option("--json", "as_json", is_flag=True, help="Print as one JSON document.")
def status(as_json: bool) -> None:
    """How many records can be searched by words and by meaning, and how many wait.

    Exit code 0 when nothing has failed and the index can be used, 1 otherwise.
    """
    found = services.status()
    if as_json:
        click.echo(json.dumps(found))
    else:
        for name, counts in found.items():
            click.echo(
                f"{WORDS[name]}: {counts['done']} done, {counts['waiting']} waiting,"
                f" {counts['failed']} failed"
            )
        if not found["words"]["usable"]:
            click.echo("There is no index yet. Start `focal serve`, or run `focal index rebuild`.")
    is_sound = found["words"]["usable"] and not any(c["failed"] for c in found.values())
    sys.exit(0 if is_sound else 1)


@index.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, no progress bar.")
def rebuild(as_json: bool) -> None:
    """Make the index anew from the database. Search goes on with the old one meanwhile."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=as_json,
    ) as progress:
        tasks = {name: progress.add_task(label, total=None) for name, label in WORDS.items()}
        services.rebuild(
            lambda what, done, total: progress.update(tasks[what], completed=done, total=total)
        )
    services.release()
    found = services.status()
    if as_json:
        click.echo(json.dumps(found))
    else:
        click.echo(f"Made anew: {found['words']['done']} records.")
