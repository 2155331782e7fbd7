"""What somebody follows and what is new for them, as pages show it.

An item that names a record is looked for through the door each time (`visible_to`): what was
narrowed after it was told of is not there any more, nor is it counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from focal.alerts import sharing
from focal.alerts.models import Item, Reader, Rhythm, Subscription
from focal.alerts.wishes import make_wish
from focal.alerts.words import say
from focal.directory.models import Format, Organisation
from focal.records.finding.search import FACETS, SWITCHES
from focal.records.finding.shown import ShownRecord, get_rows, show
from focal.records.kinds import get_kinds
from focal.records.models import Record
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary

What = Subscription.What
PLURALS = {
    What.TOPIC: _lazy("Topics"),
    What.ECONOMY: _lazy("Economies"),
    What.FORMAT: _lazy("Formats"),
    What.ORGANISATION: _lazy("Organisations"),
    What.RECORD: _lazy("Records"),
    What.SEARCH: _lazy("Searches"),
}
MOST_COUNTED = 100  # unread items that are counted; a larger number is "99+"


def exists(viewer: Viewer, what: str, value: str, *, at: datetime) -> bool:
    """Whether there is such a thing to follow, for this viewer."""
    vocabulary = get_vocabulary()
    if what == What.TOPIC:
        entry = vocabulary.concepts.get(value)
        return entry is not None and entry.scheme == "topics"
    if what == What.ECONOMY:
        return value in vocabulary.economies
    if what == What.FORMAT:
        known = Format.objects.known_to(viewer.person_id, on=timezone.localdate(at))
        return known.filter(slug=value).exists()
    if what == What.ORGANISATION:
        return Organisation.objects.filter(reference=value).exists()
    if what == What.RECORD:
        return Record.objects.visible_to(viewer).filter(reference=value).exists()
    return False


# What somebody follows


@dataclass(frozen=True, slots=True)
class Followed:
    """Something followed, as it is called for this reader."""

    reference: str
    what: str
    what_label: str
    label: str
    url: str
    rhythm: str
    details: tuple[str, ...] = ()
    name: str = ""
    is_search: bool = False


def find_followed(viewer: Viewer, what: str, value: str) -> Subscription | None:
    """The viewer's subscription to this, if there is one."""
    if viewer.person_id is None:
        return None
    return Subscription.objects.filter(
        person_id=viewer.person_id or 0, what=what, value=value
    ).first()


def follows_something(viewer: Viewer) -> bool:
    """Whether the viewer follows anything yet."""
    return Subscription.objects.filter(person_id=viewer.person_id or 0).exists()


def get_own_subscription(viewer: Viewer, reference: str) -> Subscription | None:
    """One of the viewer's own subscriptions."""
    if viewer.person_id is None:
        return None
    return Subscription.objects.filter(person_id=viewer.person_id or 0, reference=reference).first()


def list_followed(viewer: Viewer, *, language: str, at: datetime) -> list[Followed]:
    """Everything the viewer follows, by what it is and then by name."""
    rows = list(Subscription.objects.filter(person_id=viewer.person_id or 0).order_by("pk"))
    names = name_subscriptions(viewer, rows, language=language, at=at)
    order = {value: place for place, value in enumerate(What.values)}
    shown = [
        Followed(
            reference=row.reference,
            what=row.what,
            what_label=str(PLURALS[What(row.what)]),
            label=names[row.pk].label,
            url=names[row.pk].url,
            details=names[row.pk].details,
            rhythm=row.rhythm,
            name=row.name,
            is_search=row.what == What.SEARCH,
        )
        for row in rows
    ]
    return sorted(shown, key=lambda item: (order[item.what], item.label.casefold()))


@dataclass(frozen=True, slots=True)
class Name:
    """What a subscription is called, where it leads, and what narrows a search."""

    label: str
    url: str = ""
    details: tuple[str, ...] = ()


