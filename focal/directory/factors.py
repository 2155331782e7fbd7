"""The second factor that every member must show, and what a session has shown of it.

What counts is what this session has shown, not what the account has: somebody who knows only the
password gets no further because its owner has set up a factor elsewhere meanwhile.
"""

from __future__ import annotations

import time

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from focal.directory.models import Person

SEEN = "focal_seen_hour"


def is_whole(request: HttpRequest) -> bool:
    """Whether this session has shown a second factor. Asks no query.

    A sign-in by the provider counts where the operator says that it asks for one itself.
    """
    enough = {"mfa", "socialaccount"} if settings.OIDC_SECOND_FACTOR else {"mfa"}
    records = get_authentication_records(request, request.user)
    return any(record.get("method") in enough for record in records)


def note_shown(request: HttpRequest, person: Person, *, kind: str, key: int) -> None:
    """The session has just shown a factor, by setting it up."""
    record_authentication(request, person, "mfa", type=kind, id=key, reauthenticated=True)


def count_factors(person: Person) -> int:
    """How many ways a person has to take the second step; recovery codes are none of them."""
    return (
        Authenticator.objects.filter(user=person)
        .exclude(type=Authenticator.Type.RECOVERY_CODES)
        .count()
    )


def note_seen(request: HttpRequest) -> None:
    """Keep, once an hour, when a session was last used: for the list of sessions."""
    hour = int(time.time() // 3600)
    if request.session.get(SEEN) == hour:
        return
    from allauth.usersessions.models import UserSession  # noqa: PLC0415 -- after the apps

    request.session[SEEN] = hour
    UserSession.objects.filter(session_key=request.session.session_key).update(
        last_seen_at=timezone.now()
    )
