"""One letter of what is new: grouped, the most relevant first, in its reader's language.

A letter says of each thing no more than mail may carry: title and summary of what is
TLP:CLEAR or TLP:GREEN; of all else that it is there, and how many of its kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from textwrap import shorten
from urllib.parse import quote

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from focal.alerts.models import Item, Subscription
from focal.alerts.nudges import get_nudge_kinds
from focal.alerts.selectors import name_subscriptions, say_action, say_text
from focal.alerts.shelf import CARRIED, Shelf, leave_out_doubles, pick_news
from focal.mail.looks import dress
from focal.records.finding.shown import ShownRecord
from focal.records.kinds import get_kind
from focal.records.models import Record
from focal.sharing.viewer import Viewer
from focal.vocabulary.languages import canonical_language
from focal.vocabulary.names import economy_name, get_footnote

MOST_TO_DO = 3  # with `shelf.MOST_SHOWN`: a letter is read in a minute
SUMMARY = 90  # characters
PRESSING = (Item.Source.NUDGE, Item.Source.NOTICE, Item.Source.MATCH)


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
    action_url: str = ""
    day: object = None


@dataclass(slots=True)
class Group:
    """Lines under what they have in common."""

    label: str
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class Digest:
    """A letter before it is drawn."""

    to_do: list[Line] = field(default_factory=list)
    for_you: list[Line] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)
    about: list[str] = field(default_factory=list)
    items: list[int] = field(default_factory=list)
    count: int = 0
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


def get_thread(digest: Digest) -> str:
    """Letters about one record hang together; the others follow one another."""
    only = digest.about[0] if len(digest.about) == 1 and digest.count == 1 else ""
    return f"record-{only}" if only else "news"


def compose(
    viewer: Viewer,
    due: Sequence[Item],
    subscriptions: Sequence[Subscription],
    *,
    shelf: Shelf,
    at: datetime,
) -> Digest:
    """What a letter says of these items to this viewer, in the language that is active.

    Each record is told of once, under what presses most: what is to be done, what was done, news.
    """
    may_see = shelf.seen[viewer.person_id or 0]
    seen = [item for item in due if not item.record or item.record in may_see]
    digest = Digest(items=[item.pk for item in seen])
    withheld: dict[str, str] = {}
    news = 0
    for item in sorted(leave_out_doubles(seen), key=_press):
        marking = shelf.rows[item.record].marking if item.record else item.marking
        if marking not in CARRIED:
            record = shelf.rows[item.record] if item.record else None
            withheld.setdefault(item.record or item.name, _name_withheld(item, record))
        else:
            digest.count += 1
            if item.source == Item.Source.MATCH:
                news += 1
            else:
                _add_own(digest, item, marking)
                digest.about += [item.record] if item.record else []
    chosen = pick_news(due, shelf.rows, may_see)
    _add_news(digest, viewer, chosen, shelf, subscriptions, at=at)
    digest.more += news - len(chosen)
    counted = Counter(withheld.values())
    digest.count += len(withheld)
    digest.withheld = [_tell_withheld(label, counted[label]) for label in sorted(counted)]
    return digest


def _press(item: Item) -> int:
    return PRESSING.index(item.source)


def _add_own(digest: Digest, item: Item, marking: str) -> None:
    is_nudge = item.source == Item.Source.NUDGE
    line = Line(
        title=say_text(item),
        url=_make_item_url(item),
        marking=marking,
        action=say_action(item) if is_nudge else "",
        action_url=_make_item_url(item, "alerts:nudge") if is_nudge else "",
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
        group.lines.append(_make_line(item, shelf.shown[language, item.record], language))
        digest.about.append(item.record)
    digest.groups = list(groups.values())


def _make_line(item: Item, record: ShownRecord, language: str) -> Line:
    parts = [record.kind_label, *(economy_name(code, language) for code in record.economies[:4])]
    if item.is_change:
        parts.append(_("changed"))
    return Line(
        title=record.title,
        url=_make_item_url(item),
        language=record.language,
        about=" · ".join(parts),
        summary=shorten(record.summary, SUMMARY, placeholder="…"),
        marking=record.marking,
    )


def _make_item_url(item: Item, page: str = "alerts:open") -> str:
    """Where a line leads: behind sign-in, and the item counts as read."""
    return f"{_get_address(page)}?item={quote(item.name)}"


def _get_address(name: str) -> str:
    """The whole address of a page."""
    return settings.SITE_ADDRESS.rstrip("/") + _find_path(name)


_find_path = cache(reverse)  # asked for each line of each letter, and always the same


def _name_withheld(item: Item, record: Record | None) -> str:
    """Under what a thing is counted that mail may not name: the part of the platform it is in."""
    if item.source == Item.Source.NUDGE:
        labels = {kind.key: str(kind.label) for kind in get_nudge_kinds()}
        return labels.get(item.kind, _("What is waiting for you"))
    if record is not None:
        return str(get_kind(record.kind).plural)
    return _("What concerns you")


def _tell_withheld(label: str, count: int) -> str:
    return ngettext(
        "%(count)s new item for you in “%(label)s”",
        "%(count)s new items for you in “%(label)s”",
        count,
    ) % {"count": count, "label": label}


def make_subject(digest: Digest) -> str:
    """The first thing by its title, and how many more; no title where none may be named."""
    lines = digest.lines
    count = digest.count
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
