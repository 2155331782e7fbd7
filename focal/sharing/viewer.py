"""Whoever asks. A person, an export job and nobody in particular are all viewers."""

from __future__ import annotations

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
        if not person.is_active:
            return ANONYMOUS
        tokens = {PUBLIC, COMMUNITY, f"person:{person.pk}"}
        writes, publishes, secretariat = set(), set(), False
        for membership in (
            Membership.objects.current(on)
            .filter(person=person)
            .values_list("organisation_id", "role", "organisation__is_secretariat")
        ):
            organisation_id, role, in_secretariat = membership
            tokens.add(f"org:{organisation_id}")
            if role in WRITERS:
                tokens.add(f"desk:{organisation_id}")
                writes.add(organisation_id)
                secretariat = secretariat or in_secretariat
            if role == Membership.Role.EDITOR:
                publishes.add(organisation_id)
        for economy in (
            FocalPoint.objects.current(on)
            .filter(person=person)
            .values_list("economy_id", flat=True)
        ):
            tokens.add(f"economy:{economy}")
        for seat in (
            FormatSeat.objects.current(on).filter(person=person).values_list("format_id", flat=True)
        ):
            tokens.add(f"format:{seat}")
        if secretariat:
            tokens.add(SECRETARIAT)
        return cls(
            tokens=frozenset(tokens),
            person_id=person.pk,
            name=person.full_name,
            language=person.language,
            writes_for=frozenset(writes),
            publishes_for=frozenset(publishes),
            is_secretariat=secretariat,
            is_administrator=person.is_administrator,
        )


ANONYMOUS = Viewer(tokens=frozenset({PUBLIC}))
