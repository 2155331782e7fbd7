"""What is typed and not sent yet is kept, for its writer alone, until it is sent or thrown away.

For forms whose text belongs to one person: a question under way, an answer, a comment. Such a text
belongs to the tab that wrote last: a tab gives itself a name (`writer`, by autosave.js), and says
whose text it opened with (`follows`). A tab that was left behind is told so, instead of writing
over the newer text. Without scripts tabs have no names, and text is kept when it is sent back.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from focal.kernel.decision import Decision
from focal.records.forms.editing import KeptForm, Raw, take_raw
from focal.records.kinds import get_kind
from focal.records.models import Record, WorkingCopy
from focal.records.services import keep_words, save_working_copy
from focal.records.slots import Corner, get_corner
from focal.records.views.editing.common import refuse_json
from focal.records.views.editing.copies import drop_copy, find_copy
from focal.sharing.viewer import Viewer

MOST_KEPT = 1024 * 1024
BUTTONS = {"ask", "look", "add", "row", "confirmed_new", "not_persons"}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where somebody types: a new record of a kind, or words in a corner (`place`).

    The place is the corner's name; where there is no record, with a colon and what it is of.
    """

    place: str = ""
    record: Record | None = None
    kind: str = ""

    @property
    def corner(self) -> Corner | None:
        """The corner it is in, if it is in one that is still there."""
        return get_corner(self.place.partition(":")[0])

    def get_url(self) -> str:
        """The page on which one goes on."""
        if self.corner is not None:
            elsewhere = self.place.partition(":")[2]
            return reverse(
                self.corner.url_name, args=[self.record.reference if self.record else elsewhere]
            )
        new_page = get_kind(self.kind).new_page
        return reverse(new_page) if new_page else reverse("records:new_kind", args=[self.kind])


def find_kept(viewer: Viewer, spot: Spot) -> WorkingCopy | None:
    """What this person has under way there."""
    return find_copy(viewer, spot.record, kind=spot.kind, place=spot.place)


def read_writer(kept: WorkingCopy | None) -> str:
    """The tab that wrote last; "" where none has."""
    return _first(kept.fields, "writer") if kept else ""


def keep(request: HttpRequest, spot: Spot) -> WorkingCopy | None:
    """Keep what a tab sends; None where another tab has gone on with the text since."""
    raw = {name: values for name, values in take_raw(request.POST).items() if name not in BUTTONS}
    kept = find_kept(request.viewer, spot)
    known = {"", _first(raw, "writer"), _first(raw, "follows")}
    if _first(raw, "writer") and read_writer(kept) not in known:
        return None
    by, at = request.viewer, timezone.now()
    if spot.place:
        return keep_words(record=spot.record, place=spot.place, fields=raw, by=by, at=at)
    return save_working_copy(
        record=spot.record, kind=spot.kind, language="", base_version=0, fields=raw, by=by, at=at
    )


def _first(raw: Raw, name: str) -> str:
    return next(iter(raw.get(name, ())), "")


def go_on(viewer: Viewer, form: KeptForm, spot: Spot) -> None:
    """The form with what was begun there and not sent."""
    put_in(form, find_kept(viewer, spot))


def put_in(form: KeptForm, kept: WorkingCopy | None) -> None:
    """The form with what was kept, if anything was."""
    if kept is not None:
        form.start_from(kept.fields)
        form.kept, form.follows = kept, read_writer(kept)


def keep_sent(request: HttpRequest, form: KeptForm, spot: Spot) -> None:
    """What was sent and not taken is kept; the tab that shows it again goes on from there."""
    keep(request, spot)
    form.follows = read_writer(find_kept(request.viewer, spot))


def autosave(request: HttpRequest, spot: Spot, may: Decision) -> HttpResponse:
    """Keep while it is typed. GET: a fresh token for a page that stood long."""
    if not may:
        return refuse_json(may.reason, 403)
    if request.method != "POST":
        return JsonResponse({"token": get_token(request)})
    if sum(len(text) for _name, values in request.POST.lists() for text in values) > MOST_KEPT:
        return refuse_json(_("This is too long to be kept while you type."), 413)
    kept = keep(request, spot)
    if kept is None:
        answer = {
            "message": _(
                "You went on with this in another tab or on another device, and that is what is"
                " kept. What you type here is not."
            ),
            "url": spot.get_url(),
            "label": _("Show what is kept"),
        }
        return JsonResponse(answer, status=409)
    return JsonResponse({"saved_at": kept.saved_at.isoformat()})


def start_afresh(request: HttpRequest, spot: Spot) -> HttpResponse:
    """Throw away what this person has under way there."""
    drop_copy(request.viewer, spot.record, kind=spot.kind, place=spot.place)
    messages.info(request, _("What you had begun was thrown away."))
    return redirect(spot.get_url())
