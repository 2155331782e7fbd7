"""My desk: what waits for whoever is signed in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from focal.records import changes, glass, notices, releasing
from focal.records.kinds import get_kind
from focal.records.models import Record, SharingRequest, State, WorkingCopy
from focal.records.views.editing.common import get_reader_language, refuse
from focal.records.views.editing.keeping import Spot
from focal.sharing import policy
from focal.sharing.viewer import Viewer
from focal.ui.components import Teaser
from focal.vocabulary.selectors import get_vocabulary

SHOWN = 30


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Drafts, what is in review, what is unsaved, what came out lately."""
    viewer = request.viewer
    if viewer.is_anonymous:
        return refuse(request, _("Sign in to see your desk."))
    visible = Record.objects.visible_to(viewer)
    ours = Q(owner_organisation_id__in=viewer.writes_for)
    mine = Q(owner_person_id=viewer.person_id)
    in_review = list_in_review(viewer)
    asked = releasing.read_open(viewer)
    requests = [row for row in asked if releasing.may_decide(viewer, row.record, row.request)]
    own_changes = [
        row for row in asked if _is_change(row) and row.request.asked_by_id == viewer.person_id
    ]
    context = {
        "may_create": policy.may_create(viewer),
        "notices": [
            (row, notices.get_key(row), notices.describe(row), notices.get_address(row))
            for row in notices.list_unseen(viewer)
        ],
        "waiting_requests": sum(not _is_change(row) for row in requests),
        "may_break_glass": bool(glass.may_use(viewer)),
        "copies": list_copies(viewer, own_changes),
        "drafts": _show(visible.filter(mine, state=State.DRAFT), "edit"),
        "others_drafts": _show(visible.filter(ours, state=State.DRAFT).exclude(mine), "edit"),
        "in_review": _show(in_review, "preview") + _show_changes(filter(_is_change, requests)),
        "waiting": _show(
            visible.filter(mine, state=State.IN_REVIEW).exclude(
                pk__in=[row.pk for row in in_review]
            ),
            "preview",
        )
        + _show_changes(own_changes),
        "published": _show(
            visible.filter(ours, state=State.PUBLISHED).order_by("-published_at", "-pk")[:8],
            "preview",
        ),
    }
    return render(request, "records/editing/desk.html", context)


def list_in_review(viewer: Viewer) -> list[Record]:
    """What is in review and this viewer may publish."""
    rows = Record.objects.visible_to(viewer).filter(state=State.IN_REVIEW).defer("body")
    return [
        row for row in rows.order_by("-updated_at", "-pk")[:200] if policy.may_publish(viewer, row)
    ][:SHOWN]


def _show(rows: QuerySet[Record] | list[Record], page: str) -> list[Teaser]:
    if isinstance(rows, QuerySet):
        if not rows.query.is_sliced:
            rows = rows.order_by("-updated_at", "-pk")[:SHOWN]
        rows = list(rows.defer("body"))
    return [
        Teaser(
            title=row.title,
            url=reverse(f"records:{page}", args=[row.reference]),
            kind=str(get_kind(row.kind).label),
            date=row.updated_at,
            language=row.language,
            marking=row.marking,
        )
        for row in rows
    ]


def _is_change(row: releasing.Open) -> bool:
    return row.request.kind == SharingRequest.Kind.CHANGE


def _show_changes(rows: Iterable[releasing.Open]) -> list[Teaser]:
    return [
        Teaser(
            title=row.record.title,
            url=reverse("records:sharing_decide", args=[row.request.reference]),
            kind=str(get_kind(row.record.kind).label),
            summary=notices.say_change_asked(row.request, row.record),
            date=row.request.asked_at,
            language=row.record.language,
            marking=row.record.marking,
        )
        for row in rows
    ]


def list_copies(viewer: Viewer, in_review: Iterable[releasing.Open] = ()) -> list[dict[str, Any]]:
    """The viewer's unsaved texts, as far as they still see what these belong to.

    What they have sent to review (`in_review`) is not among them, unless they went on typing.
    """
    sent = {
        (row.request.record_id, changes.get_language(row.request)): row.request.asked_at
        for row in in_review
    }
    if viewer.person_id is None:
        return []
    copies = list(
        WorkingCopy.objects.filter(person_id=viewer.person_id).order_by("-saved_at", "pk")[:SHOWN]
    )
    titles = {
        row.pk: row
        for row in Record.objects.visible_to(viewer)
        .filter(pk__in=[copy.record_id for copy in copies if copy.record_id])
        .defer("body")
    }
    shown = []
    for copy in copies:
        record = titles.get(copy.record_id)
        sent_at = sent.get((copy.record_id, copy.language))
        if copy.place:
            shown += _show_words(record, copy)
        elif sent_at is not None and copy.saved_at <= sent_at:
            continue
        elif record is not None:
            shown.append(_show_copy_of(record, copy))
        elif copy.record_id is None:
            kind = get_kind(copy.kind)
            title = (copy.fields.get("title") or [""])[0]
            shown.append(
                {
                    "title": title or _("(no title yet)"),
                    "detail": _("New: %s") % kind.label,
                    "url": Spot(kind=kind.key).get_url(),
                    "saved_at": copy.saved_at,
                }
            )
    return shown


def _show_words(record: Record | None, copy: WorkingCopy) -> list[dict[str, Any]]:
    """Words that were begun beside a record, as long as it is seen, or elsewhere."""
    spot = Spot(copy.place, record)
    if spot.corner is None or (copy.record_id and record is None):
        return []
    return [
        {
            "title": record.title if record else spot.corner.label,
            "detail": spot.corner.label if record else "",
            "url": spot.get_url(),
            "saved_at": copy.saved_at,
        }
    ]


def _show_copy_of(record: Record, copy: WorkingCopy) -> dict[str, Any]:
    args = [record.reference, copy.language] if copy.language else [record.reference]
    language = get_vocabulary().language_name(copy.language, get_reader_language())
    return {
        "title": record.title,
        "detail": _("Translation: %s") % language
        if copy.language
        else str(get_kind(record.kind).label),
        "url": reverse("records:translate" if copy.language else "records:edit", args=args),
        "saved_at": copy.saved_at,
    }
