"""What a new briefing begins with: a template is its sections, and each section's writers.

A writer makes blocks of what the platform holds on the subject, as far as whoever begins the
briefing sees it. What is bound to something narrower than the briefing is marked so, so that
others read the rest. A heading under which nothing stands yet reaches no reader; its `hint` tells
the writer what belongs there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from focal.briefings import questions
from focal.briefings.blocks import MARKINGS, Block, clean_block, name_series
from focal.briefings.forcing import find_forcing
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
from focal.indicators import charts
from focal.indicators import selectors as indicators
from focal.indicators.models import Observation, Series
from focal.inquiries.models import Inquiry
from focal.records.kinds import get_kind
from focal.records.models import OUT, Record, Release
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer
from focal.surveys import selectors as surveys
from focal.surveys.models import Survey, SurveyEdition
from focal.vocabulary.selectors import get_vocabulary

MOST_FIGURES, MOST_CHARTS, MOST_QUESTIONS, MOST_PAPERS = 6, 4, 20, 8


@dataclass(frozen=True, slots=True)
class Subject:
    """What a briefing is about, for whoever begins it: an economy's code, a topic's key, a
    format's slug or a survey's reference."""

    viewer: Viewer
    language: str
    owner: Organisation
    at: datetime
    economy: str = ""
    topic: str = ""
    format: str = ""
    survey: str = ""

    @property
    def today(self) -> date:
        """The day it is begun."""
        return timezone.localdate(self.at)


Writer = Callable[[Subject], Iterable[Block]]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what belongs under it (a key of HINTS), and what writes it."""

    title: str | Promise
    hint: str
    writers: tuple[Writer, ...] = ()


def make_first_blocks(
    template: str, *, about: str, marking: str, by: Viewer, owner: Organisation, language: str,
    at: datetime,
) -> list[Block]:  # fmt: skip
    """The blocks that a template begins with, in the active language, marked as they must be."""
    named = {SUBJECTS[template]: about} if template in SUBJECTS else {}
    subject = Subject(by, language, owner, at, **named)
    blocks = [
        clean_block(block, language)
        for section in TEMPLATES[template]
        for block in (
            _say("heading", subject, text=str(section.title)) | {"hint": section.hint},
            *(block for writer in section.writers for block in writer(subject)),
        )
    ]
    asked = {one.block: one.marking for one in find_forcing(blocks, marking, by)}
    marked = [block | {"marking": asked.get(block["id"], block["marking"])} for block in blocks]
    # What is RED, or not there, is quoted by no briefing.
    return [block for block in marked if asked.get(block["id"], Marking.CLEAR) in MARKINGS[1:]]


def list_records_about(template: str, about: str) -> dict[str, list[str]]:
    """Under what a briefing is found besides its words: its economy or its topic."""
    name = {"economy": "economies", "topic": "topics"}.get(SUBJECTS.get(template, ""))
    return {name: [about]} if name and about else {}


def _say(kind: str, subject: Subject, **texts: str) -> Block:
    return {"kind": kind, "texts": {subject.language: texts}}


# Figures and charts


def _write_figures_of_economy(subject: Subject) -> Iterator[Block]:
    """The newest figure of each series that speaks of the economy."""
    rows = [found[-1] for found in _read_economy(subject).values()]
    yield from _write_figures(rows)


def _write_charts_of_economy(subject: Subject) -> Iterator[Block]:
    """What several figures of the economy show, those of others left out."""
    several = [key for key, rows in _read_economy(subject).items() if len(rows) > 1]
    yield from _write_charts(subject, several, area=subject.economy)


def _read_economy(subject: Subject) -> dict[int, list[Observation]]:
    """The figures of an economy as a whole, by their series, the newest last."""
    seen = Series.objects.visible_to(subject.viewer).filter(state__in=OUT)
    rows = Observation.objects.standing().filter(series_id__in=seen.values("pk"))
    found: dict[int, list[Observation]] = defaultdict(list)
    whole = rows.filter(area=subject.economy, group="", sex="", age="")
    for row in sorted(whole, key=_when) if subject.economy else ():
        found[row.series_id].append(row)
    first = sorted(found.items(), key=lambda item: (not item[1][-1].is_headline, item[0]))
    return dict(first)


def _when(row: Observation) -> tuple[str, str, int]:
    return (row.period_end or row.period_start or row.as_of, row.as_of, -row.position)


