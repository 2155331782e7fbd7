"""Putting away what one has been told."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from focal.records import notices
from focal.records.views.editing.common import refuse


@require_POST
def put_away(request: HttpRequest) -> HttpResponse:
    """One notice of the viewer, or all of theirs."""
    if request.viewer.person_id is None:
        return refuse(request, _("Sign in to see your desk."))
    key = request.POST.get("notice", "")
    notices.put_away(request.viewer, key=key or None, at=timezone.now())
    return redirect("records:desk")
