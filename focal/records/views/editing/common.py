"""What the pages for editing share: finding the record, refusing, the views of a record."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from focal.kernel.decision import Decision
from focal.records import changes, portions, second_eyes
from focal.records.forms.editing import name_tokens, take_raw
from focal.records.kinds import Kind, get_kind
from focal.records.models import OUT, Record, State
from focal.records.selectors import get_record, get_releases
from focal.sharing import people, policy
from focal.sharing.markings import MEANINGS, Marking
from focal.sharing.people import Audience
from focal.sharing.recipients import Recipients
from focal.sharing.viewer import Viewer
from focal.ui.components import Link
from focal.vocabulary.languages import canonical_language

View = Callable[..., HttpResponse]


def get_reader_language() -> str:
    """The language of the interface, by the vocabulary's code."""
    return canonical_language(get_language() or "en")


def find_record(viewer: Viewer, reference: str) -> Record:
    """The record as its kind; what the viewer cannot see is not there."""
    record = get_record(viewer, reference)
    if record is None:
        raise Http404
    return record


def find_kind(key: str) -> Kind:
    """A kind that is written on these pages."""
    try:
        kind = get_kind(key)
    except KeyError:
        raise Http404 from None
    if not kind.is_written_here:
        raise Http404
    return kind


def may_edit(viewer: Viewer, record: Record) -> Decision:
    """The policy's answer, and whether its kind is written on these pages at all."""
    if not get_kind(record.kind).is_written_here:
        return Decision(allowed=False, reason=_("This kind of record is not edited here."))
    return portions.may_edit(viewer, record)


def may_look_behind(viewer: Viewer, record: Record) -> Decision:
    """History and preview: for those who may edit, and its owners when it is withdrawn."""
    return portions.may_look_behind(viewer, record)


def refuse(request: HttpRequest, reason: str, record: Record | None = None) -> HttpResponse:
    """A plain message: the record is seen, the deed is not allowed."""
    context = {"reason": reason, "record": record}
    return render(request, "records/editing/refused.html", context, status=403)


def keeps_text(view: View) -> View:
    """What somebody sends who has been signed out meanwhile is handed back, not thrown away."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and request.viewer.is_anonymous:
            context = {"raw": take_raw(request.POST)}
            return render(request, "records/editing/signed_out.html", context, status=403)
        return view(request, *args, **kwargs)

    return wrapped


def refuse_json(message: str, status: int) -> JsonResponse:
    """The same for a script."""
    return JsonResponse({"message": message}, status=status)


def find_address(name: str, *arguments: object) -> str:
    """The address of a page that another part offers; empty when it does not."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


def list_tabs(viewer: Viewer, record: Record, current: str) -> list[Link]:
    """The views of a record for those who write it."""
    edits, looks_behind = may_edit(viewer, record), may_look_behind(viewer, record)
    offered = [
        ("edit", _("Text"), "pencil", edits),
        ("preview", _("Preview and publish"), "eye", looks_behind),
        ("translations", _("Translations"), "translate", edits),
        (
            "attachments",
            _("Documents"),
            "file-earmark-text",
            portions.may_change(viewer, record),
        ),
        ("sharing", _("Who may see it"), "people", policy.may_share(viewer, record)),
        ("history", _("History"), "clock-history", looks_behind),
    ]
    links = [
        Link(label, find_address(f"records:{name}", record.reference), name == current, icon)
        for name, label, icon, decision in offered
        if decision
    ]
    return [link for link in links if link.url]


def describe_audience(viewer: Viewer, record: Record) -> dict[str, Any]:
    """Who sees it now and who will once it is published, in words."""
    releases = get_releases(record)
    named = name_tokens(releases, get_reader_language(), viewer)
    marking = Marking(record.marking)
    return {
        "marking": record.marking,
        "meaning": MEANINGS[marking],
        "names": named,
        "owner": str(
            record.owner_person
            if marking == Marking.RED and record.owner_person
            else record.owner_organisation
        ),
        "is_public": marking == Marking.CLEAR,
        "is_for_nobody_else": marking in {Marking.AMBER, Marking.AMBER_STRICT, Marking.RED}
        and not named,
        "now": _say_now(record),
    }


def describe_people(viewer: Viewer, record: Record) -> Audience:
    """Who sees it once it is published, as people: as far as this viewer may know of them."""
    recipients = Recipients(get_reader_language(), viewer)
    releases = get_releases(record)
    return people.describe_audience(
        marking=record.marking,
        releases=set(releases) - recipients.find_unknown(releases),
        owner_organisation_id=record.owner_organisation_id,
        owner_person_id=record.owner_person_id,
        hidden_formats=recipients.hidden_formats,
        on=timezone.localdate(),
    )


def _say_now(record: Record) -> str:
    if record.state in OUT:
        return ""
    if record.marking == Marking.RED:
        return _("At present only its owner sees it.")
    if record.state == State.IN_REVIEW:
        return _(
            "At present those who write for %(owner)s see it, and the secretariat for its review."
        ) % {"owner": record.owner_organisation}
    return _("At present only those who write for %(owner)s see it.") % {
        "owner": record.owner_organisation
    }


def frame(request: HttpRequest, record: Record, current: str) -> dict[str, Any]:
    """What each page of a record's views is given."""
    return {
        "record": record,
        "kind": get_kind(record.kind),
        "tabs": list_tabs(request.viewer, record, current),
        "audience": describe_audience(request.viewer, record),
        "review_note": policy.may_edit(request.viewer, record)
        and second_eyes.explain_change(record, by=request.viewer),
        "changes": changes.list_waiting(record) if record.is_out else [],
        "page_marking": record.marking,
        "page_marking_meaning": MEANINGS[Marking(record.marking)],
    }


def read_number(text: str) -> int:
    """A version's number as a form or address gives it; 0 when it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
