"""Who can take part in a conversation: people who hold one of its tokens."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Q, QuerySet

from focal.directory.models import FocalPoint, FormatSeat, Membership, Person
from focal.records.models import RecordAudience
from focal.sharing.tokens import COMMUNITY, PUBLIC, SECRETARIAT
from focal.sharing.viewer import WRITERS
from focal.threads.models import Thread, ThreadAudience


def get_tokens(thread: Thread) -> frozenset[str]:
    """The tokens a conversation is visible to: its own, or its record's."""
    if thread.shares_audience and thread.about_id is not None:
        return get_record_tokens(thread.about_id)
    rows = ThreadAudience.objects.filter(record_id=thread.pk)
    return frozenset(rows.values_list("token", flat=True))


def get_record_tokens(record_id: int) -> frozenset[str]:
    """The tokens that a record is visible to."""
    rows = RecordAudience.objects.filter(record_id=record_id)
    return frozenset(rows.values_list("token", flat=True))


def find_holders(tokens: Collection[str], *, on: date) -> QuerySet[Person]:
    """Active people who hold at least one of these tokens on a day. One query when it is read."""
    people = Person.objects.filter(is_active=True)
    if {PUBLIC, COMMUNITY} & set(tokens):
        return people
    ids: dict[str, list[str]] = {}
    for token in tokens:
        kind, _colon, key = token.partition(":")
        ids.setdefault(kind, []).append(key)
    places = Membership.objects.current(on)
    writing = places.filter(role__in=WRITERS)
    rule = Q(pk__in=ids.get("person", []))
    if "org" in ids:
        rule |= Q(pk__in=places.filter(organisation_id__in=ids["org"]).values("person_id"))
    if "desk" in ids:
        rule |= Q(pk__in=writing.filter(organisation_id__in=ids["desk"]).values("person_id"))
    if "economy" in ids:
        posts = FocalPoint.objects.current(on).filter(economy_id__in=ids["economy"])
        rule |= Q(pk__in=posts.values("person_id"))
    if "format" in ids:
        seats = FormatSeat.objects.current(on).filter(format_id__in=ids["format"])
        rule |= Q(pk__in=seats.values("person_id"))
    if SECRETARIAT in ids:
        rule |= Q(pk__in=writing.filter(organisation__is_secretariat=True).values("person_id"))
    return people.filter(rule)


def list_participants(thread: Thread, *, on: date) -> list[Person]:
    """Everybody who can read a conversation, by name."""
    return list(find_holders(get_tokens(thread), on=on).order_by("full_name", "pk"))
