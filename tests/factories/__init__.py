"""Dull objects for tests: valid, minimal, the same each time."""

from datetime import UTC, datetime

import factory

from focal.directory.models import Membership, Organisation, Person
from focal.records import services
from focal.records.models import Record
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class OrganisationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Organisation {n}")
    reference = factory.Sequence(lambda n: f"organisatn{n:04}")


class PersonFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Person

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    full_name = factory.Sequence(lambda n: f"Person {n}")
    reference = factory.Sequence(lambda n: f"personaaaa{n:04}")


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    person = factory.SubFactory(PersonFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = Membership.Role.EDITOR


def make_viewer(
    person: Person | None = None,
    *,
    organisation: Organisation | None = None,
    role: str = Membership.Role.EDITOR,
) -> Viewer:
    """A person's viewer; with an organisation, after giving them a place in it."""
    person = person or PersonFactory()
    if organisation is not None:
        MembershipFactory(person=person, organisation=organisation, role=role)
    return Viewer.from_person(person, on=NOON.date())


def make_record(
    *,
    kind: str = "publication",
    marking: str = Marking.CLEAR,
    releases: tuple[str, ...] = (),
    state: str = "published",
    by: Viewer | None = None,
    organisation: Organisation | None = None,
    reference: str | None = None,
    at: datetime = NOON,
    **content: object,
) -> Record:
    """A record brought to a state through the services, as an editor would."""
    organisation = organisation or OrganisationFactory()
    by = by or make_viewer(organisation=organisation)
    record = services.create_record(
        kind=kind,
        content={"title": "A title", "language": "en", **content},
        owner_organisation=organisation,
        by=by,
        at=at,
        marking=marking,
        releases=releases,
        reference=reference,
    )
    for step in STEPS_TO[state]:
        record = services.take_step(record=record, step=step, by=by, at=at, reason="Because.")
    return record


STEPS_TO = {
    "draft": (),
    "in_review": ("submit",),
    "published": ("publish",),
    "archived": ("publish", "archive"),
    "withdrawn": ("publish", "withdraw"),
}
