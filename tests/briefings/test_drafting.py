"""Templates write what the platform knows, and nothing that the editor may not see."""

import pytest
from django.urls import reverse

from focal.briefings import services
from focal.briefings.choosing import list_choices
from focal.briefings.drafting import HINTS, SUBJECTS, TEMPLATES
from focal.briefings.models import Briefing
from focal.briefings.rendering import render
from focal.directory.models import FocalPoint, Format, FormatMember, FormatSeat, Person, Profile
from focal.inquiries.models import Inquiry
from focal.sharing.markings import Marking
from focal.sharing.viewer import ANONYMOUS, Viewer
from focal.vocabulary.models import Concept, ConceptLabel, Economy, EconomyName, Language
from focal.vocabulary.selectors import reset
from tests.factories import (
    NOON,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    make_record,
    make_viewer,
)
from tests.indicators.making import FIGURES, make_series
from tests.surveys import making as surveys

pytestmark = pytest.mark.django_db


@pytest.fixture
def few_words(db):
    """As much of the vocabulary as is asked for below."""
    for code, name in (("AL", "Albania"), ("MK", "North Macedonia")):
        economy = Economy.objects.create(code=code)
        EconomyName.objects.create(economy=economy, language="en", name=name, is_display=True)
    concept = Concept.objects.create(key="prevention", scheme="topics")
    ConceptLabel.objects.create(concept=concept, language="en", label="Prevention")
    Language.objects.create(code="en", endonym="English", script="Latn")
    reset()


@pytest.fixture
def begin(editor, organisation):
    """Begins a briefing from a template."""

    def make(template, about="", marking=Marking.CLEAR, by=editor):
        return services.create_briefing(
            title="A briefing", template=template, about=about, language="en",
            owner_organisation=organisation, by=by, at=NOON, marking=marking,
        )  # fmt: skip

    return make


def list_words(briefing, viewer, **more):
    """What a reader is shown: the kind of each part, and its words or what it counts."""
    return [
        (part.kind, part.values.get("text") or part.values.get("title") or part.figures[0]["whole"])
        for part in render(briefing, viewer, "en", at=NOON, **more)
        if part.kind != "people"
    ]


def make_two(editor, area="MK", **more):
    """A series with a figure of two years, each more than the one before."""
    rows = [
        {**FIGURES[0], "area": area, "period_start": year, "period_end": year, "value": value}
        for year, value in (("2023", 30), ("2022", 20))
    ]
    return make_series(editor, observations=rows, **more)


def test_every_heading_says_what_belongs_there_and_every_hint_is_used():
    sections = [section for sections in TEMPLATES.values() for section in sections]

    assert {section.hint for section in sections} == set(HINTS)
    assert set(TEMPLATES) == set(Briefing.Template.values)
    assert set(SUBJECTS) <= set(TEMPLATES)


@pytest.mark.usefixtures("few_words")
def test_a_profile_begins_with_what_is_known_of_the_economy(begin, editor, organisation, in_step):
    make_two(editor, title="People who left")
    make_two(editor, key="elsewhere", title="Elsewhere", area="AL")
    for kind, title, code in (
        ("practice", "Talking to parents", "MK"), ("practice", "Elsewhere", "AL"),
        ("publication", "The strategy", "MK"),
    ):  # fmt: skip
        make_record(kind=kind, title=title, economies=[code], organisation=organisation)
    in_step()

    briefing = begin("economy", "MK")
    shown = render(briefing, ANONYMOUS, "en", at=NOON)
    listed = [item["title"] for part in shown if part.kind == "list" for item in
              part.values["items"]]  # fmt: skip

    (chart,) = [block for block in briefing.blocks if block["kind"] == "chart"]
    choices = list_choices("chart", editor, "en", chart)["record"]
    assert choices[0] == (chart["record"], "People who left, North Macedonia")
    assert [one.code for one in briefing.economies.all()] == ["MK"]
    assert [figure["whole"] for part in shown for figure in part.figures] == ["more than 30 people"]
    assert [part.values["title"] for part in shown if part.kind == "chart"] == ["People who left"]
    assert listed == ["The strategy", "Talking to parents"]
    assert [part.values["text"] for part in shown if part.kind == "heading"] == [
        "Figures", "Strategies and laws", "Who does what",
    ]  # fmt: skip


