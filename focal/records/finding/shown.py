"""Records as they stand in a list: in the reader's language where they exist in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet, Value
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
    """Rows the viewer was found to see, as a list shows them. One query for any number."""
    rows = list(records)
    if not rows:
        return []
    beside = _read_beside([row.pk for row in rows])
    return [_show(row, language, beside[row.pk]) for row in rows]


def _show(row: Record, language: str, beside: _Beside) -> ShownRecord:
    translations, documents = beside.translations, beside.documents
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
        economies=tuple(beside.economies),
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


@dataclass(slots=True)
class _Beside:
    """What stands beside a record in other tables, as far as a list needs it."""

    translations: dict[str, tuple[str, str]] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)
    economies: list[str] = field(default_factory=list)


def _read_beside(ids: list[int]) -> dict[int, _Beside]:
    """Translations, documents and economies of records in one query, each in its order."""
    own: dict[str, Any] = {"record_id__in": ids}
    written = Translation.objects.filter(**own).order_by()
    attached = Attachment.objects.filter(**own, is_current=True).order_by()
    placed = Record.economies.through.objects.filter(**own).order_by()
    none, zero = Value(""), Value(0)
    rows = written.values_list(
        *("record_id", Value("translation"), zero, zero, "language", "title", "summary", zero)
    ).union(
        attached.values_list(
            *("record_id", Value("document"), "position", "pk"),
            *("language", "title", "reference", "page_count"),
        ),
        placed.values_list(
            *("record_id", Value("economy"), "economy__position", zero),
            *("economy_id", none, none, zero),
        ),
        all=True,
    )
    found: dict[int, _Beside] = defaultdict(_Beside)
    for record_id, what, _position, _pk, code, title, text, pages in sorted(rows):
        beside = found[record_id]
        if what == "translation":
            beside.translations[code] = (title, text)
        elif what == "document":
            beside.documents.append(Document(text, title, code, pages))
        else:
            beside.economies.append(code)
    return found


def get_rows(viewer: Viewer, references: Collection[str]) -> dict[str, Record]:
    """The rows among these references that the viewer may see, without their long text."""
    rows = only_for_lists(Record.objects.visible_to(viewer).filter(reference__in=references))
    return {row.reference: row for row in rows}


def only_for_lists(records: QuerySet[Record]) -> QuerySet[Record]:
    """The same rows without their long text."""
    return records.defer("body")
