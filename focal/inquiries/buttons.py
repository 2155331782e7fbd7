"""The button "Ask a question", offered on the pages of whom one can ask."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from focal.sharing import policy
from focal.ui.deeds import Deed, Offer, register_deeds

LISTS = {"organisation": "to_organisations", "person": "to_people"}


def register() -> None:
    """Offer the button."""
    for place, recipients in LISTS.items():
        register_deeds(place, _offer_to_ask(recipients))


def _offer_to_ask(recipients: str) -> Offer:
    def offer(request: HttpRequest, key: str) -> Iterator[Deed]:
        if policy.may_create(request.viewer):  # type: ignore[attr-defined]
            address = f"{reverse('inquiries:ask')}?{urlencode({recipients: key})}"
            yield Deed(_("Ask a question"), address, "question-circle", is_link=True)

    return offer
