"""Inquiries on the page of the format that was asked, for those who sit in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.urls import reverse
from django.utils.translation import gettext as _

from focal.directory.models import Format
from focal.directory.slots import Filling
from focal.inquiries.models import Inquiry
from focal.inquiries.services import KIND
from focal.records.finding import places
from focal.records.finding.shown import ShownRecord
from focal.sharing import policy
from focal.sharing.viewer import Viewer
from focal.ui.components import Teaser


def show_requests_of(body: Format, viewer: Viewer, limit: int) -> Filling | None:
    """What a format was asked, the newest first."""
    released = places.list_released(body, viewer, limit, kinds=[KIND])
    if released is None:
        return None
    may_ask = policy.may_create(viewer)
    return Filling(
        teasers=_make_teasers(released, viewer),
        empty=_("Nobody has asked this format anything yet."),
        more_url=reverse("inquiries:list"),
        more_label=_("All inquiries"),
        action_url=f"{reverse('inquiries:ask')}?to_formats={body.slug}" if may_ask else "",
        action_label=_("Ask"),
    )


def _make_teasers(released: Sequence[ShownRecord], viewer: Viewer) -> list[Teaser]:
    """Short entries that say of which nobody waits for an answer any more."""
    closed = set(
        Inquiry.objects.visible_to(viewer)
        .filter(
            status=Inquiry.Status.CLOSED, reference__in=[record.reference for record in released]
        )
        .values_list("reference", flat=True)
    )
    label = str(Inquiry.Status.CLOSED.label)
    return [
        replace(teaser, state=label) if record.reference in closed else teaser
        for record, teaser in zip(released, places.make_teasers(released), strict=True)
    ]
