"""What is due about inquiries: answers that are waited for, closing, sources to agree to.

A question with a day until which answers help reminds those who have not answered twice at
most: a week before, and on the last days. Each reminder is a matter of its own that comes once, so
that nobody gets a third however often they are gathered, and though the day is moved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from focal.alerts.nudges import Nudge, Urgency
from focal.alerts.words import Words
from focal.inquiries.models import Answer, Inquiry, SourceRequest
from focal.inquiries.parties import find_parties_of, read_directory
from focal.inquiries.services import name_reminders
from focal.records.models import OUT, Release
from focal.sharing.people import find_people

FIRST = timedelta(days=7)
SECOND = timedelta(days=1)
GRACE = timedelta(days=3)  # after the day, before the asker is told to close


def gather_due(at: datetime) -> Iterator[Nudge]:
    """Reminders for those who were asked, have not answered, and still can in time."""
    today = timezone.localdate(at)
    rows = list(
        _list_open().filter(due_date__gte=today, due_date__lte=today + FIRST).order_by("pk")
    )
    releases: dict[int, list[str]] = defaultdict(list)
    for record_id, token in Release.objects.filter(
        record_id__in=[row.pk for row in rows]
    ).values_list("record_id", "token"):
        releases[record_id].append(token)
    for row in rows:
        missing = find_missing(row, releases[row.pk], on=today)
        if missing and row.due_date is not None:
            yield _remind(row, missing, today)


def _list_open():
    return Inquiry.objects.for_system("everybody is reminded of what they alone are asked").filter(
        status=Inquiry.Status.OPEN, state__in=OUT
    )


def _remind(row: Inquiry, people: frozenset[int], today: date) -> Nudge:
    last = row.due_date is not None and row.due_date <= today + SECOND
    return Nudge(
        key=name_reminders(row)[1 if last else 0],
        person_ids=people,
        text=Words(gettext_noop("You have not answered yet: {question}"), question=row.title),
        url=f"{row.get_absolute_url()}#answer",
        record=row.reference,
        action_label=Words(gettext_noop("We do not have this")),
        action_url=reverse("inquiries:nothing", args=[row.reference]),
        due_date=row.due_date,
        urgency=Urgency.HIGH if last else Urgency.NORMAL,
    )


def find_missing(inquiry: Inquiry, tokens: Sequence[str], *, on: date) -> frozenset[int]:
    """People who were asked and for whom nobody has answered.

    An answer to the asker alone counts for its author only: colleagues who were reminded no
    more would learn of it.
    """
    people = find_people(tokens, on=on) - {inquiry.owner_person_id}
    expected = set(read_directory(tokens, viewer=None, language="en", on=on).expand(tokens))
    answered: set[str] = set()
    authors: set[int | None] = set()
    for private, author, speaks_for in Answer.objects.filter(
        inquiry=inquiry, post__withdrawn_at__isnull=True
    ).values_list("post__is_private", "post__author_id", "speaks_for"):
        authors.add(author)
        if not private:
            answered |= set(speaks_for)
    parties = find_parties_of(people, on=on)
    return frozenset(
        pk for pk in people - authors if not (own := parties[pk] & expected) or not own <= answered
    )


def gather_overdue(at: datetime) -> Iterator[Nudge]:
    """Whoever asked is told when the day has passed: a summary keeps what was learned."""
    today = timezone.localdate(at)
    for row in _list_open().filter(due_date__lt=today - GRACE).order_by("pk"):
        if row.owner_person_id is not None:
            yield Nudge(
                key=row.reference,
                person_ids=frozenset({row.owner_person_id}),
                text=Words(
                    gettext_noop(
                        "The day for answers has passed. Close it with a summary: {question}"
                    ),
                    question=row.title,
                ),
                url=reverse("inquiries:close", args=[row.reference]),
                record=row.reference,
                action_label=Words(gettext_noop("Two more weeks")),
                action_url=reverse("inquiries:extend", args=[row.reference]),
                due_date=row.due_date,
                urgency=Urgency.LOW,
            )


def gather_source_requests(_at: datetime) -> Iterator[Nudge]:
    """Authors of answers are asked whether these may be named as sources."""
    for row in (
        SourceRequest.objects.filter(
            state=SourceRequest.State.ASKED, answer__post__withdrawn_at__isnull=True
        )
        .select_related("answer__post", "answer__inquiry")
        .order_by("pk")
    ):
        inquiry, author = row.answer.inquiry, row.answer.post.author_id
        if author is not None:
            yield Nudge(
                key=row.reference,
                person_ids=frozenset({author}),
                text=Words(
                    gettext_noop("May your answer be named as a source? {question}"),
                    question=inquiry.title,
                ),
                url=inquiry.get_absolute_url(),
                record=inquiry.reference,
                action_label=Words(gettext_noop("Yes, name it")),
                action_url=reverse("inquiries:agree", args=[row.reference]),
            )
