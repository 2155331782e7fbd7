"""Closing an inquiry, opening it again, and making the draft it becomes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from focal.inquiries import policy, selectors, services
from focal.inquiries.forms import CloseForm
from focal.inquiries.views.common import find_inquiry, refuse
from focal.kernel.errors import BadInput, Refused
from focal.records.services import EditConflict
from focal.records.views.editing import keeping
from focal.records.views.editing.common import keeps_text
from focal.records.views.editing.keeping import Spot
from focal.records.views.finding.common import get_reader_language
from focal.threads.refusals import Refusals


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_text
def close(request: HttpRequest, reference: str) -> HttpResponse:
    """Close with a summary that helps whoever asks the same next year."""
    inquiry = find_inquiry(request.viewer, reference)
    decision = policy.may_steer(request.viewer, inquiry)
    if not decision:
        return refuse(request, decision.reason, inquiry)
    contributions = selectors.list_contributions(request.viewer, inquiry, get_reader_language())
    form = CloseForm(request.POST or None, inquiry=inquiry, contributions=contributions)
    if request.method == "POST" and form.is_valid():
        with Refusals(form):
            services.close(
                inquiry=inquiry,
                outcome=form.cleaned_data["outcome"],
                becomes=form.cleaned_data["becomes"],
                sources=form.cleaned_data.get("sources", ()),
                by=request.viewer,
                at=timezone.now(),
                not_persons=request.POST.get("not_persons", ""),
            )
            messages.success(request, _("Closed. Those who answered have been told."))
            return redirect(inquiry)
    spot = Spot(services.OUTCOME, inquiry)
    if request.method == "POST":
        keeping.keep_sent(request, form, spot)
    else:
        keeping.go_on(request.viewer, form, spot)
    context = {"form": form, "inquiry": inquiry}
    return render(request, "inquiries/close.html", context, status=422 if form.errors else 200)


@require_POST
def extend(request: HttpRequest, reference: str) -> HttpResponse:
    """Two more weeks, by one click of whoever asked."""
    inquiry = find_inquiry(request.viewer, reference)
    try:
        services.extend(inquiry=inquiry, by=request.viewer, at=timezone.now())
    except (BadInput, Refused, EditConflict) as refusal:
        return refuse(request, str(refusal), inquiry)
    messages.success(request, _("Saved."))
    return redirect(inquiry)


@require_POST
def reopen(request: HttpRequest, reference: str) -> HttpResponse:
    """Take answers again."""
    inquiry = find_inquiry(request.viewer, reference)
    try:
        services.reopen(inquiry=inquiry, by=request.viewer, at=timezone.now())
    except Refused as refusal:
        return refuse(request, str(refusal), inquiry)
    messages.success(request, _("It is open again."))
    return redirect(inquiry)


@require_POST
def draft(request: HttpRequest, reference: str) -> HttpResponse:
    """Make the draft, and go on writing it."""
    inquiry = find_inquiry(request.viewer, reference)
    try:
        record = services.make_draft(inquiry=inquiry, by=request.viewer, at=timezone.now())
    except (BadInput, Refused) as refusal:
        return refuse(request, str(refusal), inquiry)
    messages.success(request, _("The draft is yours to go on with. Nothing is published yet."))
    return redirect("records:edit", record.reference)
