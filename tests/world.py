"""A small world for the tests of need-to-know: a cast, and one record of each sharing.

Who may see what is written here as a table, from the words of TLP 2.0 and DESIGN.md, and
not computed by the code under test.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from focal.directory.models import FocalPoint, Format, FormatSeat, Membership, Person
from focal.records import glass
from focal.records.models import Attachment, AttachmentPage, Record
from focal.records.services import end_lapsed, recall_releases, save_translation, set_sharing
from focal.sharing.markings import Marking
from focal.sharing.viewer import ANONYMOUS, Viewer
from focal.vocabulary.models import Concept, Economy
from tests.declared import gather, gather_kinds
from tests.factories import (
    NOON,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    make_record,
)

CAST = (
    "anonymous",
    "member",
    "editor",
    "colleague",
    "recipient",
    "focal",
    "seated",
    "named",
    "secretary",
    "administrator",
)
EVERYBODY = frozenset(CAST)
MEMBERS = EVERYBODY - {"anonymous"}
OWN = frozenset({"editor", "colleague"})


@dataclass(frozen=True)
class Sharing:
    """One way to share: marking, to whom it is released, state, and who then may see it.

    `then` is what became of it afterwards. `portion` is the marking of one paragraph, which
    `portion_seen_by` read; for all others the record is the same as one without it.
    """

    key: str
    marking: str
    release: str
    state: str
    seen_by: frozenset[str]
    then: str = ""
    portion: str = ""
    portion_seen_by: frozenset[str] = frozenset()


SHARINGS = (
    Sharing("clear", Marking.CLEAR, "", "published", EVERYBODY),
    Sharing("cleararchived", Marking.CLEAR, "", "archived", EVERYBODY),
    Sharing("green", Marking.GREEN, "", "published", MEMBERS),
    Sharing("amber", Marking.AMBER, "", "published", OWN),
    Sharing("amberformat", Marking.AMBER, "format", "published", OWN | {"seated"}),
    Sharing("ambereconomy", Marking.AMBER, "economy", "published", OWN | {"focal"}),
    Sharing("amberorg", Marking.AMBER, "org", "published", OWN | {"recipient"}),
    Sharing("amberperson", Marking.AMBER, "person", "archived", OWN | {"named"}),
    Sharing("strict", Marking.AMBER_STRICT, "", "published", OWN),
    Sharing("strictorg", Marking.AMBER_STRICT, "org", "published", OWN | {"recipient"}),
    Sharing("strictperson", Marking.AMBER_STRICT, "person", "published", OWN | {"named"}),
    Sharing("red", Marking.RED, "", "published", frozenset({"editor"})),
    Sharing("redperson", Marking.RED, "person", "published", frozenset({"editor", "named"})),
    Sharing("cleardraft", Marking.CLEAR, "", "draft", frozenset({"editor"})),
    Sharing("clearreview", Marking.CLEAR, "", "in_review", frozenset({"editor", "secretary"})),
    Sharing("greenwithdrawn", Marking.GREEN, "", "withdrawn", frozenset({"editor"})),
    Sharing("amberdraft", Marking.AMBER, "person", "draft", frozenset({"editor"})),
    Sharing("reddraft", Marking.RED, "person", "draft", frozenset({"editor"})),
    Sharing("redreview", Marking.RED, "person", "in_review", frozenset({"editor"})),
    Sharing("amberexpired", Marking.AMBER, "org", "published", OWN, "expired"),
    Sharing("redexpired", Marking.RED, "person", "published", frozenset({"editor"}), "expired"),
    Sharing("amberrecalled", Marking.AMBER, "format", "published", OWN, "recalled"),
    Sharing("amberglass", Marking.AMBER, "", "published", OWN | {"administrator"}, "glass"),
    Sharing("amberglassover", Marking.AMBER, "org", "published", OWN | {"recipient"}, "glassover"),
    Sharing("redglass", Marking.RED, "", "published", frozenset({"editor"}), "glass"),
    Sharing(
        "clearportion",
        Marking.CLEAR,
        "org",
        "published",
        EVERYBODY,
        portion="AMBER",
        portion_seen_by=OWN | {"recipient"},
    ),
    Sharing(
        "greenportion",
        Marking.GREEN,
        "person",
        "published",
        MEMBERS,
        portion="RED",
        portion_seen_by=frozenset({"editor", "named"}),
    ),
)
NEEDED = {"publication": {}, "practice": {}, "news": {}, "toolkit": {}, **gather_kinds()}
KINDS = tuple(NEEDED)


def word_of(sharing: Sharing, kind: str) -> str:
    """The word that only this record carries: in title, text, translation and document."""
    return f"quietheron{sharing.key}{kind}"


def portion_word_of(sharing: Sharing, kind: str) -> str:
    """The word that only the marked paragraph of this record carries."""
    return f"hiddenheron{sharing.key}{kind}"


def reference_of(kind: str, number: int) -> str:
    """The reference of a record of the world."""
    return f"{kind[:4]}{number:010}"


@dataclass
class World:
    """The cast, and the records by their keys `<sharing>-<kind>`."""

    people: dict[str, Person] = field(default_factory=dict)
    releases: dict[str, str] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)

    def viewer(self, name: str) -> Viewer:
        """The viewer that one of the cast is today."""
        if name == "anonymous":
            return ANONYMOUS
        return Viewer.from_person(self.people[name], on=NOON.date())


def make_cast() -> World:
    """People, organisations, a format: always the same, in the same order."""
    world = World()
    owner = OrganisationFactory(name="Owning ministry", reference="owningministry")
    other = OrganisationFactory(name="Receiving agency", reference="receivingagenc")
    third = OrganisationFactory(name="Third institute", reference="thirdinstitute")
    office = OrganisationFactory(
        name="Secretariat", reference="thesecretariat", is_secretariat=True
    )
    for name in sorted(MEMBERS):
        world.people[name] = PersonFactory(
            email=f"{name}@example.org",
            full_name=name.title(),
            reference=f"{name:a<14}",
            is_administrator=name == "administrator",
        )
    for name, organisation, role in (
        ("member", third, Membership.Role.EDITOR),
        ("editor", owner, Membership.Role.EDITOR),
        ("colleague", owner, Membership.Role.MEMBER),
        ("recipient", other, Membership.Role.EDITOR),
        ("secretary", office, Membership.Role.EDITOR),
    ):
        MembershipFactory(person=world.people[name], organisation=organisation, role=role)
    economy = Economy.objects.get_or_create(code="AL")[0]
    FocalPoint.objects.create(person=world.people["focal"], economy=economy)
    Concept.objects.get_or_create(key="prison", scheme="topics")
    body = Format.objects.get_or_create(slug="test-format", defaults={"name": "A format"})[0]
    FormatSeat.objects.create(person=world.people["seated"], format=body)
    world.releases = {
        "format": f"format:{body.pk}",
        "economy": "economy:AL",
        "org": f"org:{other.pk}",
        "person": f"person:{world.people['named'].pk}",
    }
    return world


def add_record(
    world: World, sharing: Sharing, kind: str, number: int, *, with_portion: bool = True
) -> Record:
    """One record with a translation and a document of two pages, all carrying its word."""
    editor = world.viewer("editor")
    word = word_of(sharing, kind)
    reference = reference_of(kind, number)
    text = f"{word} prevention of radicalisation among youth in prison and school"
    marked = ""
    if sharing.portion and with_portion:
        hidden = f"{portion_word_of(sharing, kind)} prevention of radicalisation in prison"
        marked = f'<p data-marking="{sharing.portion}">{hidden}</p>'
    tokens = (world.releases[sharing.release],) if sharing.release else ()
    record = make_record(
        kind=kind,
        marking=sharing.marking,
        releases=tokens if not sharing.portion or marked else (),
        state="draft",
        by=editor,
        organisation=_owner(editor),
        reference=reference,
        at=NOON + timedelta(minutes=number),
        title=f"{word} on prevention {number}",
        summary=f"A summary: {text}.",
        body=f"<p>The text: {text}.</p>{marked}<p>The end.</p>",
        economies=["AL"],
        sources=[[f"Source {word}", f"https://example.org/{word}", ""]],
        **NEEDED[kind],
    )
    save_translation(
        record=record,
        language="sq",
        title=f"{word} parandalimi {number}",
        summary="",
        body=f"{marked}<p>{word}</p>",
        by=editor,
        at=NOON,
    )
    attachment = Attachment.objects.create(
        record_id=record.pk,
        reference=f"{kind[:4]}doc{number:07}",
        title=f"Document {word}",
        language="en",
        file_name=f"{word}.txt",
        media_type="text/plain",
        size=len(text),
        digest=f"{number:064}",
        page_count=2,
        added_at=NOON,
    )
    AttachmentPage.objects.bulk_create(
        AttachmentPage(attachment=attachment, number=page, text=f"{text}, page {page}")
        for page in (1, 2)
    )
    bring_to(record, sharing.state, editor, NOON + timedelta(minutes=number))
    if sharing.then:
        _go_on(world, record, sharing, tokens)
    for dress in gather("DRESSINGS"):
        dress(world, record, word, NOON + timedelta(minutes=number))
    key = f"{sharing.key}-{kind}"
    world.records[key], world.attachments[key] = record, attachment
    return record


def _go_on(world: World, record: Record, sharing: Sharing, tokens: tuple[str, ...]) -> None:
    """What became of a record that had been shared: a release ended, or glass was broken."""
    editor, later = world.viewer("editor"), NOON + timedelta(hours=12)
    if sharing.then == "recalled":
        recall_releases(record=record, tokens=tokens, by=editor, at=later)
    elif sharing.then == "expired":
        set_sharing(
            record=record,
            marking=record.marking,
            releases=tokens,
            ends=dict.fromkeys(tokens, later),
            by=editor,
            at=NOON + timedelta(hours=1),
        )
        end_lapsed(timezone.now())
    else:
        break_glass(world, sharing, record.reference)
        end_lapsed(timezone.now())


def break_glass(world: World, sharing: Sharing, reference: str) -> None:
    """The administrator asks to read a record, if there is one; the secretary agrees."""
    at = timezone.now() if sharing.then == "glass" else NOON
    asked = glass.ask(
        reference=reference,
        ground="absent",
        reason=f"Nobody can be asked about {sharing.key}.",
        hours=4,
        by=world.viewer("administrator"),
        at=at,
    )
    glass.GlassRequest.objects.filter(pk=asked.pk).update(reference=reference[::-1])
    glass.decide(asked=asked, grant=True, by=world.viewer("secretary"), at=at)


def _owner(editor: Viewer):
    from focal.directory.models import Organisation

    return Organisation.objects.get(pk=next(iter(editor.publishes_for)))


def bring_to(record, state, by, at):
    """Take the steps to a state."""
    from focal.records.services import take_step
    from tests.factories import STEPS_TO

    for step in STEPS_TO[state]:
        take_step(record=record, step=step, by=by, at=at, reason="Because.")


def all_records() -> Iterable[tuple[Sharing, str]]:
    """Every sharing with a kind, so that each kind meets each marking over the whole."""
    for index, sharing in enumerate(SHARINGS):
        yield sharing, KINDS[index % len(KINDS)]