def _write_headlines(subject: Subject) -> Iterator[Block]:
    """The figures that stand for the series on a topic; without one for all."""
    rows = indicators.list_series(subject.viewer, subject.language)
    about = _find_about(subject)
    listed = [row for row in rows if about is None or row.series.pk in about]
    ready = [row for row in listed if row.series.state in OUT]
    shown = [one.observation for row in ready for one in row.figures if not one.is_hidden]
    marked = [one for one in shown if one.is_headline]
    yield from _write_figures(marked or (shown if about is not None else []))


def _write_charts_of_topic(subject: Subject) -> Iterator[Block]:
    yield from _write_charts(subject, sorted(_find_about(subject) or ()))


def _find_about(subject: Subject) -> set[int] | None:
    """The series on the topic or what is narrower; None without one."""
    if not subject.topic:
        return None
    keys = get_vocabulary().with_narrower(subject.topic)
    rows = Series.topics.through.objects.filter(concept__key__in=keys)
    return set(rows.values_list("record_id", flat=True))


def _write_figures(rows: Iterable[Observation]) -> Iterator[Block]:
    for row in list(rows)[:MOST_FIGURES]:
        yield {"kind": "figure", "texts": {}, "observation": row.reference}


def _write_charts(subject: Subject, keys: Collection[int], area: str = "") -> Iterator[Block]:
    """Series with at least two figures to compare, in the order of the keys; those of an area
    alone where one is given."""
    seen = Series.objects.visible_to(subject.viewer).filter(state__in=OUT, pk__in=keys)
    series = list(seen.defer("body"))
    shown: dict[int, int] = defaultdict(int)
    for figure in indicators.list_figures_of(series, subject.language):
        is_meant = not area or figure.observation.area == area
        shown[figure.observation.series_id] += is_meant and not figure.is_hidden
    references = {row.pk: row.reference for row in series if shown[row.pk] > 1}
    for key in [key for key in keys if key in references][:MOST_CHARTS]:
        yield {"kind": "chart", "texts": {}, "record": name_series(references[key], area)}


def _write_saved_charts(subject: Subject) -> Iterator[Block]:
    """The newest charts that somebody has made."""
    for chart in charts.list_charts(subject.viewer, state__in=OUT)[:MOST_CHARTS]:
        yield {"kind": "chart", "texts": {}, "record": chart.reference}


# Lists and coverage


def _list(*kinds: str) -> Writer:
    """Lists of these kinds on the subject, each under the name of its kind. They follow by
    themselves; while nothing is found, readers are not shown them."""

    def write(subject: Subject) -> Iterator[Block]:
        for kind in kinds:
            query = urlencode([("kind", kind), *_narrow(subject)])
            title = str(get_kind(kind).plural)
            yield _say("list", subject, title=title) | {"query": query}

    return write


def _write_coverage(subject: Subject) -> Iterator[Block]:
    """Needs set against what is done, on the subject; for many economies without the leaves."""
    within = [("by", "topic"), ("within", subject.topic)]
    asked = within if subject.topic else _narrow(subject)
    if not subject.topic and len(asked) != 1:
        asked.append(("depth", "2"))
    yield {"kind": "coverage", "texts": {}, "query": urlencode(asked)}


def _narrow(subject: Subject) -> list[tuple[str, str]]:
    """What a search is narrowed to: an economy, a topic, or the economies of a format."""
    if subject.economy or subject.topic:
        named = (("economy", subject.economy), ("topic", subject.topic))
        return [(name, value) for name, value in named if value]
    body = _find_format(subject)
    if body is None or body.hides_members:
        return []
    members = FormatMember.objects.current(subject.today).filter(format_id=body.pk)
    codes = members.filter(economy__isnull=False).values_list("economy_id", flat=True)
    return [("economy", code) for code in sorted(set(codes))]


# People


def _write_office(subject: Subject) -> Iterator[Block]:
    """The organisation that the briefing belongs to."""
    lines = filter(None, (subject.owner.name, subject.owner.website))
    yield _say("people", subject, lines="\n".join(lines))


def _write_focal_points(subject: Subject) -> Iterator[Block]:
    """Who speaks for the economy: its institutions for all, its people for members, with the
    address of those who show it to all members."""
    posts = FocalPoint.objects.current(subject.today).filter(economy_id=subject.economy)
    ids = posts.values("person_id")
    people = list(Person.objects.filter(is_active=True, pk__in=ids).order_by("full_name", "pk"))
    speaking = Organisation.objects.filter(
        economy_id=subject.economy, memberships__in=_list_places(people, subject)
    )
    names = [row.name for row in speaking.distinct().order_by("name", "pk")]
    if names:
        yield _say("people", subject, lines="\n".join(names))
    yield from _write_people(subject, people)


def _list_places(people: Collection[Person], subject: Subject) -> Any:
    return Membership.objects.current(subject.today).filter(person__in=people)


