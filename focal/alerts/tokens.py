"""The link that ends letters of news: it says whose they are, and works without signing in."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse

SALT = "focal.alerts.stop"


def make_stop_url(person_reference: str) -> str:
    """The whole address of a person's door out. It never grows old: letters are kept for years."""
    token = signing.dumps(person_reference, salt=SALT)
    return settings.SITE_ADDRESS.rstrip("/") + reverse("alerts:stop", args=[token])


def read_stop_token(token: str) -> str:
    """The reference of the person a token was made for; "" when nobody made it here."""
    try:
        return str(signing.loads(token, salt=SALT))
    except signing.BadSignature:
        return ""
