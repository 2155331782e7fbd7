"""Letters and addresses as the administrator's page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, QuerySet

from focal.mail.models import Address, Letter, State


def count_by_state() -> Mapping[str, int]:
    """How many letters stand in each state."""
    counts = dict.fromkeys(State.values, 0)
    rows = Letter.objects.order_by().values("state").annotate(number=Count("pk"))
    return counts | {row["state"]: row["number"] for row in rows}


def list_letters(state: str = "") -> QuerySet[Letter]:
    """Letters, the newest first; of one state when it is named."""
    letters = Letter.objects.defer("text", "html").order_by("-created_at", "-pk")
    return letters.filter(state=state) if state in State.values else letters


def get_letter(reference: str) -> Letter | None:
    """One letter, or None."""
    return Letter.objects.filter(reference=reference).first()


def may_show_text(letter: Letter) -> bool:
    """Whether an administrator is shown what a letter says.

    Only while letters go into a folder, where they lie open to whoever runs the platform; and
    never a link for one use.
    """
    return is_folder() and not letter.is_secret and bool(letter.text)


def is_folder() -> bool:
    """Whether letters are written into a folder instead of being sent."""
    return urlsplit(settings.EMAIL_URL).scheme == "file"


def describe_way_out() -> str:
    """How letters leave, without name and password."""
    parts = urlsplit(settings.EMAIL_URL)
    if parts.scheme == "file":
        return parts.path
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}"


def list_stopped() -> QuerySet[Address]:
    """Addresses to which no more mail goes because it came back."""
    return Address.objects.filter(stopped_at__isnull=False).order_by("-stopped_at", "pk")
