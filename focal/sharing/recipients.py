"""What a release list can name: by what a form says, and by what a token says.

A form never shows the keys of rows. A format that is confidential is offered to those alone who
sit in it; for everybody else it is a word that nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from django.utils import timezone

from focal.directory.models import Format, Membership, Organisation, Person
from focal.sharing.tokens import kind_of
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary

LISTS = {
    "format": "to_formats",
    "economy": "to_economies",
    "org": "to_organisations",
    "person": "to_people",
}


class Recipients:
    """What one viewer can release something to, in the order of the form.

    `kinds` are those a form offers; what it does not offer is not read.
    """

    def __init__(
        self, language: str, viewer: Viewer, kinds: Collection[str] = tuple(LISTS)
    ) -> None:
        on = timezone.localdate()
        readers: dict[str, Callable[[], list[tuple[Any, str, str]]]] = {
            "format": lambda: _read_formats(viewer, on),
            "economy": lambda: [
                (code, code, name) for code, name in get_vocabulary().economy_choices(language)
            ],
            "org": _read_organisations,
            "person": lambda: _read_people(on),
        }
        self._lists = [(kind, name) for kind, name in LISTS.items() if kind in kinds]
        offered = {kind: read() for kind, read in readers.items() if kind in kinds}
        self.hidden_formats = {pk for pk, _slug, _name in offered.get("format", ())}
        if self.hidden_formats:
            known = Format.objects.with_members_known_to(viewer.person_id, on=on)
            self.hidden_formats -= set(known.values_list("pk", flat=True))
        self.ids: dict[str, dict[str, Any]] = {
            kind: {value: pk for pk, value, _name in rows} for kind, rows in offered.items()
        }
        self.choices: dict[str, list[tuple[str, str]]] = {
            kind: [(value, name) for _pk, value, name in rows] for kind, rows in offered.items()
        }

    def to_lists(self, tokens: Collection[str]) -> dict[str, list[str]]:
        """What the form shows for a release list."""
        return {
            name: [value for value, key in self.ids[kind].items() if f"{kind}:{key}" in set(tokens)]
            for kind, name in self._lists
        }

    def to_tokens(self, lists: dict[str, Collection[str]]) -> list[str]:
        """The release list for what a form says; values that nobody offered are left out."""
        return [
            f"{kind}:{self.ids[kind][value]}"
            for kind, name in self._lists
            for value in lists.get(name) or ()
            if value in self.ids[kind]
        ]

    def to_key(self, token: str) -> str:
        """A token as a page may write it, by references instead of keys; empty if unknown."""
        kind, _colon, key = token.partition(":")
        values = self.ids.get(kind, {})
        return next((f"{kind}:{value}" for value, pk in values.items() if str(pk) == key), "")

    def from_key(self, key: str) -> str:
        """The token behind what a page wrote; empty when nobody offered it."""
        kind, _colon, value = key.partition(":")
        found = self.ids.get(kind, {}).get(value)
        return f"{kind}:{found}" if found is not None else ""

    def find_unknown(self, tokens: Collection[str]) -> set[str]:
        """Tokens of formats that the viewer may not know of."""
        known = {f"format:{key}" for key in self.ids["format"].values()}
        return {token for token in tokens if kind_of(token) == "format" and token not in known}

    def name(self, tokens: Collection[str]) -> list[str]:
        """The names behind a release list, in the order formats, economies, ..."""
        return list(self.name_each(tokens).values())

    def name_each(self, tokens: Collection[str]) -> dict[str, str]:
        """The name behind each token of a release list, in the same order."""
        return {
            f"{kind}:{self.ids[kind][value]}": label
            for kind, pairs in self.choices.items()
            for value, label in pairs
            if f"{kind}:{self.ids[kind][value]}" in tokens
        }


def _read_formats(viewer: Viewer, on: date) -> list[tuple[Any, str, str]]:
    known = Format.objects.known_to(viewer.person_id, on=on).order_by("name", "pk")
    return [
        (pk, slug, acronym or name)
        for pk, slug, acronym, name in known.values_list("pk", "slug", "acronym", "name")
    ]


def _read_organisations() -> list[tuple[Any, str, str]]:
    rows = Organisation.objects.order_by("name", "pk")
    return [
        (pk, reference, f"{name} ({acronym})" if acronym else name)
        for pk, reference, name, acronym in rows.values_list("pk", "reference", "name", "acronym")
    ]


def _read_people(on: date) -> list[tuple[Any, str, str]]:
    places = _read_places(on)
    rows = Person.objects.filter(is_active=True).order_by("full_name", "pk")
    return [
        (pk, reference, f"{name} ({places[pk]})" if places.get(pk) else name)
        for pk, reference, name in rows.values_list("pk", "reference", "full_name")
    ]


def _read_places(on: date) -> dict[int, str]:
    """The organisation of each person, by its short name where it has one."""
    return {
        person: acronym or name
        for person, acronym, name in Membership.objects.current(on)
        .order_by("-pk")
        .values_list("person_id", "organisation__acronym", "organisation__name")
    }
