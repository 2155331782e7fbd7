"""One-off notices for people: an answer arrived, somebody was named, a release was recalled."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise

from focal.alerts.models import Item, Reader, Rhythm
from focal.alerts.words import Words, keep
from focal.directory.models import Person
from focal.kernel.ids import new_reference


def notify(
    *,
    person_ids: Collection[int],
    kind: str,
    text: str | Promise | Words,
    url: str,
    at: datetime,
    record: str = "",
    marking: str = "",
    key: str = "",
) -> None:
    """Tell people of something that concerns them, in the caller's transaction.

    `text` is one plain sentence, best `Words`: it is read in the language of the page. `record`
    is the reference of the record it speaks of, "" for none: the notice is shown only while
    its reader may see that record, and mail carries the sentence only when the record is CLEAR
    or GREEN. A notice without a record stays out of mail too (the letter says that there is
    something, and where), unless `marking` says that it is CLEAR or GREEN. With the same `key`
    and kind a person is told once; without one, every time. Inactive people are not told.

    Raises RuntimeError outside a transaction: a notice without its deed would be a lie.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("notify() belongs inside the transaction of what it tells of")
    people = Person.objects.filter(pk__in=set(person_ids), is_active=True).order_by("pk")
    quiet = set(
        Reader.objects.filter(person__in=people)
        .exclude(notices=Rhythm.NOW)
        .values_list("person_id", flat=True)
    )
    items, kept = [], {"text": keep(text)} if isinstance(text, Words) else {}
    for person_id, language in people.values_list("pk", "language"):
        with translation.override(language):
            sentence = str(text)
        items.append(
            Item(
                person_id=person_id,
                source=Item.Source.NOTICE,
                kind=kind,
                key=key or new_reference(),
                record=record,
                marking=marking,
                text=sentence,
                words=kept,
                url=url,
                is_urgent=person_id not in quiet,
                created_at=at,
            )
        )
    Item.objects.bulk_create(items, ignore_conflicts=True)
