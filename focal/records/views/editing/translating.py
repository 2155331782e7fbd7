"""A record's text in other languages, each beside the original."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from focal.kernel.errors import BadInput, Refused
from focal.records import changes, portions, second_eyes, services
from focal.records.forms.editing import (
    TranslationForm,
    get_language_choices,
    make_data,
    take_raw,
)
from focal.records.kinds import get_kind
from focal.records.models import Record, Translation, Version, WorkingCopy
from focal.records.persons import HoldsPersons
from focal.records.views.editing.common import (
    find_record,
    frame,
    get_reader_language,
    keeps_text,
    may_edit,
    read_number,
    refuse,
    refuse_json,
)
from focal.records.views.editing.comparing import Difference, list_differences, read_rich
from focal.records.views.editing.copies import find_copy, is_in_review, list_others
from focal.ui.components import compare_texts

TEXTS = ("title", "summary", "body")


def get_labels() -> dict[str, str]:
    """What the translated fields are called."""
    return {"title": _("Title"), "summary": _("Summary"), "body": _("Text")}


@require_GET
def translations(request: HttpRequest, reference: str) -> HttpResponse:
    """All languages the record can be read in, and what each still needs."""
    record = find_record(request.viewer, reference)
    decision = may_edit(request.viewer, record)
    if not decision:
        return refuse(request, decision.reason, record)
    rows = list(
        Translation.objects.filter(record_id=record.pk)
        .select_related("updated_by")
        .order_by("language")
    )
    taken = {record.language, *(row.language for row in rows)}
    context = frame(request, record, "translations") | {
        "translations": [
            {"row": row, "is_behind": row.of_version < record.version} for row in rows
        ],
        "languages": [
            (code, name, reverse("records:translate", args=[record.reference, code]))
            for code, name in get_language_choices(get_reader_language())
            if code not in taken
        ],
    }
    return render(request, "records/editing/translations.html", context)


def _read(record: Record, name: str, row: Translation | None = None) -> str:
    """A text of the original or a translation, whole: these pages are for those who read it all."""
    text = getattr(row or record, name)
    return portions.read_full(record, text, row.language if row else "") if name == "body" else text


def _find_translation(record: Record, language: str) -> Translation | None:
    """The translation, or None; a language we do not know or the original's own is a 404."""
    known = dict(get_language_choices(get_reader_language()))
    row = Translation.objects.filter(record_id=record.pk, language=language).first()
    if row is None and (language not in known or language == record.language):
        raise Http404
    return row


@require_http_methods(["GET", "POST"])
@keeps_text
def translate(request: HttpRequest, reference: str, language: str) -> HttpResponse:
    """Write or change a translation."""
    record = find_record(request.viewer, reference)
    decision = may_edit(request.viewer, record)
    if not decision:
        return refuse(request, decision.reason, record)
    row = _find_translation(record, language)
    if request.method == "POST":
        return _save(request, record, language, row)
    form = TranslationForm(translation=row, body=_read(record, "body", row) if row else "")
    copy = find_copy(request.viewer, record, language=language)
    if copy is not None and "continue" not in request.GET and not is_in_review(copy, record):
        return _offer_copy(request, record, language, row, copy)
    if copy is not None:
        form.start_from(copy.fields)
        form.initial["base_version"] = copy.base_version
    return _show(request, record, language, row, form)


def _show(
    request: HttpRequest,
    record: Record,
    language: str,
    row: Translation | None,
    form: TranslationForm,
    status: int = 200,
    holds_persons: HoldsPersons | None = None,
) -> HttpResponse:
    context = frame(request, record, "translations") | {
        "holds_persons": holds_persons,
        "form": form,
        "into": language,
        "translation": row,
        "original_changes": _list_original_changes(request, record, row),
        "others": list_others(request.viewer, record, language=language),
        "autosave_url": reverse("records:translate_autosave", args=[record.reference, language]),
        "pairs": [
            {
                "field": form[name],
                "label": label,
                "original": _read(record, name),
                "is_rich": name == "body",
            }
            for name, label in get_labels().items()
        ],
    }
    return render(request, "records/editing/translate.html", context, status=status)


def _list_original_changes(
    request: HttpRequest, record: Record, row: Translation | None
) -> list[Difference]:
    """What has changed in the original since the translation was made of it."""
    if row is None or row.of_version >= record.version:
        return []
    versions = {
        version.number: version.content
        for version in Version.objects.filter(
            record_id=record.pk, number__in={row.of_version, record.version}
        )
    }
    if len(versions) < 2:
        return []
    old, new = versions[row.of_version], versions[record.version]
    return list_differences(
        request.viewer,
        get_kind(record.kind),
        get_reader_language(),
        *(
            {name: portions.trim_content(request.viewer, record, version)[name] for name in TEXTS}
            for version in (old, new)
        ),
    )


def _save(
    request: HttpRequest, record: Record, language: str, row: Translation | None
) -> HttpResponse:
    form = TranslationForm(request.POST, translation=row)
    base = read_number(request.POST.get("base_version", ""))
    if not form.is_valid():
        _keep(request, record, language, take_raw(request.POST), base)
        return _show(request, record, language, row, form, status=422)
    text = form.get_text()
    if "resolve" in request.POST and row is not None:
        text |= {
            name: _read(record, name, row)
            for name in TEXTS
            if request.POST.get(f"choice-{name}") == "theirs" and row.version == base
        }
    try:
        done = _store(request, record, language, base, text)
    except HoldsPersons as finding:
        form.add_error(None, str(finding))
        _keep(request, record, language, take_raw(request.POST), base)
        return _show(request, record, language, row, form, status=422, holds_persons=finding)
    except services.EditConflict:
        _keep(request, record, language, take_raw(request.POST), base)
        return _show_conflict(request, record, language, form)
    except (BadInput, Refused) as problem:
        form.add_error(None, str(problem))
        return _show(request, record, language, row, form, status=422)
    messages.success(request, done)
    return redirect("records:translations", record.reference)


