"""What becomes of what somebody follows when they leave (`directory.holdings`).

It is theirs alone: nobody takes it over. They may take it along; then it is deleted, with
their list of news and the letters that were written to them.
"""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from focal.alerts.models import Item, Reader, Subscription
from focal.alerts.selectors import name_subscriptions
from focal.directory.holdings import Holding
from focal.directory.models import Person
from focal.mail.services import forget_person
from focal.sharing.viewer import Viewer


def count(person: Person) -> int:
    """How many things they follow."""
    return Subscription.objects.filter(person=person).count()


def hand_over(
    *,
    leaver: Person,
    successor: Person | None,  # noqa: ARG001 -- as directory.holdings asks
    includes_sealed: bool,  # noqa: ARG001
    actor_key: str,  # noqa: ARG001
    at: datetime,  # noqa: ARG001
) -> int:
    """Nothing goes on to a successor; letters stop at once."""
    for model in (Subscription, Item, Reader):
        model.objects.filter(person=leaver).delete()
    return 0


def export(person: Person) -> list[dict]:
    """What they follow, by its name, and when mail tells of it."""
    at = timezone.now()
    viewer = Viewer.from_person(person, on=timezone.localdate(at))
    rows = list(Subscription.objects.filter(person=person).order_by("pk"))
    names = name_subscriptions(viewer, rows, language=person.language, at=at)
    return [
        {
            "what": row.what,
            "name": names[row.pk].label,
            "search": row.query,
            "mail": row.rhythm,
            "since": row.created_at.isoformat(),
        }
        for row in rows
    ]


def forget(person: Person) -> None:
    """Delete what they follow, their news, and every letter to them."""
    for model in (Subscription, Item, Reader):
        model.objects.filter(person=person).delete()
    forget_person(person_id=person.pk, emails=[person.email])


HOLDING = Holding(
    key="following",
    title=_("What they follow"),
    count=count,
    hand_over=hand_over,
    export=export,
    forget=forget,
)
