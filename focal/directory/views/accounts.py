"""The account pages. They translate between a request and `services`, and hold no rules."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import partial
from typing import cast
from urllib.parse import urlsplit

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.account.views import LoginView
from allauth.mfa.webauthn.views import add_webauthn as allauth_add_webauthn
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from focal.directory import forms, policy, selectors, services
from focal.directory.limits import limit_posts
from focal.directory.models import FocalPoint, Invitation, Membership, Person
from focal.kernel.decision import Decision
from focal.kernel.errors import BadInput, Refused

READ_AND_SEND = ("GET", "HEAD", "POST")


# Coming in


@never_cache
@require_http_methods(READ_AND_SEND)
def accept_invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Make one's account from a link. Every link that does not work gets the same page."""
    return _keep_out_of_log(_accept(request, secret=secret))


@partial(limit_posts, action="accept_invitation")
def _accept(request: HttpRequest, *, secret: str) -> HttpResponse:
    at = timezone.now()
    invitation = selectors.find_open_invitation(secret=secret, at=at)
    if invitation is None:
        return _closed(request)
    form = _make_accept_form(request, invitation)
    if request.method == "POST" and form.is_valid():
        try:
            person = services.accept(secret=secret, at=at, **form.cleaned_data)
        except services.ClosedInvitation:
            return _closed(request)
        except ValidationError as error:
            _add_errors(form, error)
        else:
            # They have just shown that they know the password: a second factor can follow at once.
            record_authentication(
                request, person, method="password", email=person.email, reauthenticated=True
            )
            return perform_login(request, person, redirect_url=settings.LOGIN_REDIRECT_URL)
    context = {"form": form, "invitation": invitation, "is_first": not invitation.email}
    return render(request, "directory/accept.html", context, status=_status_of(form))


def _keep_out_of_log(response: HttpResponse) -> HttpResponse:
    """Django notes the address of every answer from 400 on; this one holds a living secret."""
    setattr(response, "_has_been_logged", True)  # noqa: B010 -- Django's own mark, not a field
    return response


def _make_accept_form(request: HttpRequest, invitation: Invitation) -> Form:
    is_first = selectors.is_for_first_administrator(invitation)
    kind = forms.FirstAdministratorForm if is_first else forms.AcceptForm
    initial = {"full_name": invitation.full_name, "language": get_language()}
    return kind(_sent(request), initial=initial)


def account_of(request: HttpRequest) -> Person:
    """Whoever is signed in; behind `login_required` that is always a person."""
    return cast("Person", request.user)


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "directory/closed_invitation.html", status=404)


def _add_errors(form: Form, error: ValidationError) -> None:
    """Errors by field, beside the field where the form has it."""
    for field, problems in error.message_dict.items():
        form.add_error(field if field in form.fields else None, problems)


def _status_of(form: Form) -> int:
    return 422 if form.errors else 200


def can_use_passkeys(request: HttpRequest) -> bool:
    """Browsers offer passkeys to names alone, never to a bare IP address."""
    host = urlsplit(f"//{request.get_host()}").hostname or ""
    return _read_ip(host) is None and (request.is_secure() or host == "localhost")


def _read_ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


class _LoginView(LoginView):
    def get_context_data(self, **kwargs: object) -> dict:
        context = super().get_context_data(**kwargs)
        if not can_use_passkeys(self.request):
            context["PASSKEY_LOGIN_ENABLED"] = False  # its button could do nothing here
        if settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]:
            address = reverse("openid_connect_login", args=[settings.OIDC_PROVIDER])
            context["provider"] = {"name": settings.OIDC_NAME, "address": address}
        return context


login = _LoginView.as_view()


@login_required
def add_webauthn(request: HttpRequest) -> HttpResponse:
    """Add a passkey, or say where that works."""
    if can_use_passkeys(request):
        return allauth_add_webauthn(request)
    asked = urlsplit(f"//{request.get_host()}")
    ip, port = _read_ip(asked.hostname or ""), f":{asked.port}" if asked.port else ""
    address = f"http://localhost{port}{request.path}" if ip and ip.is_loopback else ""
    return render(request, "directory/passkeys_elsewhere.html", {"address": address})


def signup_closed(request: HttpRequest) -> HttpResponse:
    """Nobody opens an account by themselves."""
    return render(request, "account/signup_closed.html")


