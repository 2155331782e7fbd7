"""Somebody else saved meanwhile: both texts side by side, and nothing lost."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from focal.records.content import Content, read_content
from focal.records.forms.editing import RecordForm
from focal.records.kinds import Kind, get_kind
from focal.records.models import Record, Version
from focal.records.views.editing.common import find_record, frame, get_reader_language
from focal.records.views.editing.comparing import Describer
from focal.records.views.editing.merging import BOTH, CHOSEN_THINGS, MINE, THEIRS, Merge, merge

CAN_BE_JOINED = frozenset({"summary", "body", "sources", "items"})


def show_conflict(
    request: HttpRequest, record: Record, form: RecordForm, mine: Content, base_version: int
) -> HttpResponse:
    """The page on which both changes stand beside each other (status 409)."""
    record = find_record(request.viewer, record.reference)  # as it is now
    kind = get_kind(record.kind)
    base, theirs = _read_version(record, base_version), read_content(record)
    merged = _merge(kind, base, mine, theirs, {})
    describer = Describer(request.viewer, kind, get_reader_language(), (base, mine, theirs))
    newest = Version.objects.filter(record_id=record.pk).select_related("by").order_by("-number")
    context = frame(request, record, "edit") | {
        "form": form,
        "newest": newest.first(),
        "disputed": [
            _show_dispute(describer, name, base, mine, theirs) for name in merged.disputed
        ],
        "mine": [describer.compare(name, base.get(name), mine[name]) for name in merged.mine],
        "theirs": [
            describer.compare(name, base.get(name), theirs.get(name)) for name in merged.theirs
        ],
        "together": [
            describer.compare(name, base.get(name), merged.content[name])
            for name in merged.together
        ],
        "raw": form.to_raw(form.hide(mine)) | {"note": [form.cleaned_data.get("note", "")]},
        "started_from": base_version,
        "base_version": record.version,
        "action": reverse("records:edit", args=[record.reference]),
    }
    return render(request, "records/editing/conflict.html", context, status=409)


def _show_dispute(
    describer: Describer, name: str, base: Content, mine: Content, theirs: Content
) -> dict[str, Any]:
    return {
        "name": name,
        "label": describer.get_label(name),
        "base": describer.say(name, base.get(name)),
        "mine": describer.compare(name, base.get(name), mine[name]),
        "theirs": describer.compare(name, base.get(name), theirs.get(name)),
        "between": describer.compare(name, theirs.get(name), mine[name]),
        "can_be_joined": name in CAN_BE_JOINED or "\n" in describer.say(name, mine[name]),
        "choices": [
            (MINE, _("Yours")),
            (THEIRS, _("Theirs")),
            (BOTH, _("Both, one after the other")),
        ],
    }


def take_choices(request: HttpRequest, record: Record, mine: Content, base_version: int) -> Content:
    """The content that the choices on the conflict page give.

    `base_version` is the version that was shown as theirs; `started_from` the one that
    the editor had begun with.
    """
    started = request.POST.get("started_from", "")
    number = int(started) if started.isdecimal() and started.isascii() and len(started) < 9 else 0
    choices = {
        name.removeprefix("choice-"): str(value)
        for name, value in request.POST.items()
        if name.startswith("choice-")
    }
    base, theirs = _read_version(record, number), _read_version(record, base_version)
    return _merge(get_kind(record.kind), base, mine, theirs, choices).content


def _merge(
    kind: Kind, base: Content, mine: Content, theirs: Content, choices: dict[str, str]
) -> Merge:
    lists = CHOSEN_THINGS | frozenset(kind.concept_fields)
    return merge(base=base, mine=mine, theirs=theirs, choices=choices, lists=lists)


def _read_version(record: Record, number: int) -> Content:
    version = Version.objects.filter(record_id=record.pk, number=number).first()
    return dict(version.content) if version else {}
