"""Somebody else saved meanwhile: both texts side by side, and nothing lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from focal.records import portions
from focal.records.content import Content, read_content
from focal.records.forms.editing import RecordForm
from focal.records.kinds import Kind, get_kind
from focal.records.merging import BOTH, CHOSEN_THINGS, MINE, THEIRS, Merge, merge
from focal.records.models import Record, Version
from focal.records.views.editing.common import (
    find_record,
    frame,
    get_reader_language,
    read_number,
)
from focal.records.views.editing.comparing import Describer, Difference

CAN_BE_JOINED = frozenset({"summary", "body", "sources", "items"})


def show_conflict(
    request: HttpRequest,
    record: Record,
    form: RecordForm,
    mine: Content,
    base_version: int,
    choices: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The page on which both changes stand beside each other (status 409).

    With `choices` it comes back because some part still waits for a decision (422).
    """
    record = find_record(request.viewer, record.reference)  # as it is now
    kind = get_kind(record.kind)
    base = portions.trim_content(request.viewer, record, _read_version(record, base_version))
    theirs = read_content(record)
    merged = _merge(kind, base, mine, theirs, {})
    describer = Describer(request.viewer, kind, get_reader_language(), (base, mine, theirs))
    newest = Version.objects.filter(record_id=record.pk).select_related("by").order_by("-number")

    def compare(names: tuple[str, ...], after: Content) -> list[Difference]:
        return [describer.compare(name, base.get(name), after.get(name)) for name in names]

    context = frame(request, record, "edit") | {
        "form": form,
        "newest": newest.first(),
        "missing": choices is not None,
        "disputed": [
            _show_dispute(describer, name, base, mine, theirs, choices) for name in merged.disputed
        ],
        "mine": compare(merged.mine, mine),
        "theirs": compare(merged.theirs, theirs),
        "together": compare(merged.together, merged.content),
        "raw": form.to_raw(form.hide(mine)) | {"note": [form.cleaned_data.get("note", "")]},
        "started_from": base_version,
        "base_version": record.version,
        "action": reverse("records:edit", args=[record.reference]),
    }
    status = 409 if choices is None else 422
    return render(request, "records/editing/conflict.html", context, status=status)


def _show_dispute(
    describer: Describer,
    name: str,
    base: Content,
    mine: Content,
    theirs: Content,
    choices: Mapping[str, str] | None,
) -> dict[str, Any]:
    return {
        "name": name,
        "label": describer.get_label(name),
        "base": describer.say(name, base.get(name)),
        "mine": describer.compare(name, base.get(name), mine[name]),
        "theirs": describer.compare(name, base.get(name), theirs.get(name)),
        "between": describer.compare(name, theirs.get(name), mine[name]),
        "can_be_joined": name in CAN_BE_JOINED or "\n" in describer.say(name, mine[name]),
        "chosen": (choices or {}).get(name, ""),
        "is_missing": choices is not None and name not in choices,
        "choices": [
            (MINE, _("Yours")),
            (THEIRS, _("Theirs")),
            (BOTH, _("Both, one after the other")),
        ],
    }


@dataclass(frozen=True, slots=True)
class Decided:
    """What was chosen on the conflict page: the content, and what still waits."""

    content: Content
    choices: dict[str, str]
    missing: tuple[str, ...]
    started_from: int


def take_choices(request: HttpRequest, record: Record, mine: Content, base_version: int) -> Decided:
    """The content that the choices on the conflict page give.

    `base_version` is the version that was shown as theirs; `started_from` the one that
    the editor had begun with.
    """
    started_from = read_number(request.POST.get("started_from", ""))
    choices = {
        name.removeprefix("choice-"): str(value)
        for name, value in request.POST.items()
        if name.startswith("choice-") and value in {MINE, THEIRS, BOTH}
    }
    base, theirs = _read_version(record, started_from), _read_version(record, base_version)
    merged = _merge(get_kind(record.kind), base, mine, theirs, choices)
    missing = tuple(name for name in merged.disputed if name not in choices)
    return Decided(merged.content, choices, missing, started_from)


def _merge(
    kind: Kind, base: Content, mine: Content, theirs: Content, choices: dict[str, str]
) -> Merge:
    lists = CHOSEN_THINGS | frozenset(kind.concept_fields)
    return merge(base=base, mine=mine, theirs=theirs, choices=choices, lists=lists)


def _read_version(record: Record, number: int) -> Content:
    version = Version.objects.filter(record_id=record.pk, number=number).first()
    return dict(version.content) if version else {}
