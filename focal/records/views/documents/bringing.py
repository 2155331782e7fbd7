"""Bringing documents through the page: the drop area, how far it is, and undoing it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from focal.kernel.errors import BadInput, Refused
from focal.records.forms.documents import ImportForm
from focal.records.importing import jobs
from focal.records.importing.progress import read_progress
from focal.records.views.editing.common import refuse
from focal.sharing.markings import Marking
from focal.sharing.policy import may_create

View = Callable[..., HttpResponse]


def for_writers(view: View) -> View:
    """Sends visitors to sign in, and says to readers why they cannot."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.viewer.is_anonymous:
            return redirect_to_login(request.get_full_path())
        if not (decision := may_create(request.viewer)):
            return refuse(request, decision.reason)
        return view(request, *args, **kwargs)

    return wrapped


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_writers
def bring(request: HttpRequest) -> HttpResponse:
    """The drop area. What is dropped is kept; the worker reads it."""
    form = ImportForm(
        request.POST or None,
        request.FILES or None,
        viewer=request.viewer,
        initial={"marking": Marking.AMBER},
    )
    if request.method == "POST" and form.is_valid():
        try:
            job = jobs.start_import(
                form.get_uploads(request.POST),
                by=request.viewer,
                organisation=form.cleaned_data["organisation"],
                marking=form.cleaned_data["marking"],
                publish=form.cleaned_data.get("publish", False),
                language=form.cleaned_data["language"],
                at=timezone.now(),
            )
        except (BadInput, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("records:import_job", job.reference)
    context = {"form": form, "jobs": jobs.get_latest_jobs(request.viewer)}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "records/documents/import.html", context, status=status)


@never_cache
@require_safe
@for_writers
def show_job(request: HttpRequest, reference: str) -> HttpResponse:
    """How far an import is and what became of each file; alone its inner part for htmx."""
    job = jobs.get_job(request.viewer, reference)
    if job is None:
        raise Http404
    template = "_job.html" if request.htmx else "job.html"
    context = {"job": job, "progress": read_progress(request.viewer, job)}
    return render(request, f"records/documents/{template}", context)


@never_cache
@require_POST
@for_writers
def undo_job(request: HttpRequest, reference: str) -> HttpResponse:
    """Take back what an import brought, as far as it is still a draft."""
    job = jobs.get_job(request.viewer, reference)
    if job is None:
        raise Http404
    try:
        kept = jobs.undo_import(job=job, by=request.viewer, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        for sentence in kept:
            messages.warning(request, sentence)
        messages.success(request, _("The drafts of this import have been deleted."))
    return redirect("records:import_job", reference)
