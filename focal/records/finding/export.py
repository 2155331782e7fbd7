"""Records as data, for tables and for other programs: only what the viewer may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from focal.records import portions
from focal.records.finding.shown import get_date
from focal.records.kinds import Kind, get_kind, get_kinds
from focal.records.models import (
    Attachment,
    AttachmentPage,
    Record,
    RecordSource,
    ToolkitItem,
    Translation,
)
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary

BATCH = 200
LISTS = ("economies", "topics", "target_groups", "organisations")


@dataclass(frozen=True, slots=True)
class Limits:
    """Which records to export; what is left empty limits nothing."""

    kinds: Sequence[str] = ()
    economies: Sequence[str] = ()
    topics: Sequence[str] = ()
    languages: Sequence[str] = ()
    states: Sequence[str] = ()
    changed_since: date | None = None
    references: Sequence[str] | None = field(default=None)


def export_records(
    viewer: Viewer, limits: Limits, *, with_pages: bool = False
) -> Iterator[dict[str, Any]]:
    """Every record the viewer may see, with all its content, as plain values, oldest first."""
    there = set(_limit(Record.objects.visible_to(viewer), limits).values_list("kind", flat=True))
    for kind in get_kinds():
        if kind.key in there and (not limits.kinds or kind.key in limits.kinds):
            rows = _limit(kind.model.objects.visible_to(viewer), limits).order_by("pk")
            names = (*LISTS, *kind.concept_fields)
            batch: list[Record] = []
            for row in rows.prefetch_related(*names).iterator(chunk_size=BATCH):
                batch.append(row)
                if len(batch) == BATCH:
                    yield from _write(viewer, kind, batch, with_pages=with_pages)
                    batch = []
            yield from _write(viewer, kind, batch, with_pages=with_pages)


def count_records(viewer: Viewer, limits: Limits) -> int:
    """How many `export_records` will bring."""
    rows = _limit(Record.objects.visible_to(viewer), limits)
    return rows.filter(kind__in=limits.kinds).count() if limits.kinds else rows.count()


def _limit(rows: QuerySet[Record], limits: Limits) -> QuerySet[Record]:
    if limits.references is not None:
        rows = rows.filter(reference__in=limits.references)
    if limits.economies:
        rows = rows.filter(_has("economies", economy_id__in=limits.economies))
    if limits.topics:
        vocabulary = get_vocabulary()
        keys = {key for topic in limits.topics for key in vocabulary.with_narrower(topic)}
        rows = rows.filter(_has("topics", concept__key__in=sorted(keys)))
    if limits.languages:
        rows = rows.filter(language__in=limits.languages)
    if limits.states:
        rows = rows.filter(state__in=limits.states)
    if limits.changed_since:
        rows = rows.filter(updated_at__date__gte=limits.changed_since)
    return rows


def _has(name: str, **conditions: Any) -> Exists:
    through = getattr(Record, name).through
    return Exists(through.objects.filter(record_id=OuterRef("pk"), **conditions))


def _write(
    viewer: Viewer, kind: Kind, rows: list[Record], *, with_pages: bool
) -> Iterator[dict[str, Any]]:
    if not rows:
        return
    ids = [row.pk for row in rows]
    translations = _group(
        Translation.objects.filter(record_id__in=ids).order_by("record_id", "language")
    )
    sources = _group(
        RecordSource.objects.filter(record_id__in=ids).order_by("record_id", "position")
    )
    documents = _group(
        Attachment.objects.filter(record_id__in=ids, is_current=True).order_by(
            "record_id", "position", "pk"
        )
    )
    places = _group(
        ToolkitItem.objects.filter(toolkit_id__in=ids if kind.has_items else ()).order_by(
            "toolkit_id", "position"
        ),
        by="toolkit_id",
    )
    linked = _read_linked(viewer, rows, places)
    read = portions.make_reader(viewer, rows)
    for row in rows:
        yield {
            **_write_row(kind, row),
            "body": read(row, row.body, ""),
            "translations": [
                {**_write_translation(item), "body": read(row, item.body, item.language)}
                for item in translations[row.pk]
            ],
            "sources": [
                {"title": item.title, "url": item.url, "note": item.note}
                for item in sources[row.pk]
            ],
            "documents": [
                _write_document(item, with_pages=with_pages) for item in documents[row.pk]
            ],
            "supersedes": linked.get(row.supersedes_id, "") if row.supersedes_id else "",
            **({"items": _write_items(places[row.pk], linked)} if kind.has_items else {}),
        }


def _group(rows: Iterable[Any], by: str = "record_id") -> dict[int, list[Any]]:
    grouped: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[getattr(row, by)].append(row)
    return grouped


def _write_row(kind: Kind, row: Record) -> dict[str, Any]:
    own = {name: _plain(getattr(row, name)) for name in kind.fields}
    concepts = {
        name: sorted(concept.key for concept in getattr(row, name).all())
        for name in ("topics", "target_groups", *kind.concept_fields)
    }
    return {
        "reference": row.reference,
        "kind": row.kind,
        "marking": row.marking,
        "state": row.state,
        "version": row.version,
        "date": get_date(row).isoformat(),
        "published_at": _plain(row.published_at),
        "updated_at": _plain(row.updated_at),
        "language": row.language,
        "title": row.title,
        "summary": row.summary,
        "economies": sorted(economy.code for economy in row.economies.all()),
        **concepts,
        "organisations": sorted(str(organisation) for organisation in row.organisations.all()),
        **own,
    }


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    return value.isoformat() if hasattr(value, "isoformat") else value


def _write_translation(row: Translation) -> dict[str, Any]:
    return {
        "language": row.language,
        "title": row.title,
        "summary": row.summary,
        "origin": row.origin,
        "needs_check": row.needs_check,
    }


def _write_document(row: Attachment, *, with_pages: bool) -> dict[str, Any]:
    document: dict[str, Any] = {
        "reference": row.reference,
        "title": row.title,
        "language": row.language,
        "file_name": row.file_name,
        "media_type": row.media_type,
        "size": row.size,
        "sha256": row.digest,
        "page_count": row.page_count,
    }
    if with_pages:
        document["pages"] = list(
            AttachmentPage.objects.filter(attachment_id=row.pk)
            .order_by("number")
            .values_list("text", flat=True)
        )
    return document


def _read_linked(
    viewer: Viewer, rows: list[Record], places: Mapping[int, list[ToolkitItem]]
) -> Mapping[int, str]:
    """References of what these records point to, as far as the viewer sees it."""
    ids = {row.supersedes_id for row in rows if row.supersedes_id}
    ids |= {item.record_id for items in places.values() for item in items}
    if not ids:
        return {}
    visible = Record.objects.visible_to(viewer).filter(pk__in=ids)
    return dict(visible.values_list("pk", "reference"))


def _write_items(items: list[ToolkitItem], linked: Mapping[int, str]) -> list[dict[str, str]]:
    return [
        {"record": linked[item.record_id], "note": item.note}
        for item in items
        if item.record_id in linked
    ]


COLUMNS = (
    "reference", "kind", "title", "language", "languages", "date", "marking", "state",
    "economies", "topics", "target_groups", "organisations", "documents", "summary", "address",
)  # fmt: skip


def write_columns(row: Mapping[str, Any], *, language: str) -> list[str]:
    """A record as one row of a table, with names instead of keys."""
    vocabulary = get_vocabulary()
    languages = [row["language"], *(item["language"] for item in row["translations"])]
    languages += [item["language"] for item in row["documents"] if item["language"]]
    values = {
        **{name: row[name] for name in ("reference", "title", "date", "marking", "summary")},
        "kind": str(get_kind(row["kind"]).label),
        "state": row["state"],
        "language": vocabulary.language_name(row["language"], language),
        "languages": _join(vocabulary.language_name(c, language) for c in dict.fromkeys(languages)),
        "economies": _join(vocabulary.economy_name(code, language) for code in row["economies"]),
        "topics": _join(vocabulary.label("topics", key, language) for key in row["topics"]),
        "target_groups": _join(
            vocabulary.label("target-groups", key, language) for key in row["target_groups"]
        ),
        "organisations": _join(row["organisations"]),
        "documents": _join(item["title"] for item in row["documents"]),
        "address": f"{settings.SITE_ADDRESS.rstrip('/')}/records/{row['reference']}/",
    }
    return [make_harmless(values[name]) for name in COLUMNS]


def _join(values: Iterable[str]) -> str:
    return "; ".join(values)


def make_harmless(text: str) -> str:
    """Text that a spreadsheet takes for text: nothing in it is worked out as a formula."""
    text = str(text).replace("\x00", "")
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "|")) else text
