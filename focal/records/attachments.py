"""The documents of a record: added, replaced by a newer version, removed, put in order.

Each deed is one transaction with its log entry and its outbox entry. The file itself is in
place before the row that names it, so a crash leaves at most a file that nobody uses;
`clean_storage` removes those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from pathlib import PurePath
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from focal.audit.services import write_entry
from focal.kernel.errors import BadInput
from focal.outbox.services import emit
from focal.records import persons, portions, second_eyes, storage
from focal.records.content import clean_line
from focal.records.extraction import Reader
from focal.records.models import Attachment, AttachmentPage, Record, SharingRequest
from focal.records.receiving import Document, receive
from focal.records.services import TOPIC, name_confirmer, require
from focal.safety.files.cleaner import Cleaner
from focal.sharing.viewer import Viewer


@contextmanager
def read_document(chunks: Iterable[bytes], *, file_name: str, hint: str = "") -> Iterator[Document]:
    """A file that arrives piece by piece, read and cleaned. Raises Unreadable with the reason."""
    with (
        storage.stage_stream(chunks) as staged,
        Reader() as reader,
        Cleaner() as cleaner,
        receive(
            reader, cleaner, staged, file_name=file_name, hint=hint, takes_pictures=True
        ) as document,
    ):
        yield document


@transaction.atomic
def add_attachment(
    *,
    record: Record,
    document: Document,
    by: Viewer,
    at: datetime,
    title: str = "",
    language: str | None = None,
    not_persons: str = "",
    confirmed_by: Viewer | None = None,
) -> Attachment:
    """Add a document at the end. Without a title it takes its own, or its file's name.

    HoldsPersons when readers would see what seems to identify somebody, unless `not_persons`
    says why it does not. SecondEyesNeeded, as of every deed here, when a contributor changes
    what is published and nobody has confirmed it (`changes.ask_for_document` asks).
    """
    _lock(record)
    _require_may_change(record, by=by, confirmed_by=confirmed_by)
    _require_no_persons(record, document, by=by, at=at, reason=not_persons)
    last = _get_current(record).aggregate(last=Max("position"))["last"]
    attachment = _write(
        record,
        document,
        by=by,
        at=at,
        title=title,
        language=language,
        position=0 if last is None else last + 1,
    )
    _tell(record, "record.document_added", attachment, by=by, at=at, confirmed_by=confirmed_by)
    return attachment


@transaction.atomic
def replace_attachment(
    *,
    record: Record,
    attachment: Attachment,
    document: Document,
    by: Viewer,
    at: datetime,
    not_persons: str = "",
    confirmed_by: Viewer | None = None,
) -> Attachment:
    """Put a newer version in a document's place. The older one stays readable as such."""
    _lock(record)
    _require_may_change(record, by=by, confirmed_by=confirmed_by)
    _require_no_persons(record, document, by=by, at=at, reason=not_persons)
    if not _get_current(record).filter(pk=attachment.pk).exists():
        raise BadInput(_("There is a newer version of this document already."))
    if attachment.digest == document.staged.digest:
        return attachment
    newer = _write(
        record,
        document,
        by=by,
        at=at,
        title=attachment.title,
        language=document.extracted.language or attachment.language,
        position=attachment.position,
        replaces=attachment,
    )
    Attachment.objects.filter(pk=attachment.pk).update(is_current=False)
    _tell(
        record,
        "record.document_replaced",
        newer,
        by=by,
        at=at,
        confirmed_by=confirmed_by,
        revokes=True,
    )
    return newer


@transaction.atomic
def remove_attachment(
    *,
    record: Record,
    attachment: Attachment,
    by: Viewer,
    at: datetime,
    confirmed_by: Viewer | None = None,
) -> None:
    """Take a document away with all its versions. Its file goes when nothing uses it."""
    _lock(record)
    _require_may_change(record, by=by, confirmed_by=confirmed_by)
    _tell(
        record,
        "record.document_removed",
        attachment,
        by=by,
        at=at,
        confirmed_by=confirmed_by,
        revokes=True,
    )
    versions: list[int] = []
    older: Attachment | None = attachment
    while older is not None and older.record_id == record.pk and older.pk not in versions:
        versions.append(older.pk)
        older = older.replaces
    Attachment.objects.filter(record_id=record.pk, pk__in=versions).delete()


@transaction.atomic
def edit_attachment(
    *,
    record: Record,
    attachment: Attachment,
    title: str,
    language: str,
    by: Viewer,
    at: datetime,
    confirmed_by: Viewer | None = None,
) -> Attachment:
    """Change how a document is called and in which language it is said to be."""
    _lock(record)
    _require_may_change(record, by=by, confirmed_by=confirmed_by)
    title = clean_line(title)[:400]
    if not title:
        raise BadInput(_("Give the document a title."))
    if (title, language) == (attachment.title, attachment.language):
        return attachment
    if record.is_out:
        persons.require_none(persons.check_pages(title, ()), record=record, by=by, at=at)
    attachment.title, attachment.language = title, language
    attachment.save(update_fields=("title", "language"))
    _tell(record, "record.document_edited", attachment, by=by, at=at, confirmed_by=confirmed_by)
    return attachment


