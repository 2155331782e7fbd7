"""Nudges: what is stale, due, unanswered or overlapping, and the one click that settles it.

Apps above register how theirs are gathered. The clock gathers them all: what is new becomes
an item of its owners, what changed is changed, and what is no longer gathered is settled.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum

from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise

from focal.alerts.models import Item, Reader, Rhythm
from focal.alerts.words import Words, keep
from focal.directory.models import Person

logger = logging.getLogger(__name__)


class Urgency(IntEnum):
    """How much a matter presses: the order of nudges in a digest."""

    LOW = 0
    NORMAL = 1
    HIGH = 2


@dataclass(frozen=True, slots=True)
class Nudge:
    """One matter for some people.

    `key` is its stable name: the same matter has the same key each time it is gathered, and
    another one when it comes up anew. `record` is the reference of the record it is about, ""
    for none; it is shown only while its reader may see that record, and mail carries `text`
    only when the record is CLEAR or GREEN (without a record: when `marking` says so). `text` is one
    plain sentence, best `Words`. `url` is where the matter stands, `action_url` takes the POST
    that settles it (it calls `settle` and answers with a redirect), `action_label` is the button;
    without one, a click puts the matter away for whoever clicks. Addresses are paths of this site.
    """

    key: str
    person_ids: frozenset[int]
    text: str | Promise | Words
    url: str
    record: str = ""
    action_label: str | Promise | Words = ""
    action_url: str = ""
    due_date: date | None = None
    urgency: Urgency = Urgency.NORMAL
    marking: str = ""


@dataclass(frozen=True, slots=True)
class NudgeKind:
    """One kind of nudge: `gather` gives all that are open at a moment.

    One that `comes_once` is told of once, and never again when it comes up anew.
    """

    key: str
    label: str | Promise
    gather: Callable[[datetime], Iterable[Nudge]]
    comes_once: bool = False


_kinds: dict[str, NudgeKind] = {}


def register_nudges(
    *,
    kind: str,
    label: str | Promise,
    gather: Callable[[datetime], Iterable[Nudge]],
    comes_once: bool = False,
) -> None:
    """Add a kind of nudge; the same kind again replaces it.

    `label` heads these nudges and is shown also where their texts may not be.
    """
    _kinds[kind] = NudgeKind(kind, label, gather, comes_once)


def get_nudge_kinds() -> tuple[NudgeKind, ...]:
    """All kinds of nudges, in the order they were registered."""
    return tuple(_kinds.values())


def gather_nudges(at: datetime) -> int:
    """Bring everybody's nudges in step with what is open now; returns how many are open.

    A kind that cannot be gathered keeps its nudges as they were and does not stop the others;
    the first error is raised in the end.
    """
    count, errors = 0, []
    for kind in get_nudge_kinds():
        try:
            count += _gather(kind, at)
        except Exception as error:
            logger.exception("The nudges %s could not be gathered", kind.key)
            errors.append(error)
    if errors:
        raise errors[0]
    return count


@transaction.atomic
def _gather(kind: NudgeKind, at: datetime) -> int:
    open_now = {
        (item.person_id, item.key): item
        for item in Item.objects.filter(source=Item.Source.NUDGE, kind=kind.key)
    }
    wanted = {(item.person_id, item.key): item for item in _make_items(kind, at)}
    new, changed = [], []
    for place, item in wanted.items():
        known = open_now.get(place)
        if known is None:
            new.append(item)
        elif known.is_put_away or (kind.comes_once and _was_told(known)):
            continue
        elif _renew(known, item, at):
            changed.append(known)
    Item.objects.bulk_create(new)
    Item.objects.bulk_update(changed, [*SHOWN, "settled_at", "read_at", "created_at"])
    gone = [i.pk for place, i in open_now.items() if place not in wanted and i.settled_at is None]
    Item.objects.filter(pk__in=gone).update(settled_at=at)
    return len(wanted)


SHOWN = (
    "record", "marking", "text", "words", "url", "action_label", "action_url", "due_date",
    "urgency",
)  # fmt: skip


def _was_told(known: Item) -> bool:
    """Whether it is over, and its reader has heard of it."""
    was_heard = known.read_at is not None or known.mailed_at is not None
    return known.settled_at is not None and was_heard


def _renew(known: Item, item: Item, at: datetime) -> bool:
    """Take over what changed. One that was settled and comes again is new and unread."""
    is_back = known.settled_at is not None
    if not is_back and all(getattr(known, name) == getattr(item, name) for name in SHOWN):
        return False
    for name in SHOWN:
        setattr(known, name, getattr(item, name))
    if is_back:
        known.settled_at, known.read_at, known.created_at = None, None, at
    return True


def _make_items(kind: NudgeKind, at: datetime) -> Iterator[Item]:
    nudges = list(kind.gather(at))
    everybody = {person_id for nudge in nudges for person_id in nudge.person_ids}
    languages = dict(
        Person.objects.filter(pk__in=everybody, is_active=True).values_list("pk", "language")
    )
    pressed = set(Reader.objects.filter(nudges=Rhythm.NOW).values_list("person_id", flat=True))
    for nudge in nudges:
        words = {"text": keep(nudge.text), "action": keep(nudge.action_label)}
        words = {name: kept for name, kept in words.items() if kept}
        for person_id in sorted(nudge.person_ids & languages.keys()):
            with translation.override(languages[person_id]):
                text, action_label = str(nudge.text), str(nudge.action_label)
            yield Item(
                person_id=person_id,
                source=Item.Source.NUDGE,
                kind=kind.key,
                key=nudge.key,
                record=nudge.record,
                marking=nudge.marking,
                text=text,
                words=words,
                url=nudge.url,
                action_label=action_label,
                action_url=nudge.action_url,
                due_date=nudge.due_date,
                urgency=int(nudge.urgency),
                is_urgent=person_id in pressed,
                created_at=at,
            )


def settle(*, kind: str, at: datetime, keys: Collection[str], person_id: int | None = None) -> None:
    """Matters are settled before the clock finds out, for everybody or for one person.

    Call it in the deed that settles them.
    """
    rows = Item.objects.filter(
        source=Item.Source.NUDGE, kind=kind, key__in=keys, settled_at__isnull=True
    )
    if person_id is not None:
        rows = rows.filter(person_id=person_id)
    rows.update(settled_at=at)
