"""Answering, adding whom an answer names, and agreeing to be a source."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from focal.inquiries import policy, selectors, services
from focal.inquiries.forms import AnswerForm, RemarkForm
from focal.inquiries.models import Inquiry
from focal.inquiries.views.common import find_inquiry, refuse
from focal.inquiries.views.reading import make_answer_form, show_inquiry
from focal.kernel.errors import BadInput, Refused
from focal.records.forms.editing import take_raw
from focal.records.forms.editing_fields import change_rows
from focal.records.views.editing import keeping
from focal.records.views.editing.common import keeps_text
from focal.records.views.editing.keeping import Spot
from focal.records.views.finding.common import get_reader_language
from focal.threads.refusals import Refusals
from focal.threads.views import read_files


@require_POST
@keeps_text
def answer(request: HttpRequest, reference: str) -> HttpResponse:
    """Answer an inquiry."""
    found = find_inquiry(request.viewer, reference)
    decision = policy.may_answer(request.viewer, found)
    if not decision:
        return refuse(request, decision.reason, found)
    form = make_answer_form(
        request.viewer, found, get_reader_language(), request.POST, request.FILES
    )
    if "row" in request.POST:
        return show_inquiry(request, found, answer_form=_change_rows(request, found))
    if form.is_valid():
        with Refusals(form):
            with read_files(form.cleaned_data["files"]) as files:
                given = services.give_answer(
                    inquiry=found,
                    sort=form.cleaned_data["sort"],
                    text=form.cleaned_data["text"],
                    language=form.cleaned_data["language"],
                    to_asker_only=form.cleaned_data["to_asker_only"],
                    files=files,
                    quotes=form.get_quotes(),
                    pointers=form.get_pointers(),
                    by=request.viewer,
                    at=timezone.now(),
                    not_persons=request.POST.get("not_persons", ""),
                )
            messages.success(request, _("Thank you. Your answer stands here now."))
            return redirect(f"{found.get_absolute_url()}#post-{given.post.reference}")
    keeping.keep_sent(request, form, Spot(services.ANSWER, found))
    return show_inquiry(request, found, answer_form=form, status=422)


def _change_rows(request: HttpRequest, inquiry: Inquiry) -> AnswerForm:
    """Add or remove a row where no script does it: nothing is judged or sent."""
    _name, command, at = [*request.POST["row"].split("."), "", ""][:3]
    data = request.POST.copy()
    rows = [[value] for value in data.getlist("quotes-record")]
    changed = change_rows(rows, 1, command, int(at) if at.isdecimal() and len(at) < 5 else -1)
    data.setlist("quotes-record", [row[0] for row in changed])
    form = make_answer_form(request.viewer, inquiry, get_reader_language())
    form.start_from(take_raw(data))
    keeping.keep_sent(request, form, Spot(services.ANSWER, inquiry))
    return form


@require_POST
def nothing(request: HttpRequest, reference: str) -> HttpResponse:
    """'We do not have this', by one click of somebody who was asked."""
    found = find_inquiry(request.viewer, reference)
    try:
        services.say_nothing_is_there(inquiry=found, by=request.viewer, at=timezone.now())
    except (BadInput, Refused) as refusal:
        return refuse(request, str(refusal), found)
    messages.success(request, _("Thank you. Your answer stands here now."))
    return redirect(f"{found.get_absolute_url()}#answers")


@require_POST
@keeps_text
def remark(request: HttpRequest, reference: str) -> HttpResponse:
    """Say something to everybody who sees it."""
    found = find_inquiry(request.viewer, reference)
    decision = policy.may_remark(request.viewer, found)
    if not decision:
        return refuse(request, decision.reason, found)
    form = RemarkForm(request.POST, request.FILES, auto_id="id_remark_%s")
    if form.is_valid():
        with Refusals(form):
            with read_files(form.cleaned_data["files"]) as files:
                post = services.add_remark(
                    inquiry=found,
                    text=form.cleaned_data["text"],
                    files=files,
                    by=request.viewer,
                    at=timezone.now(),
                    not_persons=request.POST.get("not_persons", ""),
                )
            return redirect(f"{found.get_absolute_url()}#post-{post.reference}")
    keeping.keep_sent(request, form, Spot(services.REMARK, found))
    return show_inquiry(request, found, remark_form=form, status=422)


@require_POST
def pointer(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask whom an answer names, or leave it."""
    found = selectors.get_pointer(request.viewer, reference)
    if found is None:
        raise Http404
    inquiry = find_inquiry(request.viewer, found.answer.inquiry.reference)
    adds = "leave" not in request.POST
    try:
        services.settle_pointer(pointer=found, adds=adds, by=request.viewer, at=timezone.now())
    except (BadInput, Refused) as refusal:
        return refuse(request, str(refusal), inquiry)
    if adds:
        messages.success(request, _("%s has been asked.") % found.name)
    return redirect(inquiry)


@require_POST
def agree(request: HttpRequest, reference: str) -> HttpResponse:
    """Yes, my answer may be named as a source."""
    return _decide(request, reference, agrees=True)


@require_POST
def decline(request: HttpRequest, reference: str) -> HttpResponse:
    """Rather not."""
    return _decide(request, reference, agrees=False)


def _decide(request: HttpRequest, reference: str, *, agrees: bool) -> HttpResponse:
    found = selectors.get_source_request(request.viewer, reference)
    if found is None:
        raise Http404
    inquiry = find_inquiry(request.viewer, found.answer.inquiry.reference)
    try:
        services.decide_source(request=found, agrees=agrees, by=request.viewer, at=timezone.now())
    except Refused as refusal:
        return refuse(request, str(refusal), inquiry)
    messages.success(
        request,
        _("Thank you: your answer will be named.")
        if agrees
        else _("Your answer will not be named."),
    )
    return redirect(inquiry)
