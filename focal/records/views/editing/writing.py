"""New records and changed ones: the form, what is kept while typing, two people at once."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from focal.kernel.errors import BadInput, Refused
from focal.records import changes, portions, second_eyes, services
from focal.records.content import Content, compare
from focal.records.forms.editing import (
    RecordForm,
    SharingForm,
    make_data,
    take_raw,
)
from focal.records.forms.editing_fields import RowsField, change_rows
from focal.records.kinds import Kind, get_kind, get_kinds
from focal.records.models import Record, Translation, Version, WorkingCopy
from focal.records.persons import HoldsPersons
from focal.records.views.editing.common import (
    find_kind,
    find_record,
    frame,
    get_reader_language,
    keeps_text,
    may_edit,
    read_number,
    refuse,
    refuse_json,
)
from focal.records.views.editing.comparing import list_differences
from focal.records.views.editing.conflict import show_conflict, take_choices
from focal.records.views.editing.copies import (
    drop_copy,
    find_copy,
    is_in_review,
    list_others,
)
from focal.records.views.editing.showing import show_sections
from focal.sharing import policy
from focal.sharing.viewer import Viewer

LIMIT_OF_COPY = 4 * 1024 * 1024


# New


@require_GET
def new(request: HttpRequest) -> HttpResponse:
    """Which kind of record is it to be?"""
    decision = policy.may_create(request.viewer)
    if not decision:
        return refuse(request, decision.reason)
    explained = {
        "publication": _("A study, report, strategy, law or survey, with its documents."),
        "practice": _("Something that was done and that others may learn from."),
        "news": _("Something that happened, told in a page."),
        "indicator": _("Figures: what is counted, with every value, its date and source."),
        "toolkit": _("A collection of records in an order, for one group of people."),
    }
    started = set(
        WorkingCopy.objects.filter(
            record=None, place="", person_id=request.viewer.person_id
        ).values_list("kind", flat=True)
    )
    kinds = [
        {
            "kind": kind,
            "text": explained.get(kind.key, ""),
            "url": reverse("records:new_kind", args=[kind.key]),
            "is_started": kind.key in started,
        }
        for kind in get_kinds()
        if kind.is_written_here
    ]
    return render(request, "records/editing/new.html", {"kinds": kinds})


@require_http_methods(["GET", "POST"])
@keeps_text
def new_kind(request: HttpRequest, kind: str) -> HttpResponse:
    """Write a new record of a kind."""
    chosen = find_kind(kind)
    decision = policy.may_create(request.viewer)
    if not decision:
        return refuse(request, decision.reason)
    data = request.POST if request.method == "POST" else None
    form = RecordForm(data, kind=chosen, viewer=request.viewer, language=get_reader_language())
    sharing = SharingForm(data, viewer=request.viewer, language=get_reader_language())
    if data is None:
        copy = find_copy(request.viewer, None, kind=kind)
        if copy is not None and "continue" not in request.GET:
            return _offer_copy(request, chosen, copy)
        if copy is not None:
            form.start_from(copy.fields)
            sharing.start_from(copy.fields)
        return _show_new(request, chosen, form, sharing)
    if "row" in data:
        return _show_new(request, chosen, *_change_row(request, chosen))
    if form.is_valid() & sharing.is_valid():
        try:
            record = _create(request.viewer, chosen, form, sharing)
        except (BadInput, Refused) as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Saved as a draft."))
            return redirect("records:preview", record.reference)
    _keep(request, None, kind, take_raw(request.POST), 0)
    return _show_new(request, chosen, form, sharing, status=422)


def _create(viewer: Viewer, kind: Kind, form: RecordForm, sharing: SharingForm) -> Record:
    return services.create_record(
        kind=kind.key,
        content=form.get_content(),
        owner_organisation=sharing.get_owner(),
        marking=sharing.cleaned_data["marking"],
        releases=sharing.get_tokens(),
        by=viewer,
        at=timezone.now(),
    )


def _change_row(request: HttpRequest, kind: Kind) -> tuple[RecordForm, SharingForm]:
    form = RecordForm(kind=kind, viewer=request.viewer, language=get_reader_language())
    _start_with_changed_rows(form, request)
    shared = SharingForm(viewer=request.viewer, language=get_reader_language())
    shared.start_from(take_raw(request.POST))
    return form, shared


def _start_with_changed_rows(form: RecordForm, request: HttpRequest) -> None:
    """Add, move or remove a row where no script does it: nothing is judged or saved."""
    form.start_from(take_raw(request.POST))
    name, _dot, rest = request.POST["row"].partition(".")
    command, _dot, at = rest.partition(".")
    field = form.fields.get(name)
    if isinstance(field, RowsField):
        form.at_work_on = name
        place = int(at) if at.isdecimal() and at.isascii() and len(at) < 6 else -1
        rows = form.initial.get(name) or []
        form.initial[name] = change_rows(rows, len(field.columns), command, place)


def _show_new(
    request: HttpRequest, kind: Kind, form: RecordForm, sharing: SharingForm, status: int = 200
) -> HttpResponse:
    context = {
        "kind": kind,
        "form": form,
        "sharing": sharing,
        "sections": show_sections(form),
        "autosave_url": reverse("records:new_autosave", args=[kind.key]),
        "preview_url": reverse("records:new_preview", args=[kind.key]),
        "action": reverse("records:new_kind", args=[kind.key]),
    }
    return render(request, "records/editing/form.html", context, status=status)


# Changed


@require_http_methods(["GET", "POST"])
@keeps_text
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Change a record."""
    record = find_record(request.viewer, reference)
    decision = may_edit(request.viewer, record)
    if not decision:
        return refuse(request, decision.reason, record)
    if request.method == "POST":
        return _save(request, record)
    form = _make_form(request, record)
    copy = find_copy(request.viewer, record)
    if copy is not None and _says_nothing_new(request, record, copy):
        copy.delete()
        copy = None
    if copy is not None and "continue" not in request.GET and not is_in_review(copy, record):
        return _offer_copy(request, get_kind(record.kind), copy, record)
    if copy is not None:
        form.start_from(copy.fields)
        form.initial["base_version"] = copy.base_version
    return show_edit(request, record, form)


