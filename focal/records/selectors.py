"""Reads that join what hangs on records: always from records that the viewer may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from django.db.models import F
from django.utils import timezone
from django.utils.html import strip_tags

from focal.records import audience, portions
from focal.records.kinds import get_kind
from focal.records.models import (
    Attachment,
    AttachmentPage,
    PastRelease,
    Portion,
    Record,
    RecordAudience,
    Release,
    State,
    Transition,
    Translation,
    Version,
)
from focal.records.standins import iterate_keys, load_documents
from focal.search.documents import Page, SearchDocument, Text
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary

NEWEST = (F("published_at").desc(nulls_last=True), "-pk")


def get_record(viewer: Viewer, reference: str) -> Record | None:
    """The record as an instance of its kind, or None when the viewer cannot see it."""
    kind = (
        Record.objects.visible_to(viewer)
        .filter(reference=reference)
        .values_list("kind", flat=True)
        .first()
    )
    if kind is None:
        return None
    model = get_kind(kind).model
    return (
        model.objects.visible_to(viewer)
        .select_related("owner_organisation", "owner_person", "supersedes")
        .filter(reference=reference)
        .first()
    )


def get_attachment(viewer: Viewer, reference: str) -> tuple[Record, Attachment] | None:
    """An attachment and its record, or None when the viewer cannot see the record."""
    visible = Record.objects.visible_to(viewer)
    # One query, whether the attachment is hidden or missing: the number would tell.
    attachment = Attachment.objects.filter(
        reference=reference, record_id__in=visible.values("pk")
    ).first()
    if attachment is None:
        return None
    record = visible.filter(pk=attachment.record_id).first()
    return (record, attachment) if record is not None else None


def get_history(record: Record) -> tuple[list[Version], list[Transition]]:
    """Versions and steps of a record, newest first."""
    return (
        list(Version.objects.filter(record_id=record.pk).select_related("by").order_by("-number")),
        list(Transition.objects.filter(record_id=record.pk).select_related("by").order_by("-pk")),
    )


def get_releases(record: Record) -> list[str]:
    """The record's release list as tokens, as it is in force."""
    return sorted(audience.read_releases(record, at=timezone.now()))


def find_end(viewer: Viewer, record: Record) -> datetime | None:
    """When a viewer who sees the record will not see it any more; None when that has no end."""
    if record.is_out and record.marking in {Marking.CLEAR, Marking.GREEN}:
        return None
    ends = list(
        RecordAudience.objects.in_force(timezone.now())
        .filter(record_id=record.pk, token__in=sorted(viewer.tokens))
        .values_list("until", flat=True)
    )
    return None if not ends or None in ends else max(end for end in ends if end is not None)


def get_known_tokens(organisation_id: int) -> set[str]:
    """To whom this organisation has released anything before, also where that has ended."""
    rows = Record.objects.for_system("an organisation knows with whom it has shared")
    ours = rows.filter(owner_organisation_id=organisation_id).values("pk")
    return {
        token
        for model in (Release, PastRelease)
        for token in model.objects.filter(record_id__in=ours).values_list("token", flat=True)
    }


def list_lapsed_keys() -> list[str]:
    """Records whose index may still show them to somebody whose access has just ended."""
    return list(
        RecordAudience.objects.filter(until__lte=timezone.now())
        .order_by()
        .values_list("record__reference", flat=True)
        .distinct()
    )


# What search asks for. The index holds every audience; it answers by tokens.


def iterate_search_keys() -> Iterator[str]:
    """The keys of all records that can be found by somebody, and of what is shown as one."""
    yield from (
        Record.objects.for_system("the index holds every record and answers by tokens")
        .exclude(state=State.WITHDRAWN)
        .order_by("pk")
        .values_list("reference", flat=True)
        .iterator(chunk_size=5000)
    )
    yield from iterate_keys()


