"""Who may see a record: its marking and its release list, who has opened it, what was asked."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from focal.kernel.errors import BadInput, Refused
from focal.records import glass, opening, portions, releasing, second_eyes, services
from focal.records.forms.sharing import RecordSharingForm
from focal.records.models import PastRelease, Record, Release
from focal.records.second_eyes import SecondEyesNeeded
from focal.records.selectors import get_releases
from focal.records.views.editing.common import find_record, frame, get_reader_language, refuse
from focal.records.views.second_eyes import offer_second_eyes
from focal.records.views.sharing.asking import describe_request
from focal.sharing import policy
from focal.sharing.recipients import Recipients


@require_http_methods(["GET", "POST"])
def sharing(request: HttpRequest, reference: str) -> HttpResponse:
    """Change who may see a record."""
    record = find_record(request.viewer, reference)
    decision = policy.may_share(request.viewer, record)
    if not decision:
        return refuse(request, decision.reason, record)
    form = RecordSharingForm(
        request.POST if request.method == "POST" else None,
        viewer=request.viewer,
        language=get_reader_language(),
        record=record,
        releases=get_releases(record),
    )
    if request.method == "POST" and form.is_valid():
        wanted = read_wanted(form)
        try:
            services.set_sharing(record=record, by=request.viewer, at=timezone.now(), **wanted)
        except SecondEyesNeeded as needed:
            wanted["ends"] = {token: end.isoformat() for token, end in wanted["ends"].items()}
            return offer_second_eyes(request, record, wanted, str(needed))
        except (BadInput, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Changed. It holds from this moment on."))
            return _go_on(request, record)
    context = frame(request, record, "sharing") | {
        "form": form,
        "widening": second_eyes.explain_widening(record, by=request.viewer, marking=record.marking),
        **describe_sharing(record, form.recipients),
    }
    return render(
        request, "records/editing/sharing.html", context, status=422 if form.errors else 200
    )


def read_wanted(form: RecordSharingForm) -> dict[str, Any]:
    """What `set_sharing` is given. The end is that of those who are added now."""
    tokens, end = form.get_tokens(), form.get_end()
    return {
        "marking": form.cleaned_data["marking"],
        "releases": tokens,
        "ends": {token: end for token in tokens if end and token not in form.releases},
        "second_eyes_over": form.cleaned_data["second_eyes_over"],
    }


def describe_sharing(record: Record, recipients: Recipients) -> dict[str, Any]:
    """What the owner sees beside the form."""
    rows = {row.token: row for row in Release.objects.filter(record_id=record.pk)}
    past = PastRelease.objects.filter(record_id=record.pk).order_by("-ended_at", "-pk")[:30]
    names = recipients.name_each({*rows, *(row.token for row in past)})
    return {
        "releases": [
            {"name": name, "row": rows[token], "key": recipients.to_key(token)}
            for token, name in names.items()
            if token in rows
        ],
        "past": [{"name": names[row.token], "row": row} for row in past if row.token in names],
        "is_watched": record.marking in opening.WATCHED,
        "readers": opening.list_readers(record),
        "glass": glass.list_of_record(record),
        "waiting": [
            describe_request(asked, record, recipients)
            for asked in releasing.list_of_record(record)
        ],
        "levels": portions.list_levels(record),
    }


def _go_on(request: HttpRequest, record: Record) -> HttpResponse:
    """Back to this page, or to the desk when they have shut themselves out."""
    if Record.objects.visible_to(request.viewer).filter(pk=record.pk).exists():
        return redirect("records:sharing", record.reference)
    return redirect("records:desk")
