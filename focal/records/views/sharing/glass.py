"""Break-glass reading: asking, answering, ending."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from focal.kernel.errors import BadInput, Refused
from focal.records import glass as services
from focal.records.forms.sharing import GlassForm
from focal.records.models import GlassRequest
from focal.records.views.editing.common import refuse


@require_http_methods(["GET", "POST"])
def glass(request: HttpRequest) -> HttpResponse:
    """Ask to read a record; see what was asked, by whom, and what became of it."""
    decision = services.may_use(request.viewer)
    if not decision:
        return refuse(request, decision.reason)
    form = GlassForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.ask(
                reference=form.cleaned_data["record"],
                ground=form.cleaned_data["ground"],
                reason=form.cleaned_data["reason"],
                hours=form.cleaned_data["hours"],
                by=request.viewer,
                at=timezone.now(),
            )
        except (BadInput, Refused) as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(
                request, _("Asked. Another administrator or the secretariat has to agree.")
            )
            return redirect("records:glass")
    now = timezone.now()
    context = {
        "form": form,
        "requests": [
            services.describe(request.viewer, row, at=now)
            for row in services.list_requests(request.viewer)
        ],
    }
    status = 422 if form.errors else 200
    return render(request, "records/sharing/glass.html", context, status=status)


def _find(request: HttpRequest, reference: str) -> GlassRequest:
    row = GlassRequest.objects.filter(reference=reference).first()
    if row is None or not services.may_use(request.viewer):
        raise Http404
    return row


@require_POST
def decide_glass(request: HttpRequest, reference: str) -> HttpResponse:
    """The second person's answer."""
    asked = _find(request, reference)
    try:
        services.decide(
            asked=asked,
            grant="grant" in request.POST,
            by=request.viewer,
            at=timezone.now(),
            answer=request.POST.get("answer", "")[:2000],
        )
    except Refused as refusal:
        return refuse(request, str(refusal))
    messages.success(
        request,
        _("Agreed. Whoever asked is told whether it can be opened, and its owner is told of it.")
        if "grant" in request.POST
        else _("Refused. It stays in the log."),
    )
    return redirect("records:glass")


@require_POST
def end_glass(request: HttpRequest, reference: str) -> HttpResponse:
    """End reading before its time."""
    asked = _find(request, reference)
    try:
        services.end(asked=asked, by=request.viewer, at=timezone.now())
    except Refused as refusal:
        return refuse(request, str(refusal))
    messages.success(request, _("Ended."))
    return redirect("records:glass")
