"""The buttons "Follow" and "Save this search", offered on the pages of what can be followed."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from focal.alerts import selectors
from focal.alerts.models import Subscription
from focal.alerts.wishes import get_digest, make_wish, write_wish
from focal.ui.deeds import Deed, Offer, register_deeds

What = Subscription.What


def register() -> None:
    """Offer the buttons."""
    for what in (What.TOPIC, What.ECONOMY, What.FORMAT, What.ORGANISATION, What.RECORD):
        register_deeds(what.value, _offer_to_follow(what))
    register_deeds("search", offer_to_save)


def _offer_to_follow(what: Subscription.What) -> Offer:
    def offer(request: HttpRequest, key: str) -> Iterator[Deed]:
        if request.viewer.person_id is None:  # type: ignore[attr-defined]
            return
        known = selectors.find_followed(request.viewer, what, key)  # type: ignore[attr-defined]
        here = request.get_full_path()
        if known is None:
            fields = (("what", what.value), ("value", key), ("next", here))
            yield Deed(_("Follow"), reverse("alerts:follow"), "bookmark", fields)
        else:
            url = reverse("alerts:give_up", args=[known.reference])
            yield Deed(_("Following: stop"), url, "check-lg", (("next", here),), is_on=True)

    return offer


def offer_to_save(request: HttpRequest, key: str) -> Iterator[Deed]:
    """Save a search, or give it up again; nothing where nothing is asked."""
    wish = make_wish(key)
    if request.viewer.person_id is None or wish.is_empty:  # type: ignore[attr-defined]
        return
    query = write_wish(wish)
    known = selectors.find_followed(
        request.viewer,  # type: ignore[attr-defined]
        What.SEARCH,
        get_digest(query),
    )
    here = request.get_full_path()
    if known is None:
        fields = (("query", query), ("next", here))
        yield Deed(_("Save this search"), reverse("alerts:save_search"), "bookmark", fields)
    else:
        url = reverse("alerts:give_up", args=[known.reference])
        yield Deed(_("Saved: stop following"), url, "check-lg", (("next", here),), is_on=True)
