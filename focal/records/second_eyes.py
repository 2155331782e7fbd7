"""A second pair of eyes before a record goes to more organisations than its owner set."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from types import EllipsisType

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from focal.kernel.errors import Refused
from focal.records.models import Record, RecordAudience
from focal.sharing.people import find_organisations
from focal.sharing.tokens import COMMUNITY, PUBLIC


class SecondEyesNeeded(Refused):
    """It is allowed, once a second person has confirmed it. Nothing was changed."""


def require_none(
    record: Record,
    *,
    reached: Collection[str],
    at: datetime,
    rule: int | EllipsisType | None = ...,
) -> None:
    """Raise SecondEyesNeeded when this audience goes beyond what the record's rule lets pass.

    `rule` is the rule that stood before, where it is being changed: weakening it is itself
    something to confirm. An audience that nobody is added to needs no second look.
    """
    new = record.second_eyes_over
    old = new if rule is ... else rule
    if old is not None and (new is None or new > old):
        raise SecondEyesNeeded(_("Loosening this rule needs a second person who confirms it."))
    limits = [limit for limit in (old, new) if limit is not None]
    if not limits or not _adds_somebody(record, reached):
        return
    limit = min(limits)
    if PUBLIC in reached:
        raise SecondEyesNeeded(
            _("Everybody would see it. Its owner wants a second person to confirm that.")
        )
    count = len(find_organisations(reached, on=timezone.localdate(at)))
    if count > limit:
        raise SecondEyesNeeded(
            ngettext(
                "%(count)s organisation would see it, and its owner wants a second person to"
                " confirm when it goes to more than %(limit)s.",
                "%(count)s organisations would see it, and its owner wants a second person to"
                " confirm when it goes to more than %(limit)s.",
                count,
            )
            % {"count": count, "limit": limit}
        )


def _adds_somebody(record: Record, reached: Collection[str]) -> bool:
    standing = set(
        RecordAudience.objects.filter(record_id=record.pk).values_list("token", flat=True)
    )
    if PUBLIC in standing or (COMMUNITY in standing and PUBLIC not in reached):
        return False
    return bool(set(reached) - standing)
