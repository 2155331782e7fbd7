"""Briefings that quote figures which stand no more: told to whoever looks after them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from focal.alerts.nudges import Nudge
from focal.alerts.words import Words
from focal.briefings.models import Binding, Briefing
from focal.directory.models import Membership
from focal.indicators.models import Observation
from focal.records.models import OUT, State

KIND = "briefings.superseded"
WATCHED = (*OUT[:1], State.DRAFT, State.IN_REVIEW)


def gather_superseded(at: datetime) -> Iterator[Nudge]:
    """One nudge for each figure in a living briefing that was superseded or taken back."""
    quoted: dict[str, list[Binding]] = {}
    for row in Binding.objects.order_by("pk"):
        quoted.setdefault(row.observation, []).append(row)
    fallen = Observation.objects.filter(reference__in=list(quoted)).exclude(
        superseded_by__isnull=True, withdrawn_at__isnull=True
    )
    briefings = {
        row.pk: row
        for row in Briefing.objects.for_system("their owners are nudged, nobody else").filter(
            state__in=WATCHED
        )
    }
    editors = _list_editors(at)
    rows = fallen.order_by("pk").values_list("reference", "superseded_by_id")
    for reference, later in rows:
        for row in quoted[reference]:
            briefing = briefings.get(row.briefing_id)
            if briefing is not None:
                owner = briefing.owner_person_id
                people = {owner} if owner else editors[briefing.owner_organisation_id]
                yield _make_nudge(briefing, row, people, has_later=later is not None)


def _list_editors(at: datetime) -> Mapping[int, set[int]]:
    """By organisation, who looks after what belongs to no person."""
    editors: dict[int, set[int]] = defaultdict(set)
    rows = Membership.objects.current(timezone.localdate(at)).filter(
        role=Membership.Role.EDITOR, person__is_active=True
    )
    for organisation, person in rows.values_list("organisation_id", "person_id"):
        editors[organisation].add(person)
    return editors


def make_key(briefing: Briefing, block: str, observation: str) -> str:
    """What the nudge about a figure in a block is called."""
    return f"{KIND}:{briefing.reference}:{block}:{observation}"


def _make_nudge(
    briefing: Briefing, row: Binding, people: Collection[int], *, has_later: bool
) -> Nudge:
    address = reverse("briefings:edit", args=[briefing.reference])
    return Nudge(
        key=make_key(briefing, row.block, row.observation),
        person_ids=frozenset(people),
        text=Words(gettext_noop("A figure that your briefing quotes has been superseded.")),
        url=f"{address}#block-{row.block}",
        record=briefing.reference,
        action_label=Words(gettext_noop("Take the new figure")) if has_later else "",
        action_url=reverse("briefings:arrange", args=[briefing.reference, row.block, "follow"])
        if has_later
        else "",
    )
