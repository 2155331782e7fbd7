"""Writing needs, responses and initiatives; 'still true?'; a partner's word by a link."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from focal.kernel.errors import BadInput, Refused
from focal.mapping import asking, services
from focal.mapping.duplicates import find_likely
from focal.mapping.forms import CorrectionForm, MappedForm, PartnerForm
from focal.mapping.models import Effort, MappedRecord
from focal.mapping.selectors import get_mapped
from focal.mapping.views.reading import KINDS
from focal.records import services as records
from focal.records.content import read_content
from focal.records.kinds import get_kind
from focal.records.persons import HoldsPersons
from focal.records.second_eyes import explain_change
from focal.records.views.documents.bringing import for_writers
from focal.records.views.finding.common import get_reader_language
from focal.sharing import policy

NOT_COPIED = ("identifiers", "parent")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_writers
def new(request: HttpRequest, kinds: str) -> HttpResponse:
    """A new need, response or initiative; `?from=` fills in what another one says already."""
    kind = KINDS[kinds]
    content = _read_template(request)
    form = _make_form(request, kind, content=content)
    if request.method == "POST" and form.is_valid():
        try:
            record = _create(request, kind, form)
        except HoldsPersons as finding:
            form.add_error(None, str(finding))
            return _show(request, kind, form, holds_persons=finding)
        except (BadInput, Refused) as problem:
            form.add_error(None, str(problem))
        else:
            offered = len(content) if content else 0
            _note(record, form, offered=offered)
            messages.success(request, _("Saved. Ask the partner, if it is about somebody else."))
            return redirect(record.get_absolute_url())
    return _show(request, kind, form)


def _read_template(request: HttpRequest) -> dict[str, Any]:
    """What a record that the viewer sees says, without what is its own alone."""
    reference = request.GET.get("from", "")
    record = get_mapped(request.viewer, reference) if reference else None
    if record is None:
        return {}
    content = read_content(record)
    return {name: value for name, value in content.items() if name not in NOT_COPIED and value}


def _make_form(
    request: HttpRequest,
    kind: str,
    *,
    content: dict[str, Any] | None = None,
    record: MappedRecord | None = None,
) -> MappedForm:
    return MappedForm(
        request.POST if request.method == "POST" else None,
        kind=kind,
        viewer=request.viewer,
        language=get_reader_language(),
        at=timezone.now(),
        content=content,
        record=record,
    )


@transaction.atomic
def _create(request: HttpRequest, kind: str, form: MappedForm) -> MappedRecord:
    owner = {row.reference: row for row in _own(request)}[form.cleaned_data["organisation"]]
    return services.create_mapped(
        kind=kind,
        content=form.get_content(),
        owner_organisation=owner,
        by=request.viewer,
        at=timezone.now(),
        marking=form.cleaned_data["marking"],
        publish=request.POST.get("publish") == "yes" and owner.pk in request.viewer.publishes_for,
        not_persons=request.POST.get("not_persons", ""),
    )


def _own(request: HttpRequest) -> list[Any]:
    from focal.mapping.forms import list_own  # noqa: PLC0415 -- beside its form

    return list(list_own(request.viewer).values())


def _note(record: MappedRecord, form: MappedForm, *, offered: int) -> None:
    """How long it took, as far as the page can know: from its opening to its sending."""
    started = form.cleaned_data.get("started") or 0
    seconds = int(time.time()) - started if started else 0
    asking.note_effort(
        record.owner_organisation,
        Effort.What.WRITTEN,
        at=timezone.now(),
        offered=offered,
        seconds=seconds if 0 < seconds < 4 * 3600 else 0,
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_writers
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Change one. Saving says as well that it is true today."""
    record = _find(request, reference)
    decision = policy.may_edit(request.viewer, record)
    if not decision:
        return _refuse(request, decision.reason)
    content = read_content(record)
    form = _make_form(request, record.kind, content=content, record=record)
    if request.method == "POST" and form.is_valid():
        base = form.cleaned_data.get("base_version") or 0
        try:
            with transaction.atomic():
                done = _store(request, record, form.get_content(), base)
        except records.EditConflict:
            form.add_error(
                None,
                _(
                    "Somebody saved this while you were writing, and nothing of yours was lost:"
                    " your text is below. Look at the record, and save once more."
                ),
            )
            form.data = form.data.copy()
            form.data["base_version"] = str(_find(request, reference).version)
        except HoldsPersons as finding:
            form.add_error(None, str(finding))
            return _show(request, record.kind, form, record, holds_persons=finding)
        except (BadInput, Refused) as problem:
            form.add_error(None, str(problem))
        else:
            _note(record, form, offered=len(content))
            messages.success(request, done)
            return redirect(record.get_absolute_url())
    return _show(request, record.kind, form, record)


