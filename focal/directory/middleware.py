"""Nobody is a member to the platform before this session has shown a second factor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from focal.directory import factors

# What stays open: the way to a factor, the way out, and what is no page.
ALWAYS = {
    "account_logout",
    "account_reauthenticate",
    "directory:accept_invitation",
    "directory:second_factor",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "web:healthz",
    "web:robots",
    "web:set_language",
}
# Only for those who have none yet: a password alone must not add a factor beside another.
TO_SET_UP = {"mfa_activate_totp", "mfa_add_webauthn"}


class SecondFactorMiddleware:
    """Leads every other page to the one where a second factor is set up or shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and factors.is_whole(request):
            factors.note_seen(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not request.user.is_authenticated or factors.is_whole(request):
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in ALWAYS:
            return None
        if name in TO_SET_UP and not factors.count_factors(request.user):
            return None
        return redirect("directory:second_factor")
