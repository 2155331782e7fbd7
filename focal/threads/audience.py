"""Who can take part in a conversation: people who hold one of its tokens."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from focal.directory.models import Format, Person
from focal.records.models import RecordAudience
from focal.sharing.people import Audience, describe_tokens, find_people
from focal.sharing.viewer import Viewer
from focal.threads.models import Thread, ThreadAudience


def get_tokens(thread: Thread) -> frozenset[str]:
    """The tokens a conversation is visible to: its own, or its record's."""
    if thread.shares_audience and thread.about_id is not None:
        return get_record_tokens(thread.about_id)
    rows = ThreadAudience.objects.filter(record_id=thread.pk)
    return frozenset(rows.values_list("token", flat=True))


def get_record_tokens(record_id: int) -> frozenset[str]:
    """The tokens that a record is visible to now."""
    rows = RecordAudience.objects.in_force(timezone.now()).filter(record_id=record_id)
    return frozenset(rows.values_list("token", flat=True))


def find_known_readers(tokens: Collection[str], *, viewer: Viewer, on: date) -> QuerySet[Person]:
    """Who reads what these tokens see, as far as the viewer may know of them, by name.

    Those who read it only because they sit in a format that hides its members stay unsaid.
    """
    hidden = {f"format:{pk}" for pk in find_hidden_formats(tokens, viewer=viewer, on=on)}
    people = find_people(set(tokens) - hidden, on=on)
    return Person.objects.filter(pk__in=people).order_by("full_name", "pk")


def find_hidden_formats(tokens: Collection[str], *, viewer: Viewer, on: date) -> set[int]:
    """Those formats among the tokens whose members the viewer may not know."""
    formats = {int(token.partition(":")[2]) for token in tokens if token.startswith("format:")}
    if not formats:
        return set()
    known = Format.objects.with_members_known_to(viewer.person_id, on=on).filter(pk__in=formats)
    return formats - set(known.values_list("pk", flat=True))


def describe_readers(thread: Thread, *, viewer: Viewer, on: date) -> Audience:
    """Who can read a conversation: a count and names, as sharing shows them."""
    tokens = get_tokens(thread)
    hidden = find_hidden_formats(tokens, viewer=viewer, on=on)
    return describe_tokens(tokens, hidden_formats=hidden, on=on)
