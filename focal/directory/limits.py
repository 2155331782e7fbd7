"""How often one may guess, counted so that nobody can shut another person out.

Wrong passwords and codes are counted for an address *and* the network they come from; never for
the address alone, which a stranger could use up. A device that has signed in to an account before
carries a cookie that says so, and is counted by itself: whatever others try, its owner comes in.
Pages that ask for work without asking for a secret are limited by network, or by who asks. All
counts stand in the database, where every process of every web server sees them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from focal.directory.models import Attempt

View = Callable[..., HttpResponse]
COOKIE = "focal_device"
COOKIE_AGE = 180 * 24 * 3600
KEPT_FOR = timedelta(days=1)  # longer than any limit looks back
_SALT = "focal.directory.device"

KNOWN = {"password": "10/10m/key", "code": "10/10m/key"}
STRANGE = {"password": "100/m/ip,5/5m/key", "code": "100/m/ip,5/5m/key"}
# All strange devices together: whoever holds the password and many networks still cannot try
# codes until one fits. Devices of the account itself are not counted here.
ALL_STRANGE = {"code": "50/h/key"}
# What is sent to these pages. allauth's own limits are switched off: they count in each process
# by itself, and ten passkeys a minute from one network shut a ministry out.
PAGES = {
    "accept_invitation": "30/m/ip",
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "passkey": "300/m/ip",
}
CODE_LIVES = timedelta(minutes=5)  # longer than a code of an app is taken


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

    def __init__(self, made: Sequence[Attempt]) -> None:
        self._keys = [attempt.pk for attempt in made]

    def take_back(self) -> None:
        Attempt.objects.filter(pk__in=self._keys).delete()


def count_attempt(request: HttpRequest, action: str, account: str) -> Attempts | None:
    """Count one attempt (`password` or `code`) on an account; None when there were too many.

    It is written down before the others are counted, so that guesses sent all at once, to many
    processes, see one another. One that is refused does not count. What is asked of the database
    is the same for known, unknown and closed addresses.
    """
    account = account.strip().lower()
    device, network = find_device(request, account), ratelimit.get_ip(request)
    if device:
        asked = [(KNOWN, f"device:{device}:{account}")]
    else:
        asked = [(STRANGE, f"{network}:{account}"), (ALL_STRANGE, account)]
    return _count(
        [
            (rate, f"{action}:{rate.per}:{network if rate.per == 'ip' else key}")
            for config, key in asked
            for rate in ratelimit.parse_rates(config.get(action))
        ]
    )


def _count(named: Sequence[tuple[ratelimit.Rate, str]]) -> Attempts | None:
    rates = [(rate, _hide(key)) for rate, key in named]
    at = timezone.now()
    made = Attempt.objects.bulk_create(Attempt(key=key, at=at) for _rate, key in rates)
    attempts = Attempts(made)
    for rate, key in rates:
        since = at - timedelta(seconds=rate.duration)
        if Attempt.objects.filter(key=key, at__gt=since).count() > rate.amount:
            attempts.take_back()
            return None
    return attempts


def limit_posts(view: View, action: str, key: str = "") -> View:
    """The view, answering 429 when too much is sent to it; `key` names a field of the form."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        if request.method == "POST" and not _may_send(request, action, key):
            return ratelimit.respond_429(request)
        return view(request, *args, **more)

    return wrapped


def _may_send(request: HttpRequest, action: str, key: str) -> bool:
    asker = {
        "ip": ratelimit.get_ip(request),
        "user": str(request.user.pk),
        "key": request.POST.get(key, "").strip().lower(),
    }
    rates = ratelimit.parse_rates(PAGES[action])
    return _count([(rate, f"{action}:{rate.per}:{asker[rate.per]}") for rate in rates]) is not None


def is_first_use(account: str, code: str) -> bool:
    """Whether a code of an app is used for the first time: once for all processes together."""
    at = timezone.now()
    key = _hide(f"used:{account.strip().lower()}:{code}")
    used = Attempt.objects.create(key=key, at=at)
    earlier = Attempt.objects.filter(key=key, at__gt=at - CODE_LIVES).exclude(pk=used.pk)
    return not earlier.exists()


def _hide(key: str) -> str:
    """Attempts name addresses and networks by a keyed hash: the table tells nobody's."""
    return salted_hmac("focal.directory.attempt", key, algorithm="sha256").hexdigest()


def forget_attempts(at: datetime) -> int:
    """Delete what no limit looks back to any more; returns how many."""
    return Attempt.objects.filter(at__lt=at - KEPT_FOR).delete()[0]
