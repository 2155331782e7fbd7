"""Who is who: people as another member may see them, by economy, organisation, format, topic.

What a person shows is theirs to choose, field by field. What is filtered by is only what is
shown: a filter must not tell what a page keeps to itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from focal.directory.models import (
    FocalPoint,
    Format,
    FormatMember,
    FormatSeat,
    Membership,
    Organisation,
    Person,
    Profile,
)
from focal.search.folding import fold_words
from focal.vocabulary.collation import get_sort_key
from focal.vocabulary.selectors import get_vocabulary


@dataclass(frozen=True, slots=True)
class Card:
    """A person as one member sees them. What is not shown is empty."""

    reference: str
    name: str
    places: Sequence[Membership] = ()
    focal_for: Sequence[FocalPoint] = ()
    seats: Sequence[FormatSeat] = ()
    former: Sequence[Membership] = ()
    email: str = ""
    phone: str = ""
    about: str = ""
    languages: Sequence[str] = ()
    topics: Sequence[str] = ()
    is_me: bool = False
    has_left: bool = False
    successor: Person | None = None

    @property
    def economies(self) -> list[str]:
        """The economies they speak for, and those of their organisations."""
        found = [post.economy_id for post in self.focal_for]
        found += [p.organisation.economy_id for p in self.places if p.organisation.economy_id]
        return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to; empty narrows nothing."""

    text: str = ""
    economy: str = ""
    organisation: str = ""
    format: str = ""
    topic: str = ""
    focal_points: bool = False


@dataclass(slots=True)
class _Held:
    """What people hold, read at once for any number of them."""

    current: dict[int, list[Membership]] = field(default_factory=lambda: defaultdict(list))
    former: dict[int, list[Membership]] = field(default_factory=lambda: defaultdict(list))
    posts: dict[int, list[FocalPoint]] = field(default_factory=lambda: defaultdict(list))
    seats: dict[int, list[FormatSeat]] = field(default_factory=lambda: defaultdict(list))


def list_cards(by: Person, wanted: Wanted, *, language: str, on: date) -> list[Card]:
    """The members that a member finds, by name. Seven questions for any number of people."""
    people = list(Person.objects.filter(is_active=True).select_related("profile"))
    cards = _make_cards(people, by, on=on)
    found = [card for card in cards if _is_wanted(card, wanted)]
    return sorted(found, key=lambda card: (get_sort_key(card.name, language), card.reference))


def get_cards(by: Person, ids: Collection[int], *, on: date) -> dict[int, Card]:
    """These people, by their keys, as another member sees them. Those who have left are none."""
    people = list(Person.objects.filter(is_active=True, pk__in=ids).select_related("profile"))
    cards = _make_cards(people, by, on=on)
    return {person.pk: card for person, card in zip(people, cards, strict=True)}


def get_card(by: Person, reference: str, *, on: date) -> Card | None:
    """One person; somebody who has left is a name, and who took over."""
    person = Person.objects.select_related("profile", "successor").filter(reference=reference)
    found = person.first()
    if found is None:
        return None
    if not found.is_active:
        successor = found.successor if found.successor and found.successor.is_active else None
        return Card(found.reference, found.full_name, has_left=True, successor=successor)
    return _make_cards([found], by, on=on)[0]


def list_people_of(
    by: Person, organisation: Organisation, *, language: str, on: date
) -> list[Card]:
    """The people of an organisation who show that they work there."""
    ids = Membership.objects.current(on).filter(organisation=organisation).values("person_id")
    people = list(Person.objects.filter(is_active=True, pk__in=ids).select_related("profile"))
    cards = [
        replace(card, places=[p for p in card.places if p.organisation_id == organisation.pk])
        for card in _make_cards(people, by, on=on)
    ]
    shown = [card for card in cards if card.places]
    return sorted(shown, key=lambda card: (get_sort_key(card.name, language), card.reference))


def list_formats_of(
    by: Person | None, organisation: Organisation, *, on: date
) -> list[FormatMember]:
    """Where an organisation sits, as far as the asker may know."""
    known = Format.objects.with_members_known_to(by.pk if by else None, on=on)
    return list(
        FormatMember.objects.current(on)
        .filter(organisation=organisation, format__in=known)
        .select_related("format")
        .order_by("format__name", "pk")
    )


