"""What the pages of finding share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language

from focal.vocabulary.languages import canonical_language

View = Callable[..., HttpResponse]


def get_reader_language() -> str:
    """The language of the interface, by the vocabulary's code."""
    return canonical_language(get_language() or "en")


def find_address(name: str, *arguments: object) -> str:
    """The address of a page that another part offers; empty when it does not."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


def make_absolute(path: str) -> str:
    """The whole address of a page, as it is passed on."""
    return settings.SITE_ADDRESS.rstrip("/") + path


def keep_fresh(view: View) -> View:
    """Lets visitors keep a page, and ask each time whether it still holds.

    The tag is made from the very page that this viewer is shown, so it tells nothing that
    the page does not. Members' pages are not kept at all (sharing.middleware).
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        patch_vary_headers(response, ("Cookie", "Accept-Language"))
        if not request.viewer.is_anonymous or response.status_code != 200:
            return response
        digest = hashlib.sha256(response.content).hexdigest()[:32]
        response.headers["ETag"] = f'"{digest}"'
        response.headers.setdefault("Cache-Control", "no-cache")
        return (
            get_conditional_response(request, etag=response["ETag"], response=response) or response
        )

    return wrapped
