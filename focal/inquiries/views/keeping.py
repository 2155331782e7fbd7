"""What is typed of a question, an answer, a remark or a summary is kept until it is sent."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from focal.inquiries.services import KIND
from focal.inquiries.views.common import find_inquiry
from focal.records.views.editing import keeping
from focal.records.views.editing.keeping import Spot
from focal.sharing import policy
from focal.threads.policy import may_post

QUESTION = Spot(kind=KIND)


@require_http_methods(["GET", "HEAD", "POST"])
def autosave_question(request: HttpRequest) -> HttpResponse:
    """Keep the question while it is typed."""
    return keeping.autosave(request, QUESTION, policy.may_create(request.viewer))


@require_POST
def start_question_afresh(request: HttpRequest) -> HttpResponse:
    """Throw the question under way away."""
    return keeping.start_afresh(request, QUESTION)


@require_http_methods(["GET", "HEAD", "POST"])
def autosave(request: HttpRequest, reference: str, place: str) -> HttpResponse:
    """Keep what is typed beside an inquiry, also when it cannot be sent there any more."""
    spot = Spot(place, find_inquiry(request.viewer, reference))
    return keeping.autosave(request, spot, may_post(request.viewer))


@require_POST
def start_afresh(request: HttpRequest, reference: str, place: str) -> HttpResponse:
    """Throw away what was begun beside an inquiry."""
    return keeping.start_afresh(request, Spot(place, find_inquiry(request.viewer, reference)))
