"""What is done to one document of a record, as plain values: so that it can wait for a reviewer.

The file that is to come lies in the store from the start, under its content; the request that
names it is the only way to it until it is published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from focal.kernel.errors import BadInput
from focal.records import attachments, storage
from focal.records.extraction import Reader
from focal.records.models import Attachment, Record
from focal.records.receiving import Document


class Deed(StrEnum):
    """What can be done to a document. Their order is changed at once, or not at all."""

    ADD = "add"
    REPLACE = "replace"
    REMOVE = "remove"
    LABEL = "label"


def put_down(
    deed: Deed,
    *,
    attachment: Attachment | None,
    document: Document | None,
    title: str,
    language: str,
    not_persons: str,
) -> dict[str, Any]:
    """The deed as plain values. Without a document to bring there is no digest."""
    wanted: dict[str, Any] = {"deed": deed.value, "not_persons": not_persons}
    if attachment is not None:
        wanted |= {"document": attachment.reference, "name": attachment.title}
    if deed is Deed.LABEL:
        wanted |= {"title": title, "language_of": language}
    if document is not None:
        wanted |= {
            "digest": document.staged.digest,
            "size": document.staged.size,
            "file_name": attachments.clean_file_name(document.file_name),
            "media_type": document.extracted.media_type,
            "original_digest": document.original_digest,
            "removed": list(document.removed),
        }
    return wanted


def get_file(wanted: Mapping[str, Any]) -> Attachment | None:
    """The file that waits, as a document that is in no record; None where none does."""
    if not wanted.get("digest"):
        return None
    names = ("digest", "size", "file_name", "media_type")
    return Attachment(**{name: wanted[name] for name in names})


@contextmanager
def read_file(wanted: Mapping[str, Any]) -> Iterator[Document | None]:
    """The file that waits, read once more; it was cleaned when it came. Raises Unreadable."""
    if not wanted.get("digest"):
        yield None
        return
    path = storage.get_path(wanted["digest"])
    with Reader() as reader:
        yield Document(
            storage.Staged(path, wanted["digest"], wanted["size"]),
            wanted["file_name"],
            reader.read(path, declared_name=wanted["file_name"]),
            tuple(wanted["removed"]),
            wanted["original_digest"],
        )


def carry_out(
    wanted: Mapping[str, Any], record: Record, document: Document | None, **deed: Any
) -> Attachment | None:
    """Do it. `deed` holds `by`, `at` and `confirmed_by`; returns the document, None if it goes."""
    if wanted["deed"] == Deed.ADD and document is not None:
        given = {"document": document, "not_persons": wanted["not_persons"]}
        return attachments.add_attachment(record=record, **given, **deed)
    attachment = Attachment.objects.filter(
        record_id=record.pk, reference=wanted.get("document", ""), is_current=True
    ).first()
    if attachment is None:
        raise BadInput(_("This document is not here any more."))
    if wanted["deed"] == Deed.REPLACE and document is not None:
        given = {"document": document, "not_persons": wanted["not_persons"]}
        return attachments.replace_attachment(record=record, attachment=attachment, **given, **deed)
    if wanted["deed"] == Deed.LABEL:
        label = {"title": wanted["title"], "language": wanted["language_of"]}
        return attachments.edit_attachment(record=record, attachment=attachment, **label, **deed)
    attachments.remove_attachment(record=record, attachment=attachment, **deed)
    return None
