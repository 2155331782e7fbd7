"""What the mapping holds: its front page, its lists, one need, response or initiative."""

from __future__ import annotations

import dataclasses

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from focal.mapping import selectors
from focal.mapping.models import MappedRecord
from focal.records.finding.pages import OwnFields, read_page
from focal.records.kinds import get_kind
from focal.records.second_eyes import may_change_at_once
from focal.records.views.finding.common import get_reader_language, keep_fresh
from focal.records.views.finding.record import describe_page
from focal.sharing import policy
from focal.ui.components import Link
from focal.vocabulary.selectors import get_vocabulary

KINDS = {"needs": "need", "responses": "response", "initiatives": "initiative"}
ON_A_PAGE = 25


@keep_fresh
def home(request: HttpRequest) -> HttpResponse:
    """What is there, as far as this viewer sees it, and how fresh it is."""
    today, language = timezone.localdate(), get_reader_language()
    context = {
        "counts": selectors.count_kinds(request.viewer, on=today),
        "newest": selectors.list_newest(request.viewer, language, on=today),
        "frames": selectors.list_frames(),
    }
    return render(request, "mapping/home.html", context)


@keep_fresh
def list_kind(request: HttpRequest, kinds: str) -> HttpResponse:
    """All needs, responses or initiatives that the viewer sees, of one economy if they wish."""
    kind = KINDS.get(kinds)
    if kind is None:
        raise Http404
    words, language = get_vocabulary(), get_reader_language()
    economy = request.GET.get("economy", "")
    rows = selectors.list_mapped(request.viewer, kind)
    if economy in words.economies:
        rows = rows.filter(economies=economy)
    page = Paginator(rows.defer("body").order_by("-updated_at", "-pk"), ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "kind": get_kind(kind),
        "kinds": kinds,
        "page": page,
        "rows": selectors.show_rows(list(page), language, on=timezone.localdate()),
        "economy": economy,
        "economies": words.economy_choices(language),
    }
    return render(request, "mapping/list.html", context)


@keep_fresh
def record(request: HttpRequest, reference: str) -> HttpResponse:
    """One need, response or initiative, with all that hangs on it."""
    language = get_reader_language()
    found = selectors.get_mapped(request.viewer, reference)
    page = read_page(request.viewer, reference, language=language) if found else None
    if found is None or page is None:
        raise Http404
    facts = page.own.facts
    page = dataclasses.replace(page, own=OwnFields(passages=page.own.passages))
    context = describe_page(request.viewer, page) | {
        "mapped": found,
        "facts": [
            {
                "label": fact.label,
                "day": fact.day,
                "value": _say_choice(found, fact.name) or fact.value,
            }
            for fact in facts
        ],
        "details": selectors.read_shown_details(request.viewer, found, language),
        "is_stale": found.is_stale(timezone.localdate()),
        "actions": _list_actions(request, found),
        "may_confirm": bool(policy.may_edit(request.viewer, found)),
        "may_ask": bool(policy.may_share(request.viewer, found)),
        "kinds": next(name for name, key in KINDS.items() if key == found.kind),
    }
    return render(request, "mapping/record.html", context)


def _list_actions(request: HttpRequest, found: MappedRecord) -> list[Link]:
    """Ways to change it, for those who may. A courtesy: each page decides for itself."""
    viewer, reference = request.viewer, found.reference
    may_edit, may_share = policy.may_edit(viewer, found), policy.may_share(viewer, found)
    offered = [
        (may_edit, _("Edit"), "mapping:edit", "pencil"),
        (may_edit, _("Translate"), "records:translations", "translate"),
        (
            may_change_at_once(viewer, found),
            _("Documents"),
            "records:attachments",
            "paperclip",
        ),
        (may_share, _("Who may see it"), "records:sharing", "eye"),
        (may_edit, _("Publish, history"), "records:preview", "clock-history"),
    ]
    return [
        Link(label=label, url=reverse(name, args=[reference]), icon=icon)
        for allowed, label, name, icon in offered
        if allowed
    ]


def _say_choice(found: object, name: str) -> str:
    say = getattr(found, f"get_{name}_display", None)
    return str(say()) if say else ""
