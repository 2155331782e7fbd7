"""What the pages of inquiries share."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from focal.inquiries.models import Inquiry
from focal.inquiries.selectors import get_inquiry
from focal.sharing.viewer import Viewer


def find_inquiry(viewer: Viewer, reference: str) -> Inquiry:
    """The inquiry; what the viewer cannot see is not there."""
    found = get_inquiry(viewer, reference)
    if found is None:
        raise Http404
    return found


def refuse(request: HttpRequest, reason: str, inquiry: Inquiry | None = None) -> HttpResponse:
    """A plain message: the inquiry is seen, the deed is not allowed."""
    context = {"reason": reason, "inquiry": inquiry}
    return render(request, "inquiries/refused.html", context, status=403)
