"""What needs a second person is offered to be put before one."""

from __future__ import annotations

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from focal.records.kinds import get_kind
from focal.records.models import Record

SALT = "focal.records.second-eyes"


def offer_second_eyes(
    request: HttpRequest, record: Record, wanted: dict[str, object], problem: str
) -> HttpResponse:
    """Say that a second person has to confirm, and offer to ask (status 409)."""
    context = {
        "record": record,
        "kind": get_kind(record.kind),
        "problem": problem,
        "wanted": signing.dumps([record.reference, wanted], salt=SALT),
    }
    return render(request, "records/sharing/second.html", context, status=409)