def _says_nothing_new(request: HttpRequest, record: Record, copy: WorkingCopy) -> bool:
    """A copy may arrive late, after its text was saved: then there is nothing to offer."""
    form = _make_form(request, record, make_data(copy.fields))
    if not form.is_valid():
        return False
    draft = form.get_draft_content()
    return any(
        not compare(form.hide(content), draft)
        for content in (form.original, _read_base(form, record, copy.base_version))
    )


def _make_form(request: HttpRequest, record: Record, data: Any = None) -> RecordForm:
    return RecordForm(
        data,
        kind=get_kind(record.kind),
        viewer=request.viewer,
        language=get_reader_language(),
        record=record,
    )


def _save(request: HttpRequest, record: Record) -> HttpResponse:
    if "row" in request.POST:
        form = _make_form(request, record)
        _start_with_changed_rows(form, request)
        return show_edit(request, record, form)
    form = _make_form(request, record, request.POST)
    base_version = read_number(request.POST.get("base_version", ""))
    if not form.is_valid():
        _keep(request, record, record.kind, take_raw(request.POST), base_version)
        return show_edit(request, record, form, status=422)
    content = form.get_content()
    if "resolve" in request.POST:
        decided = take_choices(request, record, content, base_version)
        if decided.missing:
            return show_conflict(
                request, record, form, content, decided.started_from, decided.choices
            )
        content = decided.content
        if "to_form" in request.POST:
            _keep(request, record, record.kind, form.to_raw(form.hide(content)), base_version)
            form = _make_form(request, record)
            form.show_content(content)
            form.initial["base_version"] = base_version
            return show_edit(request, record, form)
    try:
        done = _store(
            request, record, form, content, base_version, note=form.cleaned_data.get("note", "")
        )
    except HoldsPersons as finding:
        form.add_error(None, str(finding))
        _keep(request, record, record.kind, form.to_raw(form.hide(content)), base_version)
        return show_edit(request, record, form, status=422, holds_persons=finding)
    except services.EditConflict:
        _keep(request, record, record.kind, form.to_raw(form.hide(content)), base_version)
        return show_conflict(request, record, form, content, base_version)
    except (BadInput, Refused) as problem:
        form.add_error(None, str(problem))
        return show_edit(request, record, form, status=422)
    messages.success(request, done or _("Nothing was different, so nothing was saved."))
    return redirect("records:preview", record.reference)