@transaction.atomic
def order_attachments(
    *, record: Record, references: Sequence[str], by: Viewer, at: datetime
) -> None:
    """Put the documents in this order; those not named follow as they were."""
    _lock(record)
    require(second_eyes.may_change_at_once(by, record))
    current = list(_get_current(record).order_by("position", "pk"))
    wanted = {reference: place for place, reference in enumerate(references)}
    ordered = sorted(current, key=lambda each: wanted.get(each.reference, len(wanted)))
    if ordered == current:
        return
    for place, attachment in enumerate(ordered):
        Attachment.objects.filter(pk=attachment.pk).update(position=place)
    _tell(record, "record.documents_ordered", ordered[0], by=by, at=at)


def clean_file_name(name: str) -> str:
    """The name alone, on one line, without folders."""
    return clean_line(PurePath(name).name)[-255:]


def clean_storage() -> int:
    """Delete stored files that no document uses any more; returns how many."""
    used = Attachment.objects.values_list("digest", flat=True).distinct()
    waiting = SharingRequest.objects.filter(
        kind=SharingRequest.Kind.CHANGE, decided_at__isnull=True
    ).values_list("wanted__digest", flat=True)
    elsewhere = chain.from_iterable(list_digests() for list_digests in _users_of_files)
    return storage.remove_unused(
        chain(used.iterator(chunk_size=5000), filter(None, waiting), elsewhere)
    )


_users_of_files: list[Callable[[], Iterable[str]]] = []


def register_user_of_files(list_digests: Callable[[], Iterable[str]]) -> None:
    """Name the stored files that something beside records' documents uses."""
    if list_digests not in _users_of_files:
        _users_of_files.append(list_digests)


def _get_current(record: Record) -> Any:
    return Attachment.objects.filter(record_id=record.pk, is_current=True)


def _write(
    record: Record,
    document: Document,
    *,
    by: Viewer,
    at: datetime,
    title: str,
    language: str | None,
    position: int,
    replaces: Attachment | None = None,
) -> Attachment:
    found = document.extracted
    name = clean_file_name(document.file_name)
    document.staged.keep()
    attachment = Attachment.objects.create(
        record_id=record.pk,
        position=position,
        title=(clean_line(title) or found.title or PurePath(name).stem)[:400],
        language=found.language if language is None else language,
        file_name=name,
        media_type=found.media_type,
        size=document.staged.size,
        digest=document.staged.digest,
        original_digest=document.original_digest,
        page_count=len(found.pages),
        note=document.note[:500],
        version=replaces.version + 1 if replaces else 1,
        replaces=replaces,
        added_at=at,
        added_by_id=by.person_id,
    )
    AttachmentPage.objects.bulk_create(
        (
            AttachmentPage(attachment_id=attachment.pk, number=number, text=text)
            for number, text in enumerate(found.pages, start=1)
        ),
        batch_size=200,
    )
    return attachment


def _require_no_persons(
    record: Record, document: Document, *, by: Viewer, at: datetime, reason: str
) -> None:
    """What readers of a record that is out would see at once."""
    if record.is_out:
        pages = document.extracted.pages
        found = persons.check_pages(PurePath(document.file_name).name, pages)
        persons.require_none(found, record=record, by=by, at=at, reason=reason)


def _require_may_change(record: Record, *, by: Viewer, confirmed_by: Viewer | None) -> None:
    require(portions.may_change(by, record))
    if confirmed_by is None:
        second_eyes.require_reviewer(record, by=by)


def _lock(record: Record) -> None:
    """Hold the row, and see its state as it is now."""
    now = Record._base_manager.select_for_update().get(pk=record.pk)
    record.state, record.marking = now.state, now.marking
    record.owner_person_id = now.owner_person_id


def _tell(
    record: Record,
    action: str,
    attachment: Attachment,
    *,
    by: Viewer,
    at: datetime,
    revokes: bool = False,
    confirmed_by: Viewer | None = None,
) -> None:
    Record._base_manager.filter(pk=record.pk).update(updated_at=at)
    write_entry(
        action=action,
        target_kind="record",
        target_key=record.reference,
        actor_key=by.actor_key,
        at=at,
        detail={"document": attachment.reference, "digest": attachment.digest}
        | name_confirmer(confirmed_by),
    )
    emit(topic=TOPIC, keys=[record.reference], at=at, revokes=revokes)
