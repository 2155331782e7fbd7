"""When letters of what is new are due, for whom they are written, and whether they still are right.

What a letter says stands in `letters.py`. Whether its reader may see a thing is asked through the
door while the letter is written, and once more before it is sent.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation

from focal.alerts.letters import Digest, compose, get_thread, make_subject, render
from focal.alerts.models import Item, Reader, Rhythm, Subscription
from focal.alerts.nudges import get_nudge_kinds
from focal.alerts.selectors import Choices
from focal.alerts.shelf import CARRIED, Shelf, in_parts
from focal.alerts.tokens import make_stop_url
from focal.directory.models import Person
from focal.mail.models import Letter
from focal.mail.services import Draft, find_stopped, queue_letters
from focal.records.models import OUT, Record
from focal.sharing.viewer import Viewer

KIND = "news"  # of letters
HOUR = time(7, 0)  # when the day's letter is written, by the installation's clock
FORGOTTEN_AFTER = timedelta(days=14)  # what could not be mailed for so long stays in the list
AT_ONCE_APART = timedelta(minutes=10)  # between two letters at once to the same person
NUDGE_AGAIN_AFTER = timedelta(days=7)
MOST_LOOKED_AT = 200  # items of one person that one letter weighs; the rest waits
TOGETHER = 100  # people whose letters are one transaction
ORDER = (Rhythm.NOW, Rhythm.DAILY, Rhythm.WEEKLY, Rhythm.NEVER)


# When


@dataclass(frozen=True, slots=True)
class Occasion:
    """What is due at a moment: what came before these moments. `now` alone: urgent things."""

    at: datetime
    daily: datetime
    weekly: datetime
    only_urgent: bool = False

    def is_due(self, item: Item, rhythm: str) -> bool:
        """Whether mail tells of an item on this occasion."""
        if item.source == Item.Source.NUDGE and item.mailed_at is not None:
            return not self.only_urgent and rhythm != Rhythm.NEVER
        if rhythm == Rhythm.NOW:
            return True
        if self.only_urgent or rhythm == Rhythm.NEVER:
            return False
        return item.created_at < (self.daily if rhythm == Rhythm.DAILY else self.weekly)


def make_occasion(at: datetime, *, only_urgent: bool = False) -> Occasion:
    """The last time that the day's letter was due, and the week's (on Mondays)."""
    here = timezone.localtime(at)
    day = timezone.make_aware(datetime.combine(here.date(), HOUR))
    if day > at:
        day = timezone.make_aware(datetime.combine(here.date() - timedelta(days=1), HOUR))
    monday = timezone.localtime(day).date() - timedelta(days=timezone.localtime(day).weekday())
    return Occasion(
        at, day, timezone.make_aware(datetime.combine(monday, HOUR)), only_urgent=only_urgent
    )


def send_urgent(at: datetime) -> int:
    """Letters of what is to be told at once; returns how many were written."""
    urgent = Item.objects.filter(
        is_urgent=True,
        mailed_at__isnull=True,
        read_at__isnull=True,
        settled_at__isnull=True,
        created_at__gte=at - FORGOTTEN_AFTER,
    )
    people = list(urgent.order_by("person").values_list("person", flat=True).distinct())
    return _write_letters(people, make_occasion(at, only_urgent=True))


def send_digests(at: datetime) -> int:
    """The day's letters, with the week's in them on Mondays; returns how many were written."""
    occasion = make_occasion(at)
    waiting = _waiting(at).filter(created_at__lt=occasion.daily)
    handled = Reader.objects.filter(last_daily_at__gte=occasion.daily).values("person")
    people = waiting.exclude(person__in=handled).order_by("person")
    return _write_letters(list(people.values_list("person", flat=True).distinct()), occasion)


def _waiting(at: datetime) -> QuerySet[Item]:
    """Items that mail has not told of, and nudges that it told of long ago."""
    new = Q(mailed_at__isnull=True, read_at__isnull=True, created_at__gte=at - FORGOTTEN_AFTER)
    once = [kind.key for kind in get_nudge_kinds() if kind.comes_once]
    again = Q(source=Item.Source.NUDGE, mailed_at__lte=at - NUDGE_AGAIN_AFTER) & ~Q(kind__in=once)
    return Item.objects.filter(new | again, settled_at__isnull=True)


# For whom


def _write_letters(people: Sequence[int], occasion: Occasion) -> int:
    return sum(_write_some(some, occasion) for some in in_parts(people, TOGETHER))


@transaction.atomic
def _write_some(people: Sequence[int], occasion: Occasion) -> int:
    """The letters of some people, each with the mark that it was written, or none of it."""
    rows = Person.objects.filter(pk__in=people, is_active=True).order_by("pk")
    Reader.objects.bulk_create((Reader(person_id=row.pk) for row in rows), ignore_conflicts=True)
    mine = _take(people, occasion)
    items: dict[int, list[Item]] = {}
    known = _find_told(mine, occasion.at)
    for item in _waiting(occasion.at).filter(person_id__in=mine).order_by("-relevance", "-pk"):
        if not _is_told(item, known):
            items.setdefault(item.person_id, []).append(item)
    subscriptions: dict[int, list[Subscription]] = {}
    for row in Subscription.objects.filter(person_id__in=mine).defer("vector"):
        subscriptions.setdefault(row.person_id, []).append(row)
    stopped = find_stopped([person.email for person in rows])
    viewers = Viewer.from_people(rows, on=timezone.localdate(occasion.at))
    desks = [
        Desk(
            person, viewers[person.pk], mine[person.pk], subscriptions.get(person.pk, []), occasion
        )
        for person in rows
        if person.pk in items and person.email.lower() not in stopped
    ]
    due = {desk.person.pk: desk.find_due(items[desk.person.pk]) for desk in desks}
    readers = {desk.person.pk: (desk.viewer, desk.person.language) for desk in desks}
    shelf = Shelf.fill(readers, due)
    written = {
        person: draft
        for person, draft in (
            (desk.person.pk, desk.write(due[desk.person.pk], shelf)) for desk in desks
        )
        if draft is not None
    }
    letters = queue_letters([letter for letter, _items in written.values()], at=occasion.at)
    for letter, (_draft, told) in zip(letters, written.values(), strict=True):
        Item.objects.filter(pk__in=told).update(mailed_at=occasion.at, letter=letter.reference)
    return len(letters)


def _find_told(people: Collection[int], at: datetime) -> set[tuple[int, str]]:
    """Who has had a letter because a record concerns them in person."""
    own = Item.objects.filter(
        person_id__in=people, mailed_at__isnull=False, created_at__gte=at - FORGOTTEN_AFTER
    ).exclude(source=Item.Source.MATCH)
    return set(own.exclude(record="").values_list("person_id", "record"))


def _is_told(item: Item, told: Collection[tuple[int, str]]) -> bool:
    """Whether news is none: a letter has told its reader of the record, and it has not changed."""
    is_new = item.source == Item.Source.MATCH and not item.is_change
    return is_new and (item.person_id, item.record) in told


def _take(people: Sequence[int], occasion: Occasion) -> dict[int, Choices]:
    """Take these people's turn: of two workers one gets each, and nobody who stopped mail."""
    rows = Reader.objects.select_for_update().filter(
        person_id__in=people, mail_stopped_at__isnull=True
    )
    if occasion.only_urgent:
        rows = rows.filter(
            Q(last_now_at__isnull=True) | Q(last_now_at__lte=occasion.at - AT_ONCE_APART)
        )
    else:
        rows = rows.filter(Q(last_daily_at__isnull=True) | Q(last_daily_at__lt=occasion.daily))
    taken = {row.person_id: Choices(row.notices, row.nudges) for row in rows}
    moment = (
        {"last_now_at": occasion.at} if occasion.only_urgent else {"last_daily_at": occasion.at}
    )
    Reader.objects.filter(person_id__in=list(taken)).update(**moment)
    return taken


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one person's letter is written."""

    person: Person
    viewer: Viewer
    choices: Choices
    subscriptions: Sequence[Subscription]
    occasion: Occasion

    def find_due(self, items: Sequence[Item]) -> list[Item]:
        """What a letter of this occasion weighs, the most relevant first."""
        due = [item for item in items if self.occasion.is_due(item, self.get_rhythm(item))]
        return due[:MOST_LOOKED_AT]

    def write(self, items: Sequence[Item], shelf: Shelf) -> tuple[Draft, list[int]] | None:
        """The letter of what is due and the items that it tells of; None when nothing is."""
        if not items:
            return None
        with translation.override(self.person.language):
            digest = compose(
                self.viewer, items, self.subscriptions, shelf=shelf, at=self.occasion.at
            )
            return (self._draft(digest), digest.items) if digest.items else None

    def get_rhythm(self, item: Item) -> str:
        """When mail tells of an item: the soonest of what it comes from."""
        if item.source == Item.Source.NOTICE:
            return self.choices.notices
        if item.source == Item.Source.NUDGE:
            return self.choices.nudges
        rhythms = [row.rhythm for row in self.subscriptions if row.pk in item.subscriptions]
        return min(rhythms, key=ORDER.index, default=Rhythm.NEVER)

    def _draft(self, digest: Digest) -> Draft:
        stop_url = make_stop_url(self.person.reference)
        text, html = render(digest, stop_url=stop_url, only_urgent=self.occasion.only_urgent)
        return Draft(
            to=self.person.email,
            person_id=self.person.pk,
            kind=KIND,
            subject=make_subject(digest),
            text=text,
            html=html,
            language=self.person.language,
            marking=digest.marking,
            about=digest.about,
            thread=f"{get_thread(digest)}-{self.person.reference}",
            stop_url=stop_url,
        )


# Before it leaves


def is_still_right(letter: Letter) -> bool:
    """Whether what the letter says is still for its reader, and may still be said in mail.

    If not, the letter is dropped, and what it told of waits for the next one.
    """
    person = Person.objects.filter(pk=letter.person_id or 0, is_active=True).first()
    reader = Reader.objects.filter(person_id=letter.person_id or 0).first()
    if person is None or person.email != letter.to_address:
        return False
    if reader is not None and reader.mail_stopped_at is not None:
        return False
    viewer = Viewer.from_person(person, on=timezone.localdate())
    allowed = Record.objects.visible_to(viewer).filter(
        reference__in=letter.about, marking__in=CARRIED, state__in=OUT
    )
    if allowed.count() == len(letter.about):
        return True
    Item.objects.filter(person_id=person.pk, letter=letter.reference).update(
        mailed_at=None, letter=""
    )
    return False
