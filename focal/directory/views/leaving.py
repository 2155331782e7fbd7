"""Somebody leaves; and what one may take along."""

from __future__ import annotations

from allauth.account.internal.flows.logout import logout
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from focal.directory import forms, leaving, policy
from focal.directory.models import Person
from focal.directory.views.accounts import READ_AND_SEND, account_of, for_caretakers, refuse
from focal.kernel.errors import BadInput, Refused


@for_caretakers
@require_http_methods(READ_AND_SEND)
def hand_over(request: HttpRequest, reference: str) -> HttpResponse:
    """Close an account and hand on what was in its hands: one deed."""
    shown, by = get_object_or_404(Person, reference=reference), account_of(request)
    decision = policy.may_deactivate(by, person=shown, on=timezone.localdate())
    if not decision:
        return refuse(request, decision.reason)
    form = forms.HandOverForm(_sent(request), leaver=shown, by=by)
    if request.method == "POST" and form.is_valid():
        try:
            handed = leaving.leave(
                person=shown,
                successor=form.cleaned_data["successor"],
                by=by,
                at=timezone.now(),
            )
        except (BadInput, Refused) as error:
            form.add_error("successor", str(error))
        else:
            messages.success(request, _say(form.cleaned_data["successor"], handed))
            return redirect("directory:people")
    context = {
        "form": form,
        "person": shown,
        "duties": leaving.get_duties(shown, by, at=timezone.now()),
    }
    return render(request, "directory/hand_over.html", context, status=422 if form.errors else 200)


def _sent(request: HttpRequest) -> object:
    return request.POST if request.method == "POST" else None


def _say(successor: Person | None, handed: leaving.HandedOver) -> str:
    closed = _("The account has been closed and every session of it has ended.")
    if successor is None:
        return closed
    with_them = _("%(count)s things are with %(name)s now.") % {
        "count": handed.total,
        "name": successor.full_name,
    }
    return f"{closed} {with_them}"


@never_cache
@login_required
@require_http_methods(READ_AND_SEND)
def leave(request: HttpRequest) -> HttpResponse:
    """Leave, on one's own account."""
    person = account_of(request)
    decision = policy.may_leave(person)
    if not decision:
        return refuse(request, decision.reason)
    form = forms.LeaveForm(_sent(request), leaver=person, by=person)
    if request.method == "POST" and form.is_valid():
        asked = {name: form.cleaned_data[name] for name in forms.LeaveForm.ASKED}
        try:
            leaving.leave(person=person, by=person, at=timezone.now(), **asked)
        except (BadInput, Refused) as error:
            form.add_error("successor", str(error))
        else:
            logout(request)
            return render(request, "directory/left.html")
    context = {"form": form, "duties": leaving.get_duties(person, person, at=timezone.now())}
    return render(request, "directory/leave.html", context, status=422 if form.errors else 200)


@never_cache
@login_required
@require_http_methods(READ_AND_SEND)
def my_data(request: HttpRequest) -> HttpResponse:
    """What is held about oneself; a POST takes it along."""
    if request.method != "POST":
        return render(request, "directory/my_data.html")
    now = timezone.now()
    packed = leaving.write_export(account_of(request), at=now)
    response = HttpResponse(packed, content_type="application/zip")
    name = f"focal-my-data-{timezone.localdate(now).isoformat()}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
