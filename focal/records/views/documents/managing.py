"""The documents of one record: add, replace, rename, put in order, remove.

What a contributor does to those of a published record goes to review, but for their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from focal.kernel.errors import BadInput, Refused
from focal.records import attachments, changes, portions, reading, second_eyes
from focal.records.document_deeds import Deed
from focal.records.extraction import Unreadable
from focal.records.forms.documents import DocumentFileForm, DocumentLabelForm
from focal.records.models import Attachment, Record
from focal.records.persons import HoldsPersons
from focal.records.selectors import get_record
from focal.records.views.editing.common import refuse

Answer = Callable[[HttpRequest, Record, Any], str]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def manage(request: HttpRequest, reference: str) -> HttpResponse:
    """The list of a record's documents, with what can be done to each."""
    record = get_record(request.viewer, reference)
    if record is None:
        raise Http404
    if not (decision := portions.may_change(request.viewer, record)):
        return refuse(request, decision.reason, record)
    error, status, holds_persons = "", 200, None
    if request.method == "POST":
        try:
            messages.success(request, _do(request, record))
            return redirect("records:attachments", record.reference)
        except HoldsPersons as finding:
            error, status, holds_persons = str(finding), 422, finding
        except (BadInput, Refused, Unreadable) as refusal:
            error, status = str(refusal), 422
    current = reading.get_current(record)
    context = {
        "record": record,
        "error": error,
        "holds_persons": holds_persons,
        "failed": request.POST.get("document", "") if error else "",
        "review_note": _waits(request, record),
        "changes": [row for row in changes.list_waiting(record) if changes.is_of_document(row)],
        "file_form": DocumentFileForm(),
        "documents": [
            (
                each,
                DocumentLabelForm(
                    initial={"title": each.title, "language": each.language},
                    auto_id=f"id_{each.reference}_%s",
                ),
                DocumentFileForm(auto_id=f"id_{each.reference}_%s"),
            )
            for each in current
        ],
    }
    return render(request, "records/documents/attachments.html", context, status=status)


def _do(request: HttpRequest, record: Record) -> str:
    deed = DEEDS.get(request.POST.get("deed", ""))
    if deed is None:
        raise BadInput(_("Say what to do."))
    wanted = request.POST.get("document", "")
    attachment = next(
        (each for each in reading.get_current(record) if each.reference == wanted), None
    )
    if attachment is None and deed is not _add:
        raise BadInput(_("This document is not here any more."))
    return deed(request, record, attachment)


def _add(request: HttpRequest, record: Record, _attachment: Attachment | None) -> str:
    with _received(request) as document:
        given = {"document": document, "not_persons": request.POST.get("not_persons", "")}
        if _waits(request, record):
            return _send(request, record, Deed.ADD, **given)
        added = attachments.add_attachment(record=record, **given, **_by(request))
    return _("'%s' has been added.") % added.title


def _replace(request: HttpRequest, record: Record, attachment: Attachment) -> str:
    with _received(request) as document:
        given = {
            "attachment": attachment,
            "document": document,
            "not_persons": request.POST.get("not_persons", ""),
        }
        if _waits(request, record):
            return _send(request, record, Deed.REPLACE, **given)
        newer = attachments.replace_attachment(record=record, **given, **_by(request))
    if newer.pk == attachment.pk:
        return _say_same()
    return _("'%(title)s' is now in version %(version)s.") % {
        "title": newer.title,
        "version": newer.version,
    }


def _remove(request: HttpRequest, record: Record, attachment: Attachment) -> str:
    if _waits(request, record):
        return _send(request, record, Deed.REMOVE, attachment=attachment)
    attachments.remove_attachment(record=record, attachment=attachment, **_by(request))
    return _("'%s' has been removed.") % attachment.title


def _label(request: HttpRequest, record: Record, attachment: Attachment) -> str:
    form = DocumentLabelForm(request.POST)
    if not form.is_valid():
        raise BadInput(" ".join(text for errors in form.errors.values() for text in errors))
    given = {"attachment": attachment, **form.cleaned_data}
    if _waits(request, record):
        return _send(request, record, Deed.LABEL, **given)
    attachments.edit_attachment(record=record, **given, **_by(request))
    return _("Saved.")


def _waits(request: HttpRequest, record: Record) -> str:
    """Why what this viewer does waits for a reviewer; "" where it holds at once."""
    return second_eyes.explain_change(record, by=request.viewer)


def _send(request: HttpRequest, record: Record, deed: Deed, **given: Any) -> str:
    asked = changes.ask_for_document(record=record, deed=deed, **given, **_by(request))
    if asked is None:
        return _say_same() if deed is Deed.REPLACE else _("Saved.")
    return _("Sent to review. Readers see it as it is until then.")


def _say_same() -> str:
    return _("It is the same file; nothing has changed.")


def _by(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.viewer, "at": timezone.now()}


def _move_up(request: HttpRequest, record: Record, attachment: Attachment) -> str:
    return _move(request, record, attachment, -1)


def _move_down(request: HttpRequest, record: Record, attachment: Attachment) -> str:
    return _move(request, record, attachment, 1)


def _move(request: HttpRequest, record: Record, attachment: Attachment, step: int) -> str:
    order = [each.reference for each in reading.get_current(record)]
    place = order.index(attachment.reference)
    target = min(max(place + step, 0), len(order) - 1)
    order.insert(target, order.pop(place))
    attachments.order_attachments(record=record, references=order, **_by(request))
    return _("The order has been changed.")


DEEDS: dict[str, Answer] = {
    "add": _add,
    "replace": _replace,
    "remove": _remove,
    "label": _label,
    "up": _move_up,
    "down": _move_down,
}


@contextmanager
def _received(request: HttpRequest) -> Iterator[attachments.Document]:
    """The file that was sent, read and ready to be taken in."""
    form = DocumentFileForm(request.POST, request.FILES)
    if not form.is_valid():
        raise BadInput(" ".join(text for errors in form.errors.values() for text in errors))
    file = form.cleaned_data["file"]
    with attachments.read_document(file.chunks(), file_name=file.name) as document:
        yield document