def _write_offices(subject: Subject) -> Iterator[Block]:
    """Who chairs the format and who is its secretary, for members."""
    body = _find_format(subject)
    if body is None:
        return
    known = Format.objects.with_members_known_to(subject.viewer.person_id, on=subject.today)
    seats = FormatSeat.objects.current(subject.today).filter(
        format_id=body.pk, format__in=known, role__in=FormatSeat.OFFICES, person__is_active=True
    )
    rows = seats.select_related("person").order_by("role", "person__full_name", "pk")
    yield from _write_people(subject, list(dict.fromkeys(seat.person for seat in rows)))


def _write_people(subject: Subject, people: Collection[Person]) -> Iterator[Block]:
    """Names are for members, whatever the briefing is; so is what they show to all members."""
    lines = [line for person in people for line in _describe(person)]
    if lines:
        yield _say("people", subject, lines="\n".join(lines)) | {"marking": Marking.GREEN.value}


def _describe(person: Person) -> Iterator[str]:
    yield person.full_name
    profile = Profile.objects.filter(person=person).first() or Profile(person=person)
    if profile.get_level("email") == Profile.Level.MEMBERS:
        yield person.email


# Meetings


def _find_format(subject: Subject) -> Format | None:
    """The format, unless only its members know that it exists: what is written here says so."""
    known = Format.objects.known_to(subject.viewer.person_id, on=subject.today)
    return known.filter(slug=subject.format, is_confidential=False).first()


def _write_purpose(subject: Subject) -> Iterator[Block]:
    """What the format is, and how often it meets."""
    body = _find_format(subject)
    said = [text for text in (body.description, body.rhythm) if text] if body else ()
    if said:
        html = format_html_join("", "<p>{}</p>", ((text,) for text in said))
        yield _say("text", subject, text=html)


def _write_papers(subject: Subject) -> Iterator[Block]:
    """What was released to the format."""
    yield from _name_records(_find_released(subject).exclude(kind="inquiry"))


def _write_open_inquiries(subject: Subject) -> Iterator[Block]:
    """What the format is asked and nobody has closed."""
    seen = Inquiry.objects.visible_to(subject.viewer).filter(status=Inquiry.Status.OPEN)
    yield from _name_records(_find_released(subject).filter(pk__in=seen.values("pk")))


def _find_released(subject: Subject) -> Any:
    """What is out and released to the format, for those who sit in it."""
    body = _find_format(subject)
    token = f"format:{body.pk}" if body else ""
    seen = Record.objects.visible_to(subject.viewer).filter(state__in=OUT)
    if token not in subject.viewer.tokens:
        return seen.none()
    released = Release.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=subject.at), token=token
    )
    return seen.filter(pk__in=released.values("record_id"))


def _name_records(rows: Any) -> Iterator[Block]:
    """A list of these records by name: each reader is shown those that they may see."""
    names = rows.order_by("-published_at", "-pk").values_list("reference", flat=True)
    if found := list(names[:MOST_PAPERS]):
        query = urlencode([("record", name) for name in found])
        yield {"kind": "list", "texts": {}, "query": query}


# Surveys


def _write_fieldwork(subject: Subject) -> Iterator[Block]:
    """Who was asked, when, how, and how many."""
    for survey, edition in _find_edition(subject):
        held = filter(None, (edition.fieldwork_start, edition.fieldwork_end))
        days = " – ".join(date_format(day, "DATE_FORMAT") for day in held)
        said = [
            (survey._meta.get_field("population").verbose_name, survey.population),
            (edition._meta.get_field("base").verbose_name, edition.base),
            (edition._meta.get_field("fieldwork_start").verbose_name, days),
            (edition._meta.get_field("mode").verbose_name, edition.mode),
            (edition._meta.get_field("interviews").verbose_name, edition.interviews),
            (edition._meta.get_field("weighting").verbose_name, edition.weighting),
            (edition._meta.get_field("source_title").verbose_name, edition.source_title),
        ]
        items = ((str(name)[:1].upper() + str(name)[1:], value) for name, value in said if value)
        html = format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {}</li>", items))
        marking = "" if survey.marking == Marking.CLEAR else survey.marking
        yield _say("text", subject, text=html) | {"marking": marking}


def _write_answers(subject: Subject) -> Iterator[Block]:
    """Each question, by economy where the edition tells that."""
    for survey, edition in _find_edition(subject):
        for question in surveys.list_questions(edition)[:MOST_QUESTIONS]:
            yield _draw(questions.make_asked(survey, question))


