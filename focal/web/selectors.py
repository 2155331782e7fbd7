"""Reads for the pages of the roof. Records come through `visible_to`, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from focal.directory.models import FocalPoint, Format, FormatChair, FormatMember, Organisation
from focal.indicators.models import Observation, Series
from focal.records.kinds import get_kind, get_kinds
from focal.records.models import OUT, Record, State, Translation
from focal.sharing.viewer import ANONYMOUS, Viewer
from focal.ui.components import Figure, Link, Teaser
from focal.vocabulary.languages import canonical_language
from focal.vocabulary.selectors import get_vocabulary
from focal.web.context import find_address

TOPICS = "topics"
NEWEST = (F("published_at").desc(nulls_last=True), "-pk")


def get_interface_language() -> str:
    """The language of the interface, as the vocabulary spells it."""
    return canonical_language(get_language() or "en")


def make_search_address(**filters: str) -> str:
    """The address of the search page with filters set."""
    base = find_address("records:search") or "/search"
    return f"{base}?{urlencode(filters)}"


# Records ------------------------------------------------------------------------------------


def get_latest_records(viewer: Viewer, *, about: Q | None = None, limit: int = 6) -> list[Teaser]:
    """The newest published records that the viewer may see, perhaps only those about something.

    Series are left out: their figures stand on the same page.
    """
    kinds = [kind.key for kind in get_kinds() if kind.is_written_here]
    records = Record.objects.visible_to(viewer).filter(state=State.PUBLISHED, kind__in=kinds)
    if about is not None:
        records = records.filter(about)
    return make_teasers(records.order_by(*NEWEST)[:limit])


def about_economy(code: str) -> Q:
    """Records about an economy. A subquery, not a join: no record twice."""
    return Q(pk__in=Record.economies.through.objects.filter(economy_id=code).values("record_id"))


def about_topic(key: str) -> Q:
    """Records about a topic or anything narrower."""
    keys = get_vocabulary().with_narrower(key)
    rows = Record.topics.through.objects.filter(concept__key__in=keys)
    return Q(pk__in=rows.values("record_id"))


def make_teasers(records: QuerySet[Record] | Iterable[Record]) -> list[Teaser]:
    """Records as teasers, in the reader's language where a translation exists. Three queries."""
    if isinstance(records, QuerySet):
        records = records.prefetch_related("economies", "topics")
    found = list(records)
    language = get_interface_language()
    translations = {
        translation.record_id: translation
        for translation in Translation.objects.filter(
            record_id__in=[record.pk for record in found], language=language
        )
    }
    return [_make_teaser(record, translations.get(record.pk), language) for record in found]


def _make_teaser(record: Record, translation: Translation | None, language: str) -> Teaser:
    vocabulary = get_vocabulary()
    shown = translation or record
    tags = [
        Link(
            vocabulary.economy_name(economy.code, language),
            reverse("web:economy", args=[economy.code]),
        )
        for economy in sorted(record.economies.all(), key=lambda item: item.position)
    ] + [
        Link(vocabulary.label(TOPICS, topic.key, language), reverse("web:topic", args=[topic.key]))
        for topic in sorted(record.topics.all(), key=lambda item: item.position)
    ]
    return Teaser(
        title=shown.title,
        url=record.get_absolute_url(),
        kind=str(get_kind(record.kind).label),
        date=record.issued_date or record.published_at,
        summary=shown.summary,
        language=shown.language if canonical_language(shown.language) != language else "",
        tags=tags[:5],
        marking=record.marking,
    )


# Figures ------------------------------------------------------------------------------------


def get_headline_figures(viewer: Viewer, limit: int = 12) -> list[Figure]:
    """The figures of the front page."""
    rows = _get_observations(viewer).filter(is_headline=True)
    return [make_figure(row) for row in rows[:limit]]


def get_figures_of(viewer: Viewer, area: str, limit: int = 30) -> list[Figure]:
    """What is counted in one economy or group."""
    return [make_figure(row) for row in _get_observations(viewer).filter(area=area)[:limit]]


def _get_observations(viewer: Viewer) -> QuerySet[Observation]:
    series = Series.objects.visible_to(viewer).filter(state__in=OUT)
    return (
        Observation.objects.filter(series__in=series.values("pk"))
        .select_related("series")
        .order_by("series__key", "position", "pk")
    )


def make_figure(observation: Observation) -> Figure:
    """An observation as a large number that says what it is."""
    series = observation.series
    is_share = series.unit.strip().lower() in {"%", "percent", "per cent"}
    qualifier = observation.qualifier
    plain = {Observation.Qualifier.EXACT, Observation.Qualifier.UNKNOWN}
    return Figure(
        value=format_value(observation.value, observation.upper),
        unit="%" if is_share else "",
        what=_join(series.title, observation.group, "" if is_share else series.unit),
        qualifier="" if qualifier in plain else observation.get_qualifier_display(),
        period=format_period(observation),
        source=observation.source_title,
        source_url=observation.source_url,
        page=observation.source_page,
        url=series.get_absolute_url(),
        note=observation.get_status_display() if observation.status == "disputed" else "",
    )


