"""Briefings that quote figures which stand no more: told to whoever looks after them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from focal.alerts.nudges import Nudge
from focal.briefings.models import Binding, Briefing
from focal.indicators.models import Observation
from focal.records.models import OUT, State

WATCHED = (*OUT[:1], State.DRAFT, State.IN_REVIEW)


def gather_superseded(_at: datetime) -> Iterator[Nudge]:
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
            state__in=WATCHED, owner_person_id__isnull=False
        )
    }
    for reference in fallen.order_by("pk").values_list("reference", flat=True):
        for row in quoted[reference]:
            briefing = briefings.get(row.briefing_id)
            if briefing is not None:
                yield _make_nudge(briefing, row)


def _make_nudge(briefing: Briefing, row: Binding) -> Nudge:
    address = reverse("briefings:edit", args=[briefing.reference])
    return Nudge(
        key=f"briefings.superseded:{briefing.reference}:{row.block}:{row.observation}",
        person_ids=frozenset({briefing.owner_person_id or 0}),
        text=_("A figure that your briefing quotes has been superseded."),
        url=f"{address}#block-{row.block}",
        record=briefing.reference,
        action_label=_("Take the new figure"),
        action_url=reverse("briefings:arrange", args=[briefing.reference, row.block, "follow"]),
    )
