"""Inquiries on the page of the format that was asked, for those who sit in it."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from focal.directory.models import Format
from focal.directory.slots import Filling
from focal.inquiries.services import KIND
from focal.records.finding import places
from focal.sharing import policy
from focal.sharing.viewer import Viewer


def show_requests_of(body: Format, viewer: Viewer, limit: int) -> Filling | None:
    """What a format was asked, the newest first."""
    teasers = places.list_released(body, viewer, limit, kinds=[KIND])
    if teasers is None:
        return None
    may_ask = policy.may_create(viewer)
    return Filling(
        teasers=teasers,
        empty=_("Nobody has asked this format anything yet."),
        more_url=reverse("inquiries:list"),
        more_label=_("All inquiries"),
        action_url=f"{reverse('inquiries:ask')}?to_formats={body.slug}" if may_ask else "",
        action_label=_("Ask"),
    )
