"""Commands of the mapping."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from django.utils import timezone

from focal.directory.models import Organisation, Person
from focal.kernel.errors import BadInput
from focal.mapping.example.services import add_example, remove_example
from focal.mapping.importing import jobs
from focal.mapping.models import MappingImport, MappingImportRow
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer

SOME_REFUSED = 2


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


@click.command("import-initiatives")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(["iati", "3w", "table"]), help="Default: seen.")
@click.option("--mapping", "mapping_name", default="", help="A column mapping kept by its name.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--publish", is_flag=True, help="Publish what comes in; otherwise they are drafts.")
@click.option("--take-conflicts", is_flag=True, help="Where both sides changed, the file wins.")
@click.option(
    "--kind",
    type=click.Choice(["initiative", "need", "response"]),
    help="What each row of a table is. Default: seen by its headings.",
)
@click.option("--economy", default="", help="The economy that the whole table is about.")
@click.option("--as", "email", help="Import as this person. Default: the organisation itself.")
@click.option("--organisation", "acronym", help="Acronym or name of the owner.")
@click.option(
    "--marking",
    type=click.Choice(Marking.values, case_sensitive=False),
    default=Marking.GREEN.value,
    show_default=True,
    help="Who may read it, by the Traffic Light Protocol.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what happened as JSON.")
def import_initiatives(
    file: Path,
    form: str | None,
    mapping_name: str,
    dry_run: bool,
    publish: bool,
    take_conflicts: bool,
    kind: str | None,
    economy: str,
    email: str | None,
    acronym: str | None,
    marking: str,
    as_json: bool,
) -> None:
    """Take the initiatives of FILE into the mapping: IATI, a 3W table, any table, our template.

    Run again with the same file, nothing changes; with a newer one, what differs does. Each
    entry is new, changed, unchanged, conflicting or refused, with its row and the reason.

    Exit code: 0 when all is well, 2 when rows were refused or conflict, 1 when the file could
    not be read.
    """
    by, organisation = _find_importer(email, acronym)
    job = jobs.start_import(
        file=file,
        name=file.name,
        by=by,
        organisation=organisation,
        marking=marking.upper(),
        publish=publish,
        at=timezone.now(),
        form=form or "",
        mapping_name=mapping_name,
        kind=kind or "",
        queue=False,
    )
    job.take_conflicts = take_conflicts
    try:
        if economy:
            jobs.set_constant(job, "economy", economy)
        jobs.check(job, by=by, at=timezone.now(), progress=_show)
        if job.state == MappingImport.State.FAILED:
            raise BadInput(job.problem)
        if not dry_run:
            jobs.apply(job, by=by, at=timezone.now(), progress=_show)
        _report(job, as_json=as_json, dry_run=dry_run)
    finally:
        jobs.get_path(job).unlink(missing_ok=True)
        if dry_run or job.state == MappingImport.State.FAILED:
            job.delete()
    counts = job.counts
    sys.exit(SOME_REFUSED if counts.get("refused") or counts.get("conflicting") else 0)


def _find_importer(email: str | None, acronym: str | None) -> tuple[Viewer, Organisation]:
    """Who imports, and for which organisation."""
    if email is None:
        wanted = Organisation.objects.filter(is_secretariat=True).order_by("pk").first()
        organisation = _find_organisation(acronym) if acronym else wanted
        if organisation is None:
            raise BadInput("There is no secretariat yet. Run `focal setup` first.")
        return Viewer.for_organisation(organisation, name="import"), organisation
    person = Person.objects.filter(email=email.strip().lower(), is_active=True).first()
    if person is None:
        raise BadInput(f"There is no active member with the address {email}.")
    viewer = Viewer.from_person(person, on=timezone.localdate())
    if acronym:
        return viewer, _find_organisation(acronym)
    own = list(Organisation.objects.filter(pk__in=viewer.writes_for).order_by("pk"))
    if len(own) != 1:
        raise BadInput(f"Say for which --organisation {email} brings it.")
    return viewer, own[0]


def _find_organisation(name: str) -> Organisation:
    for lookup in ("acronym__iexact", "name__iexact", "reference"):
        found = list(Organisation.objects.filter(**{lookup: name})[:2])
        if len(found) == 1:
            return found[0]
    raise BadInput(f"There is no organisation '{name}' in the directory.")


def _show(done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done} of {total}", err=True, nl=False)


def _report(job: MappingImport, *, as_json: bool, dry_run: bool) -> None:
    rows = MappingImportRow.objects.filter(batch=job).order_by("row", "pk")
    if as_json:
        told: dict[str, Any] = {
            "file": job.file_name,
            "format": job.format,
            "dry_run": dry_run,
            **{verdict: [] for verdict in MappingImportRow.Verdict.values},
            "notes": job.notes,
        }
        for row in rows.defer("entry").iterator(chunk_size=500):
            told[row.verdict].append(
                {
                    "row": row.row,
                    "title": row.title,
                    "record": row.record_reference,
                    "fields": [field["name"] for field in row.fields],
                    "problems": row.problems,
                }
            )
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for note in job.notes:
        click.echo(note)
    for row in rows.exclude(problems=[]).defer("entry").iterator(chunk_size=500):
        for problem in row.problems:
            click.echo(f"row {row.row} {problem['column']}: {problem['reason']} ({row.verdict})")
    click.echo(", ".join(f"{count} {verdict}" for verdict, count in job.counts.items()))
