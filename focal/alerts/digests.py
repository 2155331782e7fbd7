"""One letter of what is new: grouped, the most relevant first, in its reader's language.

A letter says of each thing no more than mail may carry: title and summary of what is
TLP:CLEAR or TLP:GREEN; of all else that it is there, and how many of its kind. Whether its
reader may see a thing is asked through the door while the letter is written, and once more
before it is sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cache
from itertools import islice
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from focal.alerts.models import Item, Reader, Rhythm, Subscription
from focal.alerts.nudges import get_nudge_kinds
from focal.alerts.selectors import Choices, name_subscriptions
from focal.alerts.tokens import make_stop_url
from focal.directory.models import Person
from focal.mail.looks import dress
from focal.mail.models import Letter
from focal.mail.services import Draft, find_stopped, queue_letters
from focal.records.finding.shown import ShownRecord, show
from focal.records.kinds import get_kinds
from focal.records.models import OUT, Record
from focal.sharing.viewer import Viewer
from focal.vocabulary.languages import canonical_language
from focal.vocabulary.names import economy_name, get_footnote

KIND = "news"  # of letters
HOUR = time(7, 0)  # when the day's letter is written, by the installation's clock
FORGOTTEN_AFTER = timedelta(days=14)  # what could not be mailed for so long stays in the list
AT_ONCE_APART = timedelta(minutes=10)  # between two letters at once to the same person
NUDGE_AGAIN_AFTER = timedelta(days=7)
CARRIED = ("CLEAR", "GREEN")
MOST_SHOWN, MOST_IN_GROUP, MOST_TO_DO = 10, 5, 6  # a letter is read in a minute
MOST_LOOKED_AT = 200  # items of one person that one letter weighs; the rest waits
SUMMARY = 160  # characters
RECORDS_AT_ONCE = 5000
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
    again = Q(source=Item.Source.NUDGE, mailed_at__lte=at - NUDGE_AGAIN_AFTER)
    return Item.objects.filter(new | again, settled_at__isnull=True)


# For whom


def _write_letters(people: Sequence[int], occasion: Occasion) -> int:
    return sum(_write_some(some, occasion) for some in in_parts(people, TOGETHER))


def in_parts(things: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """So many at a time, in their order."""
    return (things[start : start + size] for start in range(0, len(things), size))


@transaction.atomic
def _write_some(people: Sequence[int], occasion: Occasion) -> int:
    """The letters of some people, each with the mark that it was written, or none of it."""
    rows = Person.objects.filter(pk__in=people, is_active=True).order_by("pk")
    Reader.objects.bulk_create((Reader(person_id=row.pk) for row in rows), ignore_conflicts=True)
    mine = _take(people, occasion)
    items: dict[int, list[Item]] = {}
    for item in _waiting(occasion.at).filter(person_id__in=mine).order_by("-relevance", "-pk"):
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
    shelf = Shelf.fill(desks, due)
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


# What


@dataclass(frozen=True, slots=True)
class Line:
    """One thing in a letter. `marking` says how its words may travel."""

    title: str
    url: str
    language: str = ""
    about: str = ""
    summary: str = ""
    marking: str = ""
    action: str = ""
    day: object = None


@dataclass(slots=True)
class Group:
    """Lines under what they have in common; `more` are left out, `url` has them all."""

    label: str
    lines: list[Line] = field(default_factory=list)
    more: int = 0


@dataclass(slots=True)
class Digest:
    """A letter before it is drawn."""

    to_do: list[Line] = field(default_factory=list)
    for_you: list[Line] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)
    about: list[str] = field(default_factory=list)
    items: list[int] = field(default_factory=list)
    more: int = 0

    @property
    def lines(self) -> list[Line]:
        """All lines, in the order of the letter."""
        return [*self.to_do, *self.for_you, *(line for g in self.groups for line in g.lines)]

    @property
    def marking(self) -> str:
        """The narrowest marking of what it says; "" when it says nothing of anything."""
        markings = {line.marking for line in self.lines}
        return next((marking for marking in ("GREEN", "CLEAR") if marking in markings), "")


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
            thread=f"{_get_thread(digest)}-{self.person.reference}",
            stop_url=stop_url,
        )


@dataclass(frozen=True, slots=True)
class Shelf:
    """The records that the letters of some people tell of, read once for all of them.

    `seen` says which of them each person may see, by their references; `shown` has them in the
    languages of those who are told of them.
    """

    rows: Mapping[str, Record]
    seen: Mapping[int, AbstractSet[str]]
    shown: Mapping[tuple[str, str], ShownRecord]

    @classmethod
    def fill(cls, desks: Sequence[Desk], due: Mapping[int, Sequence[Item]]) -> Shelf:
        """Ask the door for everybody at once, and read what will be shown in each language."""
        wanted = {item.record for items in due.values() for item in items if item.record}
        rows: dict[str, Record] = {}
        seen: dict[int, set[str]] = {desk.person.pk: set() for desk in desks}
        viewers = {desk.person.pk: desk.viewer for desk in desks}
        for some in in_parts(sorted(wanted), RECORDS_AT_ONCE):
            found, known = Record.objects.visible_to_each(
                viewers, defer=("body",), reference__in=some
            )
            rows |= {row.reference: row for row in found.values()}
            for person, keys in known.items():
                seen[person].update(found[key].reference for key in keys)
        shown: dict[tuple[str, str], ShownRecord] = {}
        told: dict[str, set[str]] = {}
        for desk in desks:
            news = pick_news(due[desk.person.pk], rows, seen[desk.person.pk])
            told.setdefault(desk.person.language, set()).update(item.record for item in news)
        for language, references in told.items():
            with translation.override(language):
                code = canonical_language(translation.get_language() or "en")
                for record in show([rows[r] for r in sorted(references)], code):
                    shown[code, record.reference] = record
        return cls(rows, seen, shown)


def pick_news(
    items: Sequence[Item], rows: Mapping[str, Record], seen: AbstractSet[str]
) -> list[Item]:
    """Which new records a letter names: the most relevant of those that mail may carry."""
    news = (
        item
        for item in items
        if item.source == Item.Source.MATCH
        and item.record in seen
        and rows[item.record].marking in CARRIED
    )
    return list(islice(news, MOST_SHOWN))


def _get_thread(digest: Digest) -> str:
    """Letters about one record hang together; the others follow one another."""
    only = digest.about[0] if len(digest.about) == 1 and len(digest.items) == 1 else ""
    return f"record-{only}" if only else "news"


def compose(
    viewer: Viewer,
    due: Sequence[Item],
    subscriptions: Sequence[Subscription],
    *,
    shelf: Shelf,
    at: datetime,
) -> Digest:
    """What a letter says of these items to this viewer, in the language that is active."""
    may_see = shelf.seen[viewer.person_id or 0]
    seen = [item for item in due if not item.record or item.record in may_see]
    digest = Digest(items=[item.pk for item in seen])
    counted: Counter[str] = Counter()
    news = 0
    for item in seen:
        marking = shelf.rows[item.record].marking if item.record else item.marking
        if marking not in CARRIED:
            counted[_name_withheld(item)] += 1
        elif item.source == Item.Source.MATCH:
            news += 1
        else:
            _add_own(digest, item, marking)
            digest.about += [item.record] if item.record else []
    chosen = pick_news(due, shelf.rows, may_see)
    _add_news(digest, viewer, chosen, shelf, subscriptions, at=at)
    digest.more += news - len(chosen)
    digest.withheld = [_tell_withheld(label, counted[label]) for label in sorted(counted)]
    return digest


def _add_own(digest: Digest, item: Item, marking: str) -> None:
    is_nudge = item.source == Item.Source.NUDGE
    line = Line(
        title=item.text,
        url=_make_item_url(item),
        marking=marking,
        action=item.action_label if item.action_url else "",
        day=item.due_date,
    )
    lines = digest.to_do if is_nudge else digest.for_you
    if len(lines) < MOST_TO_DO:
        lines.append(line)
    else:
        digest.more += 1


def _add_news(
    digest: Digest,
    viewer: Viewer,
    chosen: Sequence[Item],
    shelf: Shelf,
    subscriptions: Sequence[Subscription],
    *,
    at: datetime,
) -> None:
    """The most relevant few, under what they come from."""
    language = canonical_language(translation.get_language() or "en")
    known = {row.pk: row for row in subscriptions}
    first = {
        item.pk: next((key for key in item.subscriptions if key in known), 0) for item in chosen
    }
    wanted = [known[key] for key in dict.fromkeys(first.values()) if key]
    names = name_subscriptions(viewer, wanted, language=language, at=at)
    groups: dict[int, Group] = {}
    for item in chosen:
        key = first[item.pk]
        label = names[key].label if key else _("News")
        group = groups.setdefault(key, Group(label))
        if len(group.lines) < MOST_IN_GROUP:
            group.lines.append(_make_line(item, shelf.shown[language, item.record], language))
            digest.about.append(item.record)
        else:
            group.more += 1
    digest.groups = list(groups.values())


def _make_line(item: Item, record: ShownRecord, language: str) -> Line:
    parts = [record.kind_label, *(economy_name(code, language) for code in record.economies[:4])]
    if item.is_change:
        parts.append(_("changed"))
    summary = " ".join(record.summary.split())
    return Line(
        title=record.title,
        url=_make_item_url(item),
        language=record.language,
        about=" · ".join(parts),
        summary=summary if len(summary) <= SUMMARY else summary[: SUMMARY - 1].rstrip() + "…",
        marking=record.marking,
    )


def _make_item_url(item: Item) -> str:
    """Where a line leads: behind sign-in, and the item counts as read."""
    return f"{_get_address('alerts:open')}?item={quote(item.name)}"


def _get_address(name: str) -> str:
    """The whole address of a page."""
    return settings.SITE_ADDRESS.rstrip("/") + _find_path(name)


_find_path = cache(reverse)  # asked for each line of each letter, and always the same


def _name_withheld(item: Item) -> str:
    """Under what a thing is counted that mail may not name: the part of the platform it is in."""
    if item.source == Item.Source.NUDGE:
        labels = {kind.key: str(kind.label) for kind in get_nudge_kinds()}
        return labels.get(item.kind, _("What is waiting for you"))
    if item.source == Item.Source.NOTICE:
        return _("What concerns you")
    return {kind.key: str(kind.plural) for kind in get_kinds()}.get(item.kind, _("Records"))


def _tell_withheld(label: str, count: int) -> str:
    return ngettext(
        "%(count)s new item for you in “%(label)s”",
        "%(count)s new items for you in “%(label)s”",
        count,
    ) % {"count": count, "label": label}


# How


def make_subject(digest: Digest) -> str:
    """The first thing by its title, and how many more; no title where none may be named."""
    lines = digest.lines
    count = len(digest.items)
    if not lines:
        return ngettext(
            "%(count)s new item for you in Focal", "%(count)s new items for you in Focal", count
        ) % {"count": count}
    first = lines[0].title
    first = first if len(first) <= 120 else first[:119].rstrip() + "…"
    if count == 1:
        return first
    return ngettext("%(first)s, and %(count)s more", "%(first)s, and %(count)s more", count - 1) % {
        "first": first,
        "count": count - 1,
    }


def render(digest: Digest, *, stop_url: str, only_urgent: bool) -> tuple[str, str]:
    """The letter as text and as HTML, in the language that is active."""
    language = translation.get_language() or "en"
    context = {
        "digest": digest,
        "language": language,
        "marking": digest.marking,
        "inbox_url": _get_address("alerts:inbox"),
        "following_url": _get_address("alerts:following"),
        "stop_url": stop_url,
        "only_urgent": only_urgent,
        "footnote": "",
    }
    if any("*" in line.about for line in digest.lines) or any(
        "*" in g.label for g in digest.groups
    ):
        context["footnote"] = get_footnote(language)
    text = render_to_string("alerts/letters/news.txt", context)
    return text.strip() + "\n", dress(render_to_string("alerts/letters/news.html", context))


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