def load_search_documents(keys: Sequence[str]) -> list[SearchDocument]:
    """Search documents of the records with these references; missing ones are gone."""
    records = list(
        Record.objects.for_system("the index holds every record and answers by tokens")
        .filter(reference__in=keys)
        .exclude(state=State.WITHDRAWN)
        .prefetch_related("economies", "topics", "target_groups", "organisations")
        .order_by("pk")
    )
    ids = [record.pk for record in records]
    tokens = _group(
        RecordAudience.objects.in_force(timezone.now())
        .filter(record_id__in=ids)
        .values_list("record_id", "token")
    )
    marked = portions.load(ids)
    translations: dict[int, list[Translation]] = defaultdict(list)
    for translation in Translation.objects.filter(record_id__in=ids).order_by("language"):
        translations[translation.record_id].append(translation)
    pages: dict[int, list[Page]] = defaultdict(list)
    languages: dict[int, set[str]] = defaultdict(set)
    for record_id, reference, number, language, text in (
        AttachmentPage.objects.filter(attachment__record_id__in=ids, attachment__is_current=True)
        .order_by("attachment__position", "attachment_id", "number")
        .values_list(
            "attachment__record_id",
            "attachment__reference",
            "number",
            "attachment__language",
            "text",
        )
    ):
        pages[record_id].append(Page(reference, number, language, text))
        languages[record_id].add(language)
    for record_id, further in _read_further_pages(records).items():
        pages[record_id] += further
    found = {record.reference for record in records}
    return [
        _build_document(
            record,
            frozenset(tokens[record.pk]),
            _list_texts(record, translations[record.pk], marked),
            tuple(pages[record.pk]),
            languages[record.pk],
        )
        for record in records
    ] + load_documents([key for key in keys if key not in found])


def _read_further_pages(records: Sequence[Record]) -> dict[int, Sequence[Page]]:
    """What kinds say beside the text and the documents of a record."""
    ids: dict[str, list[int]] = defaultdict(list)
    for record in records:
        ids[record.kind].append(record.pk)
    further: dict[int, Sequence[Page]] = {}
    for key, those in ids.items():
        read_pages = get_kind(key).read_pages
        if read_pages is not None:
            further |= read_pages(those)
    return further


def _group(rows: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    grouped: dict[int, list[str]] = defaultdict(list)
    for key, value in rows:
        grouped[key].append(value)
    return grouped


def _list_texts(
    record: Record, translations: list[Translation], marked: Mapping[tuple[int, str], list[Portion]]
) -> list[Text]:
    """The texts as everybody who sees the record reads them: narrower paragraphs are not there."""
    shared = portions.get_shared(record)

    def write(language: str, row: Record | Translation) -> Text:
        body = portions.put_together(row.body, marked.get((record.pk, language), ()), shared)
        return Text(row.language, row.title, row.summary, to_plain(body))

    return [write("", record), *(write(row.language, row) for row in translations)]


def _build_document(
    record: Record,
    tokens: frozenset[str],
    texts: list[Text],
    pages: tuple[Page, ...],
    page_languages: set[str],
) -> SearchDocument:
    day = record.issued_date or (record.published_at or record.created_at).date()
    languages = {text.language for text in texts} | {code for code in page_languages if code}
    return SearchDocument(
        key=record.reference,
        kind=record.kind,
        audience=tokens,
        texts=tuple(texts),
        pages=pages,
        facets={
            "economy": tuple(sorted(economy.code for economy in record.economies.all())),
            "topic": _with_broader(topic.key for topic in record.topics.all()),
            "target_group": tuple(sorted(group.key for group in record.target_groups.all())),
            "language": tuple(sorted(languages)),
            "year": (str(day.year),),
            "organisation": tuple(sorted(o.reference for o in record.organisations.all())),
            "state": (record.state,),
        },
        date=day,
    )


def _with_broader(topics: Iterable[str]) -> tuple[str, ...]:
    """Topics and those above them: who asks for the broad one finds the narrow one too."""
    vocabulary = get_vocabulary()
    return tuple(sorted({key for topic in topics for key in (topic, *vocabulary.get_path(topic))}))


def to_plain(html: str) -> str:
    """The text of rich text, with a break where a block ends."""
    for tag in ("</p>", "</li>", "</h2>", "</h3>", "</h4>", "<br>", "</td>", "</th>"):
        html = html.replace(tag, tag + "\n")
    return strip_tags(html).strip()
