"""What becomes of conversations when somebody leaves (`directory.holdings`).

- One beside a record follows its record: whoever owns that now owns it as well.
- One with an audience of its own goes on to the successor if they take part in it already, or if
  the leaver hands it over themselves and says so. Otherwise those in it go on among themselves:
  to be let into it was given to a person (decision 0711). What is RED is counted for nobody.
- What they said stays, under the name they leave behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from focal.audit.services import write_entry
from focal.directory.holdings import Holding
from focal.directory.leaving import FORMER_NAME
from focal.directory.models import Person
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer
from focal.threads.models import Post, Thread, ThreadAudience

SYSTEM = "what a leaver owned goes on, whoever may see it"


def count(person: Person) -> int:
    """How many conversations of their own they look after."""
    return _own(person).exclude(marking=Marking.RED).count()


def _own(person: Person) -> QuerySet[Thread]:
    return Thread.objects.for_system(SYSTEM).filter(owner_person=person, shares_audience=False)


def hand_over(
    *,
    leaver: Person,
    successor: Person | None,
    includes_sealed: bool,
    actor_key: str,
    at: datetime,
) -> int:
    """Give on what the successor takes part in, or all where the leaver says so; how many."""
    _follow_records(leaver)
    handed = 0
    if successor is not None:
        tokens = Viewer.from_person(successor, on=timezone.localdate(at)).tokens
        for thread in _own(leaver).select_for_update().order_by("pk"):
            held = set(_audience(thread).values_list("token", flat=True))
            if not includes_sealed and tokens.isdisjoint(held):
                continue
            if thread.marking == Marking.RED and not includes_sealed:
                continue
            thread.owner_person = successor
            thread.save(update_fields=("owner_person",))
            token = f"person:{successor.pk}"
            if token not in held:
                ThreadAudience.objects.create(record_id=thread.pk, token=token)
            _log(thread, leaver, successor, actor_key, at)
            handed += 1
    ThreadAudience.objects.filter(token=f"person:{leaver.pk}").delete()
    return handed


def _follow_records(leaver: Person) -> None:
    """Records were handed on before: `records` comes before `threads`."""
    beside = Thread.objects.for_system(SYSTEM).filter(
        owner_person=leaver, shares_audience=True, about__isnull=False
    )
    for thread in beside.exclude(about__owner_person=leaver).select_related("about"):
        owner = thread.about.owner_person_id if thread.about else None
        if owner is not None or thread.marking != Marking.RED:
            Thread.objects.for_system(SYSTEM).filter(pk=thread.pk).update(owner_person_id=owner)


def _audience(thread: Thread) -> QuerySet[ThreadAudience]:
    return ThreadAudience.objects.filter(record_id=thread.pk)


def _log(thread: Thread, leaver: Person, successor: Person, actor_key: str, at: datetime) -> None:
    write_entry(
        action="thread.handed_over",
        target_kind="thread",
        target_key=thread.reference,
        actor_key=actor_key,
        at=at,
        detail={"from": leaver.reference, "to": successor.reference},
    )


def export(person: Person) -> Sequence[dict]:
    """What they said. Where they said it may be closed to them by now, and is not told."""
    return [
        {
            "reference": post.reference,
            "at": post.at.isoformat(timespec="seconds"),
            "language": post.language,
            "text": post.body,
        }
        for post in Post.objects.filter(author=person, withdrawn_at__isnull=True).order_by("pk")
    ]


def forget(person: Person) -> None:
    """Who wishes their name gone signs no more what they said."""
    if person.full_name == FORMER_NAME:
        Post.objects.filter(author=person).update(author_name=FORMER_NAME, author_place="")


HOLDING = Holding(
    key="threads",
    title=_("Conversations"),
    count=count,
    hand_over=hand_over,
    export=export,
    forget=forget,
)
