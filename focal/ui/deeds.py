"""Deeds that apps above offer on a page below: a button that posts, like "Follow".

The page names its place and what it stands for; whoever registered for that place says what
this viewer can do there. Each deed decides for itself once more when it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Deed:
    """One button: `fields` are posted to `url`. `is_on`: done already, the button undoes it.

    `is_link`: nothing is done yet; it leads to the page where it is.
    """

    label: str
    url: str
    icon: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    is_on: bool = False
    is_link: bool = False


Offer = Callable[[HttpRequest, str], Iterable[Deed]]
_offers: dict[str, list[Offer]] = {}


def register_deeds(place: str, offer: Offer) -> None:
    """Offer deeds at a place ("topic", "record", "search" ...); the same twice counts once."""
    offers = _offers.setdefault(place, [])
    if offer not in offers:
        offers.append(offer)


def list_deeds(request: HttpRequest, place: str, key: str) -> list[Deed]:
    """What this viewer can do at a place with the thing of that key."""
    return [deed for offer in _offers.get(place, ()) for deed in offer(request, key)]
