"""How often one may guess, counted so that nobody can shut another person out.

Wrong passwords and codes are counted for an address *and* the network they come from; never for
the address alone, which a stranger could use up. A device that has signed in to an account before
carries a cookie that says so, and is counted by itself: whatever others try, its owner comes in.
"""

from __future__ import annotations

import secrets

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE = "focal_device"
COOKIE_AGE = 180 * 24 * 3600
_SALT = "focal.directory.device"

KNOWN = {"password": "10/10m/key", "code": "10/10m/key"}
STRANGE = {"password": "100/m/ip,5/5m/key", "code": "100/m/ip,5/5m/key"}
# All strange devices together: whoever holds the password and many networks still cannot try
# codes until one fits. Devices of the account itself are not counted here.
ALL_STRANGE = {"code": "50/h/key"}


def remember_device(request: HttpRequest, response: HttpResponse, account: str) -> None:
    """This browser has signed in to the account with this address."""
    if find_device(request, account):
        return
    response.set_cookie(
        COOKIE,
        signing.dumps([_name(account), secrets.token_urlsafe(12)], salt=_SALT),
        max_age=COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def find_device(request: HttpRequest, account: str) -> str:
    """The device that has signed in to this account before; empty for a strange one."""
    try:
        named, device = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=COOKIE_AGE
        )
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(device) if named == _name(account) else ""


def _name(account: str) -> str:
    """The cookie names the account by a keyed hash: a lost device tells nobody's address."""
    return signing.Signer(salt=_SALT).signature(account.strip().lower())


class Attempts:
    """Attempts that have been counted; `take_back` when one turned out right."""

    def __init__(self, usages: list[ratelimit.RateLimitUsage]) -> None:
        self._usages = usages

    def take_back(self) -> None:
        for usage in self._usages:
            usage.rollback()


def count_attempt(request: HttpRequest, action: str, account: str) -> Attempts | None:
    """Count one attempt (`password` or `code`) on an account; None when there were too many.

    Asks nothing of the database: known, unknown and closed addresses are counted alike.
    """
    account = account.strip().lower()
    device = find_device(request, account)
    if device:
        asked = [(KNOWN, f"device:{device}:{account}")]
    else:
        asked = [(STRANGE, f"{ratelimit.get_ip(request)}:{account}"), (ALL_STRANGE, account)]
    usages = []
    for config, key in asked:
        usage = ratelimit.consume(
            request, app="focal.directory", action=action, config=config, key=key
        )
        if usage is None:
            return None
        usages.append(usage)
    return Attempts(usages)
