"""Records as they stand in a list: in the reader's language where they exist in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from focal.records.kinds import get_kind
from focal.records.models import Attachment, Record, State, Translation
from focal.sharing.viewer import Viewer
from focal.vocabulary.languages import canonical_language
from focal.vocabulary.selectors import get_vocabulary


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a record, as far as a list needs it."""

    reference: str
    title: str
    language: str
    page_count: int


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """A record in a list. `language` is that of the title and summary shown.

    `languages` are all it can be read in: its text, its translations, its documents.
    """

    reference: str
    url: str
    kind: str
    kind_label: str
    title: str
    summary: str
    language: str
    is_translation: bool
    languages: tuple[str, ...]
    documents: tuple[Document, ...]
    marking: str
    state: str
    date: date
    economies: tuple[str, ...]

    @property
    def state_label(self) -> str:
        """What to say beside the title; nothing when it is simply published."""
        return "" if self.state == State.PUBLISHED else str(State(self.state).label)


def show(records: Iterable[Record], language: str) -> list[ShownRecord]:
    """Rows the viewer was found to see, as a list shows them. Three queries for any number."""
    rows = list(records)
    if not rows:
        return []
    ids = [row.pk for row in rows]
    translations = _read_translations(ids)
    documents = _read_documents(ids)
    economies = _read_economies(ids)
    return [
        _show(row, language, translations[row.pk], documents[row.pk], economies[row.pk])
        for row in rows
    ]


def _show(
    row: Record,
    language: str,
    translations: dict[str, tuple[str, str]],
    documents: list[Document],
    economies: list[str],
) -> ShownRecord:
    chosen = choose_language(language, [row.language, *translations])
    title, summary = translations.get(chosen, (row.title, row.summary))
    return ShownRecord(
        reference=row.reference,
        url=row.get_absolute_url(),
        kind=row.kind,
        kind_label=str(get_kind(row.kind).label),
        title=title,
        summary=summary,
        language=chosen,
        is_translation=chosen != row.language,
        languages=order_languages([row.language, *translations, *(d.language for d in documents)]),
        documents=tuple(documents),
        marking=row.marking,
        state=row.state,
        date=get_date(row),
        economies=tuple(economies),
    )


def get_date(record: Record) -> date:
    """The day a record is of: its own date, else the day it came out or was begun."""
    moment = record.published_at or record.created_at
    return record.issued_date or timezone.localdate(moment)


def choose_language(wanted: str, available: Sequence[str]) -> str:
    """The language to show: the reader's, else one they read as well, else the original.

    The first of `available` is the original.
    """
    wanted = canonical_language(wanted)
    if wanted in available:
        return wanted
    readable = get_vocabulary().get_found_together(wanted)
    return next((code for code in available if code in readable), available[0])


def order_languages(codes: Collection[str]) -> tuple[str, ...]:
    """Each language once, the first stays first."""
    return tuple(dict.fromkeys(code for code in codes if code))


def _read_translations(ids: list[int]) -> dict[int, dict[str, tuple[str, str]]]:
    found: dict[int, dict[str, tuple[str, str]]] = defaultdict(dict)
    for record_id, language, title, summary in (
        Translation.objects.filter(record_id__in=ids)
        .order_by("language")
        .values_list("record_id", "language", "title", "summary")
    ):
        found[record_id][language] = (title, summary)
    return found


def _read_documents(ids: list[int]) -> dict[int, list[Document]]:
    found: dict[int, list[Document]] = defaultdict(list)
    for record_id, reference, title, language, page_count in (
        Attachment.objects.filter(record_id__in=ids, is_current=True)
        .order_by("position", "pk")
        .values_list("record_id", "reference", "title", "language", "page_count")
    ):
        found[record_id].append(Document(reference, title, language, page_count))
    return found


def _read_economies(ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for record_id, code in (
        Record.economies.through.objects.filter(record_id__in=ids)
        .order_by("economy__position", "economy_id")
        .values_list("record_id", "economy_id")
    ):
        found[record_id].append(code)
    return found


def get_rows(viewer: Viewer, references: Collection[str]) -> dict[str, Record]:
    """The rows among these references that the viewer may see, without their long text."""
    rows = only_for_lists(Record.objects.visible_to(viewer).filter(reference__in=references))
    return {row.reference: row for row in rows}


def only_for_lists(records: QuerySet[Record]) -> QuerySet[Record]:
    """The same rows without their long text."""
    return records.defer("body")