def _store(
    request: HttpRequest, record: Record, language: str, base: int, text: dict[str, Any]
) -> str:
    """Save it, or send it to review where that is due; says what was done."""
    given: dict[str, Any] = {
        "record": record,
        "language": language,
        "by": request.viewer,
        "base_version": base,
        "not_persons": request.POST.get("not_persons", ""),
        **text,
    }
    if second_eyes.explain_change(record, by=request.viewer):
        _keep(request, record, language, take_raw(request.POST), base)
        changes.ask_for_translation(**given, at=timezone.now())
        return _("Sent to review. Readers see it as it is until then.")
    services.save_translation(**given, at=timezone.now())
    return _("The translation is saved.")


def compare_text_of(name: str, before: str, after: str) -> Difference:
    """What came and went in one text of a translation."""
    if name == "body":
        before, after = (read_rich(portions.present(text)) for text in (before, after))
    return Difference(name, get_labels()[name], compare_texts(before, after))


def _show_conflict(
    request: HttpRequest, record: Record, language: str, form: TranslationForm
) -> HttpResponse:
    """Both translations beside each other; a choice for each field (status 409)."""
    theirs = (
        Translation.objects.filter(record_id=record.pk, language=language)
        .select_related("updated_by")
        .first()
    )
    mine = form.get_text()
    old = {name: _read(record, name, theirs) if theirs else "" for name in TEXTS}
    context = frame(request, record, "translations") | {
        "into": language,
        "theirs": theirs,
        "base_version": theirs.version if theirs else 0,
        "differences": [
            compare_text_of(name, old[name], mine[name])
            for name in TEXTS
            if old[name] != mine[name]
        ],
        "raw": {
            **{name: [mine[name]] for name in (*TEXTS, "origin")},
            **({"needs_check": ["on"]} if mine["needs_check"] else {}),
        },
    }
    return render(request, "records/editing/translate_conflict.html", context, status=409)


def _offer_copy(
    request: HttpRequest,
    record: Record,
    language: str,
    row: Translation | None,
    copy: WorkingCopy,
) -> HttpResponse:
    draft = TranslationForm(make_data(copy.fields)).get_draft_text()
    old = {name: _read(record, name, row) if row else "" for name in TEXTS}
    context = frame(request, record, "translations") | {
        "copy": copy,
        "into": language,
        "differences": [
            compare_text_of(name, old[name], draft[name] or "")
            for name in TEXTS
            if old[name] != (draft[name] or "")
        ],
        "continue_url": request.path + "?continue=1",
        "discard_url": reverse("records:discard", args=[record.reference]),
    }
    return render(request, "records/editing/copy.html", context)


def _keep(
    request: HttpRequest, record: Record, language: str, raw: dict[str, Any], base: int
) -> WorkingCopy:
    return services.save_working_copy(
        record=record,
        kind=record.kind,
        language=language,
        base_version=base,
        fields={
            name: raw[name]
            for name in raw
            if name in TranslationForm.base_fields and name != "base_version"
        },
        by=request.viewer,
        at=timezone.now(),
    )


@require_http_methods(["GET", "POST"])
def translate_autosave(request: HttpRequest, reference: str, language: str) -> HttpResponse:
    """Keep what was typed of a translation."""
    record = find_record(request.viewer, reference)
    decision = may_edit(request.viewer, record)
    if not decision:
        return refuse_json(decision.reason, 403)
    row = _find_translation(record, language)
    if request.method == "GET":
        return JsonResponse({"token": get_token(request)})
    raw = take_raw(request.POST)
    base_version = read_number(raw.pop("base_version", ["0"])[0])
    copy = _keep(request, record, language, raw, base_version)
    answer = {"saved_at": copy.saved_at.isoformat()}
    if (row.version if row else 0) > base_version:
        answer["warning"] = _(
            "Somebody saved this translation while you were writing. Your text is kept:"
            " when you save, you are shown what is different."
        )
    return JsonResponse(answer)


@require_http_methods(["GET", "POST"])
def translation_remove(request: HttpRequest, reference: str, language: str) -> HttpResponse:
    """Ask (GET), then take a translation away (POST)."""
    record = find_record(request.viewer, reference)
    decision = may_edit(request.viewer, record)
    if not decision:
        return refuse(request, decision.reason, record)
    row = Translation.objects.filter(record_id=record.pk, language=language).first()
    if row is None:
        raise Http404
    if request.method == "POST":
        try:
            messages.success(request, _remove(request, record, language))
        except Refused as refusal:
            return refuse(request, str(refusal), record)
        return redirect("records:translations", record.reference)
    context = frame(request, record, "translations") | {"translation": row, "into": language}
    return render(request, "records/editing/translation_remove.html", context)


def _remove(request: HttpRequest, record: Record, language: str) -> str:
    """Take it away, or ask a reviewer to where that is due; says what was done."""
    given: dict[str, Any] = {"record": record, "language": language, "by": request.viewer}
    if second_eyes.explain_change(record, by=request.viewer):
        changes.ask_for_removal(**given, at=timezone.now())
        return _("Sent to review. Readers see it as it is until then.")
    services.remove_translation(**given, at=timezone.now())
    return _("The translation is removed.")
