"""Places that apps above fill: fragments of a record's page, and corners where one says something.

A fragment asks for the record as the viewer once more; here stands only where it is found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from focal.sharing.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Slot:
    """`url_name` takes the record's reference. `link` is what is shown where no script runs."""

    key: str
    title: str | Promise
    link: str | Promise
    url_name: str
    stylesheet: str = ""
    is_for_members: bool = True
    is_wanted: Callable[[Viewer, str], bool] | None = None  # None: on every record's page


@dataclass(frozen=True, slots=True)
class ShownSlot:
    """A slot of one record's page."""

    key: str
    title: str
    link: str
    url: str
    stylesheet: str


_slots: dict[str, Slot] = {}


def register_slot(slot: Slot) -> None:
    """Add a place; the same key again replaces it."""
    _slots[slot.key] = slot


def list_slots(viewer: Viewer, reference: str) -> list[ShownSlot]:
    """The places on a record's page for this viewer, in the order they were registered."""
    return [
        ShownSlot(
            key=slot.key,
            title=str(slot.title),
            link=str(slot.link),
            url=reverse(slot.url_name, args=[reference]),
            stylesheet=slot.stylesheet,
        )
        for slot in _slots.values()
        if not (slot.is_for_members and viewer.is_anonymous)
        and (slot.is_wanted is None or slot.is_wanted(viewer, reference))
    ]


@dataclass(frozen=True, slots=True)
class Corner:
    """Where somebody says something, and what they have begun to say is kept.

    `url_name` takes the reference of the record, or of what else the words belong to.
    """

    label: str | Promise
    url_name: str


_corners: dict[str, Corner] = {}


def register_corner(name: str, corner: Corner) -> None:
    """Add a corner; the same name again replaces it."""
    _corners[name] = corner


def get_corner(name: str) -> Corner | None:
    """The corner of that name, or None."""
    return _corners.get(name)