def _make_cards(people: Collection[Person], by: Person, *, on: date) -> list[Card]:
    held = _read_held([*people, by], by, on)
    mine = _get_circles(held, by.pk)
    return [_make_card(person, held, mine, is_me=person.pk == by.pk) for person in people]


def _read_held(people: Iterable[Person], by: Person, on: date) -> _Held:
    """Their places, posts and seats; seats only in formats whose members the asker may know."""
    ids, held = {person.pk for person in people}, _Held()
    places = Membership.objects.filter(person_id__in=ids).select_related("organisation")
    for place in places.order_by("organisation__name", "pk"):
        (held.current if place.is_current(on) else held.former)[place.person_id].append(place)
    posts = FocalPoint.objects.current(on).filter(person_id__in=ids)
    for post in posts.order_by("economy_id", "pk"):
        held.posts[post.person_id].append(post)
    known = Format.objects.with_members_known_to(by.pk, on=on)
    seats = FormatSeat.objects.current(on).filter(person_id__in=ids)
    for seat in seats.select_related("format").order_by("format__name", "pk"):
        held.seats[seat.person_id].append(seat)
    allowed = set(known.values_list("pk", flat=True))
    for person_id, theirs in held.seats.items():
        if person_id != by.pk:
            held.seats[person_id] = [seat for seat in theirs if seat.format_id in allowed]
    return held


def _get_circles(held: _Held, person_id: int) -> set[tuple[str, int]]:
    """The organisations and formats that make people each other's own."""
    return {("org", place.organisation_id) for place in held.current[person_id]} | {
        ("format", seat.format_id) for seat in held.seats[person_id]
    }


def _make_card(person: Person, held: _Held, mine: set[tuple[str, int]], *, is_me: bool) -> Card:
    profile = getattr(person, "profile", None) or Profile(person=person)
    is_near = is_me or bool(mine & _get_circles(held, person.pk))

    def shows(name: str) -> bool:
        level = profile.get_level(name)
        return is_me or level == Profile.Level.MEMBERS or (level == Profile.Level.MINE and is_near)

    return Card(
        reference=person.reference,
        name=person.full_name,
        places=held.current[person.pk] if shows("places") else (),
        focal_for=held.posts[person.pk],  # an office: it is for being addressed
        seats=held.seats[person.pk] if shows("formats") else (),
        former=held.former[person.pk] if shows("former") else (),
        email=person.email if shows("email") else "",
        phone=profile.phone if shows("phone") else "",
        about=profile.about if shows("about") else "",
        languages=profile.languages if shows("languages") else (),
        topics=profile.topics if shows("topics") else (),
        is_me=is_me,
    )


def _is_wanted(card: Card, wanted: Wanted) -> bool:
    organisations = {place.organisation.reference for place in card.places}
    return (
        _has_words(card, wanted.text)
        and (not wanted.economy or wanted.economy in card.economies)
        and (not wanted.organisation or wanted.organisation in organisations)
        and (not wanted.format or wanted.format in {seat.format.slug for seat in card.seats})
        and (not wanted.topic or wanted.topic in card.topics)
        and (not wanted.focal_points or bool(card.focal_for))
    )


def _has_words(card: Card, text: str) -> bool:
    """Every word begins one of the words of what is shown, without regard to accents."""
    shown = " ".join(
        [card.name, card.about] + [f"{place.organisation} {place.post}" for place in card.places]
    )
    known = fold_words(shown)
    return all(any(one.startswith(word) for one in known) for word in fold_words(text))


@dataclass(frozen=True, slots=True)
class EconomyGroup:
    """Organisations of one economy; without a code, those of none in particular."""

    code: str
    organisations: Sequence[Organisation]


def list_organisations_by_economy(*, language: str) -> list[EconomyGroup]:
    """All organisations in the order of the economies' names; the regional ones last."""
    by_code: dict[str, list[Organisation]] = defaultdict(list)
    for organisation in Organisation.objects.order_by("name", "pk"):
        by_code[organisation.economy_id or ""].append(organisation)
    order = [code for code, _name in get_vocabulary().economy_choices(language)]
    return [
        EconomyGroup(code, by_code[code])
        for code in [*order, *sorted(set(by_code) - {*order, ""}), ""]
        if by_code.get(code)
    ]
