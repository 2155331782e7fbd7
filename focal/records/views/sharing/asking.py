"""Asking for a change of who sees a record, and answering."""

from __future__ import annotations

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from focal.kernel.errors import BadInput, Refused
from focal.records import releasing
from focal.records.forms.sharing import AskReleaseForm
from focal.records.kinds import get_kind
from focal.records.models import Record, SharingRequest
from focal.records.second_eyes import SecondEyesNeeded
from focal.records.selectors import get_record
from focal.records.views.editing.common import (
    find_record,
    get_reader_language,
    refuse,
)
from focal.records.views.second_eyes import SALT, offer_second_eyes
from focal.records.views.sharing.reviewing import review
from focal.sharing.markings import MEANINGS, Marking
from focal.sharing.recipients import Recipients
from focal.sharing.viewer import Viewer


@require_http_methods(["GET", "POST"])
def ask_release(request: HttpRequest, reference: str) -> HttpResponse:
    """A reader asks the owner to release a record to others."""
    record = find_record(request.viewer, reference)
    decision = releasing.may_ask_for_release(request.viewer, record)
    if not decision:
        return refuse(request, decision.reason, record)
    form = AskReleaseForm(
        request.POST if request.method == "POST" else None,
        viewer=request.viewer,
        language=get_reader_language(),
        marking=record.marking,
    )
    if request.method == "POST" and form.is_valid():
        try:
            releasing.ask_for_release(
                record=record,
                tokens=form.get_tokens(),
                names=form.get_names(),
                reason=form.cleaned_data["reason"],
                by=request.viewer,
                at=timezone.now(),
            )
        except (BadInput, Refused) as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(
                request,
                _("%s has been asked. You are told the answer on your desk.")
                % record.owner_organisation,
            )
            return redirect(record.get_absolute_url())
    context = {
        "record": record,
        "kind": get_kind(record.kind),
        "form": form,
        "owner": record.owner_organisation,
        "page_marking": record.marking,
        "page_marking_meaning": MEANINGS[Marking(record.marking)],
    }
    status = 422 if form.errors else 200
    return render(request, "records/sharing/ask.html", context, status=status)


# A second pair of eyes


@require_POST
def ask_second(request: HttpRequest, reference: str) -> HttpResponse:
    """Put before a second person what was just chosen."""
    record = find_record(request.viewer, reference)
    try:
        about, wanted = signing.loads(
            request.POST.get("wanted", ""), salt=SALT, max_age=24 * 60 * 60
        )
    except signing.BadSignature:
        return redirect("records:sharing", record.reference)
    if about != record.reference:
        raise Http404
    try:
        releasing.ask_second(
            record=record,
            wanted=wanted,
            reason=request.POST.get("reason", "")[:2000],
            by=request.viewer,
            at=timezone.now(),
        )
    except Refused as refusal:
        return refuse(request, str(refusal), record)
    messages.success(request, _("A second person has been asked. Nothing changes until then."))
    return redirect("records:preview", record.reference)


# Answering


@require_GET
def list_requests(request: HttpRequest) -> HttpResponse:
    """What waits for this viewer's yes or no."""
    if request.viewer.person_id is None:
        return refuse(request, _("Sign in to see your desk."))
    recipients = Recipients(get_reader_language(), request.viewer)
    waiting = [
        describe_request(row.request, row.record, recipients)
        for row in releasing.list_open(request.viewer)
        if row.request.kind != SharingRequest.Kind.CHANGE
    ]
    return render(request, "records/sharing/requests.html", {"waiting": waiting})


def describe_request(
    asked: SharingRequest, record: Record, recipients: Recipients
) -> dict[str, object]:
    """A request in words, for lists and the record's own page."""
    wanted = asked.wanted
    marking = wanted.get("marking")
    return {
        "asked": asked,
        "record": record,
        "is_second": asked.kind == SharingRequest.Kind.SECOND,
        "step": wanted.get("step", ""),
        "marking": Marking(marking) if marking else "",
        "names": recipients.name(wanted.get("releases", ())),
        "rule": wanted.get("second_eyes_over"),
    }


@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, reference: str) -> HttpResponse:
    """Answer a request: yes or no, in one click."""
    found = releasing.find(request.viewer, reference)
    if found is None:
        raise Http404
    if found.request.kind == SharingRequest.Kind.CHANGE:
        return review(request, found)
    decision = releasing.may_decide(request.viewer, found.record, found.request)
    if not decision:
        return refuse(request, decision.reason, found.record)
    record = get_record(request.viewer, found.record.reference)
    if request.method == "GET" or record is None:
        return redirect("records:sharing_requests")
    grant = "grant" in request.POST
    deed = (
        releasing.decide_second
        if found.request.kind == SharingRequest.Kind.SECOND
        else releasing.decide_release
    )
    try:
        deed(
            asked=found.request,
            record=record,
            grant=grant,
            by=request.viewer,
            at=timezone.now(),
            answer=request.POST.get("answer", "")[:2000],
        )
    except SecondEyesNeeded as needed:
        wanted = releasing.put_as_change(found.request, record, at=timezone.now())
        return offer_second_eyes(request, record, wanted, str(needed))
    except (BadInput, Refused) as problem:
        return refuse(request, str(problem), record)
    messages.success(request, _say_done(found.request, grant=grant))
    return _go_on(request.viewer, request, record)


def _say_done(asked: SharingRequest, *, grant: bool) -> str:
    if asked.kind == SharingRequest.Kind.SECOND:
        return _("Confirmed. It holds from this moment on.") if grant else _("Not confirmed.")
    return _("Released, as they asked.") if grant else _("Not released.")


def _go_on(viewer: Viewer, request: HttpRequest, record: Record) -> HttpResponse:
    back = request.POST.get("back") == "sharing"
    still = Record.objects.visible_to(viewer).filter(pk=record.pk).exists()
    if back and still:
        return redirect("records:sharing", record.reference)
    return redirect("records:sharing_requests")
