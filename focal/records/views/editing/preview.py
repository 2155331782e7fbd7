"""A record as its readers will see it: saved, or as it stands in the form."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from focal.records import portions
from focal.records.content import CONCEPTS, Content, read_content
from focal.records.finding.pages import Reading, read_own_fields
from focal.records.forms.editing import RecordForm, get_model_field
from focal.records.forms.editing_fields import make_rich
from focal.records.kinds import Kind, get_kind
from focal.records.models import Attachment, Record
from focal.records.views.editing.common import (
    find_kind,
    find_record,
    frame,
    get_reader_language,
    keeps_text,
    may_edit,
    may_look_behind,
    refuse,
)
from focal.records.views.editing.comparing import Describer
from focal.records.views.editing.copies import find_copy, is_in_review
from focal.records.views.editing.life import list_steps
from focal.sharing import policy
from focal.sharing.viewer import Viewer


@require_http_methods(["GET", "POST"])
@keeps_text
def preview(request: HttpRequest, reference: str) -> HttpResponse:
    """The saved record with what can be done next; by POST, the form as it stands."""
    record = find_record(request.viewer, reference)
    if request.method == "POST":
        decision = may_edit(request.viewer, record)
        if not decision:
            return refuse(request, decision.reason, record)
        return _show_form(request, get_kind(record.kind), record)
    decision = may_look_behind(request.viewer, record)
    if not decision:
        return refuse(request, decision.reason, record)
    kind = get_kind(record.kind)
    copy = find_copy(request.viewer, record)
    context = frame(request, record, "preview") | {
        "steps": list_steps(request.viewer, record),
        "copy": copy,
        "is_in_review": copy is not None and is_in_review(copy, record),
        "documents": list(
            Attachment.objects.filter(record_id=record.pk, is_current=True).order_by(
                "position", "pk"
            )
        ),
        **show_content(request.viewer, kind, read_content(record)),
    }
    return render(request, "records/editing/preview.html", context)


@require_POST
@keeps_text
def new_preview(request: HttpRequest, kind: str) -> HttpResponse:
    """A new record as it stands in the form."""
    chosen = find_kind(kind)
    decision = policy.may_create(request.viewer)
    if not decision:
        return refuse(request, decision.reason)
    return _show_form(request, chosen, None)


def _show_form(request: HttpRequest, kind: Kind, record: Record | None) -> HttpResponse:
    form = RecordForm(
        request.POST,
        kind=kind,
        viewer=request.viewer,
        language=get_reader_language(),
        record=record,
    )
    content = form.get_draft_content()
    context = {
        "kind": kind,
        "record": record,
        "form": form,
        **show_content(request.viewer, kind, content),
    }
    return render(request, "records/editing/preview_form.html", context)


def show_content(viewer: Viewer, kind: Kind, content: Content) -> dict[str, Any]:
    """What the text's template takes, made from plain values; nothing is saved."""
    language = get_reader_language()
    describer = Describer(viewer, kind, language, (content,))
    reading = Reading(
        language=str(content.get("language") or language),
        title=str(content.get("title") or _("(no title yet)")),
        summary=str(content.get("summary") or ""),
        body=portions.present(make_rich(str(content.get("body") or ""))),
    )
    lists = ("economies", *CONCEPTS, *kind.concept_fields, "organisations")
    return {
        "reading": reading,
        "own": read_own_fields(make_unsaved(kind, content)),
        "day": _read_date(content.get("issued_date")),
        "lists": [
            (describer.get_label(name), describer.list_values(name, content.get(name) or ()))
            for name in lists
            if content.get(name)
        ],
        "items": describer.list_values("items", content.get("items") or ()),
        "sources": [_show_source(*row) for row in content.get("sources") or ()],
        "supersedes": describer.say("supersedes", content.get("supersedes")),
    }


def _show_source(title: str, url: str, note: str) -> dict[str, str]:
    is_address = url.startswith(("http://", "https://"))
    return {"title": title or url, "url": url if is_address else "", "note": note}


def make_unsaved(kind: Kind, content: Content) -> Record:
    """An instance of the kind that is never saved; values that cannot be read are left out."""
    record = kind.model(kind=kind.key)
    for name in kind.fields:
        value = content.get(name) or ""
        field = get_model_field(kind, name)
        if isinstance(field, models.DateField):
            setattr(record, name, _read_date(value))
        elif not field.choices or value in dict(field.flatchoices):
            setattr(record, name, value)
    return record


def _read_date(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
