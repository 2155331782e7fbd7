"""Who will see it: an audience as people, organisations and economies, with their names.

The count and the names are made from the same tokens that the door asks for, so what is shown
here is what will happen. Names of those who sit in a format that does not show its members stay
unsaid, and such people are counted apart: a number that grew less than expected would tell who
of them works where.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from focal.directory.models import FocalPoint, Format, FormatSeat, Membership, Organisation, Person
from focal.sharing.tokens import COMMUNITY, PUBLIC, SECRETARIAT, compute_audience
from focal.sharing.viewer import WRITERS

MOST_NAMES = 60  # people named one by one; of larger audiences only the organisations are


@dataclass(frozen=True, slots=True)
class Group:
    """People of one organisation, or of none; `people` are names, in order."""

    organisation: str
    economy: str
    people: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Unnamed:
    """How many sit in a format that does not show its members."""

    format: str
    count: int


@dataclass(frozen=True, slots=True)
class Audience:
    """Who sees something. For everybody (`is_public`) nobody is counted."""

    is_public: bool
    is_community: bool
    people: int = 0
    organisations: int = 0
    economies: int = 0
    groups: tuple[Group, ...] = ()
    unnamed: tuple[Unnamed, ...] = ()

    @property
    def is_nobody(self) -> bool:
        """Whether nobody at all would see it."""
        return not (self.is_public or self.people or self.unnamed)

    @property
    def has_names(self) -> bool:
        """Whether people are named one by one."""
        return self.people <= MOST_NAMES

    @property
    def headline(self) -> str:
        """'14 people in 6 organisations of 4 economies'."""
        parts = {
            "people": ngettext("%s person", "%s people", self.people) % self.people,
            "organisations": ngettext("%s organisation", "%s organisations", self.organisations)
            % self.organisations,
            "economies": ngettext("%s economy", "%s economies", self.economies) % self.economies,
        }
        if not self.organisations:
            return parts["people"]
        if not self.economies:
            return _("%(people)s in %(organisations)s") % parts
        return _("%(people)s in %(organisations)s of %(economies)s") % parts


def describe_audience(
    *,
    marking: str,
    releases: Collection[str],
    owner_organisation_id: int | None,
    owner_person_id: int | None,
    hidden_formats: Collection[int] = (),
    on: date,
) -> Audience:
    """Who sees a record with this marking and release list once it is published.

    `hidden_formats` are those whose members the asker is not shown. Six queries at most.
    """
    tokens = compute_audience(
        marking=marking,
        is_out=True,
        in_review=False,
        owner_organisation_id=owner_organisation_id or 0,
        owner_person_id=owner_person_id,
        releases=releases,
    )
    return describe_tokens(tokens, hidden_formats=hidden_formats, on=on)


def describe_tokens(
    tokens: Collection[str], *, hidden_formats: Collection[int] = (), on: date
) -> Audience:
    """Who holds one of these tokens on a day."""
    if PUBLIC in tokens:
        return Audience(is_public=True, is_community=False)
    hidden = set(hidden_formats) & _sort(tokens)["format"]
    people = find_people(set(tokens) - {f"format:{pk}" for pk in hidden}, on=on)
    groups, organisations, economies = _group(people, on)
    return Audience(
        is_public=False,
        is_community=COMMUNITY in tokens,
        people=len(people),
        organisations=len(organisations),
        economies=len(economies),
        groups=groups,
        unnamed=_count_unnamed(hidden, on),
    )


def find_people(tokens: Collection[str], *, on: date) -> set[int]:
    """The active people who hold one of these tokens on a day."""
    active = Person.objects.filter(is_active=True)
    if COMMUNITY in tokens or PUBLIC in tokens:
        return set(active.values_list("pk", flat=True))
    ids = _sort(tokens)
    rule = Q(pk__in=ids["person"])
    if ids["format"]:
        seats = FormatSeat.objects.current(on).filter(format_id__in=ids["format"])
        rule |= Q(pk__in=seats.values("person_id"))
    if ids["economy"]:
        posts = FocalPoint.objects.current(on).filter(economy_id__in=ids["economy"])
        rule |= Q(pk__in=posts.values("person_id"))
    place = Q(organisation_id__in=ids["org"])
    place |= Q(organisation_id__in=ids["desk"], role__in=WRITERS)
    if SECRETARIAT in tokens:
        place |= Q(organisation__is_secretariat=True, role__in=WRITERS)
    places = Membership.objects.current(on).filter(place)
    rule |= Q(pk__in=places.values("person_id"))
    return set(active.filter(rule).values_list("pk", flat=True))


def find_organisations(tokens: Collection[str], *, on: date) -> set[int]:
    """The organisations that somebody who holds one of these tokens on a day is a member of."""
    people = find_people(tokens, on=on)
    return set(
        Membership.objects.current(on)
        .filter(person_id__in=people)
        .values_list("organisation_id", flat=True)
    )


def _sort(tokens: Collection[str]) -> dict[str, set]:
    """The tokens' keys by their kind: numbers, and codes of economies."""
    sorted_keys: dict[str, set] = defaultdict(set)
    for token in tokens:
        kind, _colon, key = token.partition(":")
        if kind == "economy":
            sorted_keys[kind].add(key)
        elif key.isdecimal():
            sorted_keys[kind].add(int(key))
    return sorted_keys


def _group(people: Collection[int], on: date) -> tuple[tuple[Group, ...], set[int], set[str]]:
    """The people by organisation, and the organisations and economies that they stand for."""
    names = dict(Person.objects.filter(pk__in=people).values_list("pk", "full_name"))
    economies = set(
        FocalPoint.objects.current(on)
        .filter(person_id__in=people)
        .values_list("economy_id", flat=True)
    )
    members: dict[int, set[int]] = defaultdict(set)
    for person, organisation in (
        Membership.objects.current(on)
        .filter(person_id__in=people)
        .values_list("person_id", "organisation_id")
    ):
        members[organisation].add(person)
    rows = {row.pk: row for row in Organisation.objects.filter(pk__in=members)}
    economies |= {row.economy_id for row in rows.values() if row.economy_id}
    groups = [
        _make_group(str(rows[pk]), rows[pk].economy_id or "", (names[p] for p in ids), len(people))
        for pk, ids in members.items()
    ]
    alone = set(names) - {person for ids in members.values() for person in ids}
    groups.sort(key=lambda group: group.organisation.casefold())
    if alone:
        groups.append(_make_group("", "", (names[p] for p in alone), len(people)))
    return tuple(groups), set(members), economies


def _make_group(organisation: str, economy: str, names: Iterable[str], in_all: int) -> Group:
    ordered = tuple(sorted(names, key=str.casefold))
    return Group(organisation, economy, ordered if in_all <= MOST_NAMES else (), count=len(ordered))


def _count_unnamed(formats: Collection[int], on: date) -> tuple[Unnamed, ...]:
    if not formats:
        return ()
    counts = Counter(
        FormatSeat.objects.current(on)
        .filter(format_id__in=formats, person__is_active=True)
        .values_list("format_id", flat=True)
    )
    rows = Format.objects.filter(pk__in=formats).order_by("name", "pk")
    return tuple(Unnamed(str(row), counts[row.pk]) for row in rows)
