"""Asking: the form, what lies near while it is typed, and changing a question."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from focal.inquiries import services
from focal.inquiries.forms import AskForm, EditForm
from focal.inquiries.near import Near, look_near
from focal.inquiries.views.common import find_inquiry, refuse
from focal.inquiries.views.keeping import QUESTION
from focal.records import portions
from focal.records.forms.editing import make_data, take_raw
from focal.records.views.editing import keeping
from focal.records.views.editing.common import keeps_text
from focal.records.views.finding.common import get_reader_language
from focal.sharing import policy
from focal.threads.refusals import Refusals


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_text
def ask(request: HttpRequest) -> HttpResponse:
    """The form for a question. What lies near it is shown beside it, also without scripts."""
    decision = policy.may_create(request.viewer)
    if not decision:
        return refuse(request, decision.reason)
    language = get_reader_language()
    if request.method != "POST":
        return _show_begun(request)
    if "look" in request.POST or "add" in request.POST:
        return _show_again(request)
    form = AskForm(request.POST, viewer=request.viewer, language=language)
    if form.is_valid():
        with Refusals(form):
            inquiry = services.ask(
                content=form.get_content(),
                owner_organisation=form.get_owner(),
                marking=form.cleaned_data["marking"],
                releases=form.get_tokens(),
                by=request.viewer,
                at=timezone.now(),
                not_persons=request.POST.get("not_persons", ""),
            )
            messages.success(request, _("Asked. Those you chose have been told."))
            return redirect(inquiry)
    keeping.keep_sent(request, form, QUESTION)
    return _show(request, form, _look(request), status=422)


def _show_begun(request: HttpRequest) -> HttpResponse:
    """An empty form, or the question that was begun and neither asked nor thrown away."""
    form = AskForm(viewer=request.viewer, language=get_reader_language())
    keeping.go_on(request.viewer, form, QUESTION)
    if form.kept is None:
        form.start_with_recipients(request.GET)
        return _show(request, form, Near(""))
    return _show(request, form, _look_for(request, make_data(form.kept.fields)))


def _show_again(request: HttpRequest) -> HttpResponse:
    """The form as it was filled in, with what lies near, and perhaps one more recipient."""
    data = request.POST.copy()
    field, _colon, value = data.get("add", "").partition(":")
    if field in {"to_organisations", "to_people"} and value not in data.getlist(field):
        data.appendlist(field, value)
    form = AskForm(viewer=request.viewer, language=get_reader_language())
    form.start_from(take_raw(data))
    keeping.keep_sent(request, form, QUESTION)
    return _show(request, form, _look(request))


def _look(request: HttpRequest) -> Near:
    return _look_for(request, request.POST)


def _look_for(request: HttpRequest, typed: QueryDict) -> Near:
    return look_near(
        request.viewer,
        title=typed.get("title", "").replace("\x00", ""),
        background=typed.get("body", "").replace("\x00", ""),
        language=get_reader_language(),
        on=timezone.localdate(),
    )


def _show(request: HttpRequest, form: AskForm, near: Near, *, status: int = 200) -> HttpResponse:
    return render(request, "inquiries/ask.html", {"form": form, "near": near}, status=status)


@require_POST
def near(request: HttpRequest) -> HttpResponse:
    """What lies near the question that is being typed: a fragment. A question is not kept."""
    decision = policy.may_create(request.viewer)
    if not decision:
        return refuse(request, decision.reason)
    return render(request, "inquiries/_near.html", {"near": _look(request)})


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_text
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Change a question that has been asked."""
    inquiry = find_inquiry(request.viewer, reference)
    decision = portions.may_edit(request.viewer, inquiry)
    if not decision:
        return refuse(request, decision.reason, inquiry)
    form = EditForm(request.POST or None, inquiry=inquiry, language=get_reader_language())
    if request.method == "POST" and form.is_valid():
        with Refusals(form):
            services.edit(
                inquiry=inquiry,
                content=form.get_content(),
                base_version=form.cleaned_data["base_version"],
                by=request.viewer,
                at=timezone.now(),
                not_persons=request.POST.get("not_persons", ""),
            )
            messages.success(request, _("Changed. Readers see it at once."))
            return redirect(inquiry)
    context = {"form": form, "inquiry": inquiry}
    return render(request, "inquiries/edit.html", context, status=422 if form.errors else 200)
