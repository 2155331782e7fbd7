"""For those who own a record: recalling a release, and the text as others read it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from focal.kernel.errors import Refused
from focal.records import portions, services
from focal.records.content import read_content
from focal.records.opening import list_readers
from focal.records.selectors import get_releases
from focal.records.views.editing.common import (
    find_record,
    frame,
    get_reader_language,
    may_look_behind,
    refuse,
)
from focal.sharing import policy
from focal.sharing.markings import MEANINGS, Marking, is_narrower
from focal.sharing.recipients import Recipients


@require_http_methods(["GET", "POST"])
def recall(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask (GET), then take releases back (POST). Those who had opened it are told."""
    record = find_record(request.viewer, reference)
    decision = policy.may_share(request.viewer, record)
    if not decision:
        return refuse(request, decision.reason, record)
    recipients = Recipients(get_reader_language(), request.viewer)
    given = request.POST if request.method == "POST" else request.GET
    tokens = {recipients.from_key(key) for key in given.getlist("who")} & set(get_releases(record))
    if not tokens:
        return redirect("records:sharing", record.reference)
    if request.method == "POST":
        try:
            services.recall_releases(
                record=record,
                tokens=tokens,
                by=request.viewer,
                at=timezone.now(),
                reason=request.POST.get("reason", "")[:2000],
            )
        except Refused as refusal:
            return refuse(request, str(refusal), record)
        messages.success(request, _("Recalled. They cannot open it any more."))
        return redirect("records:sharing", record.reference)
    context = frame(request, record, "sharing") | {
        "names": recipients.name(tokens),
        "keys": [recipients.to_key(token) for token in sorted(tokens)],
        "readers": list_readers(record),
    }
    return render(request, "records/sharing/recall.html", context)


@require_GET
def show_as(request: HttpRequest, reference: str, level: str) -> HttpResponse:
    """The text as those read it who may read paragraphs up to a marking: to check, to print."""
    record = find_record(request.viewer, reference)
    decision = may_look_behind(request.viewer, record)
    if not decision:
        return refuse(request, decision.reason, record)
    marking = Marking(level.replace("-", "+"))
    if is_narrower(record.marking, marking):
        raise Http404
    allowed = {each.value for each in Marking if not is_narrower(each, marking)}
    context = frame(request, record, "preview") | {
        "level": marking.label,
        "page_marking": marking.value,
        "page_marking_meaning": MEANINGS[marking],
        "body": portions.present(portions.trim(read_content(record)["body"], allowed)),
    }
    return render(request, "records/sharing/as.html", context)
