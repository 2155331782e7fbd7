"""Files in and out: the template, the preview of a file, applying it, taking it back."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from focal.kernel.errors import BadInput, Refused
from focal.mapping.forms import ColumnsForm, ImportForm, list_own
from focal.mapping.importing import jobs
from focal.mapping.importing.columns import find_header
from focal.mapping.importing.entries import FileNotes
from focal.mapping.importing.sheet import write_errors, write_template
from focal.mapping.importing.tables import open_table
from focal.mapping.models import MappingImport, MappingImportRow
from focal.records.views.documents.bringing import for_writers
from focal.records.views.finding.common import get_reader_language
from focal.sharing.markings import Marking
from focal.ui.components import Link

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ON_A_PAGE = 50
State = MappingImport.State
MOVING = {State.WAITING, State.APPLYING, State.UNDOING}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_writers
def bring(request: HttpRequest) -> HttpResponse:
    """The template to take along, and a file to bring."""
    form = ImportForm(
        request.POST or None,
        request.FILES or None,
        viewer=request.viewer,
        initial={"marking": Marking.GREEN},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            job = jobs.start_import(
                file=given["file"],
                name=given["file"].name or "file",
                by=request.viewer,
                organisation=given["organisation"],
                marking=given["marking"],
                publish=given.get("publish", False),
                form=given["format"],
                at=timezone.now(),
            )
        except (BadInput, Refused) as problem:
            form.add_error(None, str(problem))
        else:
            return redirect("mapping:import_job", job.reference)
    context = {
        "form": form,
        "jobs": jobs.list_jobs(request.viewer),
        "own": list_own(request.viewer).values(),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "mapping/import.html", context, status=status)


@never_cache
@require_safe
@for_writers
def template(request: HttpRequest, organisation: str) -> HttpResponse:
    """The template of an organisation, filled with what is known of it."""
    found = list_own(request.viewer).get(organisation)
    if found is None:
        raise Http404
    content = write_template(
        viewer=request.viewer,
        organisation=found,
        language=get_reader_language(),
        at=timezone.now(),
    )
    name = slugify(found.acronym or found.name)[:40] or found.reference
    return _send(content, f"focal-{name}.xlsx")


@never_cache
@require_safe
@for_writers
def show_job(request: HttpRequest, reference: str) -> HttpResponse:
    """What a file would do, or did: counts, rows by verdict, what is wrong with them."""
    job = _find(request, reference)
    verdict = request.GET.get("verdict", "")
    rows = MappingImportRow.objects.filter(batch=job).defer("entry").order_by("row", "pk")
    if not verdict:
        verdict = next((name for name in VERDICT_ORDER if job.counts.get(name)), "new")
    page = Paginator(rows.filter(verdict=verdict), ON_A_PAGE).get_page(request.GET.get("page"))
    labels = dict(MappingImportRow.Verdict.choices)
    context = {
        "job": job,
        "is_moving": job.state in MOVING,
        "page": page,
        "verdict": verdict,
        "tabs": [
            Link(str(labels[name]), f"?verdict={name}", name == verdict, count=job.counts[name])
            for name in MappingImportRow.Verdict.values
            if job.counts.get(name)
        ],
        "can_apply": job.state == State.CHECKED
        and any(job.counts.get(name) for name in ("new", "changed", "conflicting")),
        "has_errors": any(job.counts.get(name) for name in ("refused", "conflicting"))
        or rows.exclude(problems=[]).exists(),
        "has_columns": job.format in ("3w", "table") and job.state in (State.CHECKED, State.FAILED),
    }
    name = "mapping/_import_job.html" if request.htmx else "mapping/import_job.html"
    return render(request, name, context)


VERDICT_ORDER = ("conflicting", "refused", "changed", "new", "unchanged")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_writers
def columns(request: HttpRequest, reference: str) -> HttpResponse:
    """Which column says what: as it was proposed, to be corrected and kept."""
    job = _find(request, reference)
    try:
        header = find_header(open_table(jobs.get_path(job), FileNotes()))
    except (BadInput, OSError):
        raise Http404 from None
    form = ColumnsForm(
        request.POST or None, job=job, headings=header.columns, language=get_reader_language()
    )
    if request.method == "POST" and form.is_valid():
        try:
            jobs.correct_columns(
                job=job,
                headings=header.columns,
                columns=form.get_columns(),
                name=form.cleaned_data["name"],
                at=timezone.now(),
            )
        except Refused as problem:
            form.add_error(None, str(problem))
        else:
            return redirect("mapping:import_job", job.reference)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "mapping/columns.html", {"job": job, "form": form}, status=status)


@never_cache
@require_POST
@for_writers
def step(request: HttpRequest, reference: str, name: str) -> HttpResponse:
    """Apply an import, take it back, or read its file again. The worker does it."""
    job = _find(request, reference)
    try:
        jobs.request_step(
            job=job,
            step=name,
            at=timezone.now(),
            take_conflicts=request.POST.get("take_conflicts") == "yes",
        )
    except Refused as problem:
        messages.error(request, str(problem))
    return redirect("mapping:import_job", job.reference)


@never_cache
@require_safe
@for_writers
def errors(request: HttpRequest, reference: str) -> HttpResponse:
    """What is wrong with a file, as a sheet to take along: row, column, reason."""
    job = _find(request, reference)
    rows = MappingImportRow.objects.filter(batch=job).exclude(problems=[]).defer("entry")
    content = write_errors(rows.order_by("row", "pk").iterator(chunk_size=500), name=_("Errors"))
    return _send(content, f"focal-errors-{job.reference}.xlsx")


def _find(request: HttpRequest, reference: str) -> MappingImport:
    job = jobs.get_job(request.viewer, reference)
    if job is None:
        raise Http404
    return job


def _send(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