@login_required
def own_email(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- a view
    """allauth's page of addresses is not offered; an address is the one that was invited."""
    return redirect("directory:me")


# One's own account


@never_cache
@login_required
@require_http_methods(READ_AND_SEND)
def me(request: HttpRequest) -> HttpResponse:
    """Name, language, places, and the ways to sign in."""
    person = account_of(request)
    initial = {"full_name": person.full_name, "language": person.language}
    form = forms.MeForm(_sent(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        services.change_person(person=person, at=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Your account has been changed."))
        response = redirect("directory:me")
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            form.cleaned_data["language"],
            max_age=365 * 24 * 3600,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
        return response
    context = {
        "form": form,
        "places": selectors.get_places(person, on=timezone.localdate()),
        "factors": selectors.get_factors(person),
        "may_look_after_people": policy.may_look_after_people(person, on=timezone.localdate()),
        "may_invite": policy.may_invite_at_all(person, on=timezone.localdate()),
    }
    return render(request, "directory/me.html", context, status=_status_of(form))


# Looking after people


View = Callable[..., HttpResponse]


def guard(may: Callable[..., Decision]) -> Callable[[View], View]:
    """Pages for those whom a rule lets in; a 403 with the reason for every other member."""

    def decorate(view: View) -> View:
        @never_cache
        @login_required
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            decision = may(account_of(request), on=timezone.localdate())
            if not decision:
                return refuse(request, decision.reason)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def refuse(request: HttpRequest, reason: str) -> HttpResponse:
    """A deed on something one may see, refused with its reason."""
    return render(request, "directory/refused.html", {"reason": reason}, status=403)


for_caretakers = guard(policy.may_look_after_people)
for_inviters = guard(policy.may_invite_at_all)


@for_caretakers
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Members, pending invitations, closed accounts."""
    on = timezone.localdate()
    context = {
        "members": selectors.list_people(is_active=True, on=on),
        "closed": selectors.list_people(is_active=False, on=on),
        "invitations": selectors.list_pending_invitations(),
        "now": timezone.now(),
    }
    return render(request, "directory/people.html", context)


@for_inviters
@require_http_methods(READ_AND_SEND)
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody. Whoever looks after people is then shown the link, once; a focal point
    is not, because it would tell whether the address has an account.
    """
    person, on = account_of(request), timezone.localdate()
    is_caretaker = bool(policy.may_look_after_people(person, on=on))
    form = forms.InviteForm(
        _sent(request),
        offers_administrator=person.is_administrator,
        economies=None if is_caretaker else policy.get_own_economies(person, on=on),
    )
    if request.method == "POST" and form.is_valid():
        try:
            link = services.invite(
                invited_by=account_of(request), at=timezone.now(), **form.cleaned_data
            )
        except (BadInput, Refused) as error:
            form.add_error(None, str(error))
        else:
            context = {
                "link": link if is_caretaker else "",
                "email": form.cleaned_data["email"],
                "is_caretaker": is_caretaker,
            }
            return render(request, "directory/invited.html", context)
    context = {
        "form": form,
        "is_caretaker": is_caretaker,
        "invitations": [] if is_caretaker else selectors.list_pending_invitations(by=person),
        "now": timezone.now(),
    }
    return render(request, "directory/invite.html", context, status=_status_of(form))


@for_inviters
@require_POST
def revoke_invitation(request: HttpRequest, key: int) -> HttpResponse:
    """Make an invitation's link stop working."""
    person = account_of(request)
    is_caretaker = bool(policy.may_look_after_people(person, on=timezone.localdate()))
    own = Invitation.objects.exclude(email="")
    if not is_caretaker:
        own = own.filter(invited_by=person)
    services.revoke_invitation(
        invitation=get_object_or_404(own, pk=key), by=person, at=timezone.now()
    )
    messages.success(request, _("The invitation has been revoked; its link no longer works."))
    return redirect("directory:people" if is_caretaker else "directory:invite")


@for_caretakers
@require_safe
def person(request: HttpRequest, reference: str) -> HttpResponse:
    """One person: places, and what can be done about the account."""
    return _show_person(request, get_object_or_404(Person, reference=reference))


def _show_person(
    request: HttpRequest, shown: Person, form: Form | None = None, post_form: Form | None = None
) -> HttpResponse:
    on, by = timezone.localdate(), account_of(request)
    form = form or forms.PlaceForm()
    context = {
        "person": shown,
        "places": selectors.get_places(shown, on=on),
        "form": form,
        "may_deactivate": policy.may_deactivate(by, person=shown, on=on),
        "may_appoint": policy.may_appoint_focal_points(by, on=on),
        "post_form": post_form or forms.FocalPostForm(),
    }
    has_errors = form.errors or (post_form and post_form.errors)
    return render(request, "directory/person.html", context, status=422 if has_errors else 200)


@for_caretakers
@require_POST
def give_place(request: HttpRequest, reference: str) -> HttpResponse:
    """Give a member a place in an organisation."""
    shown = get_object_or_404(Person, reference=reference)
    form = forms.PlaceForm(request.POST)
    if form.is_valid():
        try:
            services.give_place(
                person=shown, by=account_of(request), at=timezone.now(), **form.cleaned_data
            )
        except (BadInput, Refused) as error:
            form.add_error(None, str(error))
    if form.errors:
        return _show_person(request, shown, form)
    messages.success(request, _("The place has been given."))
    return redirect("directory:person", reference)


@for_caretakers
@require_POST
def end_place(request: HttpRequest, reference: str, key: int) -> HttpResponse:
    """End a member's place in an organisation."""
    membership = get_object_or_404(
        Membership.objects.select_related("person", "organisation"),
        pk=key,
        person__reference=reference,
    )
    try:
        services.end_place(membership=membership, by=account_of(request), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The place has ended."))
    return redirect("directory:person", reference)


@for_caretakers
@require_POST
def appoint(request: HttpRequest, reference: str) -> HttpResponse:
    """Enter whom an economy has named to speak for it."""
    shown = get_object_or_404(Person, reference=reference)
    form = forms.FocalPostForm(request.POST)
    if form.is_valid():
        try:
            services.appoint_focal_point(
                person=shown,
                economy_id=form.cleaned_data["economy"],
                by=account_of(request),
                at=timezone.now(),
            )
        except (BadInput, Refused) as error:
            form.add_error(None, str(error))
    if form.errors:
        return _show_person(request, shown, post_form=form)
    messages.success(request, _("The focal point has been entered."))
    return redirect("directory:person", reference)


@for_caretakers
@require_POST
def end_post(request: HttpRequest, reference: str, key: int) -> HttpResponse:
    """Somebody no longer speaks for an economy."""
    post = get_object_or_404(
        FocalPoint.objects.select_related("person"), pk=key, person__reference=reference
    )
    try:
        services.end_focal_post(post=post, by=account_of(request), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The post has ended."))
    return redirect("directory:person", reference)
