"""Reading briefings and editions, on pages and on paper. They translate, and nothing more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from focal.briefings import selectors, services
from focal.briefings.blocks import iterate_languages
from focal.briefings.files import make_file, read_file
from focal.briefings.models import Briefing, Edition
from focal.briefings.rendering import Part, reaches
from focal.briefings.rendering import render as render_parts
from focal.briefings.shown import gather_sections
from focal.records.finding.pages import read_page
from focal.records.second_eyes import may_change_at_once
from focal.records.views.finding.common import get_reader_language, keep_fresh
from focal.records.views.finding.record import describe_page
from focal.sharing import policy
from focal.ui.components import Link
from focal.vocabulary.languages import canonical_language
from focal.vocabulary.names import language_name

TYPES = {
    "pdf": "application/pdf",
    "leaflet": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@require_safe
@keep_fresh
def list_all(request: HttpRequest) -> HttpResponse:
    """Every briefing, with its newest edition."""
    rows = selectors.list_briefings(request.viewer, get_reader_language())
    context = {"rows": rows, "may_write": bool(policy.may_create(request.viewer))}
    return render(request, "briefings/list.html", context)


@require_safe
@keep_fresh
def briefing(request: HttpRequest, reference: str) -> HttpResponse:
    """The living document, as this reader may see it today."""
    found = selectors.get_briefing(request.viewer, reference)
    language = _choose_language(request)
    page = read_page(request.viewer, reference, language=language) if found else None
    if found is None or page is None:
        raise Http404
    parts = render_parts(found, request.viewer, language, at=timezone.now(), for_phones=True)
    editions = selectors.list_editions(request.viewer, found.pk)
    may_edit = bool(may_change_at_once(request.viewer, found))
    context = {
        **describe_page(request.viewer, page),
        "briefing": found,
        "sections": gather_sections(parts),
        "needs_check": any(part.needs_check for part in parts),
        "editions": editions,
        "since": _compare_with_last(request, found, editions, parts, language),
        "files": _list_files("briefings:briefing_file", reference, language),
        "languages": _list_languages(
            [found.language, *iterate_languages(found.blocks), *page.languages], language
        ),
        "may_edit": may_edit,
        "superseded": selectors.list_superseded(request.viewer, found) if may_edit else (),
    }
    return render(request, "briefings/briefing.html", context)


def _compare_with_last(
    request: HttpRequest,
    briefing: Briefing,
    editions: Sequence[Edition],
    parts: Sequence[Part],
    language: str,
) -> dict[str, Any] | None:
    """What changed since the newest edition that this reader has, in what is for its readers."""
    if not editions:
        return None
    last = selectors.get_edition(request.viewer, editions[0].reference)
    if last is None:
        return None
    before, chosen = selectors.read_parts(last, language)
    if chosen != language:  # both are read in what the edition has
        parts = render_parts(briefing, request.viewer, chosen, at=timezone.now())
    now = [part for part in parts if reaches(part, briefing, last.issued_for)]
    return {"edition": last, "difference": selectors.compare(before, now)}


def _choose_language(request: HttpRequest) -> str:
    asked = request.GET.get("language", "")
    return canonical_language(asked[:12]) if asked else get_reader_language()


def _list_languages(codes: Iterable[str], current: str) -> list[dict[str, Any]]:
    """Each language once, by its own name, as the head of a record's page has them."""
    return [
        {
            "label": language_name(code, code),
            "code": code,
            "url": f"?language={code}",
            "is_current": code == current,
        }
        for code in dict.fromkeys(codes)
    ]


def _list_files(name: str, reference: str, language: str) -> list[Link]:
    labels = {"pdf": "PDF", "leaflet": _("PDF, leaflet"), "docx": "Word"}
    return [
        Link(label, reverse(name, args=[reference, language, form]))
        for form, label in labels.items()
    ]


@require_safe
@keep_fresh
def edition(request: HttpRequest, reference: str) -> HttpResponse:
    """One frozen issue: what it said, whether it still holds, what changed to the one before."""
    found = selectors.get_edition(request.viewer, reference)
    asked = _choose_language(request)
    page = read_page(request.viewer, reference, language=asked) if found else None
    if found is None or page is None:
        raise Http404
    parts, language = selectors.read_parts(found, asked)
    before = selectors.get_before(request.viewer, found)
    context = {
        **describe_page(request.viewer, page),
        "edition": found,
        "sections": gather_sections(parts),
        "needs_check": any(part.needs_check for part in parts),
        "living": selectors.get_living(request.viewer, found),
        "newest": selectors.get_newest(request.viewer, found),
        "before": before,
        "difference": selectors.compare_editions(before, found, language) if before else None,
        "files": _list_files("briefings:edition_file", reference, language),
        "languages": _list_languages(found.frozen, language),
        "is_whole": services.compute_digest(found.frozen) == found.digest,
    }
    return render(request, "briefings/edition.html", context)


@require_safe
def edition_file(request: HttpRequest, reference: str, language: str, form: str) -> HttpResponse:
    """A frozen issue as PDF or Word."""
    found = selectors.get_edition(request.viewer, reference)
    if found is None:
        raise Http404
    parts, chosen = selectors.read_parts(found, canonical_language(language))
    content = read_file(found, parts, chosen, form, at=timezone.now())
    return _answer(content, found, chosen, form)


@require_safe
def briefing_file(request: HttpRequest, reference: str, language: str, form: str) -> HttpResponse:
    """The living document as PDF or Word, as this reader may see it now."""
    found = selectors.get_briefing(request.viewer, reference)
    if found is None:
        raise Http404
    chosen = canonical_language(language)
    now = timezone.now()
    parts = render_parts(found, request.viewer, chosen, at=now)
    content = make_file(found, parts, chosen, form, at=now)
    return _answer(content, found, chosen, form)


def _answer(content: bytes, record: Briefing | Edition, language: str, form: str) -> HttpResponse:
    response = HttpResponse(content, content_type=TYPES[form])
    ending, name = ("docx" if form == "docx" else "pdf"), f"focal-{record.reference}-{language}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    response.headers.setdefault("Cache-Control", "no-cache")
    return response
