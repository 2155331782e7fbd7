"""What a record was, who changed it and when, and making an earlier version the newest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from focal.kernel.errors import BadInput, Refused
from focal.records import changes, portions, second_eyes, services
from focal.records.content import compare
from focal.records.kinds import get_kind
from focal.records.models import Record, State, Transition, Version
from focal.records.persons import HoldsPersons
from focal.records.selectors import get_history
from focal.records.views.editing.common import (
    find_record,
    frame,
    get_reader_language,
    may_edit,
    may_look_behind,
    read_number,
    refuse,
)
from focal.records.views.editing.comparing import Describer, list_differences
from focal.sharing.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the history: a version or a step of the life cycle."""

    at: datetime
    by: str
    text: str
    number: int = 0
    fields: tuple[str, ...] = ()
    reason: str = ""


@require_GET
def history(request: HttpRequest, reference: str) -> HttpResponse:
    """All versions and steps, the newest first."""
    record = find_record(request.viewer, reference)
    decision = may_look_behind(request.viewer, record)
    if not decision:
        return refuse(request, decision.reason, record)
    versions, transitions = get_history(record)
    context = frame(request, record, "history") | {
        "events": list_events(request.viewer, record, versions, transitions),
        "versions": versions,
        "may_edit": may_edit(request.viewer, record),
    }
    return render(request, "records/editing/history.html", context)


def list_events(
    viewer: Viewer, record: Record, versions: list[Version], transitions: list[Transition]
) -> list[Event]:
    """Versions and steps as one list, the newest first."""
    kind = get_kind(record.kind)
    describer = Describer(viewer, kind, get_reader_language(), ())
    before = {version.number + 1: version.content for version in versions}
    events = [
        Event(
            at=version.at,
            by=str(version.by or ""),
            text=version.note or (_("Changed") if version.number > 1 else _("Created")),
            number=version.number,
            fields=tuple(
                describer.get_label(name)
                for name in compare(before.get(version.number, {}), version.content)
                if version.number > 1 and name in version.content
            ),
        )
        for version in versions
    ]
    events += [
        Event(at=step.at, by=str(step.by or ""), text=_say_step(step), reason=step.reason)
        for step in transitions
        if step.from_state
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)


def _say_step(step: Transition) -> str:
    return _("%(before)s → %(after)s") % {
        "before": State(step.from_state).label,
        "after": State(step.to_state).label,
    }


@require_GET
def difference(request: HttpRequest, reference: str) -> HttpResponse:
    """What differs between two versions."""
    record = find_record(request.viewer, reference)
    decision = may_look_behind(request.viewer, record)
    if not decision:
        return refuse(request, decision.reason, record)
    newest = read_number(request.GET.get("to", "")) or record.version
    oldest = read_number(request.GET.get("from", "")) or max(newest - 1, 1)
    found = {
        version.number: version
        for version in Version.objects.filter(
            record_id=record.pk, number__in={oldest, newest}
        ).select_related("by")
    }
    if not {oldest, newest} <= set(found):
        raise Http404
    kind = get_kind(record.kind)
    context = frame(request, record, "history") | {
        "before": found[oldest],
        "after": found[newest],
        "numbers": range(1, record.version + 1),
        "may_edit": may_edit(request.viewer, record),
        "differences": list_differences(
            request.viewer,
            kind,
            get_reader_language(),
            portions.trim_content(request.viewer, record, found[oldest].content),
            portions.trim_content(request.viewer, record, found[newest].content),
        ),
    }
    return render(request, "records/editing/difference.html", context)


@require_http_methods(["GET", "POST"])
def restore(request: HttpRequest, reference: str, number: str) -> HttpResponse:
    """Ask what would change (GET), make an earlier version the newest (POST)."""
    record = find_record(request.viewer, reference)
    decision = may_edit(request.viewer, record)
    if not decision:
        return refuse(request, decision.reason, record)
    version = (
        Version.objects.filter(record_id=record.pk, number=int(number)).select_related("by").first()
    )
    if version is None:
        raise Http404
    problem, holds_persons = "", None
    if request.method == "POST":
        try:
            done = _restore(request, record, int(number))
        except HoldsPersons as finding:
            problem, holds_persons = str(finding), finding
        except services.EditConflict:
            problem = _(
                "Somebody saved this record meanwhile. Look at the difference again before"
                " you restore."
            )
        except (BadInput, Refused) as refusal:
            problem = str(refusal)
        else:
            messages.success(request, done)
            return redirect("records:preview", record.reference)
    now = Version.objects.filter(record_id=record.pk, number=record.version).get()
    context = frame(request, record, "history") | {
        "version": version,
        "problem": problem,
        "holds_persons": holds_persons,
        "differences": list_differences(
            request.viewer,
            get_kind(record.kind),
            get_reader_language(),
            portions.trim_content(request.viewer, record, now.content),
            portions.trim_content(request.viewer, record, version.content),
        ),
    }
    return render(request, "records/editing/restore.html", context, status=409 if problem else 200)


def _restore(request: HttpRequest, record: Record, number: int) -> str:
    """Bring it back, or send that to review where it is due; says what was done."""
    given: dict[str, Any] = {
        "record": record,
        "base_version": read_number(request.POST.get("base_version", "")),
        "by": request.viewer,
        "at": timezone.now(),
        "not_persons": request.POST.get("not_persons", ""),
    }
    if second_eyes.explain_change(record, by=request.viewer):
        content = services.read_version(record=record, number=number, by=request.viewer)
        changes.ask_for_change(**given, content=content, note=services.say_restored(number))
        return _("Sent to review. Readers see it as it is until then.")
    services.restore_version(**given, number=number)
    return _("Version %s is restored.") % number
