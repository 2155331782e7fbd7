"""A second pair of eyes before others read something else, or before more people read it.

Asked for where a record would go to more organisations than its owner set, and where a
contributor, who may not publish, would change what is published or show it to more people.
"""

from __future__ import annotations

from datetime import datetime
from types import EllipsisType

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from focal.kernel.decision import Decision, no
from focal.kernel.errors import Refused
from focal.records import audience, portions
from focal.records.audience import Ends
from focal.records.kinds import get_kind
from focal.records.models import Record
from focal.sharing import policy
from focal.sharing.markings import Marking, is_narrower
from focal.sharing.people import find_organisations
from focal.sharing.tokens import PUBLIC
from focal.sharing.viewer import Viewer


class SecondEyesNeeded(Refused):
    """It is allowed, once a second person has confirmed it. Nothing was changed."""


def require_none(
    record: Record,
    *,
    reached: Ends,
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
    if not limits or not audience.adds_somebody(audience.read_standing(record, at=at), reached):
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


def require_publisher(
    record: Record,
    *,
    by: Viewer,
    reached: Ends,
    at: datetime,
    marking_before: str,
    releases_added: bool,
) -> None:
    """Raise SecondEyesNeeded when what is out would be shown to more people by a contributor.

    `record` has its new marking, `reached` is its new audience. Where paragraphs carry markings
    of their own the release list says who reads them: `releases_added` then counts by itself.
    """
    if not record.is_out:
        return
    is_wider = is_narrower(marking_before, record.marking) or releases_added
    if not is_wider and not audience.adds_somebody(audience.read_standing(record, at=at), reached):
        return
    if refusal := explain_widening(record, by=by, marking=record.marking):
        raise SecondEyesNeeded(refusal)


def explain_widening(record: Record, *, by: Viewer, marking: str) -> str:
    """Why showing more people what is out, under this marking, needs a second person; or ""."""
    writers_may = get_kind(record.kind).is_published_by_writers and marking != Marking.CLEAR
    if not record.is_out or writers_may:
        return ""
    decision = policy.may_widen(by, record, marking)
    return "" if decision else decision.reason


def explain_change(record: Record, *, by: Viewer) -> str:
    """Why a change of what this record says needs a second person; "" where it holds at once."""
    if not record.is_out or get_kind(record.kind).is_published_by_writers:
        return ""
    if policy.may_publish(by, record):
        return ""
    return _(
        "It is published. Contributors send what they change to review: readers see it as it is"
        " until an editor of your organisation, or the secretariat where it sees the record,"
        " publishes the change."
    )


def may_change_at_once(viewer: Viewer, record: Record) -> Decision:
    """Who may change what cannot wait for a reviewer as a text can: files, figures, blocks."""
    decision = portions.may_change(viewer, record)
    if decision and explain_change(record, by=viewer):
        return no(
            _(
                "It is published, and this part of it cannot be sent to review: an editor of the"
                " organisation has to change it."
            )
        )
    return decision


def require_reviewer(record: Record, *, by: Viewer) -> None:
    """Raise SecondEyesNeeded when this viewer's changes of the record have to be looked at."""
    if reason := explain_change(record, by=by):
        raise SecondEyesNeeded(reason)