def _join(title: str, group: str, unit: str) -> str:
    return ", ".join(part for part in (title, group, unit) if part)


def format_value(value: Decimal, upper: Decimal | None = None) -> str:
    """A number as the reader's language writes it; an interval with an en dash."""

    def write(number: Decimal) -> str:
        normal = number.normalize()
        places = max(0, -int(normal.as_tuple().exponent))
        return number_format(normal, decimal_pos=places, force_grouping=abs(normal) >= 1000)

    return f"{write(value)}–{write(upper)}" if upper is not None else write(value)


def format_period(observation: Observation) -> str:
    """The time a figure speaks of: 2012–2017, or the day it was true."""
    start, end = observation.period_start, observation.period_end
    if start and end and start != end:
        return f"{start}–{end}"
    if start or end:
        return start or end
    return _("as of %(day)s") % {"day": observation.as_of} if observation.as_of else ""


# Economies ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NameRow:
    """A name in a language, perhaps one that no longer holds."""

    language: str
    code: str
    name: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """An economy's or organisation's place in a format, or a format's with it."""

    label: str
    url: str
    status: str
    since: date | None = None
    until: date | None = None
    is_current: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class EconomyPage:
    """What an economy's page shows."""

    code: str
    name: str
    groups: Sequence[str]
    names: Sequence[NameRow]
    former_names: Sequence[NameRow]
    places: Sequence[Place]
    institutions: Sequence[Organisation]
    organisations: Sequence[Organisation]
    records: Sequence[Teaser]
    figures: Sequence[Figure]
    search_url: str


def list_economies() -> list[Link]:
    """All economies by name, each with its page. Asks no query."""
    language = get_interface_language()
    return [
        Link(name, reverse("web:economy", args=[code]))
        for code, name in get_vocabulary().economy_choices(language)
    ]


def get_economy_page(viewer: Viewer, code: str, *, on: date) -> EconomyPage | None:
    """One economy; None when there is none of that code."""
    vocabulary = get_vocabulary()
    entry = vocabulary.economies.get(code)
    if entry is None:
        return None
    language = get_interface_language()
    organisations = list(
        Organisation.objects.filter(economy_id=code).select_related("kind").order_by("name")
    )
    speaking = set(
        FocalPoint.objects.current(on)
        .filter(economy_id=code)
        .values_list("person__memberships__organisation_id", flat=True)
    )
    return EconomyPage(
        code=code,
        name=vocabulary.economy_name(code, language),
        groups=[
            group.get_name(language)
            for group in vocabulary.groups.values()
            if code in group.get_members(on)
        ],
        names=_list_names(code, shown=True),
        former_names=_list_names(code, shown=False),
        places=_list_places_of(code, on=on),
        institutions=[item for item in organisations if item.pk in speaking],
        organisations=[item for item in organisations if item.pk not in speaking],
        records=get_latest_records(viewer, about=about_economy(code), limit=8),
        figures=get_figures_of(viewer, code),
        search_url=make_search_address(economy=code),
    )


def _list_names(code: str, *, shown: bool) -> list[NameRow]:
    vocabulary, language = get_vocabulary(), get_interface_language()
    entry = vocabulary.economies[code]
    star = "*" if entry.asterisk else ""
    return [
        NameRow(
            vocabulary.language_name(name.language, language),
            name.language,
            name.name + star,
            name.until,
        )
        for name in entry.names
        if (name.is_display if shown else name.until is not None)
    ]


def _list_places_of(code: str, *, on: date) -> list[Place]:
    rows = (
        FormatMember.objects.filter(economy_id=code)
        .select_related("format")
        .order_by("format__name", "since", "pk")
    )
    return [
        Place(
            label=f"{row.format.name} ({row.format.acronym})"
            if row.format.acronym
            else row.format.name,
            url=reverse("web:format", args=[row.format.slug]),
            status=row.get_status_display(),
            since=row.since,
            until=row.until,
            is_current=row.is_current(on),
        )
        for row in rows
    ]


# Topics -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TopicNode:
    """A topic with those below it."""

    label: str
    url: str
    children: list[TopicNode] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A topic's words in one language."""

    language: str
    code: str
    preferred: str
    others: Sequence[str]
    needs_check: bool


@dataclass(frozen=True, slots=True)
class TopicPage:
    """What a topic's page shows."""

    key: str
    label: str
    path: Sequence[Link]
    narrower: Sequence[Link]
    labels: Sequence[LabelRow]
    note: str
    records: Sequence[Teaser]
    search_url: str


def get_topic_tree() -> list[TopicNode]:
    """All topics as a tree. Asks no query."""
    language, vocabulary = get_interface_language(), get_vocabulary()
    roots: list[TopicNode] = []
    above: list[TopicNode] = []
    for key, depth in vocabulary.get_tree(TOPICS):
        node = TopicNode(vocabulary.label(TOPICS, key, language), reverse("web:topic", args=[key]))
        del above[depth:]
        (above[-1].children if above else roots).append(node)
        above.append(node)
    return roots


