"""Pages on which figures are typed, pasted, taken back and preferred."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from focal.indicators import selectors, services
from focal.indicators.checking import check_series
from focal.indicators.forms import grid
from focal.indicators.history import list_versions
from focal.indicators.models import Series
from focal.indicators.reading import BadFigures
from focal.kernel.errors import BadInput, Refused
from focal.records.second_eyes import may_change_at_once
from focal.records.views.editing.common import keeps_text, read_number, refuse
from focal.records.views.finding.common import get_reader_language


def _find(request: HttpRequest, reference: str) -> tuple[Series, HttpResponse | None]:
    """The series, and a refusal where the viewer sees it and may not change it."""
    series = selectors.get_series(request.viewer, reference)
    if series is None:
        raise Http404
    decision = may_change_at_once(request.viewer, series)
    return series, None if decision else refuse(request, decision.reason, series)


@require_http_methods(["GET", "POST"])
@keeps_text
def figures(request: HttpRequest, reference: str) -> HttpResponse:
    """The table of all figures of a series, to be changed."""
    series, refusal = _find(request, reference)
    if refusal is not None:
        return refusal
    language = get_reader_language()
    if request.method == "GET":
        rows = grid.show_rows(selectors.list_standing(series), language)
        return _show(request, series, rows, warnings=check_series(request.viewer, series))
    rows = []
    try:
        given, rows = grid.read_rows(request.POST, language)
        services.set_observations(
            series=series,
            observations=given,
            by=request.viewer,
            at=timezone.now(),
            base_version=read_number(request.POST.get("base_version", "")),
            note=request.POST.get("note", ""),
        )
    except BadFigures as refused:
        rows = grid.add_errors(rows, refused.problems)
        return _show(request, series, rows, status=422, problems=refused.problems)
    except (BadInput, Refused) as problem:
        return _show(request, series, rows, status=422, problem=str(problem))
    warnings = check_series(request.viewer, series)
    if warnings:
        messages.warning(request, _("Saved. The checks have something to say: look below."))
        return redirect("indicators:figures_edit", reference)
    messages.success(request, _("Saved."))
    return redirect(series.get_absolute_url())


def _show(
    request: HttpRequest, series: Series, rows: list[grid.Row], status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "series": series,
        "rows": rows,
        "columns": grid.list_columns(get_reader_language()),
        "words": grid.get_table_words(),
        "base_version": request.POST.get("base_version", series.figures_version),
        "note": request.POST.get("note", ""),
        **more,
    }
    return render(request, "indicators/grid.html", context, status=status)


@require_http_methods(["GET", "POST"])
def history(request: HttpRequest, reference: str) -> HttpResponse:
    """What stood before, and the way back to it."""
    series, refusal = _find(request, reference)
    if refusal is not None:
        return refusal
    if request.method == "POST":
        try:
            services.restore_figures(
                series=series,
                number=read_number(request.POST.get("number", "")),
                base_version=read_number(request.POST.get("base_version", "")),
                by=request.viewer,
                at=timezone.now(),
            )
            messages.success(request, _("The earlier figures stand again."))
        except (BadInput, Refused) as problem:
            messages.error(request, str(problem))
        return redirect("indicators:figures_history", reference)
    context = {"series": series, "versions": list_versions(series, get_reader_language())}
    return render(request, "indicators/history.html", context)


@require_POST
def prefer(request: HttpRequest, reference: str) -> HttpResponse:
    """Mark a figure among rivals for a purpose, or take the mark back."""
    series, refusal = _find(request, reference)
    if refusal is not None:
        return refusal
    now = timezone.now()
    try:
        if "stop" in request.POST:
            preference = selectors.get_preference(series, read_number(request.POST["stop"]))
            if preference is not None:
                services.stop_preferring(preference=preference, by=request.viewer, at=now)
        else:
            chosen = selectors.get_observation(request.viewer, request.POST.get("figure", ""))
            if chosen is None:
                raise BadInput(_("Choose a figure."))
            services.prefer(
                series=series,
                observation=chosen,
                purpose=request.POST.get("purpose", ""),
                reason=request.POST.get("reason", ""),
                by=request.viewer,
                at=now,
            )
        messages.success(request, _("Saved."))
    except (BadInput, Refused) as problem:
        messages.error(request, str(problem))
    return redirect(series.get_absolute_url())
