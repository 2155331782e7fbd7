"""Makes the viewer, once a request, and keeps members' pages out of shared caches.

Whoever has not shown their second factor yet is nobody in particular.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from focal.directory.factors import is_whole
from focal.sharing.viewer import ANONYMOUS, Viewer


class ViewerMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        viewer = (
            Viewer.from_person(request.user, on=timezone.localdate())
            if request.user.is_authenticated and is_whole(request)
            else ANONYMOUS
        )
        request.viewer = viewer  # type: ignore[attr-defined]
        response = self.get_response(request)
        if not viewer.is_anonymous:
            add_never_cache_headers(response)
        return response
