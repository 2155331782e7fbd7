"""The reader's language, and addresses that carry filters."""

from __future__ import annotations

from urllib.parse import urlencode

from django.utils.translation import get_language

from focal.vocabulary.languages import canonical_language
from focal.web.context import find_address


def get_interface_language() -> str:
    """The language of the interface, as the vocabulary spells it."""
    return canonical_language(get_language() or "en")


def make_search_address(**filters: str) -> str:
    """The address of the search page with filters set."""
    base = find_address("records:search") or "/search"
    return f"{base}?{urlencode(filters)}"