def get_topic_page(viewer: Viewer, key: str) -> TopicPage | None:
    """One topic; None when the list has no such."""
    vocabulary, language = get_vocabulary(), get_interface_language()
    entry = vocabulary.concepts.get(key)
    if entry is None or entry.scheme != TOPICS:
        return None
    return TopicPage(
        key=key,
        label=entry.get_label(language),
        path=[_link_topic(above, language) for above in vocabulary.get_path(key)],
        narrower=[
            _link_topic(below, language)
            for below in sorted(
                vocabulary.narrower(key), key=lambda item: vocabulary.concepts[item].position
            )
            if vocabulary.concepts[below].broader == key
        ],
        labels=_list_labels(key, language),
        note=entry.note,
        records=get_latest_records(viewer, about=about_topic(key), limit=12),
        search_url=make_search_address(topic=key),
    )


def _link_topic(key: str, language: str) -> Link:
    return Link(get_vocabulary().label(TOPICS, key, language), reverse("web:topic", args=[key]))


def _list_labels(key: str, language: str) -> list[LabelRow]:
    vocabulary = get_vocabulary()
    rows: dict[str, tuple[list[str], list[str], list[bool]]] = {}
    for label in vocabulary.concepts[key].labels:
        preferred, others, checks = rows.setdefault(label.language, ([], [], []))
        if label.kind == "preferred":
            preferred.append(label.label)
        elif label.kind == "alternative":
            others.append(label.label)
        checks.append(label.needs_check)
    return [
        LabelRow(
            vocabulary.language_name(code, language),
            code,
            ", ".join(preferred),
            others,
            any(checks),
        )
        for code, (preferred, others, checks) in rows.items()
        if preferred
    ]


# Formats ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FormatPage:
    """What a format's page shows."""

    format: Format
    members: Sequence[tuple[str, Sequence[Place]]]
    former: Sequence[Place]
    chairs: Sequence[Place]
    current_chair: str
    sources: Sequence[Link]


def list_formats() -> QuerySet[Format]:
    """All formats by name."""
    return Format.objects.order_by("name", "pk")


def get_format_page(slug: str, *, on: date) -> FormatPage | None:
    """One format with its dated members and chairs; None when there is none of that name."""
    body = Format.objects.filter(slug=slug).first()
    if body is None:
        return None
    places = [
        _make_place(row, row.get_status_display(), on=on)
        for row in FormatMember.objects.filter(format=body)
        .select_related("organisation")
        .order_by("pk")
    ]
    current = sorted((place for place in places if place.is_current), key=lambda p: p.label)
    chairs = [
        _make_place(row, "", on=on)
        for row in FormatChair.objects.filter(format=body)
        .select_related("organisation")
        .order_by(F("since").desc(nulls_last=True), "-pk")
    ]
    statuses = [str(label) for label in FormatMember.Status.labels]
    return FormatPage(
        format=body,
        members=[
            (status, [place for place in current if place.status == status])
            for status in statuses
            if any(place.status == status for place in current)
        ],
        former=[place for place in places if not place.is_current],
        chairs=chairs,
        current_chair=next((chair.label for chair in chairs if chair.is_current), ""),
        sources=[_make_source(source) for source in body.sources],
    )


def _make_place(row: FormatMember | FormatChair, status: str, *, on: date) -> Place:
    if row.economy_id:
        label = get_vocabulary().economy_name(row.economy_id, get_interface_language())
        url = reverse("web:economy", args=[row.economy_id])
    else:
        label = str(row.organisation) if row.organisation else getattr(row, "other", "")
        url = ""
    return Place(
        label=label,
        url=url,
        status=status,
        since=row.since,
        until=row.until,
        is_current=row.is_current(on),
        note=getattr(row, "note", ""),
    )


def _make_source(source: object) -> Link:
    if isinstance(source, dict):
        url = str(source.get("url", ""))
        return Link(str(source.get("title") or url), url)
    return Link(str(source), str(source) if str(source).startswith("http") else "")


# The outside world --------------------------------------------------------------------------


def list_public_addresses(limit: int = 45_000) -> list[tuple[str, date | None]]:
    """Address and day of change of all that stands open: for sitemap.xml, asked by nobody."""
    vocabulary = get_vocabulary()
    pages = [reverse(f"web:{name}") for name in ("home", "about", "economies", "topics", "formats")]
    pages += [reverse("web:economy", args=[code]) for code in vocabulary.economies]
    pages += [reverse("web:topic", args=[key]) for key, _depth in vocabulary.get_tree(TOPICS)]
    pages += [
        reverse("web:format", args=[slug])
        for slug in Format.objects.order_by("slug").values_list("slug", flat=True)
    ]
    records = (
        Record.objects.visible_to(ANONYMOUS)
        .filter(state__in=OUT)
        .only("reference", "updated_at")
        .order_by("-updated_at", "-pk")[:limit]
    )
    addresses: list[tuple[str, date | None]] = [(page, None) for page in pages]
    return addresses + [(record.get_absolute_url(), record.updated_at.date()) for record in records]