def _write_changes(subject: Subject) -> Iterator[Block]:
    """Questions that may be compared with an earlier edition."""
    for survey, edition in _find_edition(subject):
        for question in surveys.list_questions(edition)[:MOST_QUESTIONS]:
            if (earlier := questions.find_earlier(question)) is not None:
                yield _draw(
                    replace(
                        questions.make_asked(survey, question),
                        by="",
                        since=earlier.edition.reference,
                    )
                )


def _draw(asked: questions.Asked) -> Block:
    return {"kind": "chart", "texts": {}, "record": str(asked)}


def _find_edition(subject: Subject) -> list[tuple[Survey, SurveyEdition]]:
    """The survey with its newest edition, if there is one."""
    survey = surveys.get_survey(subject.viewer, subject.survey) if subject.survey else None
    if survey is None:
        return []
    return [(survey, edition) for edition in surveys.list_editions(survey)[:1]]


# What a template is about; the others are about nothing in particular.
SUBJECTS = {"economy": "economy", "topic": "topic", "meeting": "format", "survey": "survey"}

HINTS: dict[str, Any] = {
    "short": _("Three sentences for those who read no further."),
    "aim": _("What is to be reached, in a few points."),
    "done": _("What was done, and what came of it."),
    "stands": _("The figures, and what they mean: one sentence each."),
    "people": _("What people say when they are asked; who was asked, and when."),
    "next": _("What comes next: who does it, by when."),
    "how": _("With whom, and by which means."),
    "contact": _("Whom readers can turn to."),
    "papers": _("What there is to read on it; the list follows by itself."),
    "doing": _("Who does what, where, for whom; the list follows by itself."),
    "gaps": _("What is needed, and what nobody does yet."),
    "works": _("What was tried, and what shows that it works."),
    "purpose": _("Why people meet, and what they are to take home."),
    "agreed": _("What was agreed before, and what became of it, point by point."),
    "decide": _("Each question in one sentence, with the choices there are."),
    "fieldwork": _("Who was asked, when, how, and how many."),
    "answers": _("A chart for each question; take out what is not needed."),
    "changes": _("What changed since an earlier edition, where the two may be compared."),
    "meaning": _("What it means for those who decide, and what it does not show."),
}

TEMPLATES: dict[str, tuple[Section, ...]] = {
    "factsheet": (
        Section(_("Where do we want to be?"), "aim"),
        Section(_("What has been done so far?"), "done", (_list("initiative", "practice"),)),
        Section(
            _("Where does the region stand?"),
            "stands",
            (_write_headlines, _write_saved_charts, _write_coverage),
        ),
        Section(_("What do people think?"), "people", (_list("survey"),)),
        Section(_("What comes next?"), "next", (_list("need"),)),
        Section(_("How?"), "how"),
        Section(_("Whom to ask"), "contact", (_write_office,)),
    ),
    "economy": (
        Section(_("In short"), "short"),
        Section(_("Figures"), "stands", (_write_figures_of_economy, _write_charts_of_economy)),
        Section(_("Strategies and laws"), "papers", (_list("publication"),)),
        Section(_("Who does what"), "doing", (_list("initiative", "response", "practice"),)),
        Section(_("Needs and gaps"), "gaps", (_write_coverage, _list("need"))),
        Section(_("What do people think?"), "people", (_list("survey", "inquiry"),)),
        Section(_("Whom to ask"), "contact", (_write_focal_points,)),
    ),
    "topic": (
        Section(_("What it is about"), "short"),
        Section(
            _("What is known"),
            "papers",
            (_write_headlines, _write_charts_of_topic, _list("publication", "survey")),
        ),
        Section(_("What works"), "works", (_list("practice", "toolkit"),)),
        Section(_("Who does what"), "doing", (_list("initiative", "response"),)),
        Section(_("What is missing"), "gaps", (_write_coverage, _list("need", "inquiry"))),
    ),
    "meeting": (
        Section(_("Purpose"), "purpose", (_write_purpose,)),
        Section(_("What was agreed before"), "agreed"),
        Section(_("Where things stand"), "stands", (_write_coverage, _list("need", "response"))),
        Section(_("Questions to decide"), "decide", (_write_open_inquiries,)),
        Section(_("Papers"), "papers", (_write_papers, _list("publication", "news"))),
        Section(_("Whom to ask"), "contact", (_write_offices,)),
    ),
    "survey": (
        Section(_("In short"), "short"),
        Section(_("How people were asked"), "fieldwork", (_write_fieldwork,)),
        Section(_("What they answered"), "answers", (_write_answers,)),
        Section(_("What changed"), "changes", (_write_changes,)),
        Section(_("What it means"), "meaning"),
        Section(_("Whom to ask"), "contact", (_write_office,)),
    ),
}
