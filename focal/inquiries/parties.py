"""Of whom an answer is expected, for whom an answer speaks, and who is still missing.

A party is a token. What a release list names is taken apart: a format into the economies and
organisations that are its members, so that each of them can be seen to have answered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Value

from focal.directory.models import (
    FocalPoint,
    Format,
    FormatMember,
    FormatSeat,
    Membership,
    Organisation,
    Person,
)
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary


@dataclass(frozen=True, slots=True)
class Directory:
    """What is needed to take release lists apart and to name parties, read once for many.

    `members` are the parties of each format, as tokens. Formats that the viewer may not know
    of are missing in `names`; of those that hide their members `hidden` tells.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    economies: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()

    def expand(self, tokens: Iterable[str]) -> tuple[str, ...]:
        """The parties behind a release list, each once, in a steady order."""
        parties: dict[str, None] = {}
        for token in sorted(tokens):
            if token in self.hidden:
                parties[token] = None
                continue
            for party in self.members.get(token) or (token,):
                parties[party] = None
        return tuple(parties)

    def name(self, party: str) -> str:
        """How a party is called; empty when the viewer may not know of it."""
        return self.names.get(party, "")


def read_directory(
    tokens: Collection[str], *, viewer: Viewer | None, language: str, on: date
) -> Directory:
    """Names, economies and members for these tokens. Five queries for any number of tokens.

    Without a viewer (a job that shows nothing to anybody) nothing is hidden.
    """
    ids = sort_tokens(tokens)
    formats = {row.pk: row for row in _find_formats(ids["format"], viewer=viewer, on=on)}
    known = {pk for pk, row in formats.items() if row.is_known}
    open_ones = {pk for pk, row in formats.items() if row.are_members_known}
    members: dict[str, list[str]] = defaultdict(list)
    for format_id, economy, organisation in (
        FormatMember.objects.current(on)
        .filter(format_id__in=formats, other="")
        .order_by("pk")
        .values_list("format_id", "economy_id", "organisation_id")
    ):
        party = f"economy:{economy}" if economy else f"org:{organisation}"
        members[f"format:{format_id}"].append(party)
    named = {party for parties in members.values() for party in parties}
    ids = sort_tokens({*tokens, *named})
    names, economies = _name(ids, language, on)
    names |= {f"format:{pk}": str(formats[pk]) for pk in known}
    return Directory(
        names=names,
        economies=economies,
        members={key: tuple(parties) for key, parties in members.items()},
        hidden=frozenset(f"format:{pk}" for pk in set(formats) - open_ones),
    )


def _find_formats(ids: Collection[int], *, viewer: Viewer | None, on: date) -> Iterable[Any]:
    """Formats, each with `is_known` and `are_members_known`: what the viewer may know of it."""
    rows = Format.objects.filter(pk__in=ids).only("name", "acronym")
    if viewer is None:
        return rows.annotate(is_known=Value(value=True), are_members_known=Value(value=True))
    this = Format.objects.filter(pk=OuterRef("pk"))
    return rows.annotate(
        is_known=Exists(this.known_to(viewer.person_id, on=on)),
        are_members_known=Exists(this.with_members_known_to(viewer.person_id, on=on)),
    )


def _name(ids: Mapping[str, set], language: str, on: date) -> tuple[dict[str, str], dict[str, str]]:
    vocabulary = get_vocabulary()
    names = {f"economy:{code}": vocabulary.economy_name(code, language) for code in ids["economy"]}
    economies = {f"economy:{code}": code for code in ids["economy"]}
    for pk, acronym, name, code in Organisation.objects.filter(pk__in=ids["org"]).values_list(
        "pk", "acronym", "name", "economy_id"
    ):
        names[f"org:{pk}"] = acronym or name
        if code:
            economies[f"org:{pk}"] = code
    for pk, name in Person.objects.filter(pk__in=ids["person"]).values_list("pk", "full_name"):
        names[f"person:{pk}"] = name
    for pk, code in (
        Membership.objects.current(on)
        .filter(person_id__in=ids["person"], organisation__economy__isnull=False)
        .order_by("-pk")
        .values_list("person_id", "organisation__economy_id")
    ):
        economies[f"person:{pk}"] = code
    return names, economies


def sort_tokens(tokens: Iterable[str]) -> dict[str, set]:
    """The keys of tokens by their kind: codes of economies, numbers of all else."""
    keys: dict[str, set] = defaultdict(set)
    for token in tokens:
        kind, _colon, key = token.partition(":")
        if kind == "economy":
            keys[kind].add(key)
        elif key.isdecimal():
            keys[kind].add(int(key))
    return keys


def find_parties_of(people: Collection[int], *, on: date) -> dict[int, set[str]]:
    """For whom each of these people speaks: themselves, organisations, economies, formats."""
    parties: dict[int, set[str]] = {pk: {f"person:{pk}"} for pk in people}
    for person, organisation, economy in (
        Membership.objects.current(on)
        .filter(person_id__in=people)
        .values_list("person_id", "organisation_id", "organisation__economy_id")
    ):
        parties[person].add(f"org:{organisation}")
        if economy:
            parties[person].add(f"economy:{economy}")
    for person, economy in (
        FocalPoint.objects.current(on)
        .filter(person_id__in=people)
        .values_list("person_id", "economy_id")
    ):
        parties[person].add(f"economy:{economy}")
    for person, body in (
        FormatSeat.objects.current(on)
        .filter(person_id__in=people)
        .values_list("person_id", "format_id")
    ):
        parties[person].add(f"format:{body}")
    return parties
