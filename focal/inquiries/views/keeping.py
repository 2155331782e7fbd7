"""The question that is being typed is kept, for its asker alone, until it is asked or thrown away.

A person has one question under way. It belongs to the tab that wrote last: a tab gives itself a
name (`writer`, by autosave.js), and says whose text it opened with (`follows`). A tab that was left
behind is told so, instead of writing over the newer text. Without scripts tabs have no names.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from focal.inquiries.services import KIND
from focal.records.forms.editing import Raw, take_raw
from focal.records.models import WorkingCopy
from focal.records.services import save_working_copy
from focal.records.views.editing.common import refuse_json
from focal.records.views.editing.copies import drop_copy, find_copy
from focal.sharing import policy
from focal.sharing.viewer import Viewer

MOST_KEPT = 1024 * 1024
BUTTONS = {"ask", "look", "add", "confirmed_new", "not_persons"}


def find_kept(viewer: Viewer) -> WorkingCopy | None:
    """The question that this person has under way."""
    return find_copy(viewer, None, kind=KIND)


def read_writer(kept: WorkingCopy | None) -> str:
    """The tab that wrote last; "" where none has."""
    return _first(kept.fields, "writer") if kept else ""


def keep(request: HttpRequest) -> WorkingCopy | None:
    """Keep what a tab sends; None where another tab has gone on with the question since."""
    raw = {name: values for name, values in take_raw(request.POST).items() if name not in BUTTONS}
    kept = find_kept(request.viewer)
    known = {"", _first(raw, "writer"), _first(raw, "follows")}
    if _first(raw, "writer") and read_writer(kept) not in known:
        return None
    return save_working_copy(
        record=None,
        kind=KIND,
        language="",
        base_version=0,
        fields=raw,
        by=request.viewer,
        at=timezone.now(),
    )


def _first(raw: Raw, name: str) -> str:
    return next(iter(raw.get(name, ())), "")


@require_http_methods(["GET", "HEAD", "POST"])
def autosave(request: HttpRequest) -> HttpResponse:
    """Keep the question while it is typed. GET: a fresh token for a page that stood long."""
    decision = policy.may_create(request.viewer)
    if not decision:
        return refuse_json(decision.reason, 403)
    if request.method != "POST":
        return JsonResponse({"token": get_token(request)})
    if sum(len(text) for _name, values in request.POST.lists() for text in values) > MOST_KEPT:
        return refuse_json(_("This is too long to be kept while you type."), 413)
    kept = keep(request)
    if kept is None:
        answer = {
            "message": _(
                "You went on with this question in another tab or on another device, and that is"
                " what is kept. What you type here is not."
            ),
            "url": reverse("inquiries:ask"),
            "label": _("Show what is kept"),
        }
        return JsonResponse(answer, status=409)
    return JsonResponse({"saved_at": kept.saved_at.isoformat()})


@require_POST
def start_afresh(request: HttpRequest) -> HttpResponse:
    """Throw the question under way away."""
    drop_copy(request.viewer, None, kind=KIND)
    messages.info(request, _("The question you had begun was thrown away."))
    return redirect("inquiries:ask")
