"""The page on which a file of figures is brought: looked at first, then written."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePath
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from focal.indicators.exchange.importing import Report, import_series
from focal.indicators.exchange.mapping import BadMapping
from focal.indicators.forms.bringing import BringForm
from focal.kernel.errors import BadInput, Refused
from focal.records.views.documents.bringing import for_writers

MOST_FIGURES = 5_000  # that one answer writes; more by the command


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_writers
def bring(request: HttpRequest) -> HttpResponse:
    """Bring a file of figures, or see what it would bring."""
    given = request.POST.copy() if request.method == "POST" else None
    form = BringForm(given, request.FILES or None, viewer=request.viewer)
    report = None
    if form.is_valid():
        try:
            report = _bring(request, form.cleaned_data)
        except (BadInput, Refused) as refusal:
            place = "mapping" if isinstance(refusal, BadMapping) else "file"
            form.add_error(place, str(refusal))
        else:
            if report.dry_run and not report.has_problems:
                form.go_on()
            elif not report.has_problems:
                messages.success(request, _("Saved."))
    has_errors = form.is_bound and (form.errors or (report is not None and report.has_problems))
    context = {"form": form, "report": report}
    return render(request, "indicators/bring.html", context, status=422 if has_errors else 200)


def _bring(request: HttpRequest, given: dict[str, Any]) -> Report:
    file, mapping = given["file"], given["known"]
    with tempfile.TemporaryDirectory(prefix="focal-figures-") as folder:
        path = file.put_into(Path(folder), _shorten(file.name))
        if own := given["mapping"]:
            Path(folder, "mapping").mkdir()
            mapping = str(own.put_into(Path(folder, "mapping"), _shorten(own.name)))
        return import_series(
            path=path,
            mapping=mapping,
            owner=given["organisation"],
            marking=given["marking"],
            only=[given["only"]] if given["only"] else (),
            dry_run=given["only_check"],
            most=MOST_FIGURES,
            by=request.viewer,
            at=timezone.now(),
        )


def _shorten(name: str) -> str:
    """A name that a folder can hold: two hundred bytes at most, its end kept."""
    return PurePath(name).name.encode()[-200:].decode(errors="ignore") or "figures"
