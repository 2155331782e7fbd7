"""`focal briefing`: briefings and their editions as files."""

from __future__ import annotations

from pathlib import Path

import click
from django.utils import timezone
from django.utils.translation import gettext as _

from focal.briefings import selectors
from focal.briefings.files import describe_document, make_file
from focal.briefings.rendering import render
from focal.kernel.errors import BadInput
from focal.records.cli import AS, find_viewer
from focal.vocabulary.languages import canonical_language

FORMATS = ("pdf", "leaflet", "docx", "html")


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
    now = timezone.now()
    if edition is not None:
        parts, chosen = selectors.read_parts(edition, wanted)
        words, day, digest = _("edition %s") % edition.number, edition.frozen_at, edition.digest
    else:
        assert living is not None
        parts, chosen = render(living, viewer, wanted, at=now), wanted
        words, day, digest = _("not an edition"), now, ""
    document = describe_document(record, chosen, day=day, edition=words, digest=digest)
    out.write_bytes(make_file(document, parts, form))
    click.echo(f"Written: {out}")
