"""`focal vocabulary`: load the lists, look at them, take them out and in as SKOS."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import click
from django.utils import timezone

from focal.vocabulary import services, skos
from focal.vocabulary.models import Scheme
from focal.vocabulary.selectors import get_vocabulary
from focal.vocabulary.services import Changes

SCHEME = click.Choice(Scheme.values)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.group()
def vocabulary() -> None:
    """The shared lists: economies, languages, topics, target groups and the others."""


@vocabulary.command()
@AS_JSON
def load(as_json: bool) -> None:
    """Bring the lists in line with the data files. Can be run again at any time."""
    _tell(services.load_vocabulary(timezone.now()), as_json=as_json)


@vocabulary.command("list")
@click.argument("scheme", type=SCHEME)
@click.option("--language", default="en", show_default=True, help="Code of the language.")
@AS_JSON
def list_concepts(scheme: str, language: str, as_json: bool) -> None:
    """Show one list as a tree, in a language."""
    known = get_vocabulary()
    tree = [
        (key, depth, known.label(scheme, key, language)) for key, depth in known.get_tree(scheme)
    ]
    if as_json:
        names = ("key", "depth", "label")
        rows = [dict(zip(names, row, strict=True)) for row in tree]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for key, depth, label in tree:
        click.echo(f"{'  ' * depth}{label}  [{key}]")


@vocabulary.command("export-skos")
@click.argument("scheme", type=SCHEME)
@click.option(
    "--format",
    "form",
    type=click.Choice(sorted(skos.FORMATS)),
    default="turtle",
    show_default=True,
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file.")
def export_skos(scheme: str, form: str, output: Path | None) -> None:
    """Write one list as SKOS, with labels in all languages."""
    text = skos.serialise(skos.export_skos(scheme), form)
    if output is None:
        click.echo(text)
    else:
        output.write_text(text, encoding="utf-8")
        click.echo(f"Written: {output}")


@vocabulary.command("import-skos")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("scheme", type=SCHEME)
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option("--partial", is_flag=True, help="Keep concepts that the file does not name.")
@AS_JSON
def import_skos(file: Path, scheme: str, dry_run: bool, partial: bool, as_json: bool) -> None:
    """Bring one list in from a SKOS file (Turtle, RDF/XML or JSON-LD)."""
    summary = services.import_concepts(
        scheme=scheme,
        rows=skos.read_skos(file, scheme),
        at=timezone.now(),
        dry_run=dry_run,
        partial=partial,
    )
    counts = dataclasses.asdict(summary)
    if as_json:
        click.echo(json.dumps({**counts, "dry_run": dry_run}))
        return
    for what in ("new", "changed", "retired"):
        click.echo(f"{what:>9}  {len(counts[what]):>6}  {', '.join(counts[what][:10])}")
    click.echo(f"unchanged  {summary.unchanged:>6}")
    if dry_run:
        click.echo("This was a trial: nothing was written.")


def _tell(changes: Changes, *, as_json: bool) -> None:
    counts = dataclasses.asdict(changes)
    if as_json:
        click.echo(json.dumps(counts))
        return
    if not changes.total:
        click.echo("Everything is there already: nothing to change.")
    for what, rows in counts.items():
        for name, count in rows.items():
            click.echo(f"{what:>8}  {count:>6}  {name}")
