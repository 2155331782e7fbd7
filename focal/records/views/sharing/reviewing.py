"""A change of what is published: looked at, and published or sent back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from focal.kernel.errors import BadInput, Refused
from focal.records import changes, document_deeds, notices, portions, releasing
from focal.records.content import read_content
from focal.records.extraction import Unreadable
from focal.records.kinds import get_kind
from focal.records.models import Opening, Record, SharingRequest, Translation
from focal.records.opening import note_opening
from focal.records.selectors import get_attachment
from focal.records.views.documents.reading import hand_out
from focal.records.views.editing.common import (
    find_record,
    frame,
    get_reader_language,
    may_look_behind,
    refuse,
)
from focal.records.views.editing.comparing import Difference, list_differences
from focal.records.views.editing.preview import show_content
from focal.records.views.editing.translating import compare_text_of
from focal.sharing.viewer import Viewer


def review(request: HttpRequest, found: releasing.Open) -> HttpResponse:
    """What would change, for those who change the record or may publish it; the answer (POST)."""
    viewer, asked = request.viewer, found.request
    record = find_record(viewer, found.record.reference)
    decision = releasing.may_review(viewer, record, asker=asked.asked_by_id)
    if not decision and not portions.may_edit(viewer, record):
        return refuse(request, decision.reason, record)
    is_author = asked.asked_by_id == viewer.person_id
    if asked.decided_at is not None and not (is_author and _is_kept(asked)):
        messages.info(request, _("This has been answered already."))
        return _go_on(viewer, record)
    problem = ""
    if request.method == "POST":
        if "take_back" not in request.POST and not decision:
            return refuse(request, decision.reason, record)
        try:
            messages.success(request, _answer(request, asked, record))
            return _go_on(viewer, record)
        except (BadInput, Refused, Unreadable) as refusal:
            problem = str(refusal)
    context = frame(request, record, "preview") | {
        "asked": asked,
        "sentence": notices.say_change_asked(asked, record),
        "may_review": decision and asked.decided_at is None,
        "is_author": is_author,
        "edit_url": _find_edit_url(asked, record),
        "problem": problem,
        "into": changes.get_language(asked),
        **_show(viewer, asked, record),
    }
    return render(request, "records/sharing/change.html", context, status=409 if problem else 200)


@require_safe
def show_file(request: HttpRequest, reference: str) -> HttpResponse:
    """The file that waits, to take along: for its author, and those who write or review."""
    found = releasing.find(request.viewer, reference)
    if found is None or found.request.kind != SharingRequest.Kind.CHANGE:
        raise Http404
    viewer, record, asked = request.viewer, found.record, found.request
    file = document_deeds.get_file(asked.wanted)
    may_review = releasing.may_review(viewer, record, asker=asked.asked_by_id)
    if file is None or not (may_review or portions.may_edit(viewer, record)):
        raise Http404
    note_opening(viewer=viewer, record=record, what=Opening.What.DOWNLOAD, at=timezone.now())
    return hand_out(request, record, file)


def _is_kept(asked: SharingRequest) -> bool:
    """Whether what it said can still be read: it was sent back."""
    return len(asked.wanted) > 1


def _find_edit_url(asked: SharingRequest, record: Record) -> str:
    """Where its author goes on with it."""
    if changes.is_of_document(asked):
        return reverse("records:attachments", args=[record.reference])
    if language := changes.get_language(asked):
        return reverse("records:translate", args=[record.reference, language])
    if get_kind(record.kind).is_written_here:
        return reverse("records:edit", args=[record.reference])
    return record.get_absolute_url()


def _answer(request: HttpRequest, asked: SharingRequest, record: Record) -> str:
    at = timezone.now()
    if "take_back" in request.POST:
        changes.take_back(asked=asked, record=record, by=request.viewer, at=at)
        if changes.is_of_document(asked):
            return _("Taken back.")
        return _("Taken back. Your text is kept.")
    changes.decide_change(
        asked=asked,
        record=record,
        grant="grant" in request.POST,
        by=request.viewer,
        at=at,
        answer=request.POST.get("answer", "")[:2000],
    )
    return _("It is published.") if "grant" in request.POST else _("It is sent back.")


def _go_on(viewer: Viewer, record: Record) -> HttpResponse:
    if may_look_behind(viewer, record):
        return redirect("records:preview", record.reference)
    return redirect("records:desk")


def _show(viewer: Viewer, asked: SharingRequest, record: Record) -> dict[str, Any]:
    """The differences from what readers see now, and the text as they would see it."""
    if changes.is_of_document(asked):
        known = get_attachment(viewer, asked.wanted.get("document", ""))
        return {
            "file": document_deeds.get_file(asked.wanted),
            "document_url": reverse("records:document", args=[known[1].reference]) if known else "",
        }
    if "content" not in asked.wanted:
        return {"differences": _compare_translation(asked, record)}
    kind, merged = get_kind(record.kind), changes.put_together(asked, record)
    now = read_content(record)
    return {
        "differences": list_differences(viewer, kind, get_reader_language(), now, merged.content),
        **show_content(viewer, kind, merged.content),
    }


def _compare_translation(asked: SharingRequest, record: Record) -> list[Difference]:
    language, text = changes.get_language(asked), asked.wanted.get("text", {})
    row = Translation.objects.filter(record_id=record.pk, language=language).first()
    before = {"title": "", "summary": "", "body": ""}
    if row is not None:
        body = portions.read_full(record, row.body, language)
        before = {"title": row.title, "summary": row.summary, "body": body}
    return [
        compare_text_of(name, before[name], text.get(name, ""))
        for name in before
        if before[name] != text.get(name, "")
    ]
