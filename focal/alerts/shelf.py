"""The records that letters tell of, read once for many people, as far as each may see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils import translation

from focal.alerts.models import Item
from focal.records.finding.shown import ShownRecord, show
from focal.records.models import Record
from focal.sharing.viewer import Viewer
from focal.vocabulary.languages import canonical_language

CARRIED = ("CLEAR", "GREEN")  # markings of what mail may name
MOST_SHOWN = 5
RECORDS_AT_ONCE = 5000


def in_parts(things: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """So many at a time, in their order."""
    return (things[start : start + size] for start in range(0, len(things), size))


@dataclass(frozen=True, slots=True)
class Shelf:
    """The records that the letters of some people tell of, read once for all of them.

    `seen` says which of them each person may see, by their references; `shown` has them in the
    languages of those who are told of them.
    """

    rows: Mapping[str, Record]
    seen: Mapping[int, AbstractSet[str]]
    shown: Mapping[tuple[str, str], ShownRecord]

    @classmethod
    def fill(
        cls, readers: Mapping[int, tuple[Viewer, str]], due: Mapping[int, Sequence[Item]]
    ) -> Shelf:
        """Ask the door for everybody at once, and read what will be shown in each language.

        `readers` and `due` go by the numbers of people: as whom they look and in which language,
        and the items whose turn it is.
        """
        wanted = {item.record for items in due.values() for item in items if item.record}
        rows: dict[str, Record] = {}
        seen: dict[int, set[str]] = {person: set() for person in readers}
        viewers = {person: viewer for person, (viewer, _language) in readers.items()}
        for some in in_parts(sorted(wanted), RECORDS_AT_ONCE):
            found, known = Record.objects.visible_to_each(
                viewers, defer=("body",), reference__in=some
            )
            rows |= {row.reference: row for row in found.values()}
            for person, keys in known.items():
                seen[person].update(found[key].reference for key in keys)
        shown: dict[tuple[str, str], ShownRecord] = {}
        told: dict[str, set[str]] = {}
        for person, (_viewer, language) in readers.items():
            news = pick_news(due[person], rows, seen[person])
            told.setdefault(language, set()).update(item.record for item in news)
        for language, references in told.items():
            with translation.override(language):
                code = canonical_language(translation.get_language() or "en")
                for record in show([rows[r] for r in sorted(references)], code):
                    shown[code, record.reference] = record
        return cls(rows, seen, shown)


def pick_news(
    items: Sequence[Item], rows: Mapping[str, Record], seen: AbstractSet[str]
) -> list[Item]:
    """Which new records a letter names: the most relevant of those that mail may carry."""
    news = (
        item
        for item in leave_out_doubles(items)
        if item.source == Item.Source.MATCH
        and item.record in seen
        and rows[item.record].marking in CARRIED
    )
    return list(islice(news, MOST_SHOWN))


def leave_out_doubles(items: Sequence[Item]) -> list[Item]:
    """A record that concerns its reader in person is no news beside: it is told of once."""
    own = {item.record for item in items if item.source != Item.Source.MATCH}
    return [item for item in items if item.source != Item.Source.MATCH or item.record not in own]
