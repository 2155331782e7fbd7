"""The list of inquiries, and one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from focal.inquiries import policy, selectors, services
from focal.inquiries.forms import AnswerForm, RemarkForm
from focal.inquiries.models import Inquiry, SourceRequest
from focal.inquiries.selectors import Choice, ShownAnswer
from focal.inquiries.views.common import find_inquiry
from focal.records.content import clean_line
from focal.records.finding.pages import read_page_of
from focal.records.finding.shown import get_rows
from focal.records.forms.editing_fields import find_reference
from focal.records.views.editing import keeping
from focal.records.views.editing.copies import find_words
from focal.records.views.editing.showing import show_rows
from focal.records.views.finding.common import get_reader_language
from focal.records.views.finding.record import describe_page
from focal.sharing import policy as sharing_policy
from focal.sharing.viewer import Viewer
from focal.ui.components import Link

STATUSES = ("open", "closed", "any")
WHOSE = ("all", "for-me", "mine")


@require_safe
def list_all(request: HttpRequest) -> HttpResponse:
    """Inquiries with how they stand: open or closed, how old, who has not answered."""
    choice = _read_choice(request)
    number = request.GET.get("page", "1")
    listing = selectors.list_page(
        request.viewer,
        choice,
        number=int(number) if number.isascii() and number.isdecimal() and len(number) < 7 else 1,
        language=get_reader_language(),
        on=timezone.localdate(),
    )
    context = {
        "rows": listing.rows,
        "page": listing.page,
        "choice": choice,
        "whose": _list_whose(choice, listing.counts),
        "statuses": [
            Link(label, _address(choice, status=value), is_current=choice.status == value)
            for value, label in (("open", _("Open")), ("closed", _("Closed")), ("any", _("All")))
        ],
        "may_ask": sharing_policy.may_create(request.viewer),
    }
    return render(request, "inquiries/list.html", context)


def _read_choice(request: HttpRequest) -> Choice:
    status, whose = request.GET.get("status", "open"), request.GET.get("whose", "all")
    return Choice(
        status=status if status in STATUSES else "open",
        whose=whose if whose in WHOSE else "all",
        text=clean_line(request.GET.get("q", ""))[:200],
    )


def _list_whose(choice: Choice, counts: Mapping[str, int]) -> list[Link]:
    labels = (("all", _("All")), ("for-me", _("Waiting for me")), ("mine", _("Mine")))
    return [
        Link(
            label,
            _address(choice, whose=value),
            is_current=choice.whose == value,
            count=counts[value],
        )
        for value, label in labels
    ]


def _address(choice: Choice, **changed: str) -> str:
    values = {"status": choice.status, "whose": choice.whose, "q": choice.text, **changed}
    defaults = {"status": "open", "whose": "all", "q": ""}
    kept = {name: value for name, value in values.items() if value != defaults[name]}
    return reverse("inquiries:list") + (f"?{urlencode(kept)}" if kept else "")


@require_safe
def inquiry(request: HttpRequest, reference: str) -> HttpResponse:
    """One inquiry: the question, who was asked, the answers, and a place to answer."""
    return show_inquiry(request, find_inquiry(request.viewer, reference))


def show_inquiry(
    request: HttpRequest,
    found: Inquiry,
    *,
    answer_form: AnswerForm | None = None,
    remark_form: RemarkForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, perhaps with a form that could not be taken."""
    viewer, language = request.viewer, get_reader_language()
    page = read_page_of(viewer, found, language=language)
    today = timezone.localdate()
    contributions = selectors.list_contributions(viewer, found, language)
    may_answer = policy.may_answer(viewer, found)
    may_remark = policy.may_remark(viewer, found)
    begun = find_words(viewer, found)
    if answer_form is None and may_answer:  # it lists everybody one could name
        answer_form = make_answer_form(viewer, found, language)
        keeping.put_in(answer_form, begun.get(services.ANSWER))
    if remark_form is None and may_remark:
        remark_form = RemarkForm(auto_id="id_remark_%s")
        keeping.put_in(remark_form, begun.get(services.REMARK))
    context = {
        **describe_page(viewer, page),
        "inquiry": found,
        "actions": _list_actions(viewer, found),
        "standing": selectors.read_standing(
            viewer, found, contributions, language=language, on=today
        ),
        "contributions": contributions,
        "days_left": (found.due_date - today).days if found.due_date else None,
        "may_answer": may_answer,
        "may_remark": may_remark,
        "may_steer": policy.may_steer(viewer, found),
        "is_asker": policy.is_asker(viewer, found),
        "answer_form": answer_form,
        "quote_rows": _show_quotes(viewer, answer_form) if answer_form else [],
        "remark_form": remark_form,
        "result": selectors.get_result(viewer, found),
        "asked_of_me": _list_asked_of(contributions),
        **_describe_sources(contributions),
    }
    return render(request, "inquiries/inquiry.html", context, status=status)


def make_answer_form(viewer: Viewer, found: Inquiry, language: str, *given: Any) -> AnswerForm:
    """The form for answering, empty or with what was sent."""
    asker = str(found.owner_person or found.owner_organisation)
    return AnswerForm(*given, viewer=viewer, asker=asker, language=language)


def _show_quotes(viewer: Viewer, form: AnswerForm) -> list[dict[str, Any]]:
    """The rows of records that an answer refers to, each with its title."""
    bound = form["quotes"]
    texts = [row[0] for row in bound.value() or () if row]
    rows = get_rows(viewer, [find_reference(text) for text in texts])
    titles = {
        text: rows[find_reference(text)].title for text in texts if find_reference(text) in rows
    }
    return show_rows(bound, form.fields["quotes"], titles)


def _list_actions(viewer: Viewer, found: Inquiry) -> list[Link]:
    """Ways to steer it, for those who may. A courtesy: each page decides for itself."""
    key = [found.reference]
    offered = [
        (
            found.is_open and found.is_out and policy.may_steer(viewer, found),
            _("Close it"),
            "inquiries:close",
            "check-circle",
        ),
        (sharing_policy.may_edit(viewer, found), _("Edit"), "inquiries:edit", "pencil"),
        (
            sharing_policy.may_share(viewer, found),
            _("Who may see it"),
            "records:sharing",
            "people",
        ),
        (
            sharing_policy.may_edit(viewer, found),
            _("Documents"),
            "records:attachments",
            "paperclip",
        ),
    ]
    return [
        Link(label, reverse(name, args=key), icon=icon) for may, label, name, icon in offered if may
    ]


def _list_asked_of(contributions: list[ShownAnswer]) -> list[SourceRequest]:
    """What the viewer is asked about answers of their own."""
    return [
        item.request
        for item in contributions
        if item.request is not None
        and item.request.state == SourceRequest.State.ASKED
        and item.shown.is_mine
    ]


def _describe_sources(contributions: list[ShownAnswer]) -> dict[str, int]:
    states = [item.request.state for item in contributions if item.request is not None]
    return {
        "sources_asked": len(states),
        "sources_agreed": states.count(SourceRequest.State.AGREED),
        "sources_waiting": states.count(SourceRequest.State.ASKED),
    }
