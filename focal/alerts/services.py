"""Following, giving up, choosing when one is told; what has been read.

What somebody follows is their own affair: it is in no log and no administrator's list.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from focal.alerts import selectors
from focal.alerts.models import Item, Reader, Rhythm, Subscription
from focal.alerts.wishes import get_digest, make_wish, write_wish
from focal.kernel.errors import BadInput, Refused
from focal.outbox.services import emit
from focal.search.queries import parse
from focal.sharing.viewer import Viewer

TOPIC = "subscription"
MOST = 200  # of one person
NEWS_ARE_KEPT = timedelta(days=180)
What = Subscription.What


@transaction.atomic
def follow(*, what: str, value: str, by: Viewer, at: datetime) -> Subscription:
    """Follow a topic, economy, format, organisation or record. Following twice is not an event.

    Raises BadInput for what is not there, or not for this person.
    """
    person_id = _require_person(by)
    if what == What.SEARCH or not selectors.exists(by, what, value, at=at):
        raise BadInput(_("There is no such thing to follow."))
    return _keep(person_id, what=what, value=value, query="", name="", at=at)


@transaction.atomic
def save_search(*, query: str, name: str = "", by: Viewer, at: datetime) -> Subscription:
    """Follow a search as it stands in an address. Raises BadInput when it asks for nothing."""
    person_id = _require_person(by)
    wish = make_wish(query)
    if wish.is_empty or (parse(wish.text).is_empty and not _narrows(wish)):
        raise BadInput(_("Type what you look for, or choose a filter; then save the search."))
    asked = write_wish(wish)
    name = " ".join(name.split())[:120]
    row = _keep(person_id, what=What.SEARCH, value=get_digest(asked), query=asked, name=name, at=at)
    emit(topic=TOPIC, keys=[row.reference], at=at)
    return row


def _narrows(wish: object) -> bool:
    text = getattr(wish, "text", "")
    return bool(getattr(wish, "is_narrowed", False) or parse(text).filters)


def _require_person(by: Viewer) -> int:
    if by.person_id is None:
        raise Refused(_("Sign in to follow something."))
    return by.person_id


def _keep(
    person_id: int, *, what: str, value: str, query: str, name: str, at: datetime
) -> Subscription:
    known = Subscription.objects.filter(person_id=person_id, what=what, value=value).first()
    if known is not None:
        return known
    if Subscription.objects.filter(person_id=person_id).count() >= MOST:
        raise Refused(
            _("You follow %(count)s things already. Give something up first.") % {"count": MOST}
        )
    return Subscription.objects.create(
        person_id=person_id,
        what=what,
        value=value,
        query=query,
        name=name,
        created_at=at,
        changed_at=at,
    )


@transaction.atomic
def give_up(*, subscription: Subscription, by: Viewer) -> None:
    """Follow it no longer. What came from it alone and was not read yet goes with it."""
    _require_own(subscription, by)
    key = subscription.pk
    subscription.delete()
    mine = Subscription.objects.filter(person_id=by.person_id or 0)
    kept = set(mine.values_list("pk", flat=True))
    unread = Item.objects.filter(
        person_id=by.person_id or 0, source=Item.Source.MATCH, read_at__isnull=True
    )
    gone = [
        item.pk
        for item in unread.only("pk", "subscriptions")
        if key in item.subscriptions and not kept.intersection(item.subscriptions)
    ]
    Item.objects.filter(pk__in=gone).delete()


@transaction.atomic
def change(
    *,
    subscription: Subscription,
    by: Viewer,
    at: datetime,
    rhythm: str | None = None,
    name: str | None = None,
) -> None:
    """Choose when mail tells of it, or what it is called."""
    _require_own(subscription, by)
    if rhythm is not None:
        if rhythm not in Rhythm.values:
            raise BadInput(_("Choose when you want to be told."))
        subscription.rhythm = rhythm
    if name is not None:
        subscription.name = " ".join(name.split())[:120]
    subscription.changed_at = at
    subscription.save(update_fields=("rhythm", "name", "changed_at"))


def _require_own(subscription: Subscription, by: Viewer) -> None:
    if by.person_id is None or subscription.person_id != by.person_id:
        raise Refused(_("This is followed by somebody else."))


# What has been read


def mark_read(*, items: Collection[int], by: Viewer, at: datetime, is_read: bool = True) -> int:
    """Mark some of one's own items as read, or as unread again; returns how many changed."""
    rows = Item.objects.filter(person_id=by.person_id or 0, pk__in=items, read_at__isnull=is_read)
    return rows.update(read_at=at if is_read else None)


def put_away(*, item: Item, by: Viewer, at: datetime) -> None:
    """A matter does not wait for this person any more, whatever others do about it."""
    rows = Item.objects.filter(pk=item.pk, person_id=by.person_id or 0, source=Item.Source.NUDGE)
    rows.update(settled_at=at, is_put_away=True)


def mark_all_read(*, by: Viewer, at: datetime, up_to: datetime) -> int:
    """Mark everything that had come by a moment as read; what is to be done stays open."""
    mine = Item.objects.filter(person_id=by.person_id or 0)
    rows = mine.filter(read_at__isnull=True, created_at__lte=up_to)
    return rows.exclude(source=Item.Source.NUDGE, settled_at__isnull=True).update(read_at=at)


def forget_old(at: datetime) -> None:
    """The clock: what came half a year ago is no news; what still waits to be done stays."""
    old = Item.objects.filter(created_at__lt=at - NEWS_ARE_KEPT)
    old.exclude(source=Item.Source.NUDGE, settled_at__isnull=True).delete()


# How one is told


@transaction.atomic
def set_reader(*, by: Viewer, notices: str, nudges: str) -> None:
    """Choose when mail tells of what concerns oneself, and of what waits to be done."""
    person_id = _require_person(by)
    if notices not in Rhythm.values or nudges not in Rhythm.values:
        raise BadInput(_("Choose when you want to be told."))
    Reader.objects.update_or_create(
        person_id=person_id, defaults={"notices": notices, "nudges": nudges}
    )


@transaction.atomic
def stop_mail(*, person_id: int, at: datetime) -> None:
    """No more letters of news to this person, until they ask for them again."""
    Reader.objects.update_or_create(person_id=person_id, defaults={"mail_stopped_at": at})


@transaction.atomic
def resume_mail(*, person_id: int) -> None:
    """Letters of news again, from now on."""
    Reader.objects.update_or_create(person_id=person_id, defaults={"mail_stopped_at": None})
