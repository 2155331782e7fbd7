"""Changes of what is published, made by somebody who may not publish: put before a reviewer.

What they changed is put by as plain values; readers see the record as it is. An editor of its
organisation, or the secretariat where it sees the record, publishes the change, in the name of
who made it, or sends it back. The author's working copy stands until then, so that nothing is
lost and a change that comes back is at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from focal.kernel.errors import Refused
from focal.records import document_deeds, notices, portions, releasing, services
from focal.records.content import Content, compare, read_content
from focal.records.kinds import get_kind
from focal.records.merging import CHOSEN_THINGS, Merge, merge
from focal.records.models import (
    Attachment,
    Record,
    SharingRequest,
    Translation,
    Version,
    WorkingCopy,
)
from focal.records.receiving import Document
from focal.records.services import EditConflict, require
from focal.sharing.viewer import Viewer

Given = TypeVar("Given")


@transaction.atomic
def ask_for_change(
    *,
    record: Record,
    content: Mapping[str, Any],
    base_version: int,
    by: Viewer,
    at: datetime,
    note: str = "",
    not_persons: str = "",
) -> SharingRequest | None:
    """Send a change of a record's content to review; None when nothing is different.

    Whatever `services.edit_record` would refuse or raise it raises now, to its author.
    """
    before = read_content(record)

    def change() -> Content:
        changed = services.edit_record(
            record=record,
            content=content,
            base_version=base_version,
            by=by,
            at=at,
            not_persons=not_persons,
            confirmed_by=by,
        )
        return read_content(changed)

    after = _try_out(change)
    names = compare(before, after)
    if not names:
        return None
    wanted = {
        "content": {name: after[name] for name in names},
        "base_version": base_version,
        "note": note,
        "not_persons": not_persons,
    }
    return _ask(record, wanted, fields=names, by=by, at=at)


@transaction.atomic
def ask_for_translation(
    *,
    record: Record,
    language: str,
    base_version: int,
    by: Viewer,
    at: datetime,
    not_persons: str = "",
    **text: Any,
) -> SharingRequest:
    """Send a translation to review. Raises what `services.save_translation` would."""
    wanted = {
        "language": language,
        "text": text,
        "base_version": base_version,
        "not_persons": not_persons,
    }
    _try_out(lambda: _save_translation(record, wanted, by=by, confirmed_by=by, at=at))
    return _ask(record, wanted, fields=[f"translation:{language}"], by=by, at=at)


@transaction.atomic
def ask_for_removal(
    *, record: Record, language: str, by: Viewer, at: datetime
) -> SharingRequest | None:
    """Ask a reviewer to take a translation away; None when there is none."""
    require(portions.may_edit(by, record))
    if not Translation.objects.filter(record_id=record.pk, language=language).exists():
        return None
    wanted = {"language": language, "removes": True}
    return _ask(record, wanted, fields=[f"translation:{language}"], by=by, at=at)


@transaction.atomic
def ask_for_document(
    *,
    record: Record,
    deed: document_deeds.Deed,
    by: Viewer,
    at: datetime,
    attachment: Attachment | None = None,
    document: Document | None = None,
    title: str = "",
    language: str = "",
    not_persons: str = "",
) -> SharingRequest | None:
    """Send a document, a newer version, a name or a removal to review; None for no change.

    Raises what `attachments` would. The file is kept, and nobody but its author and those who
    write or review the record comes to it.
    """
    wanted = document_deeds.put_down(
        deed,
        attachment=attachment,
        document=document,
        title=title,
        language=language,
        not_persons=not_persons,
    )

    def change() -> bool:
        before = attachment and (attachment.pk, attachment.title, attachment.language)
        done = document_deeds.carry_out(wanted, record, document, by=by, at=at, confirmed_by=by)
        return done is None or (done.pk, done.title, done.language) != before

    if not _try_out(change):
        return None
    return _ask(record, wanted, fields=["documents"], by=by, at=at)


class _TriedOut(Exception):
    """Takes back what was tried."""


def _try_out(deed: Callable[[], Given]) -> Given:
    """What a deed gives, or raises, without doing it."""
    given: list[Given] = []
    try:
        with transaction.atomic():
            given.append(deed())
            raise _TriedOut
    except _TriedOut:
        return given[0]


def _ask(
    record: Record, wanted: dict[str, Any], *, fields: list[str], by: Viewer, at: datetime
) -> SharingRequest:
    """Put a change by, in the place of what the same person wanted of the same text before."""
    reviewers = releasing.find_confirmers(record, by=by, at=at, reads_all=True)
    if not reviewers:
        raise Refused(
            _(
                "There is nobody who could confirm it: no second editor, and the secretariat does"
                " not see it."
            )
        )
    for asked in list_waiting(record):
        if asked.asked_by_id == by.person_id and _name_part(asked.wanted) == _name_part(wanted):
            _settle(asked, grant=False, by=by, at=at)
    asked = SharingRequest.objects.create(
        record_id=record.pk,
        kind=SharingRequest.Kind.CHANGE,
        wanted=wanted,
        asked_by_id=by.person_id or 0,
        asked_at=at,
    )
    releasing.log(asked, record, "record.change_asked", by=by, at=at, wanted={"fields": fields})
    _tell(asked, record, reviewers, notices.CHANGE_ASKED, by=by, at=at)
    return asked


def _settle(
    asked: SharingRequest, *, grant: bool, by: Viewer, at: datetime, answer: str = ""
) -> None:
    """Keep the answer. What is sent back stays there for its author to read, but for a file,
    which they have; what is not wanted any more, or stands in the record by now, goes."""
    if grant or asked.asked_by_id == by.person_id:
        asked.wanted = {"language": get_language(asked)}
    else:
        asked.wanted.pop("digest", None)
    notices.settle(notices.CHANGE_ASKED, request=asked.reference, at=at)
    releasing.settle(asked, grant=grant, answer=answer, by=by, at=at)


def get_language(asked: SharingRequest) -> str:
    """The language of the translation that a change is of; empty for the original."""
    return str(asked.wanted.get("language", ""))


def is_of_document(asked: SharingRequest) -> bool:
    """Whether it is a document that is to be changed, and not a text."""
    return "deed" in asked.wanted


def _name_part(wanted: Mapping[str, Any]) -> tuple[str, str]:
    """The text or document that is to be changed: of each, one change of a person waits."""
    if "deed" in wanted:
        return "document", wanted.get("document") or wanted["digest"]
    return "text", wanted.get("language", "")


def list_waiting(record: Record, language: str | None = None) -> list[SharingRequest]:
    """The changes of a record (of one text) that wait for a reviewer, oldest first."""
    rows = SharingRequest.objects.filter(
        record_id=record.pk, kind=SharingRequest.Kind.CHANGE, decided_at__isnull=True
    )
    waiting = list(rows.select_related("asked_by").order_by("asked_at", "pk"))
    if language is None:
        return waiting
    return [row for row in waiting if _name_part(row.wanted) == ("text", language)]


def put_together(asked: SharingRequest, record: Record) -> Merge:
    """What the record would say with this change, whatever was published since it was made."""
    base = Version.objects.filter(
        record_id=record.pk, number=asked.wanted.get("base_version", 0)
    ).first()
    return merge(
        base=base.content if base else {},
        mine=asked.wanted["content"],
        theirs=read_content(record),
        choices={},
        lists=CHOSEN_THINGS | frozenset(get_kind(record.kind).concept_fields),
    )


def decide_change(
    *,
    asked: SharingRequest,
    record: Record,
    grant: bool,
    by: Viewer,
    at: datetime,
    answer: str = "",
) -> SharingRequest:
    """Publish a change, in the name of who made it; or send it back with the reason.

    Refused when the same part was changed meanwhile: its author puts the two together. Raises
    Unreadable when a file that waits cannot be read any more.
    """
    require(releasing.may_review(by, record, asker=asked.asked_by_id))
    # A file is read before the transaction begins: that may take seconds.
    with document_deeds.read_file(asked.wanted if grant else {}) as document:
        return _decide(asked, record, document, grant=grant, by=by, at=at, answer=answer)


@transaction.atomic
def _decide(
    asked: SharingRequest,
    record: Record,
    document: Document | None,
    *,
    grant: bool,
    by: Viewer,
    at: datetime,
    answer: str,
) -> SharingRequest:
    asked = releasing.lock(asked, SharingRequest.Kind.CHANGE)
    require(releasing.may_review(by, record, asker=asked.asked_by_id))
    of_document = is_of_document(asked)
    if grant:
        asker = Viewer.from_person(asked.asked_by, on=timezone.localdate(at))
        _carry_out(asked, record, document, asker=asker, confirmed_by=by, at=at)
    if grant and not of_document:
        WorkingCopy.objects.filter(
            person_id=asked.asked_by_id,
            record_id=record.pk,
            language=get_language(asked),
            place="",
            saved_at__lte=asked.asked_at,  # what was typed since is a change of its own
        ).delete()
    _settle(asked, grant=grant, answer=answer, by=by, at=at)
    action = "record.change_published" if grant else "record.change_refused"
    releasing.log(asked, record, action, by=by, at=at, wanted={})
    refused = notices.DOCUMENT_REFUSED if of_document else notices.CHANGE_REFUSED
    kind = notices.CHANGE_PUBLISHED if grant else refused
    _tell(asked, record, {asked.asked_by_id}, kind, by=by, at=at)
    return asked


@transaction.atomic
def take_back(*, asked: SharingRequest, record: Record, by: Viewer, at: datetime) -> None:
    """Its author does not want the change any more; their text stays theirs, unsaved."""
    asked = releasing.lock(asked, SharingRequest.Kind.CHANGE)
    if asked.asked_by_id != by.person_id:
        raise Refused(_("Only its author can take this change back."))
    _settle(asked, grant=False, by=by, at=at)
    releasing.log(asked, record, "record.change_taken_back", by=by, at=at, wanted={})


def _carry_out(
    asked: SharingRequest,
    record: Record,
    document: Document | None,
    *,
    asker: Viewer,
    confirmed_by: Viewer,
    at: datetime,
) -> None:
    wanted = asked.wanted
    if is_of_document(asked):
        document_deeds.carry_out(
            wanted, record, document, by=asker, at=at, confirmed_by=confirmed_by
        )
    elif "content" in wanted:
        merged = put_together(asked, record)
        if merged.disputed:
            raise _changed_meanwhile()
        services.edit_record(
            record=record,
            content={name: merged.content[name] for name in wanted["content"]},
            base_version=record.version,
            by=asker,
            at=at,
            note=wanted["note"],
            not_persons=wanted["not_persons"],
            confirmed_by=confirmed_by,
        )
    elif wanted.get("removes"):
        services.remove_translation(
            record=record,
            language=wanted["language"],
            by=asker,
            at=at,
            confirmed_by=confirmed_by,
        )
    else:
        try:
            _save_translation(record, wanted, by=asker, confirmed_by=confirmed_by, at=at)
        except EditConflict:
            raise _changed_meanwhile() from None


def _changed_meanwhile() -> Refused:
    return Refused(
        _(
            "Somebody has changed the same part meanwhile. Send it back: its author is shown both"
            " texts and puts them together."
        )
    )


def _save_translation(
    record: Record, wanted: Mapping[str, Any], *, by: Viewer, confirmed_by: Viewer, at: datetime
) -> Translation:
    return services.save_translation(
        record=record,
        language=wanted["language"],
        base_version=wanted["base_version"],
        not_persons=wanted["not_persons"],
        by=by,
        at=at,
        confirmed_by=confirmed_by,
        **wanted["text"],
    )


def _tell(
    asked: SharingRequest, record: Record, people: set[int], kind: str, *, by: Viewer, at: datetime
) -> None:
    values = {
        "title": record.title,
        "name": by.name,
        "reason": asked.answer,
        "request": asked.reference,
    }
    notices.tell(people, kind, reference=record.reference, values=values, at=at)
