"""How one signs in: the second factor that is required, sessions and devices, single sign-on."""

from __future__ import annotations

from allauth.account.internal.flows.logout import logout
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import remove_webauthn as allauth_remove_webauthn
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from focal.directory import factors, selectors
from focal.directory.views.accounts import account_of, can_use_passkeys


@never_cache
@login_required
@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """Set up a second factor, or show the one there is; nothing else opens before."""
    if factors.is_whole(request):
        return redirect("mfa_index")
    context = {
        "factors": selectors.get_factors(account_of(request)),
        "can_use_passkeys": can_use_passkeys(request),
    }
    return render(request, "directory/second_factor.html", context)


@login_required
def remove_webauthn(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a key; the last second factor stays."""
    person = account_of(request)
    own = Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN, pk=pk)
    if own.exists() and factors.count_factors(person) < 2:
        messages.error(
            request, _("This is your only second factor. Set up another one before you remove it.")
        )
        return redirect("mfa_list_webauthn")
    return allauth_remove_webauthn(request, pk=pk)


@require_safe
def provider_refused(request: HttpRequest) -> HttpResponse:
    """Single sign-on did not lead in; the same page for every reason."""
    return render(request, "directory/provider_refused.html", status=403)


@never_cache
@login_required
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """Where the account is signed in."""
    rows = selectors.list_sessions(
        account_of(request), current_key=request.session.session_key or ""
    )
    return render(request, "directory/sessions.html", {"sessions": rows})


@login_required
@require_POST
def end_session(request: HttpRequest, key: int) -> HttpResponse:
    """Sign out one device."""
    session = UserSession.objects.filter(user=account_of(request), pk=key).first()
    if session is None:
        raise Http404
    is_this = session.session_key == request.session.session_key
    session.end()
    if is_this:
        logout(request)
        return redirect("account_login")
    messages.success(request, _("That device has been signed out."))
    return redirect("directory:sessions")


@login_required
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere, here as well."""
    for session in UserSession.objects.filter(user=account_of(request)):
        session.end()
    logout(request)
    messages.success(request, _("You have been signed out everywhere."))
    return redirect("account_login")