def _store(
    request: HttpRequest,
    record: Record,
    form: RecordForm,
    content: Content,
    base_version: int,
    note: str,
) -> str:
    """Save it, or send it to review where that is due; says what was done, empty for nothing."""
    given: dict[str, Any] = {
        "record": record,
        "content": content,
        "base_version": base_version,
        "by": request.viewer,
        "note": note,
        "not_persons": request.POST.get("not_persons", ""),
    }
    if second_eyes.explain_change(record, by=request.viewer):
        _keep(request, record, record.kind, form.to_raw(form.hide(content)), base_version)
        asked = changes.ask_for_change(**given, at=timezone.now())
        return _("Sent to review. Readers see it as it is until then.") if asked else ""
    saved = services.edit_record(**given, at=timezone.now())
    return "" if saved.version == base_version else _("Saved as version %s.") % saved.version


def _keep(
    request: HttpRequest,
    record: Record | None,
    kind: str,
    raw: dict[str, list[str]],
    base_version: int,
) -> WorkingCopy:
    """Keep what was typed as the viewer's working copy."""
    raw = {name: values for name, values in raw.items() if name != "base_version"}
    return services.save_working_copy(
        record=record,
        kind=kind,
        language="",
        base_version=base_version,
        fields=raw,
        by=request.viewer,
        at=timezone.now(),
    )


def show_edit(
    request: HttpRequest,
    record: Record,
    form: RecordForm,
    status: int = 200,
    holds_persons: HoldsPersons | None = None,
) -> HttpResponse:
    """The page with the form of a record that stands already."""
    base = form["base_version"].value()
    context = frame(request, record, "edit") | {
        "form": form,
        "sections": show_sections(form),
        "autosave_url": reverse("records:autosave", args=[record.reference]),
        "preview_url": reverse("records:preview", args=[record.reference]),
        "action": reverse("records:edit", args=[record.reference]),
        "others": list_others(request.viewer, record),
        "saved_since": find_newer(record, base),
        "holds_persons": holds_persons,
    }
    return render(request, "records/editing/form.html", context, status=status)


def find_newer(record: Record, base: Any) -> Version | None:
    """The version that somebody saved since the one the form started from."""
    if not str(base or "").isdecimal() or int(base) >= record.version:
        return None
    return (
        Version.objects.filter(record_id=record.pk, number=record.version)
        .select_related("by")
        .first()
    )


# Working copies


def _offer_copy(
    request: HttpRequest, kind: Kind, copy: WorkingCopy, record: Record | None = None
) -> HttpResponse:
    """Unsaved text is there: continue with it, compare it, or throw it away."""
    form = RecordForm(
        make_data(copy.fields),
        kind=kind,
        viewer=request.viewer,
        language=get_reader_language(),
        record=record,
    )
    before = _read_base(form, record, copy.base_version)
    context = {
        "kind": kind,
        "record": record,
        "copy": copy,
        "differences": list_differences(
            request.viewer, kind, get_reader_language(), before, form.get_draft_content()
        ),
        "continue_url": request.path + "?continue=1",
        "discard_url": reverse("records:discard", args=[record.reference])
        if record
        else reverse("records:new_discard", args=[kind.key]),
        "saved_since": find_newer(record, copy.base_version) if record else None,
    }
    if record is not None:
        context |= frame(request, record, "edit")
    return render(request, "records/editing/copy.html", context)


def _read_base(form: RecordForm, record: Record | None, number: int) -> dict[str, Any]:
    if record is None:
        return {}
    version = Version.objects.filter(record_id=record.pk, number=number).first()
    content = version.content if version else form.original
    return form.hide(portions.trim_content(form.viewer, record, content))