def name_subscriptions(
    viewer: Viewer, rows: Sequence[Subscription], *, language: str, at: datetime
) -> dict[int, Name]:
    """The name of each subscription for its owner: of what they may still see, and no other."""
    by_what: dict[str, set[str]] = {}
    for row in rows:
        by_what.setdefault(row.what, set()).add(row.value)
    formats = _name_formats(viewer, by_what.get(What.FORMAT, set()), at)
    organisations = _name_organisations(by_what.get(What.ORGANISATION, set()))
    records = get_rows(viewer, by_what[What.RECORD]) if What.RECORD in by_what else {}
    titles = dict(zip(records, show(records.values(), language), strict=True))
    vocabulary = get_vocabulary()
    names: dict[int, Name] = {}
    for row in rows:
        if row.what == What.TOPIC:
            label = vocabulary.label("topics", row.value, language)
            names[row.pk] = Name(_first_upper(label), reverse("web:topic", args=[row.value]))
        elif row.what == What.ECONOMY:
            label = vocabulary.economy_name(row.value, language)
            names[row.pk] = Name(label, reverse("web:economy", args=[row.value]))
        elif row.what == What.FORMAT:
            names[row.pk] = formats.get(row.value, Name(_("A format that is not there any more")))
        elif row.what == What.ORGANISATION:
            gone = Name(_("An organisation that is not there any more"))
            names[row.pk] = organisations.get(row.value, gone)
        elif row.what == What.RECORD:
            record = titles.get(row.value)
            gone = Name(_("A record that you cannot see any more"))
            names[row.pk] = Name(record.title, record.url) if record else gone
        else:
            names[row.pk] = name_search(row, language=language)
    return names


def _name_formats(viewer: Viewer, slugs: Collection[str], at: datetime) -> dict[str, Name]:
    if not slugs:
        return {}
    known = Format.objects.known_to(viewer.person_id, on=timezone.localdate(at))
    return {
        row.slug: Name(str(row), reverse("web:format", args=[row.slug]))
        for row in known.filter(slug__in=slugs)
    }


def _name_organisations(references: Collection[str]) -> dict[str, Name]:
    rows = Organisation.objects.filter(reference__in=references) if references else ()
    return {
        row.reference: Name(str(row), reverse("directory:organisation", args=[row.reference]))
        for row in rows
    }


def name_search(row: Subscription, *, language: str) -> Name:
    """A search by its own name, else its text, else its filters."""
    wish = make_wish(row.query)
    details = describe_filters(wish.filters, language=language)
    if wish.date_from:
        details.append(_("from %(day)s") % {"day": wish.date_from.isoformat()})
    if wish.date_to:
        details.append(_("until %(day)s") % {"day": wish.date_to.isoformat()})
    if wish.text:
        details += _describe_switches({name: getattr(wish, name) for name in SWITCHES})
    label = row.name or (f"“{wish.text}”" if wish.text else ", ".join(details))
    rest = ([f"“{wish.text}”"] if row.name and wish.text else []) + details
    url = reverse("records:search") + row.query
    return Name(label, url, tuple(rest) if row.name or wish.text else ())


def describe_filters(filters: Mapping[str, Collection[str]], *, language: str) -> list[str]:
    """The values that a search is narrowed to, by their names."""
    vocabulary = get_vocabulary()
    kinds = {kind.key: str(kind.plural) for kind in get_kinds()}
    organisations = _name_organisations(set(filters.get("organisation", ())))
    names = {
        "kind": lambda value: kinds.get(value, value),
        "economy": lambda value: vocabulary.economy_name(value, language),
        "topic": lambda value: vocabulary.label("topics", value, language),
        "target_group": lambda value: vocabulary.label("target-groups", value, language),
        "language": lambda value: vocabulary.language_name(value, language),
        "year": lambda value: value,
        "organisation": lambda value: organisations.get(value, Name(value)).label,
    }
    return [names[name](value) for name in FACETS for value in filters.get(name, ())]


def _describe_switches(switches: Mapping[str, bool]) -> list[str]:
    labels = {
        "words": _("not by words"),
        "thesaurus": _("without the thesaurus"),
        "folding": _("words exactly as written"),
        "meaning": _("not by meaning"),
    }
    return [labels[name] for name, is_on in switches.items() if not is_on]


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


# What is new


def visible_items(viewer: Viewer) -> QuerySet[Item]:
    """The viewer's own items, without those whose record they may not see (any more)."""
    seen = Record.objects.visible_to(viewer).filter(reference=OuterRef("record"))
    return Item.objects.filter(person_id=viewer.person_id or 0).filter(Q(record="") | Exists(seen))


