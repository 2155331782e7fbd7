"""Who may see a record: its marking and its release list."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from focal.kernel.errors import Refused
from focal.records import services
from focal.records.forms.editing import SharingForm
from focal.records.models import Record
from focal.records.selectors import get_releases
from focal.records.views.editing.common import find_record, frame, get_reader_language, refuse
from focal.sharing import policy


@require_http_methods(["GET", "POST"])
def sharing(request: HttpRequest, reference: str) -> HttpResponse:
    """Change who may see a record."""
    record = find_record(request.viewer, reference)
    decision = policy.may_share(request.viewer, record)
    if not decision:
        return refuse(request, decision.reason, record)
    form = SharingForm(
        request.POST if request.method == "POST" else None,
        viewer=request.viewer,
        language=get_reader_language(),
        record=record,
        releases=get_releases(record),
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.set_sharing(
                record=record,
                marking=form.cleaned_data["marking"],
                releases=form.get_tokens(),
                by=request.viewer,
                at=timezone.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Changed. It holds from this moment on."))
            return _go_on(request, record)
    context = frame(request, record, "sharing") | {"form": form}
    return render(
        request, "records/editing/sharing.html", context, status=422 if form.errors else 200
    )


def _go_on(request: HttpRequest, record: Record) -> HttpResponse:
    """Back to this page, or to the desk when they have shut themselves out."""
    if Record.objects.visible_to(request.viewer).filter(pk=record.pk).exists():
        return redirect("records:sharing", record.reference)
    return redirect("records:desk")
