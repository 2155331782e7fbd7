"""Briefings and editions as files: PDF, Word, and a page that stands alone."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from focal.briefings.models import Briefing, Edition, EditionFile
from focal.briefings.paper import Document, make_pdf
from focal.briefings.rendering import Part
from focal.briefings.shown import gather_sections
from focal.briefings.word import make_docx
from focal.records import storage
from focal.records.finding.shown import show
from focal.sharing.markings import Marking
from focal.vocabulary.languages import django_language
from focal.vocabulary.names import get_footnote

LOOK = Path(__file__).parent / "paper" / "alone.css"
FORMATS = ("pdf", "leaflet", "docx", "html")


def read_file(
    edition: Edition, parts: Sequence[Part], language: str, form: str, *, at: datetime
) -> bytes:
    """An edition as a file: the one that was made first, else it is made now and kept."""
    name = {
        "edition_id": edition.pk,
        "marking": edition.marking,
        "language": language,
        "form": form,
    }
    kept = EditionFile.objects.filter(**name).first()
    if kept is None:
        content = make_file(edition, parts, language, form, at=at)
        kept, _is_new = EditionFile.objects.get_or_create(
            **name, defaults={"content": content, "made_at": at}
        )
    return bytes(kept.content)


def make_file(
    record: Briefing | Edition, parts: Sequence[Part], language: str, form: str, *, at: datetime
) -> bytes:
    """These parts of a briefing or an edition as one of FORMATS, in the document's language.

    `html` is a page that stands alone. `at` is the day that a living document is of.
    """
    with translation.override(django_language(language)):
        document = _describe(record, parts, language, at)
        if form == "docx":
            return make_docx(document, parts)
        if form == "html":
            look = format_html("<style>{}</style>", mark_safe(LOOK.read_text()))  # noqa: S308 -- ours
            context = {
                "document": document,
                "marking": Marking(document.marking),
                "sections": gather_sections([_embed(part) for part in parts]),
                "look": look,
                "site": settings.SITE_ADDRESS.rstrip("/"),
            }
            return render_to_string("briefings/alone.html", context).encode()
        return make_pdf(document, parts, layout="leaflet" if form == "leaflet" else "a4")


def _embed(part: Part) -> Part:
    """The part with its picture in it, so that the page needs nothing else."""
    if part.kind != "picture":
        return part
    with storage.open_file(part.values["digest"]) as source:
        packed = b64encode(source.read()).decode()
    url = f"data:{part.values['media_type']};base64,{packed}"
    return replace(part, values={**part.values, "url": url})


def _describe(
    record: Briefing | Edition, parts: Sequence[Part], language: str, at: datetime
) -> Document:
    """What stands around the parts, in the active language."""
    if isinstance(record, Edition):
        day = record.frozen_at or at
        edition, digest = _("edition %s") % record.number, record.digest
        approved_by = record.approved_by.full_name if record.approved_by else ""
    else:
        day, edition, digest, approved_by = at, _("not an edition"), "", ""
    local = timezone.localtime(day)
    (shown,) = show([record], language)
    return Document(
        title=shown.title,
        summary=shown.summary,
        language=language,
        marking=record.marking,
        issuer=record.owner_organisation.name,
        day=day,
        day_text=date_format(local, "DATE_FORMAT"),
        edition=edition,
        foot=shown.title if isinstance(record, Edition) else f"{shown.title}, {edition}",
        approved_by=approved_by,
        address=settings.SITE_ADDRESS.rstrip("/") + record.get_absolute_url(),
        digest=digest,
        footnote=get_footnote(language),
        unchecked=_("This translation needs a check by a native reader.")
        if any(part.needs_check for part in parts)
        else "",
        words={
            "superseded": _("This figure has been superseded."),
            "source": _("Source:"),
            "address": _("Whether it still holds, and what changed since:"),
            "digest": _("SHA-256 of what it holds:"),
            "approved": _("Approved by"),
            "tables": _("The figures as a table"),
        },
    )
