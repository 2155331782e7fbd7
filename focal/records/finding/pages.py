"""One record's page: its text in a language, its kind's fields, and all that hangs on it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext as _

from focal.records import portions
from focal.records.finding.shown import (
    ShownRecord,
    choose_language,
    get_date,
    only_for_lists,
    order_languages,
    show,
)
from focal.records.kinds import get_kind
from focal.records.models import (
    Attachment,
    Practice,
    Record,
    RecordSource,
    ToolkitItem,
    Transition,
    Translation,
)
from focal.sharing.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Reading:
    """The text of a record in one language: the original, or a translation of it."""

    language: str
    title: str
    summary: str
    body: str
    is_original: bool = True
    origin: str = ""
    origin_label: str = ""
    needs_check: bool = False
    is_behind: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A short field of a kind: a label and a plain value, or a day."""

    name: str
    label: str
    value: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A long field of a kind: a heading and plain text of several paragraphs."""

    name: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """How well a practice is proven, in words that somebody outside the field understands."""

    grade: str
    label: str
    meaning: str
    text: str
    day: date | None


@dataclass(frozen=True, slots=True)
class OwnFields:
    """What a kind adds, ready to be shown. Also for a record that is not saved yet."""

    facts: tuple[Fact, ...] = ()
    passages: tuple[Passage, ...] = ()
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Organisation:
    """Where a record comes from."""

    reference: str
    name: str


@dataclass(frozen=True, slots=True)
class Item:
    """A record's place in a toolkit."""

    record: ShownRecord
    note: str


@dataclass(frozen=True, slots=True)
class PageOfRecord:
    """Everything that stands on a record's page, read for one viewer in one language."""

    record: Record
    kind_label: str
    day: date
    reading: Reading
    languages: tuple[str, ...]
    own: OwnFields
    economies: tuple[str, ...]
    concepts: dict[str, tuple[str, ...]]
    organisations: tuple[Organisation, ...]
    documents: tuple[Attachment, ...]
    sources: tuple[RecordSource, ...]
    items: tuple[Item, ...]
    supersedes: ShownRecord | None
    superseded_by: tuple[ShownRecord, ...]
    withdrawn_because: str = ""


def read_page(
    viewer: Viewer, reference: str, *, language: str, exact: bool = False
) -> PageOfRecord | None:
    """The page of a record, or None when the viewer cannot see it.

    With `exact` the text must exist in that very language, or there is no page either.
    """
    record = _read_record(viewer, reference)
    page = read_page_of(viewer, record, language=language) if record else None
    return None if page and exact and language not in page.languages else page


def read_page_of(viewer: Viewer, record: Record, *, language: str) -> PageOfRecord:
    """The page of a record of its own kind that the viewer was found to see."""
    translations = list(Translation.objects.filter(record_id=record.pk).order_by("language"))
    languages = order_languages([record.language, *(t.language for t in translations)])
    kind = get_kind(record.kind)
    lists = _read_lists(record, ("topics", "target_groups", *kind.concept_fields))
    before, after, items = _read_linked(viewer, record, language)
    return PageOfRecord(
        record=record,
        kind_label=str(kind.label),
        day=get_date(record),
        reading=_choose_reading(viewer, record, translations, language),
        languages=languages,
        own=read_own_fields(record),
        economies=lists.economies,
        concepts=lists.concepts,
        organisations=lists.organisations,
        documents=tuple(
            Attachment.objects.filter(record_id=record.pk, is_current=True).order_by(
                "position", "pk"
            )
        ),
        sources=tuple(RecordSource.objects.filter(record_id=record.pk).order_by("position")),
        items=items,
        supersedes=before,
        superseded_by=after,
        withdrawn_because=_read_reason(record) if record.state == "withdrawn" else "",
    )


def _read_record(viewer: Viewer, reference: str) -> Record | None:
    kind = (
        Record.objects.visible_to(viewer)
        .filter(reference=reference)
        .values_list("kind", flat=True)
        .first()
    )
    if kind is None:
        return None
    return (
        get_kind(kind)
        .model.objects.visible_to(viewer)
        .select_related("owner_organisation")
        .filter(reference=reference)
        .first()
    )


def _choose_reading(
    viewer: Viewer, record: Record, translations: list[Translation], language: str
) -> Reading:
    chosen = choose_language(language, [record.language, *(t.language for t in translations)])
    for translation in translations:
        if translation.language == chosen:
            return Reading(
                language=chosen,
                title=translation.title,
                summary=translation.summary,
                body=_read_body(viewer, record, translation.body, chosen),
                is_original=False,
                origin=translation.origin,
                origin_label=str(Translation.Origin(translation.origin).label),
                needs_check=translation.needs_check,
                is_behind=translation.of_version < record.version,
            )
    body = _read_body(viewer, record, record.body, "")
    return Reading(record.language, record.title, record.summary, body)


def _read_body(viewer: Viewer, record: Record, body: str, language: str) -> str:
    """The text with the marked paragraphs that this viewer reads, each under its marking."""
    return portions.present(portions.read_for(viewer, record, body, language))


