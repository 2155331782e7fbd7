"""Places on the pages of formats, organisations and economies that apps above fill.

Each asks for itself, as the viewer, what may be shown; here stands only who is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from focal.ui.components import Teaser

FORMAT, ORGANISATION, ECONOMY = "format", "organisation", "economy"


@dataclass(frozen=True, slots=True)
class Filling:
    """What an app shows at a place; `empty` is said where there is nothing."""

    teasers: Sequence[Teaser] = ()
    more_url: str = ""
    more_label: str = ""
    action_url: str = ""
    action_label: str = ""
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """`load` is given the format, organisation or economy's code, the viewer, and how many."""

    place: str
    key: str
    title: str | Promise
    load: Callable[[Any, Any, int], Filling | None]


@dataclass(frozen=True, slots=True)
class FilledSlot:
    """A slot as one page shows it to one viewer."""

    key: str
    title: str
    filling: Filling


_slots: dict[tuple[str, str], Slot] = {}


def register(slot: Slot) -> None:
    """Add a place; the same key again replaces it."""
    _slots[slot.place, slot.key] = slot


def fill(place: str, subject: Any, viewer: Any, *, limit: int = 6) -> list[FilledSlot]:
    """What the apps show about one of these; None fills nothing."""
    filled = []
    for slot in _slots.values():
        if slot.place == place:
            filling = slot.load(subject, viewer, limit)
            if filling is not None:
                filled.append(FilledSlot(slot.key, str(slot.title), filling))
    return filled
