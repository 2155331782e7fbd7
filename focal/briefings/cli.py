"""`focal briefing`: briefings and their editions as files."""

from __future__ import annotations

from pathlib import Path

import click
from django.utils import timezone

from focal.briefings import selectors
from focal.briefings.files import FORMATS, make_file, read_file
from focal.briefings.rendering import render
from focal.kernel.errors import BadInput
from focal.records.cli import AS, find_viewer
from focal.vocabulary.languages import canonical_language
from focal.vocabulary.selectors import get_vocabulary


@click.group()
def briefing() -> None:
    """Briefings: living documents and their frozen editions."""


@briefing.command("export")
@click.argument("reference", metavar="ID")
@click.option("--format", "form", type=click.Choice(FORMATS), default="pdf", show_default=True)
@click.option("--language", help="Default: the briefing's own.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@AS
def export(reference: str, form: str, language: str | None, out: Path, who: str) -> None:
    """Write the briefing or edition ID (its reference) to a file."""
    viewer = find_viewer(who)
    edition = selectors.get_edition(viewer, reference)
    living = None if edition else selectors.get_briefing(viewer, reference)
    record = edition or living
    if record is None:
        raise BadInput(f"There is no briefing and no edition {reference!r} that you may see.")
    wanted = canonical_language(language) if language else record.language
    if language and wanted not in get_vocabulary().languages:
        raise BadInput(f"There is no language {language!r}.")
    now = timezone.now()
    if edition is not None:
        parts, chosen = selectors.read_parts(edition, wanted)
        content = read_file(edition, parts, chosen, form, at=now)
    else:
        assert living is not None
        parts = render(living, viewer, wanted, at=now)
        content = make_file(living, parts, wanted, form, at=now)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise BadInput(f"{out} cannot be written ({error.strerror}).") from None
    click.echo(f"Written: {out}")