@require_http_methods(["GET", "POST"])
def new_autosave(request: HttpRequest, kind: str) -> HttpResponse:
    """Keep what was typed of a new record."""
    chosen = find_kind(kind)
    return _autosave(request, chosen, None)


@require_http_methods(["GET", "POST"])
def autosave(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep what was typed of a record that stands already."""
    record = find_record(request.viewer, reference)
    return _autosave(request, get_kind(record.kind), record)


def _autosave(request: HttpRequest, kind: Kind, record: Record | None) -> HttpResponse:
    decision = may_edit(request.viewer, record) if record else policy.may_create(request.viewer)
    if not decision:
        return refuse_json(decision.reason, 403)
    if request.method == "GET":  # a page that stood open for long asks for a fresh token
        return JsonResponse({"token": get_token(request)})
    raw = take_raw(request.POST)
    if sum(len(text) for values in raw.values() for text in values) > LIMIT_OF_COPY:
        return refuse_json(_("This is too long to be kept while you type."), 413)
    base_version = read_number(raw.pop("base_version", ["0"])[0])
    copy = _keep(request, record, kind.key, raw, base_version)
    answer: dict[str, Any] = {"saved_at": copy.saved_at.isoformat()}
    if record is not None and (newer := find_newer(record, base_version)):
        answer["warning"] = say_newer(newer)
    return JsonResponse(answer)


def say_newer(newer: Version) -> str:
    """That somebody saved meanwhile, and that nothing is lost by it."""
    return _(
        "%(name)s saved this record at %(time)s, while you were writing. Your text is kept:"
        " when you save, you are shown what is different."
    ) % {
        "name": newer.by or _("Somebody"),
        "time": timezone.localtime(newer.at).strftime("%H:%M"),
    }


@require_POST
def discard(request: HttpRequest, reference: str) -> HttpResponse:
    """Throw the viewer's own unsaved text of a record away."""
    record = find_record(request.viewer, reference)
    language = request.POST.get("language", "")
    if not re.fullmatch(r"[A-Za-z-]{2,12}", language):
        language = ""
    drop_copy(request.viewer, record, language=language)
    messages.info(request, _("The unsaved text was thrown away."))
    if language:
        return redirect("records:translate", record.reference, language)
    return redirect("records:edit", record.reference)


@require_POST
def new_discard(request: HttpRequest, kind: str) -> HttpResponse:
    """Throw the viewer's own unsaved new record away."""
    chosen = find_kind(kind)
    drop_copy(request.viewer, None, kind=chosen.key)
    messages.info(request, _("The unsaved text was thrown away."))
    return redirect("records:new_kind", chosen.key)


# Choosing records


@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Records to choose from, for a script: those that the viewer sees and writers alone ask."""
    decision = policy.may_create(request.viewer)
    if not decision:
        return refuse_json(decision.reason, 403)
    return JsonResponse({"results": find_choices(request.viewer, request.GET.get("q", ""))})


def find_choices(viewer: Viewer, text: str, limit: int = 12) -> list[dict[str, str]]:
    """Records whose title has all these words, the newest first."""
    rows = Record.objects.visible_to(viewer)
    for word in text.replace("\x00", "").split()[:8]:
        rows = rows.filter(_has_word(word))
    return [
        {
            "reference": row.reference,
            "title": row.title,
            "detail": " · ".join(
                filter(
                    None,
                    (
                        str(get_kind(row.kind).label),
                        str((row.issued_date or row.created_at).year),
                        "" if row.state == "published" else row.get_state_display(),
                    ),
                )
            ),
        }
        for row in rows.defer("body", "summary").order_by("-updated_at", "-pk")[:limit]
    ]


def _has_word(word: str) -> Q:
    """Titles with a word; SQLite does not fold letters beyond ASCII, so we offer it shapes."""
    rule = Q()
    for shape in {word, word.lower(), word.upper(), word.capitalize()}:
        translated = Translation.objects.filter(title__icontains=shape).values("record_id")
        rule |= Q(title__icontains=shape) | Q(pk__in=translated)
    return rule
