"""`focal import-series` and `focal export-series`: figures from files and into files."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from django.utils import timezone

from focal.directory.models import Organisation, Person
from focal.indicators.exchange.exporting import FORMATS, export
from focal.indicators.exchange.importing import Report, import_series
from focal.indicators.models import Series
from focal.indicators.selectors import list_figures
from focal.kernel.errors import BadInput
from focal.records.models import OUT
from focal.sharing.markings import Marking
from focal.sharing.viewer import ANONYMOUS, Viewer

SOME_REFUSED = 2
MOST_SHOWN = 20


@click.command("import-series")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--mapping", default="", help="sdmx, worldbank, focal, or a file of JSON.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--only", multiple=True, help="Only series whose key or title holds this.")
@click.option("--publish", is_flag=True, help="Publish new series; otherwise they are drafts.")
@click.option(
    "--marking",
    type=click.Choice(Marking.values, case_sensitive=False),
    default=Marking.CLEAR.value,
    show_default=True,
    help="Who may see new series.",
)
@click.option("--as", "email", help="Import as this person. Default: the secretariat itself.")
@click.option("--organisation", help="Acronym or name of the owner.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def import_series_command(
    file: Path,
    mapping: str,
    dry_run: bool,
    only: tuple[str, ...],
    publish: bool,
    marking: str,
    email: str | None,
    organisation: str | None,
    as_json: bool,
) -> None:
    """Bring figures from FILE: CSV, XLSX, SDMX-CSV, SDMX-ML 2.1, files of the World Bank.

    Exit code 0 when all could be used, 2 when a series was refused (nothing of it is written).
    """
    owner = _find_owner(organisation)
    report = import_series(
        path=file,
        owner=owner,
        by=_find_viewer(email, owner),
        at=timezone.now(),
        mapping=mapping,
        dry_run=dry_run,
        only=only,
        publish=publish,
        marking=marking,
    )
    if as_json:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=1))
    else:
        _print(report)
    if report.has_problems:
        sys.exit(SOME_REFUSED)


def _print(report: Report) -> None:
    click.echo(f"{report.file} ({report.mapping}){', dry run' if report.dry_run else ''}")
    for outcome in report.series:
        state = "refused" if outcome.problems else "new" if outcome.is_new else "there"
        click.echo(
            f"  {outcome.key}: {outcome.figures} figures, {outcome.added} added,"
            f" {outcome.changed} changed ({state})"
        )
        for problem in outcome.problems[:MOST_SHOWN]:
            click.echo(f"    row {problem['row']}, {problem['column']}: {problem['sentence']}")
        for warning in outcome.warnings[:MOST_SHOWN]:
            click.echo(f"    look: {warning}")
    for what, count in report.left_out.items():
        click.echo(f"  left out: {count} {what}")
    for warning in report.warnings:
        click.echo(f"  look: {warning}")


def _find_owner(name: str | None) -> Organisation:
    rows = Organisation.objects.all()
    if name is None:
        found = rows.filter(is_secretariat=True).order_by("pk").first()
        if found is None:
            raise BadInput("There is no secretariat; name the owner with --organisation.")
        return found
    found = rows.filter(acronym__iexact=name).first() or rows.filter(name__iexact=name).first()
    if found is None:
        raise BadInput(f"There is no organisation '{name}'.")
    return found


def _find_viewer(email: str | None, owner: Organisation) -> Viewer:
    if email is None:
        return Viewer.for_organisation(owner, name="import-series")
    person = Person.objects.filter(email__iexact=email).first()
    if person is None:
        raise BadInput(f"There is no person with the address {email}.")
    return Viewer.from_person(person, on=timezone.localdate())


@click.command("export-series")
@click.argument("series", nargs=-1)
@click.option("--format", "file_format", type=click.Choice(FORMATS), default="csv")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Default: printed.")
@click.option("--as", "email", help="Export what this person sees. Default: what is public.")
@click.option("--language", default="en", show_default=True)
def export_series_command(
    series: tuple[str, ...], file_format: str, out: Path | None, email: str | None, language: str
) -> None:
    """Write SERIES (keys or references; default: all) as CSV, XLSX, SDMX-CSV or SDMX-ML.

    Small counts of people are protected in files as on pages.
    """
    viewer = ANONYMOUS
    if email is not None:
        viewer = _find_viewer(email, Organisation())
    rows = list(Series.objects.visible_to(viewer).filter(state__in=OUT).order_by("key"))
    if series:
        known = {name: row for row in rows for name in (row.key, row.reference)}
        if missing := [name for name in series if name not in known]:
            raise BadInput(f"There is no series '{missing[0]}'.")
        rows = [known[name] for name in series]
    figures = [(row, list_figures(row, language)) for row in rows]
    content = export(figures, file_format, language=language, at=timezone.now())
    if out is not None:
        out.write_bytes(content)
        click.echo(f"{len(rows)} series, {sum(len(f) for _row, f in figures)} figures: {out}")
    else:
        sys.stdout.buffer.write(content)
