"""Briefings and editions as files: PDF, Word, and a page that stands alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from focal.briefings.models import Briefing, Edition
from focal.briefings.paper import Document, make_pdf
from focal.briefings.rendering import Part
from focal.briefings.shown import gather_sections
from focal.briefings.word import make_docx
from focal.vocabulary.languages import django_language
from focal.vocabulary.names import get_footnote

LOOK = Path(__file__).parent / "paper" / "alone.css"


def describe_document(
    record: Briefing | Edition, language: str, *, day: Any, edition: str, digest: str = ""
) -> Document:
    """What stands around the parts on paper, in the document's language."""
    with translation.override(django_language(language)):
        return Document(
            title=record.title,
            summary=record.summary,
            language=language.split("-")[0],
            marking=record.marking,
            issuer=record.owner_organisation.name,
            day=day,
            day_text=date_format(day, "DATE_FORMAT"),
            edition=edition,
            address=settings.SITE_ADDRESS.rstrip("/") + record.get_absolute_url(),
            digest=digest,
            footnote=get_footnote(language),
            words={
                "superseded": _("This figure has been superseded."),
                "source": _("Source:"),
                "address": _("Whether it still holds, and what changed since:"),
                "digest": _("SHA-256 of what it holds:"),
            },
        )


def make_file(document: Document, parts: Sequence[Part], form: str) -> bytes:
    """The document as 'pdf', 'leaflet', 'docx' or 'html' (a page that stands alone)."""
    if form == "docx":
        return make_docx(document, parts)
    if form == "html":
        look = format_html("<style>{}</style>", mark_safe(LOOK.read_text()))  # noqa: S308 -- ours
        context = {"document": document, "sections": gather_sections(parts), "look": look}
        return render_to_string("briefings/alone.html", context).encode()
    return make_pdf(document, parts, layout="leaflet" if form == "leaflet" else "a4")
