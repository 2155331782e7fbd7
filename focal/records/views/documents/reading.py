"""Reading a document: its pages as text and picture, and the original to take along."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.formats import date_format
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from focal.kernel.errors import BadInput
from focal.records import storage
from focal.records.extraction import Unreadable
from focal.records.extraction.outcome import PDF, PICTURES
from focal.records.kinds import get_kind
from focal.records.models import Attachment, Opening, Record
from focal.records.opening import WATCHED, note_opening
from focal.records.pictures import get_picture
from focal.records.portions import may_change
from focal.records.reading import (
    MAX_QUESTION,
    DocumentView,
    find_in_document,
    make_question_plan,
    open_document,
    open_page,
)
from focal.records.selectors import get_attachment
from focal.records.views.finding.common import keep_fresh
from focal.records.views.finding.record import describe_foot
from focal.safety.stamp import stamp_pdf
from focal.sharing.markings import Marking

# A file of somebody else's: even if a browser opens it, nothing in it can run or call home.
SEALED = "default-src 'none'; sandbox"


@require_safe
@keep_fresh
def show_document(request: HttpRequest, reference: str) -> HttpResponse:
    """What a document is, and where in it something stands (`?q=`); `?page=` goes to a page."""
    view = open_document(request.viewer, reference)
    if view is None:
        raise Http404
    question = _read_question(request)
    wanted = request.GET.get("page", "")
    if wanted.isdecimal() and 1 <= int(wanted[:7]) <= view.attachment.page_count:
        return redirect(_address(reference, int(wanted), question))
    context = _describe(request, view, question)
    context["hits"] = find_in_document(view.attachment, question) if question else []
    return render(request, "records/documents/document.html", context)


@require_safe
@keep_fresh
def show_page(request: HttpRequest, reference: str, number: str) -> HttpResponse:
    """A page of a document, with what `?q=` asks for marked."""
    question = _read_question(request)
    view = open_page(
        request.viewer,
        reference,
        int(number),
        question=question,
        passage=request.GET.get("passage", "")[:MAX_QUESTION],
    )
    if view is None:
        raise Http404
    context = _describe(request, view, question)
    last = view.attachment.page_count
    context |= {
        "previous_url": _address(reference, view.number - 1, question) if view.number > 1 else "",
        "next_url": _address(reference, view.number + 1, question) if view.number < last else "",
        "picture_url": reverse("records:document_picture", args=[reference, view.number])
        + _query(question)
        if view.is_paper
        else "",
    }
    return render(request, "records/documents/page.html", context)


@require_safe
def show_picture(request: HttpRequest, reference: str, number: str) -> HttpResponse:
    """A PDF's page as a picture, with what `?q=` asks for marked; a picture is its own."""
    found = get_attachment(request.viewer, reference)
    if found is None:
        raise Http404
    _record, attachment = found
    if attachment.media_type in PICTURES and number == "1":
        return _send_picture(attachment)
    if attachment.media_type != PDF or int(number) > attachment.page_count:
        raise Http404
    question = _read_question(request)
    try:
        picture = get_picture(
            attachment.digest,
            int(number),
            language=attachment.language,
            plan=make_question_plan(question) if question else None,
        )
    except (Unreadable, FileNotFoundError):
        raise Http404 from None
    return _seal(HttpResponse(picture, content_type="image/webp"))


def _send_picture(attachment: Attachment) -> HttpResponse:
    try:
        file = storage.open_file(attachment.digest)
    except FileNotFoundError:
        raise Http404 from None
    return _seal(FileResponse(file, content_type=attachment.media_type))


@require_safe
def download(request: HttpRequest, reference: str) -> HttpResponse:
    """The original file, to be kept and not to be opened by the browser."""
    found = get_attachment(request.viewer, reference)
    if found is None:
        raise Http404
    record, attachment = found
    note_opening(
        viewer=request.viewer,
        record=record,
        what=Opening.What.DOWNLOAD,
        attachment=attachment.reference,
        at=timezone.now(),
    )
    return hand_out(request, record, attachment)


def hand_out(request: HttpRequest, record: Record, attachment: Attachment) -> HttpResponse:
    """A file of a record to take along: sealed, and stamped where the marking asks for it."""
    if record.marking in WATCHED and attachment.media_type == PDF:
        return _hand_out_stamped(request, record, attachment)
    etag = f'"{attachment.digest}"'
    if unchanged := get_conditional_response(request, etag=etag):
        return _seal(unchanged)
    try:
        file = storage.open_file(attachment.digest)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(
        file,
        as_attachment=True,
        filename=attachment.file_name,
        content_type=attachment.media_type,
        headers={"ETag": etag},
    )
    return _seal(response)


def _hand_out_stamped(request: HttpRequest, record: Record, attachment: Attachment) -> HttpResponse:
    """A PDF of an AMBER or RED record leaves with the reader's name and the time on each page."""
    moment = date_format(timezone.localtime(timezone.now()), "DATETIME_FORMAT")
    line = _("Given to %(name)s on %(time)s") % {"name": request.viewer.name, "time": moment}
    try:
        with storage.open_file(attachment.digest) as file:
            content = stamp_pdf(file, line=line, marking=record.marking)
    except FileNotFoundError:
        raise Http404 from None
    except BadInput as problem:
        context = {"reason": str(problem), "record": record}
        return render(request, "records/editing/refused.html", context, status=403)
    response = HttpResponse(content, content_type=PDF)
    response.headers["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=attachment.file_name
    )
    return _seal(response)


def _seal(response: HttpResponse) -> HttpResponse:
    response.headers["Content-Security-Policy"] = SEALED
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ("Cookie",))
    return response


def _read_question(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\x00", "").strip()[:MAX_QUESTION]


def _query(question: str) -> str:
    if not question:
        return ""
    return "?" + urlencode({"q": question.encode("utf-8", "ignore").decode()})


def _address(reference: str, number: int, question: str) -> str:
    return reverse("records:document_page", args=[reference, number]) + _query(question)


def _describe(request: HttpRequest, view: DocumentView, question: str) -> dict[str, object]:
    """What stands on every page about a document."""
    record, attachment = view.record, view.attachment
    noted = note_opening(
        viewer=request.viewer,
        record=record,
        what=Opening.What.DOCUMENT,
        attachment=attachment.reference,
        at=timezone.now(),
    )
    return {
        "view": view,
        "record": record,
        "attachment": attachment,
        "question": question,
        "query": _query(question),
        "kind_label": get_kind(record.kind).label,
        "page_word": _("Page") if view.is_paper else _("Part"),
        "is_public": record.is_out and record.marking == Marking.CLEAR,
        "may_manage": bool(may_change(request.viewer, record)),
        **describe_foot(request.viewer, record, is_noted=noted),
        "siblings": [
            (each.attachment, _address(each.attachment.reference, each.number, ""))
            for each in view.siblings
        ],
        "first_url": _address(attachment.reference, 1, question),
    }
