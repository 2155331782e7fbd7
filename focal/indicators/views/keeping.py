"""A chart that is being made is kept until it is saved: a closed tab loses nothing."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from focal.indicators import charts
from focal.indicators.chart_services import KIND
from focal.indicators.models import Chart
from focal.records.views.editing import keeping
from focal.records.views.editing.keeping import Spot
from focal.sharing import policy

NEW = Spot(kind=KIND)
CHANGES = "chart"  # the corner in which a chart that is there is changed


def find_spot(request: HttpRequest, reference: str) -> Spot:
    """Where a chart is being changed; 404 where it is not seen."""
    found = charts.get_chart(request.viewer, reference)
    if found is None:
        raise Http404
    return Spot(CHANGES, found)


def make_spot(chart: Chart | None) -> Spot:
    """Where this chart is being changed, or a new one is being made."""
    return NEW if chart is None else Spot(CHANGES, chart)


@require_http_methods(["GET", "HEAD", "POST"])
def autosave_new(request: HttpRequest) -> HttpResponse:
    """Keep a new chart while it is being made."""
    return keeping.autosave(request, NEW, policy.may_create(request.viewer))


@require_POST
def start_new_afresh(request: HttpRequest) -> HttpResponse:
    """Throw the chart under way away."""
    return keeping.start_afresh(request, NEW)


@require_http_methods(["GET", "HEAD", "POST"])
def autosave(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep changes of a chart while they are being made."""
    spot = find_spot(request, reference)
    return keeping.autosave(request, spot, policy.may_edit(request.viewer, spot.record))


@require_POST
def start_afresh(request: HttpRequest, reference: str) -> HttpResponse:
    """Throw the changes under way away."""
    return keeping.start_afresh(request, find_spot(request, reference))
