"""`focal survey`: answers in, estimates out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from django.utils import timezone
from rich.console import Console
from rich.table import Table as RichTable

from focal.directory.models import Organisation
from focal.kernel.errors import BadInput
from focal.records.cli import AS, find_viewer
from focal.records.models import State
from focal.records.services import take_step
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer
from focal.surveys import selectors, services
from focal.surveys.estimation import Table
from focal.surveys.keeping import add_margins
from focal.surveys.models import Survey, SurveyEdition

HAS_ERRORS = 2


@click.group()
def survey() -> None:
    """Surveys: bring answers in, get estimates with their uncertainty out."""


@survey.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--design",
    "design_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="JSON: weights, strata, clusters, groups, questions (docs/surveys.md).",
)
@click.option("--organisation", help="Acronym or name of the owner. Default: the secretariat.")
@click.option(
    "--marking",
    type=click.Choice(Marking.values, case_sensitive=False),
    default=Marking.AMBER.value,
    show_default=True,
    help="Who may read the estimates of a new survey.",
)
@click.option("--publish", is_flag=True, help="Publish a new survey; otherwise it is a draft.")
@click.option("--dry-run", is_flag=True, help="Only check; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what happened as JSON.")
def import_command(
    file: Path,
    design_file: Path,
    organisation: str | None,
    marking: str,
    publish: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Bring the answers in FILE (CSV, SPSS, Stata) into the closed store.

    Only the columns that the design names are kept. Exit code 2: the file and its design do not
    fit each other; nothing was written.
    """
    design = _read_json(design_file)
    if dry_run:
        brought = services.look_at(path=file, design=design)
    else:
        owner = _find_owner(organisation)
        by = Viewer.for_organisation(owner, name="survey import")
        brought = services.import_edition(
            path=file,
            design=design,
            owner_organisation=owner,
            by=by,
            at=timezone.now(),
            marking=marking,
        )
        if publish and brought.edition and brought.edition.survey.state == State.DRAFT:
            take_step(record=brought.edition.survey, step="publish", by=by, at=timezone.now())
    _tell(brought, as_json)
    if brought.has_errors:
        raise SystemExit(HAS_ERRORS)


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name} is no valid JSON: {error}") from None


def _find_owner(name: str | None) -> Organisation:
    if name is None:
        found = Organisation.objects.filter(is_secretariat=True).order_by("pk").first()
    else:
        found = (
            Organisation.objects.filter(acronym__iexact=name).first()
            or Organisation.objects.filter(name__iexact=name).first()
        )
    if found is None:
        raise BadInput(f"There is no organisation {name or 'that is the secretariat'!r}.")
    return found


def _tell(brought: services.Brought, as_json: bool) -> None:
    edition = brought.edition
    told: dict[str, Any] = {
        "survey": edition.survey.reference if edition else None,
        "edition": edition.reference if edition else None,
        "interviews": brought.interviews,
        "questions": len(brought.read.questions),
        "errors": [r.text for r in brought.remarks if r.is_error],
        "warnings": [r.text for r in brought.remarks if not r.is_error],
    }
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    click.echo(f"{told['interviews']} interviews, {told['questions']} questions.")
    for text in told["errors"]:
        click.echo(f"Error: {text}", err=True)
    for text in told["warnings"]:
        click.echo(f"Warning: {text}", err=True)


@survey.command("estimate")
@click.argument("name", metavar="SURVEY")
@click.option("--question", "code", required=True, help="Code of the question.")
@click.option("--by", default="", help="Groups, with commas between them.", metavar="VAR,...")
@click.option("--edition", "edition_name", help="Name of the edition. Default: the newest.")
@AS
@click.option("--json", "as_json", is_flag=True, help="Print the estimates as JSON.")
def estimate_command(
    name: str, code: str, by: str, edition_name: str | None, who: str, as_json: bool
) -> None:
    """Estimates of a question of SURVEY (its key or reference), parted by groups."""
    found = selectors.find_survey(find_viewer(who), name)
    if found is None:
        raise BadInput(f"There is no survey {name!r} that you may see.")
    edition = _find_edition(found, edition_name)
    question = selectors.get_question(found, edition.reference, code)
    if question is None:
        raise BadInput(f"This edition has no question {code!r}.")
    keys = [key.strip() for key in by.split(",") if key.strip()]
    groups = selectors.choose_groups(edition, keys)
    table = selectors.get_table(found, question, groups)
    if as_json:
        click.echo(json.dumps(_describe(found, edition, table), ensure_ascii=False))
    else:
        _print(table)


@survey.command("margins")
@click.argument("name", metavar="SURVEY")
@click.option("--organisation", help="Acronym or name of the owner. Default: the secretariat.")
@click.option("--dry-run", is_flag=True, help="Only say how many; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what happened as JSON.")
def margins_command(name: str, organisation: str | None, dry_run: bool, as_json: bool) -> None:
    """Tell how far the figures kept from SURVEY may be off, where that was not told.

    For figures that were kept before margins were. None becomes another one; those that the
    answers give no more are left alone.
    """
    by = Viewer.for_organisation(_find_owner(organisation), name="survey margins")
    found = selectors.find_survey(by, name)
    if found is None:
        raise BadInput(f"There is no survey {name!r} that you may see.")
    told = add_margins(survey=found, by=by, at=timezone.now(), dry_run=dry_run)
    if as_json:
        click.echo(json.dumps({"survey": found.key, "margins": told, "dry_run": dry_run}))
    else:
        for key, count in told.items():
            click.echo(f"{key}: {count}")


def _find_edition(found: Survey, name: str | None) -> SurveyEdition:
    editions = selectors.list_editions(found)
    chosen = next((e for e in editions if name in (None, e.name, e.reference)), None)
    if chosen is None:
        names = ", ".join(edition.name for edition in editions) or "none"
        raise BadInput(f"There is no such edition; there are: {names}.")
    return chosen


def _describe(found: Survey, edition: SurveyEdition, table: Table) -> dict[str, Any]:
    keys = [group.key for group in table.by]
    return {
        "survey": found.key,
        "edition": edition.name,
        "question": table.question.code,
        "confidence": table.confidence,
        "estimates": [
            {
                "group": dict(zip(keys, cell.group, strict=True)),
                "answer": cell.answer,
                "estimate": cell.estimate,
                "standard_error": cell.standard_error,
                "interval": None if cell.low is None else [cell.low, cell.high],
                "n": cell.n,
                "suppressed": cell.suppressed or False,
            }
            for cell in table.cells
        ],
    }


def _print(table: Table) -> None:
    printed = RichTable()
    for head in (*(group.key for group in table.by), "answer", "estimate", "se", "interval", "n"):
        printed.add_column(head)
    for cell in table.cells:
        if cell.estimate is None:
            numbers = ["hidden", "", ""]
        else:
            interval = "" if cell.low is None else f"{cell.low:.4f} to {cell.high:.4f}"
            numbers = [f"{cell.estimate:.4f}", f"{cell.standard_error or 0:.4f}", interval]
        printed.add_row(*cell.group, cell.answer, *numbers, "" if cell.n is None else str(cell.n))
    Console().print(printed)
