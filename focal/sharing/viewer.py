"""Whoever asks. A person, an export job and nobody in particular are all viewers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from focal.directory.models import FocalPoint, FormatSeat, Membership, Organisation, Person
from focal.sharing.tokens import COMMUNITY, PUBLIC, SECRETARIAT

WRITERS = (Membership.Role.CONTRIBUTOR, Membership.Role.EDITOR)


@dataclass(frozen=True, slots=True)
class Viewer:
    """A frozen set of tokens, and what its holder may do for which organisation."""

    tokens: frozenset[str]
    person_id: int | None = None
    name: str = ""
    language: str = "en"
    writes_for: frozenset[int] = field(default_factory=frozenset)
    publishes_for: frozenset[int] = field(default_factory=frozenset)
    is_secretariat: bool = False
    is_administrator: bool = False

    @property
    def is_anonymous(self) -> bool:
        return self.person_id is None and not self.writes_for

    @property
    def actor_key(self) -> str:
        """How the log names this viewer."""
        if self.person_id is not None:
            return f"person:{self.person_id}"
        return "anonymous" if self.is_anonymous else f"system:{self.name}"

    @classmethod
    def for_organisation(cls, organisation: Organisation, *, name: str) -> Viewer:
        """A job that works for an organisation with its editors' rights, named in the log.

        It is no person: what is marked RED it can neither see nor own.
        """
        tokens = {PUBLIC, COMMUNITY, f"org:{organisation.pk}", f"desk:{organisation.pk}"}
        return cls(
            tokens=frozenset(tokens | ({SECRETARIAT} if organisation.is_secretariat else set())),
            name=name,
            writes_for=frozenset({organisation.pk}),
            publishes_for=frozenset({organisation.pk}),
            is_secretariat=organisation.is_secretariat,
        )

    @classmethod
    def from_person(cls, person: Person, *, on: date) -> Viewer:
        """The viewer that a person is on a day. Three queries. Inactive people hold nothing."""
        return cls.from_people([person], on=on)[person.pk]

    @classmethod
    def from_people(cls, people: Iterable[Person], *, on: date) -> dict[int, Viewer]:
        """The viewers that these people are on a day, by their keys. Three queries for all."""
        people = list(people)
        ids = [person.pk for person in people if person.is_active]
        if not ids:
            return {person.pk: ANONYMOUS for person in people}
        held = {pk: _Held({PUBLIC, COMMUNITY, f"person:{pk}"}) for pk in ids}
        for pk, organisation, role, in_secretariat in (
            Membership.objects.current(on)
            .filter(person_id__in=ids)
            .values_list("person_id", "organisation_id", "role", "organisation__is_secretariat")
        ):
            held[pk].take_place(organisation, role, in_secretariat=in_secretariat)
        for pk, economy in (
            FocalPoint.objects.current(on)
            .filter(person_id__in=ids)
            .values_list("person_id", "economy_id")
        ):
            held[pk].tokens.add(f"economy:{economy}")
        for pk, body in (
            FormatSeat.objects.current(on)
            .filter(person_id__in=ids)
            .values_list("person_id", "format_id")
        ):
            held[pk].tokens.add(f"format:{body}")
        return {
            person.pk: held[person.pk].make(person) if person.pk in held else ANONYMOUS
            for person in people
        }


@dataclass(slots=True)
class _Held:
    """What one person holds, while it is read together with that of others."""

    tokens: set[str]
    writes: set[int] = field(default_factory=set)
    publishes: set[int] = field(default_factory=set)
    in_secretariat: bool = False

    def take_place(self, organisation: int, role: str, *, in_secretariat: bool) -> None:
        self.tokens.add(f"org:{organisation}")
        if role in WRITERS:
            self.tokens.add(f"desk:{organisation}")
            self.writes.add(organisation)
            self.in_secretariat = self.in_secretariat or in_secretariat
        if role == Membership.Role.EDITOR:
            self.publishes.add(organisation)

    def make(self, person: Person) -> Viewer:
        return Viewer(
            tokens=frozenset(self.tokens | ({SECRETARIAT} if self.in_secretariat else set())),
            person_id=person.pk,
            name=person.full_name,
            language=person.language,
            writes_for=frozenset(self.writes),
            publishes_for=frozenset(self.publishes),
            is_secretariat=self.in_secretariat,
            is_administrator=person.is_administrator,
        )


ANONYMOUS = Viewer(tokens=frozenset({PUBLIC}))