@pytest.mark.usefixtures("few_words")
def test_what_is_narrower_is_marked_and_what_is_hidden_is_not_written(begin, editor):
    make_two(editor, key="members", title="Members", marking=Marking.GREEN)
    other = make_viewer(organisation=OrganisationFactory())
    make_two(other, key="hidden", title="quietheron", marking=Marking.AMBER)

    briefing = begin("economy", "MK")

    marked = {block["marking"] for block in briefing.blocks if block["kind"] in {"figure", "chart"}}
    assert marked == {"GREEN"}
    assert "quietheron" not in str(briefing.blocks)
    assert list_words(briefing, ANONYMOUS, ceiling="CLEAR") == []
    assert len(list_words(briefing, editor, ceiling="GREEN")) == 3
    services.records.take_step(record=briefing, step="publish", by=editor, at=NOON)


@pytest.mark.usefixtures("few_words")
def test_people_are_named_for_members_with_what_they_show_to_all_of_them(begin, editor):
    ministry = OrganisationFactory(name="A ministry", economy_id="MK")
    for name, level in (("Ana", "members"), ("Bojan", "mine")):
        person = PersonFactory(full_name=name, email=f"{name.lower()}@example.org")
        MembershipFactory(person=person, organisation=ministry)
        FocalPoint.objects.create(person=person, economy_id="MK")
        Profile.objects.create(person=person, shown={"email": level})

    briefing = begin("economy", "MK")
    people = [
        (part.marking, part.values["lines"])
        for part in render(briefing, editor, "en", at=NOON)
        if part.kind == "people"
    ]

    assert people == [("", "A ministry"), ("GREEN", "Ana\nana@example.org\nBojan")]
    assert "Ana" not in str(render(briefing, ANONYMOUS, "en", at=NOON))


@pytest.mark.usefixtures("few_words")
def test_a_meeting_begins_with_what_its_format_was_given(begin, editor, organisation):
    body = Format.objects.create(slug="group", name="The group", description="They meet.")
    FormatSeat.objects.create(format=body, person_id=editor.person_id, role="chair")
    FormatMember.objects.create(format=body, economy_id="MK")
    member = Viewer.from_person(Person.objects.get(pk=editor.person_id), on=NOON.date())
    release = {"marking": Marking.AMBER, "releases": (f"format:{body.pk}",)}
    paper = make_record(title="A paper", organisation=organisation, by=member, **release)
    inquiry = make_record(
        kind="inquiry", title="Who knows?", organisation=organisation, by=member, **release
    )

    named = [block["query"] for block in begin("meeting", "group", by=member).blocks
             if "record=" in block.get("query", "")]  # fmt: skip
    Inquiry.objects.visible_to(member).update(status="closed", closed_at=NOON)
    later = [block["query"] for block in begin("meeting", "group", by=member).blocks
             if "record=" in block.get("query", "")]  # fmt: skip
    outside = begin("meeting", "group").blocks
    Format.objects.filter(pk=body.pk).update(is_confidential=True)
    secret = begin("meeting", "group", by=member).blocks

    assert named == [f"record={inquiry.reference}", f"record={paper.reference}"]
    assert later == [f"record={paper.reference}"]
    assert paper.reference not in str(outside)
    assert "economy=MK" in str(outside)
    assert "They meet." not in str(secret)
    assert "economy=MK" not in str(secret)