def _store(
    request: HttpRequest, record: MappedRecord, content: dict[str, Any], base_version: int
) -> str:
    """Save it, or send it to review where that is due; says what was done."""
    is_saved = services.edit_or_send_to_review(
        record=record,
        content=content,
        base_version=base_version,
        by=request.viewer,
        at=timezone.now(),
        not_persons=request.POST.get("not_persons", ""),
    )
    if is_saved:
        return _("Saved, and confirmed as of today.")
    return _("Sent to review. Readers see it as it is until then.")


def _show(
    request: HttpRequest,
    kind: str,
    form: MappedForm,
    record: MappedRecord | None = None,
    holds_persons: HoldsPersons | None = None,
) -> HttpResponse:
    kinds = next(name for name, key in KINDS.items() if key == kind)
    context = {
        "form": form,
        "holds_persons": holds_persons,
        "kind": get_kind(kind),
        "kinds": kinds,
        "record": record,
        "review_note": explain_change(record, by=request.viewer) if record else "",
        "may_publish": record is None and bool(request.viewer.publishes_for),
        "likely": _find_doubles(request, kind, form, record),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "mapping/form.html", context, status=status)


def _find_doubles(
    request: HttpRequest, kind: str, form: MappedForm, record: MappedRecord | None
) -> list[Any]:
    if not form.is_bound:
        return []
    return find_likely(
        request.viewer,
        kind=kind,
        title=str(form["title"].value() or ""),
        economies=form["economies"].value() or (),
        leave_out=record.reference if record else "",
        language=get_reader_language(),
    )


@never_cache
@require_safe
@for_writers
def likely(request: HttpRequest, kinds: str) -> HttpResponse:
    """What is here already and may be the same as the title being typed: a fragment."""
    found = find_likely(
        request.viewer,
        kind=KINDS[kinds],
        title=request.GET.get("title", "")[:400],
        economies=request.GET.getlist("economies"),
        leave_out=request.GET.get("leave_out", ""),
        language=get_reader_language(),
    )
    return render(request, "mapping/_likely.html", {"likely": found})


@never_cache
@require_POST
def confirm(request: HttpRequest, reference: str) -> HttpResponse:
    """'Still true': one click."""
    record = _find(request, reference)
    try:
        asking.say_still_true(record=record, by=request.viewer, at=timezone.now())
    except Refused as problem:
        return _refuse(request, str(problem))
    messages.success(request, _("Thank you. It counts as confirmed today."))
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return redirect(target)
    return redirect(record.get_absolute_url())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_writers
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask a partner to confirm or correct an entry, by a link."""
    record = _find(request, reference)
    decision = policy.may_share(request.viewer, record)
    if not decision:
        return _refuse(request, decision.reason)
    form = PartnerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            asking.ask_partner(
                record=record, by=request.viewer, at=timezone.now(), **form.cleaned_data
            )
        except (BadInput, Refused) as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("The partner has been asked. The link works once."))
            return redirect(record.get_absolute_url())
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "mapping/ask.html", {"form": form, "record": record}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def partner(request: HttpRequest, secret: str) -> HttpResponse:
    """What a partner sees by the link: one entry. Looking changes nothing; sending answers."""
    now: datetime = timezone.now()
    found = asking.find_question(secret=secret, at=now)
    if found is None:
        return render(request, "mapping/partner_closed.html", status=404)
    question, record = found
    is_correction = request.POST.get("answer") == "correct"
    form = CorrectionForm(request.POST if is_correction else None, record=record)
    if request.method == "POST" and (not is_correction or form.is_valid()):
        try:
            done = asking.answer_question(
                secret=secret,
                corrections=form.get_corrections() if is_correction else {},
                at=now,
            )
        except (BadInput, Refused, records.EditConflict) as problem:
            form = CorrectionForm(request.POST, record=record)
            form.is_valid()
            form.add_error(None, str(problem))
        else:
            return render(request, "mapping/partner_done.html", {"question": done})
    context = {"question": question, "record": record, "form": form}
    status = 422 if form.is_bound and form.errors else 200
    response = render(request, "mapping/partner.html", context, status=status)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _find(request: HttpRequest, reference: str) -> MappedRecord:
    record = get_mapped(request.viewer, reference)
    if record is None:
        raise Http404
    return record


def _refuse(request: HttpRequest, reason: str) -> HttpResponse:
    return render(request, "mapping/refused.html", {"reason": reason}, status=403)
