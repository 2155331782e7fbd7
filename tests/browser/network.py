"""A network at work, for walks that look at pages: people of every role, with names as the region
has them (Greek, Cyrillic, words as long as ministries make them), and something on every page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from focal.alerts import services as alerts
from focal.directory import formats
from focal.directory import services as directory
from focal.directory.models import (
    FocalPoint,
    Format,
    FormatChair,
    FormatMember,
    FormatSeat,
    Membership,
    Organisation,
    Person,
    Profile,
)
from focal.inquiries import services as inquiries
from focal.mail.models import Letter
from focal.records import glass, opening, releasing
from focal.records import services as records
from focal.records.models import Record
from focal.sharing.viewer import Viewer
from focal.threads import services as threads
from focal.threads.models import Thread
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory, make_record

#: key, name, economy, organisation, role, post
PEOPLE = (
    ("focal", "Arta Hoxha", "AL", "Coordination Center for Countering Violent Extremism",
     "editor", "Head of the coordination centre"),
    ("asker", "Димитар Стојановски", "MK",
     "Национален комитет за спречување насилен екстремизам и борба против тероризам",
     "editor", "Национален координатор"),
    ("contributor", "Αλεξάνδρα Παπαδοπούλου-Κωνσταντινίδου", "GR",
     "Ελληνικό Ίδρυμα Ευρωπαϊκής και Εξωτερικής Πολιτικής", "contributor", "Ερευνήτρια"),
    ("member", "Amra Kovačević", "BA", "Centre for Security Studies", "member", ""),
    ("friend", "Maximiliane Freifrau von Hohenfels-Donaueschingen", "DE",
     "Bundesarbeitsgemeinschaft religiös begründeter Extremismus und"
     " Rechtsschutzversicherungsgesellschaften", "editor", "Referentin"),
    ("secretary", "Ivana Marković", "ME", "Ministry of the Interior of Montenegro",
     "editor", "Adviser on prevention"),
    ("office", "Sela Secretary", "", "Regional secretariat", "editor", "Head of programme"),
)  # fmt: skip


@dataclass
class Network:
    """Who is in it, and what the walks go to."""

    people: dict[str, Person]
    format: Format
    organisation: Organisation
    shared: Record
    inquiry: Record
    closed: Record
    thread: Thread
    letter: Letter | None = None
    addresses: dict[str, str] = field(default_factory=dict)

    def view(self, key: str) -> Viewer:
        """What a person of it sees with."""
        return see(self.people[key])


def see(person: Person) -> Viewer:
    return Viewer.from_person(person, on=timezone.localdate())


def make_network() -> Network:
    """All of it, made as people would make it."""
    people = make_people()
    body = make_format(people)
    now = timezone.now()
    centre = people["focal"].memberships.get().organisation
    for what, value in (("topic", "prison"), ("economy", "MK"), ("format", "nfp")):
        alerts.follow(what=what, value=value, by=see(people["focal"]), at=now)
    alerts.save_search(query="q=youth+work+in+prisons", by=see(people["focal"]), at=now)
    shared = share_something(people, body, centre)
    inquiry, closed = ask_something(people, body)
    thread = threads.open_thread(
        title="You both plan courses for staff of prisons and of the probation service",
        audience=[f"org:{people[key].memberships.get().organisation_id}"
                  for key in ("focal", "asker")],
        by=see(people["office"]),
        at=now,
    )  # fmt: skip
    threads.add_post(
        thread=thread,
        text="<p>Shall we open ours to you? The next one is in May.</p>",
        by=see(people["focal"]),
        at=now,
    )
    directory.invite(
        email="a.very.long.address.of.somebody.new@coordination-centre.example.org",
        full_name="Elira Shehu", organisation=centre, role="contributor",
        invited_by=people["office"], at=now,
    )  # fmt: skip
    return Network(people, body, centre, shared, inquiry, closed, thread)


def make_people() -> dict[str, Person]:
    today = timezone.localdate()
    people = {}
    for key, name, economy, organisation, role, post in PEOPLE:
        people[key] = MembershipFactory(
            person=PersonFactory(full_name=name, email=f"{key}@example.org"),
            organisation=OrganisationFactory(
                name=organisation,
                economy_id=economy if economy not in {"", "DE"} else None,
                is_secretariat=key == "office",
                description="It coordinates prevention, and answers for the national strategy.",
                website="https://example.org/",
            ),
            role=getattr(Membership.Role, role.upper()),
            post=post,
            since=today - timedelta(days=400),
        ).person
    people["administrator"] = PersonFactory(
        full_name="Adem Kodra", email="administrator@example.org", is_administrator=True
    )
    for key, economy in (("focal", "AL"), ("asker", "MK"), ("secretary", "ME")):
        FocalPoint.objects.create(
            person=people[key], economy_id=economy, since=today - timedelta(days=300)
        )
    Profile.objects.create(
        person=people["focal"], phone="+355 4 222 333", languages=["sq", "en", "it"],
        about="I coordinate schools, prisons and municipalities. Ask me about mentoring.",
        topics=["prison", "youth"], shown={"phone": "members", "email": "members"},
    )  # fmt: skip
    return people


def make_format(people: dict[str, Person]) -> Format:
    today = timezone.localdate()
    body = Format.objects.create(
        slug="nfp",
        name="Group of National Focal Points for Prevention and Countering Violent Extremism",
        acronym="NFP",
        description="The national coordinators of South East Europe. It drafts recommendations.",
        rhythm="Two meetings a year",
    )
    for code in ("AL", "MK", "ME", "XK"):
        FormatMember.objects.create(format=body, economy_id=code, since="2016-01-27")
    seats = {"focal": "chair", "asker": "member", "secretary": "secretary", "office": "member"}
    for key, role in seats.items():
        FormatSeat.objects.create(
            format=body, person=people[key], role=role, since=today - timedelta(days=100)
        )
    FormatChair.objects.create(format=body, economy_id="AL", since="2026-01-01")
    FormatChair.objects.create(format=body, economy_id="XK", since="2027-01-01")
    formats.announce(
        body=body, title="Autumn meeting moved to Tirana", language="en", until=None,
        text="The meeting of 12 October is in Tirana. Papers are due two weeks before.",
        by=people["focal"], at=timezone.now(),
    )  # fmt: skip
    return body


def share_something(people: dict[str, Person], body: Format, centre: Organisation) -> Record:
    """A record that others read, ask for more of, and that the administrator wants to see."""
    now = timezone.now()
    owner = see(people["focal"])
    asker, friend, contributor = (
        people[key].memberships.get().organisation for key in ("asker", "friend", "contributor")
    )
    shared = make_record(
        by=owner, organisation=centre, marking="AMBER", at=now,
        title="Draft recommendations on work with families of those who have returned",
        summary="For the autumn meeting.",
        body="<p>For the few who prepare the meeting.</p>",
        releases=(f"format:{body.pk}", f"org:{asker.pk}"), economies=["AL", "XK"],
        topics=["prison"],
    )  # fmt: skip
    records.set_sharing(
        record=shared, marking="AMBER",
        releases=(f"format:{body.pk}", f"org:{asker.pk}", f"org:{friend.pk}"),
        ends={f"org:{friend.pk}": now + timedelta(days=9)},
        by=owner, at=now,
    )  # fmt: skip
    for key in ("asker", "friend", "secretary"):
        opening.note_opening(viewer=see(people[key]), record=shared, what="page", at=now)
    releasing.ask_for_release(
        record=shared, tokens=[f"org:{contributor.pk}"], names=[contributor.name],
        reason="They evaluate the courses and would like to comment before the meeting.",
        by=see(people["asker"]), at=now,
    )  # fmt: skip
    glass.ask(
        reference=shared.reference, ground="safety",
        reason="A complaint about this record has to be answered.",
        hours=24, by=see(people["administrator"]), at=now,
    )  # fmt: skip
    make_record(
        by=owner, organisation=centre, marking="CLEAR", kind="practice", at=now,
        title="Mentoring in open prisons", summary="What three years taught, in four pages.",
        topics=["prison"], economies=["AL"],
    )  # fmt: skip
    make_record(
        by=see(people["asker"]), organisation=asker, marking="GREEN", at=now, language="mk",
        title="Обука на персоналот во затворите за рано препознавање на радикализацијата",
        summary="Пет дена, два пати годишно.", topics=["prison"], economies=["MK"],
    )  # fmt: skip
    return shared


def ask_something(people: dict[str, Person], body: Format) -> tuple[Record, Record]:
    """One inquiry that is open and half answered, one that is closed."""
    now = timezone.now()
    centre = people["focal"].memberships.get().organisation
    made = []
    for title in (
        "How did others train prison staff to notice radicalisation early, and how did they"
        " measure whether it helped?",
        "Who has a curriculum for teachers?",
    ):
        inquiry = inquiries.ask(
            content={
                "title": title, "body": "<p>We plan a course and have no curriculum.</p>",
                "language": "en", "due_date": (timezone.localdate() + timedelta(2)).isoformat(),
                "answer_form": "A curriculum, a contact, three lines on what worked.",
            },
            owner_organisation=people["asker"].memberships.get().organisation,
            marking="AMBER",
            releases=[f"format:{body.pk}", f"org:{centre.pk}",
                      f"org:{people['contributor'].memberships.get().organisation_id}"],
            by=see(people["asker"]), at=now - timedelta(days=3),
        )  # fmt: skip
        for key, sort, text, alone in (
            ("focal", "answer", "<p>We hold a course of five days, twice a year.</p>", False),
            ("secretary", "nothing", "", False),
            ("contributor", "answer", "<p>Αξιολογήσαμε δύο προγράμματα το 2024.</p>", True),
        ):
            inquiries.give_answer(
                inquiry=inquiry, sort=sort, text=text, to_asker_only=alone,
                by=see(people[key]), at=now - timedelta(days=1),
            )  # fmt: skip
        made.append(inquiry)
    inquiries.close(
        inquiry=made[1], outcome="<p>Two curricula exist; both are in the library now.</p>",
        by=see(people["asker"]), at=now,
    )  # fmt: skip
    return made[0], made[1]