def test_a_list_of_named_records_shows_each_reader_their_own(make, editor, organisation):
    open_one = make_record(title="Open", organisation=organisation)
    closed = make_record(title="quietheron", organisation=organisation, marking=Marking.AMBER)
    query = f"record={closed.reference}&record={open_one.reference}"
    briefing = make({"kind": "list", "texts": {}, "query": query})

    def read(viewer):
        (part,) = render(briefing, viewer, "en", at=NOON)
        return [item["title"] for item in part.values["items"]]

    assert read(ANONYMOUS) == ["Open"]
    assert read(editor) == ["quietheron", "Open"]


def test_a_report_shows_each_question_with_its_base_and_what_changed(
    begin, editor, organisation, tmp_path
):
    before = surveys.change(
        edition={**surveys.DESIGN["edition"], "name": "2021", "fieldwork_start": "2021-02-01",
                 "fieldwork_end": "2021-03-01"}
    )  # fmt: skip
    surveys.bring(editor, organisation, tmp_path, design=before, rows=surveys.make_rows(seed=2))
    survey, _edition = surveys.bring(editor, organisation, tmp_path)

    briefing = begin("survey", survey.reference)
    charts = [part.values for part in render(briefing, ANONYMOUS, "en", at=NOON)
              if part.kind == "chart"]  # fmt: skip

    assert [chart["title"] for chart in charts] == [
        "How satisfied are you with security?", "How old are you?",
    ] * 2  # fmt: skip
    blocks = [block for block in briefing.blocks if block["kind"] == "chart"]
    offered = list_choices("chart", editor, "en", blocks[2])["record"]
    assert offered[0] == (blocks[2]["record"], "How satisfied are you with security? …")
    assert blocks[0]["record"] in dict(offered[-1][1])
    assert charts[0]["subtitle"] == "Adults in two economies · interviews: 400"
    assert charts[0]["source"] == "A barometer, 2024"
    assert charts[0]["columns"][-1] == "Asked"
    assert charts[0]["numbers"] == [False, True, True, True, True]
    assert "·" in str(charts[0]["rows"])  # Kosovo's third answer is rare: hidden here as there
    assert charts[2]["source"] == "A barometer, 2021, 2024"


def test_a_report_on_a_survey_for_members_is_for_members(begin, editor, organisation, tmp_path):
    survey, _edition = surveys.bring(editor, organisation, tmp_path, marking=Marking.GREEN)

    briefing = begin("survey", survey.reference)
    kinds = [part.kind for part in render(briefing, ANONYMOUS, "en", at=NOON)]

    assert {b["marking"] for b in briefing.blocks if b["kind"] in {"chart", "text"}} == {"GREEN"}
    assert kinds == ["heading", "people"]


@pytest.mark.usefixtures("few_words")
def test_nothing_known_leaves_headings_to_the_editor_alone(client, begin, editor, organisation):
    briefing = begin("topic", "prevention")
    client.force_login(Person.objects.get(pk=editor.person_id))

    page = client.get(reverse("briefings:edit", args=[briefing.reference])).content.decode()
    freezing = client.get(reverse("briefings:freeze", args=[briefing.reference]))

    assert render(briefing, editor, "en", at=NOON) == []
    assert page.count("left out: nothing stands under it") == len(TEMPLATES["topic"])
    assert str(HINTS["short"]) in page
    assert freezing.context["offered"][0]["left_out"][0] == "What it is about"


@pytest.mark.usefixtures("few_words")
def test_what_it_is_about_is_asked_for_where_the_template_needs_it(client, editor, organisation):
    client.force_login(Person.objects.get(pk=editor.person_id))
    given = {
        "title": "A profile", "template": "economy", "language": "en",
        "organisation": organisation.pk, "marking": "CLEAR", "topic": "prevention",
    }  # fmt: skip

    refused = client.post(reverse("briefings:new"), given)
    begun = client.post(reverse("briefings:new"), {**given, "economy": "MK"})

    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["economy"]
    assert begun.status_code == 302
    assert "economy=MK" in str(Briefing.objects.visible_to(editor).get().blocks)
