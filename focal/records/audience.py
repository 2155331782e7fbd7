"""From marking, state and releases to the rows that the door asks for.

A release with an end gives its token until then; so does break-glass reading. The door looks at
the clock itself; what is past is swept away afterwards (`releasing.end_lapsed`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from focal.records.models import OUT, GlassRequest, Record, RecordAudience, Release, State
from focal.sharing.markings import Marking
from focal.sharing.tokens import (
    COMMUNITY,
    PUBLIC,
    RELEASABLE,
    compute_audience,
    kind_of,
    may_have_lost_sight,
)

Ends = dict[str, datetime | None]


def read_releases(record: Record, *, at: datetime) -> Ends:
    """The record's release list as it is in force, each token with its end."""
    return dict(
        Release.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), record_id=record.pk)
        .order_by("token")
        .values_list("token", "ends_at")
    )


def read_glass(record: Record, *, at: datetime) -> Ends:
    """Who reads it by break-glass, until when. What is RED is never opened that way."""
    if record.marking == Marking.RED:
        return {}
    return {
        f"person:{person}": ends_at
        for person, ends_at in GlassRequest.objects.filter(
            record_id=record.pk, outcome=GlassRequest.Outcome.OPENED, ends_at__gt=at
        )
        .order_by("ends_at")
        .values_list("asked_by_id", "ends_at")
    }


def compute(record: Record, *, at: datetime) -> Ends:
    """The tokens that the record is visible to, each with its end where it has one."""
    releases = read_releases(record, at=at)
    lasting = _compute(record, record.marking, (t for t, end in releases.items() if end is None))
    ending = _compute(record, record.marking, releases) - lasting
    ends: Ends = dict.fromkeys(lasting)
    ends |= {token: releases[token] for token in ending}
    for token, end in read_glass(record, at=at).items():
        standing = ends.get(token, end)
        if token not in ends or (standing is not None and end is not None and end > standing):
            ends[token] = end
    return ends


def read_standing(record: Record, *, at: datetime) -> Ends:
    """The tokens that the door lets in now, each with its end."""
    return dict(
        RecordAudience.objects.filter(Q(until__isnull=True) | Q(until__gt=at), record_id=record.pk)
        .order_by("token")
        .values_list("token", "until")
    )


def adds_somebody(before: Ends, after: Ends) -> bool:
    """Whether `after` lets somebody read who could not, or not so long, under `before`."""
    if PUBLIC in before or (COMMUNITY in before and PUBLIC not in after):
        return False
    return any(
        token not in before or _is_later(end, than=before[token]) for token, end in after.items()
    )


def _is_later(end: datetime | None, *, than: datetime | None) -> bool:
    return than is not None and (end is None or end > than)


def compute_for_portion(record: Record, marking: str, *, at: datetime) -> frozenset[str]:
    """The tokens that a paragraph of this marking is visible to, in this record."""
    return combine_for_portion(
        record,
        marking,
        releases=read_releases(record, at=at),
        glass=read_glass(record, at=at),
    )


def combine_for_portion(
    record: Record, marking: str, *, releases: Iterable[str], glass: Iterable[str]
) -> frozenset[str]:
    """The same, for releases and break-glass readers that were read already and are in force."""
    allowed = RELEASABLE[Marking(marking)]
    tokens = _compute(record, marking, [t for t in releases if kind_of(t) in allowed])
    return tokens if marking == Marking.RED else tokens | set(glass)


def _compute(record: Record, marking: str, releases: Iterable[str]) -> frozenset[str]:
    return compute_audience(
        marking=marking,
        is_out=record.state in OUT,
        in_review=record.state == State.IN_REVIEW,
        owner_organisation_id=record.owner_organisation_id,
        owner_person_id=record.owner_person_id,
        releases=list(releases),
    )


def write(record: Record, *, at: datetime) -> bool:
    """Write the audience that marking, state and releases give; true when somebody lost it."""
    before = dict(RecordAudience.objects.filter(record_id=record.pk).values_list("token", "until"))
    after = compute(record, at=at)
    gone = [token for token, until in before.items() if after.get(token, ...) != until]
    RecordAudience.objects.filter(record_id=record.pk, token__in=gone).delete()
    RecordAudience.objects.bulk_create(
        RecordAudience(record_id=record.pk, token=token, until=until)
        for token, until in sorted(after.items())
        if before.get(token, ...) != until
    )
    return may_have_lost_sight(before, after)