def count_unread(viewer: Viewer) -> int:
    """How many items wait to be read, up to MOST_COUNTED. One query."""
    if viewer.person_id is None:
        return 0
    unread = visible_items(viewer).filter(read_at__isnull=True, settled_at__isnull=True)
    return unread.order_by()[:MOST_COUNTED].count()


def get_own_item(viewer: Viewer, name: str) -> Item | None:
    """One of the viewer's own items by its name, if what it tells of may still be seen."""
    return next(iter(list_own_items(viewer, [name])), None)


def list_own_items(viewer: Viewer, names: Iterable[str]) -> list[Item]:
    """Those of the viewer's own items with these names of which the same holds. One query."""
    parts = [name.split(":", 2) for name in names if name.count(":") >= 2]
    if viewer.person_id is None or not parts:
        return []
    named = [Q(source=source, kind=kind, key=key) for source, kind, key in parts]
    return list(visible_items(viewer).filter(reduce(or_, named)))


@dataclass(frozen=True, slots=True)
class Because:
    """What a match comes from."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An item as lists and letters show it."""

    item: Item
    title: str
    url: str
    record: ShownRecord | None = None
    because: tuple[Because, ...] = ()
    action: str = ""

    @property
    def is_unread(self) -> bool:
        """Whether it waits to be read."""
        return self.item.read_at is None

    @property
    def marking(self) -> str:
        """The marking of its record, or of its own sentence; "" when none is known."""
        return self.record.marking if self.record else self.item.marking


def say_text(item: Item) -> str:
    """What an item says, in the language that is active; as it was kept where that cannot be."""
    kept = item.words.get("text")
    return say(kept) if kept else item.text


def say_action(item: Item) -> str:
    """The button of a nudge, in the language that is active."""
    if not item.action_url:
        return _("Seen to")
    kept = item.words.get("action")
    return say(kept) if kept else item.action_label


def show_items(
    viewer: Viewer, items: Iterable[Item], *, language: str, at: datetime
) -> list[ShownItem]:
    """Items ready to be shown; those whose record the viewer cannot see are left out."""
    rows = list(items)
    records = get_rows(viewer, {item.record for item in rows if item.record})
    shown = dict(zip(records, show(records.values(), language), strict=True))
    wanted = {key for item in rows for key in item.subscriptions}
    subscriptions = (
        list(Subscription.objects.filter(person_id=viewer.person_id or 0, pk__in=wanted))
        if wanted
        else []
    )
    names = name_subscriptions(viewer, subscriptions, language=language, at=at)
    told = sharing.describe_again(rows)
    return [
        _show_item(item, shown.get(item.record), names, told)
        for item in rows
        if not item.record or item.record in shown
    ]


def _show_item(
    item: Item, record: ShownRecord | None, names: Mapping[int, Name], told: Mapping[int, str]
) -> ShownItem:
    is_match = item.source == Item.Source.MATCH and record is not None
    return ShownItem(
        item=item,
        title=record.title if is_match and record else told.get(item.pk) or say_text(item),
        url=record.url if is_match and record else item.url,
        record=record,
        action=say_action(item),
        because=tuple(
            Because(names[key].label, names[key].url) for key in item.subscriptions if key in names
        ),
    )


def list_to_do(viewer: Viewer) -> QuerySet[Item]:
    """Open nudges: the most urgent first, then what is due first."""
    nudges = visible_items(viewer).filter(source=Item.Source.NUDGE, settled_at__isnull=True)
    return nudges.order_by("-urgency", "due_date", "created_at", "pk")


def list_news(viewer: Viewer, *, only_unread: bool) -> QuerySet[Item]:
    """Notices and matches, newest first."""
    news = visible_items(viewer).exclude(source=Item.Source.NUDGE)
    if only_unread:
        news = news.filter(read_at__isnull=True)
    return news.order_by("-created_at", "-relevance", "-pk")


# How one is told


@dataclass(frozen=True, slots=True)
class Choices:
    """When somebody wants to be told, whether they chose or not."""

    notices: str = Rhythm.NOW
    nudges: str = Rhythm.DAILY
    mail_stopped_at: datetime | None = None


def get_choices(person_id: int) -> Choices:
    """What somebody chose, else the defaults."""
    row = Reader.objects.filter(person_id=person_id).first()
    return Choices(row.notices, row.nudges, row.mail_stopped_at) if row else Choices()
