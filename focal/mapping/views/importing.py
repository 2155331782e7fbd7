"""Files in and out: the template, the preview of a file, applying it, taking it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from focal.kernel.errors import BadInput, Refused
from focal.mapping.details import OF_INITIATIVES
from focal.mapping.forms import ColumnsForm, ImportForm, list_own
from focal.mapping.importing import deciding, jobs
from focal.mapping.importing.columns import FIELDS, find_header
from focal.mapping.importing.entries import FileNotes
from focal.mapping.importing.sheet import SHEETS, list_headings, write_errors, write_template
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
                kind=given["kind"],
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
    """The template of an organisation, filled with what is known of it: all sheets, or `?kind=`."""
    found = list_own(request.viewer).get(organisation)
    kind = request.GET.get("kind", "")
    if found is None or (kind and kind not in SHEETS):
        raise Http404
    content = write_template(
        viewer=request.viewer,
        organisation=found,
        language=get_reader_language(),
        at=timezone.now(),
        kinds=(kind,) if kind else tuple(SHEETS),
    )
    name = slugify(found.acronym or found.name)[:40] or found.reference
    part = f"-{SHEETS[kind].lower()}" if kind else ""
    return _send(content, f"focal-{name}{part}.xlsx")


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
        "conflicts": _count_conflicts(job),
        "is_deciding": verdict == "conflicting" and job.state in (State.CHECKED, State.APPLIED),
        "rows": [_show_row(row) for row in page],
        "has_errors": any(job.counts.get(name) for name in ("refused", "conflicting"))
        or rows.exclude(problems=[]).exists(),
        "has_columns": job.format in ("3w", "table") and job.state in (State.CHECKED, State.FAILED),
    }
    counts = context["conflicts"]
    context["can_apply"] = counts["decided"] > 0 or (
        job.state == State.CHECKED and any(job.counts.get(name) for name in ("new", "changed"))
    )
    name = "mapping/_import_job.html" if request.htmx else "mapping/import_job.html"
    return render(request, name, context)


def _show_row(row: MappingImportRow) -> dict[str, Any]:
    """A row as it is shown: fields by the names that forms give them, and which side holds."""
    labels: dict[str, Any] = {
        **OF_INITIATIVES,
        **FIELDS,
        **{name: label for name, (label, _hint) in list_headings().items()},
        "body": _("Text"),
        "sources": _("Sources"),
    }
    decision = row.decision
    fields = []
    for field in row.fields:
        name, is_conflict = field["name"], "conflict" in field
        takes_file = name in row.taken if decision == "fields" else decision == "file"
        side = ("file" if takes_file else "here") if decision else ("" if is_conflict else "file")
        label = labels.get(name, name)
        fields.append({**field, "label": label, "is_conflict": is_conflict, "side": side})
    problems = [
        {**each, "column": labels.get(each["column"], each["column"])} for each in row.problems
    ]
    return {"row": row, "fields": fields, "problems": problems}


def _count_conflicts(job: MappingImport) -> dict[str, int]:
    """Conflicting rows that are still to be written, decided and not."""
    rows = deciding.list_open(job)
    undecided = rows.filter(decision=MappingImportRow.Decision.NONE).count()
    return {"decided": rows.count() - undecided, "undecided": undecided}


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
        jobs.request_step(job=job, step=name, at=timezone.now())
    except Refused as problem:
        messages.error(request, str(problem))
    return redirect("mapping:import_job", job.reference)


@never_cache
@require_POST
@for_writers
def decide(request: HttpRequest, reference: str) -> HttpResponse:
    """What becomes of a row that conflicts, or of all that nobody has decided yet."""
    job = _find(request, reference)
    key, decision = request.POST.get("row", ""), request.POST.get("decision", "")
    try:
        if key.isdecimal() and len(key) < 19:
            names = [name for name in request.POST if request.POST[name] == "file"]
            taken = [name.removeprefix("field-") for name in names if name.startswith("field-")]
            deciding.decide_row(job=job, key=int(key), decision=decision, taken=taken)
        else:
            deciding.decide_rest(job=job, decision=decision)
    except (BadInput, Refused) as problem:
        messages.error(request, str(problem))
    page = request.POST.get("page", "")
    back = f"?verdict=conflicting&page={page if page.isdecimal() else 1}"
    anchor = f"#row-{key}" if key.isdecimal() else ""
    return redirect(reverse("mapping:import_job", args=[job.reference]) + back + anchor)


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
