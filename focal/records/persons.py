"""Persons are not content: nothing that seems to identify somebody goes out unnoticed.

Whatever readers are about to see (a record that is published, a change of one that is out) is
looked through. A find stops it until it is taken out, or until somebody says why it is not about
a person. That is kept by a key that tells the same find again, and logged; neither holds the
number. A record's kind may have texts of its own beside its content: `register_texts`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.urls import reverse
from django.utils.translation import gettext as _

from focal.audit.services import write_entry
from focal.kernel.errors import BadInput
from focal.records import portions
from focal.records.content import clean_line, read_content
from focal.records.kinds import get_kind
from focal.records.models import Attachment, AttachmentPage, NotPersons, Record, Translation
from focal.safety.persons import Find, find_persons, mask_persons
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary

_TAG = re.compile(r"<[^>]*>")
_SHOWN = 20  # finds in one message; a list of persons has hundreds
_LONGEST_REASON = 1_000

Texts = Callable[[Record], Iterable[tuple[str, str]]]
_TEXTS: dict[str, Texts] = {}


def register_texts(kind: str, texts: Texts) -> None:
    """Texts of a kind that are not in its content: pairs of what it is called and the text."""
    _TEXTS[kind] = texts


@dataclass(frozen=True, slots=True)
class Place:
    """A find and where it stands: a field, or a document's page with its address."""

    where: str
    find: Find
    page: int = 0
    address: str = ""

    @property
    def name(self) -> str:
        """Where it stands; a file may be called by somebody's number."""
        return mask_persons(self.where)

    def __str__(self) -> str:
        place = self.name
        if self.page:
            place = _("%(document)s, page %(page)s") % {"document": place, "page": self.page}
        return f"{self.find.label} ({place})"


class HoldsPersons(BadInput):
    """Readers would see what seems to identify persons. `places` says where."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.places = list(places)
        shown = "; ".join(str(place) for place in self.places[:3])
        more = len(self.places) - 3
        if more > 0:
            shown = _("%(finds)s and %(more)s more") % {"finds": shown, "more": more}
        super().__init__(
            _(
                "This seems to identify persons: %s. Take it out, or say why it is not about"
                " a person."
            )
            % shown
        )

    @property
    def shown(self) -> list[Place]:
        """As many as a page can show."""
        return self.places[:_SHOWN]

    @property
    def more(self) -> int:
        """How many are not shown."""
        return max(0, len(self.places) - _SHOWN)


def check_record(record: Record) -> list[Place]:
    """Everything of a record (an instance of its kind) that its readers can see."""
    more = _TEXTS.get(record.kind, lambda _record: ())
    return [
        *check_content(record, read_content(record)),
        *(place for where, text in more(record) for place in _check(where, text)),
        *check_translations(record),
        *(
            place
            for attachment in Attachment.objects.filter(record_id=record.pk, is_current=True)
            for place in check_attachment(attachment)
        ),
    ]


def check_content(record: Record, content: Mapping[str, Any]) -> list[Place]:
    """Fields of a record, as plain values."""
    return [
        place
        for name, value in content.items()
        for text in _iterate_texts(value)
        for place in _check(_name_field(record, name), _to_plain(text) if name == "body" else text)
    ]


def check_translations(record: Record) -> list[Place]:
    """The record's text in other languages."""
    return [
        place
        for row in Translation.objects.filter(record_id=record.pk).order_by("language")
        for place in check_translation(
            row.language,
            row.title,
            row.summary,
            portions.read_full(record, row.body, row.language),
        )
    ]


def check_translation(language: str, *texts: str) -> list[Place]:
    """Title, summary and text of one translation."""
    where = _("Translation") + f" ({get_vocabulary().language_name(language, 'en')})"
    return [place for text in texts for place in _check(where, _to_plain(text))]


def check_attachment(attachment: Attachment) -> list[Place]:
    """A document's title, name and pages."""
    rows = AttachmentPage.objects.filter(attachment_id=attachment.pk).order_by("number")
    pages = rows.values_list("number", "text").iterator(chunk_size=200)
    found = [
        Place(
            attachment.title,
            find,
            number,
            reverse("records:document_page", args=[attachment.reference, number]),
        )
        for number, text in pages
        for find in find_persons(text)
    ]
    named = [*_check(attachment.title, attachment.title), *_check(_("File"), attachment.file_name)]
    return [*named, *found]


def check_pages(title: str, pages: Sequence[str]) -> list[Place]:
    """A document that has been read and is not kept yet."""
    return [
        *_check(title, title),
        *(
            Place(title, find, number)
            for number, text in enumerate(pages, start=1)
            for find in find_persons(text)
        ),
    ]


def require_none(
    places: Sequence[Place], *, record: Record, by: Viewer, at: datetime, reason: str = ""
) -> None:
    """Raise HoldsPersons unless each find has been, or now is, said not to be about a person.

    `reason` says why none of them is. It is kept and logged with what was found and where.
    """
    if not places:
        return
    known = set(NotPersons.objects.filter(record_id=record.pk).values_list("key", flat=True))
    fresh = [place for place in places if place.find.key not in known]
    if not fresh:
        return
    reason = clean_line(reason)[:_LONGEST_REASON]
    if not reason:
        raise HoldsPersons(fresh)
    if find_persons(reason):
        raise BadInput(_("The reason holds such a number itself. Say it without the number."))
    keys = list(dict.fromkeys(place.find.key for place in fresh))
    NotPersons.objects.bulk_create(
        NotPersons(record_id=record.pk, key=key, reason=reason, by_id=by.person_id, at=at)
        for key in keys
    )
    write_entry(
        action="record.not_persons",
        target_kind="record",
        target_key=record.reference,
        actor_key=by.actor_key,
        at=at,
        detail={"reason": reason, "finds": [describe_place(place) for place in fresh[:100]]},
    )


def describe_place(place: Place) -> dict[str, Any]:
    """What of a find goes into the log: never the number, nor words around it."""
    return {
        "kind": place.find.kind,
        "where": place.name[:120],
        "page": place.page,
        "confidence": place.find.confidence,
    }


def _check(where: str, text: str) -> Iterator[Place]:
    for find in find_persons(text):
        yield Place(where, find)


def _iterate_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _iterate_texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _iterate_texts(each)


def _to_plain(text: str) -> str:
    return unescape(_TAG.sub(" ", text))


def _name_field(record: Record, name: str) -> str:
    if name == "sources":
        return _("Sources")
    try:
        field = get_kind(record.kind).model._meta.get_field(name)
    except FieldDoesNotExist:
        return name
    label = str(getattr(field, "verbose_name", name))
    return label[:1].upper() + label[1:]
