"""The life cycle: what can be done next, why something cannot, and doing it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from focal.kernel.decision import YES, Decision, no
from focal.kernel.errors import BadInput, Refused
from focal.records import services
from focal.records.forms.editing import StepForm
from focal.records.models import Record, State
from focal.records.persons import HoldsPersons
from focal.records.second_eyes import SecondEyesNeeded
from focal.records.views.editing.common import describe_people, find_record, frame, refuse
from focal.records.views.second_eyes import offer_second_eyes
from focal.sharing import policy
from focal.sharing.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Step:
    """A deed that the record's state allows: whether this viewer may do it, and why not."""

    key: str
    label: str
    explanation: str
    url: str
    allowed: bool
    reason: str = ""
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """How a step is called, asked, explained and told afterwards."""

    label: str
    question: str
    explanation: str
    done: str


def get_words(step: str, record: Record) -> Words:
    """The words of a step, for this record."""
    again = record.state == State.ARCHIVED
    return {
        "submit": Words(
            _("Send to review"),
            _("Send it to review?"),
            _(
                "An editor of the organisation or the secretariat reads it and publishes it,"
                " or sends it back."
            ),
            _("It is in review now."),
        ),
        "return": Words(
            _("Send back"),
            _("Send it back to its authors?"),
            _("It becomes a draft again, with what you write here in its history."),
            _("It is a draft again."),
        ),
        "publish": Words(
            _("Publish again") if again else _("Publish"),
            _("Publish it again?") if again else _("Publish it?"),
            _("From this moment on, those whom its marking names can find and read it."),
            _("It is published."),
        ),
        "archive": Words(
            _("Archive"),
            _("Archive it?"),
            _("It stays readable and is marked as no longer brought up to date."),
            _("It is archived."),
        ),
        "withdraw": Words(
            _("Withdraw"),
            _("Withdraw it?"),
            _(
                "Nobody but the organisation it belongs to can find or read it any more,"
                " from this moment on."
            ),
            _("It is withdrawn."),
        ),
        "reopen": Words(
            _("Bring back as a draft"),
            _("Bring it back as a draft?"),
            _("It can be changed and published again."),
            _("It is a draft again."),
        ),
        "delete": Words(
            _("Delete this draft"),
            _("Delete this draft?"),
            _("Its text, its history and its documents are gone for good."),
            _("The draft is deleted."),
        ),
    }[step]


def may_delete(viewer: Viewer, record: Record) -> Decision:
    """Whether this is a draft that was never published, and the viewer's to delete."""
    if record.state != State.DRAFT or record.published_at is not None:
        return no(_("Only a draft that was never published can be deleted."))
    return (
        YES
        if policy.may_submit(viewer, record)
        else no(_("Only the organisation that owns it can delete it."))
    )


def list_steps(viewer: Viewer, record: Record) -> list[Step]:
    """What its state allows; what this viewer may not do carries the reason."""
    main = {"draft": "publish", "in_review": "publish"}.get(record.state, "")
    steps = []
    for key, (start, _end, _rule) in services.STEPS.items():
        if record.state not in start:
            continue
        decision = services.may_take_step(viewer, record, key)
        steps.append(_make_step(record, key, decision, is_main=key == main))
    if not any(step.is_main and step.allowed for step in steps):
        steps = [_promote(step) if step.key == "submit" else step for step in steps]
    if record.state == State.DRAFT and record.published_at is None:
        steps.append(_make_step(record, "delete", may_delete(viewer, record)))
    return sorted(steps, key=lambda step: (not step.is_main, step.key == "delete"))


def _make_step(record: Record, key: str, decision: Decision, *, is_main: bool = False) -> Step:
    words = get_words(key, record)
    url = (
        reverse("records:delete", args=[record.reference])
        if key == "delete"
        else reverse("records:step", args=[record.reference, key])
    )
    return Step(
        key, words.label, words.explanation, url, decision.allowed, decision.reason, is_main
    )


def _promote(step: Step) -> Step:
    return Step(
        step.key, step.label, step.explanation, step.url, step.allowed, step.reason, step.allowed
    )


@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, reference: str, step: str) -> HttpResponse:
    """Ask before a step (GET), do it (POST)."""
    record = find_record(request.viewer, reference)
    if step not in services.STEPS:
        raise Http404
    decision = services.may_take_step(request.viewer, record, step)
    if not decision:
        return refuse(request, decision.reason, record)
    form = StepForm(request.POST if request.method == "POST" else None, step=step)
    words = get_words(step, record)
    if request.method == "POST" and form.is_valid():
        try:
            services.take_step(
                record=record,
                step=step,
                by=request.viewer,
                at=timezone.now(),
                reason=form.cleaned_data.get("reason", ""),
                not_persons=request.POST.get("not_persons", ""),
            )
        except HoldsPersons as finding:
            form.add_error(None, str(finding))
            return _ask(request, record, step, words, form, holds_persons=finding)
        except BadInput as problem:
            form.add_error("reason" if "reason" in form.fields else None, str(problem))
        except SecondEyesNeeded as needed:
            return offer_second_eyes(request, record, {"step": step}, str(needed))
        except Refused as refusal:
            return refuse(request, str(refusal), record)
        else:
            return _go_on(request, record, words)
    return _ask(request, record, step, words, form)


def _go_on(request: HttpRequest, record: Record, words: Words) -> HttpResponse:
    """The record's page for editors if this person still reaches it, else their desk."""
    messages.success(request, f"{record.title}: {words.done}")
    still = Record.objects.visible_to(request.viewer).filter(pk=record.pk).exists()
    if still:
        return redirect("records:preview", record.reference)
    return redirect("records:desk")


@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, reference: str) -> HttpResponse:
    """Delete a draft that was never published."""
    record = find_record(request.viewer, reference)
    decision = may_delete(request.viewer, record)
    if not decision:
        return refuse(request, decision.reason, record)
    words = get_words("delete", record)
    if request.method == "POST":
        try:
            services.delete_draft(record=record, by=request.viewer, at=timezone.now())
        except Refused as refusal:
            return refuse(request, str(refusal), record)
        messages.success(request, f"{record.title}: {words.done}")
        return redirect("records:desk")
    return _ask(request, record, "delete", words, None)


def _ask(
    request: HttpRequest,
    record: Record,
    step: str,
    words: Words,
    form: StepForm | None,
    holds_persons: HoldsPersons | None = None,
) -> HttpResponse:
    context = frame(request, record, "preview") | {
        "step": step,
        "words": words,
        "form": form,
        "holds_persons": holds_persons,
        "is_grave": step in {"withdraw", "delete"},
        "tells_audience": step == "publish",
        "seen_by": describe_people(request.viewer, record) if step == "publish" else None,
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "records/editing/step.html", context, status=status)