@dataclass(frozen=True, slots=True)
class _Lists:
    """What a record carries: codes of economies, organisations, and concepts by field."""

    economies: tuple[str, ...]
    organisations: tuple[Organisation, ...]
    concepts: dict[str, tuple[str, ...]]


def _read_lists(record: Record, names: tuple[str, ...]) -> _Lists:
    """Economies, organisations and concepts of a record in one query, each in its order."""

    def one(name: str, position: Any, key: str, label: Any = "", more: Any = "") -> Any:
        field = type(record)._meta.get_field(name)
        through = getattr(type(record), name).through
        owner = field.m2m_field_name()  # type: ignore[union-attr]
        columns = (name, position, F(key), label, more)
        return (
            through.objects.filter(**{f"{owner}_id": record.pk})
            .order_by()
            .values_list(*(c if isinstance(c, F) else Value(c) for c in columns))
        )

    organisation = "organisation__"
    rows = one("economies", F("economy__position"), "economy_id").union(
        one(
            "organisations",
            0,
            f"{organisation}reference",
            F(f"{organisation}name"),
            F(f"{organisation}acronym"),
        ),
        *(one(name, F("concept__position"), "concept__key") for name in names),
        all=True,
    )
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, _position, key, label, acronym in sorted(rows, key=_order_of_row):
        found[name].append((key, f"{label} ({acronym})" if acronym else label))
    return _Lists(
        economies=tuple(key for key, _label in found["economies"]),
        organisations=tuple(Organisation(*pair) for pair in found["organisations"]),
        concepts={name: tuple(key for key, _label in found[name]) for name in names},
    )


def _order_of_row(row: tuple[str, int, str, str, str]) -> tuple[str, int, str, str]:
    name, position, key, label, _acronym = row
    return (name, position, label, key)


def _read_linked(
    viewer: Viewer, record: Record, language: str
) -> tuple[ShownRecord | None, tuple[ShownRecord, ...], tuple[Item, ...]]:
    """What it supersedes, what supersedes it, what it collects: as far as the viewer sees it."""
    places = _read_places(record) if get_kind(record.kind).has_items else []
    linked = Q(supersedes_id=record.pk)
    named = [pk for pk, _note in places] + [record.supersedes_id] * bool(record.supersedes_id)
    if named:  # an empty condition beside the other would make SQLite read every row
        linked |= Q(pk__in=named)
    rows = list(
        only_for_lists(Record.objects.visible_to(viewer).filter(linked)).order_by(
            "-published_at", "pk"
        )
    )
    shown = dict(zip([row.pk for row in rows], show(rows, language), strict=True))
    after = [shown[row.pk] for row in rows if row.supersedes_id == record.pk and row.is_out]
    items = [Item(shown[pk], note) for pk, note in places if pk in shown]
    before = shown.get(record.supersedes_id) if record.supersedes_id else None
    return before, tuple(after), tuple(items)


def _read_places(record: Record) -> list[tuple[int, str]]:
    return list(
        ToolkitItem.objects.filter(toolkit_id=record.pk)
        .order_by("position")
        .values_list("record_id", "note")
    )


def _read_reason(record: Record) -> str:
    """Why it was withdrawn; only its desk gets as far as to read this."""
    step = (
        Transition.objects.filter(record_id=record.pk, to_state="withdrawn").order_by("-pk").first()
    )
    return step.reason if step else ""


def explain_grade(grade: str) -> str:
    """What an evidence grade means, in a sentence."""
    return {
        Practice.Grade.SELF_REPORTED: _(
            "Those who did it describe it and its results. Nobody else has examined them."
        ),
        Practice.Grade.PEER_REVIEWED: _(
            "Practitioners from elsewhere have examined it and found it worth learning from."
            " Its effect has not been measured."
        ),
        Practice.Grade.EVALUATED: _(
            "Its effect was examined in an evaluation with a method that can be read up."
        ),
    }[Practice.Grade(grade)]


PUT_ELSEWHERE = {"evidence", "evidence_grade", "evidence_date"}


def read_own_fields(record: Record) -> OwnFields:
    """The kind's own fields that say something. No query: also for unsaved records."""
    facts: list[Fact] = []
    passages: list[Passage] = []
    for name in get_kind(record.kind).fields:
        field: Any = record._meta.get_field(name)
        value = getattr(record, name)
        if name in PUT_ELSEWHERE or value in (None, ""):
            continue
        label = _first_upper(str(field.verbose_name))
        if isinstance(field, models.TextField):
            passages.append(Passage(name, label, value))
        elif isinstance(value, date):
            facts.append(Fact(name, label, day=value))
        elif field.choices:
            shown = getattr(record, f"get_{name}_display")()
            facts.append(Fact(name, label, value=_first_upper(str(shown))))
        else:
            facts.append(Fact(name, label, value=str(value)))
    return OwnFields(tuple(facts), tuple(passages), _read_evidence(record))


def _read_evidence(record: Record) -> Evidence | None:
    if not isinstance(record, Practice):
        return None
    return Evidence(
        grade=record.evidence_grade,
        label=str(Practice.Grade(record.evidence_grade).label),
        meaning=explain_grade(record.evidence_grade),
        text=record.evidence,
        day=record.evidence_date,
    )


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]
