"""NUL is no character that anybody types, and PostgreSQL refuses it: it never reaches a view."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict

NUL, STAND_IN = "\x00", "\N{REPLACEMENT CHARACTER}"


class NoNulMiddleware:
    """Puts the replacement character in the place of each NUL in address, query and form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if NUL in request.path_info:
            request.path_info = request.path_info.replace(NUL, STAND_IN)
        query = request.META.get("QUERY_STRING", "")
        if "%00" in query or NUL in query:
            request.META["QUERY_STRING"] = query.replace("%00", "%EF%BF%BD").replace(
                NUL, "%EF%BF%BD"
            )
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        """A form is read here, after its size was checked, and cleaned if it must be."""
        if request.method == "POST" and any(
            NUL in value for values in request.POST.lists() for value in values[1]
        ):
            request.POST = _clean(request.POST)  # type: ignore[assignment]


def _clean(form: QueryDict) -> QueryDict:
    cleaned = form.copy()
    for name, values in form.lists():
        cleaned.setlist(name, [value.replace(NUL, STAND_IN) for value in values])
    cleaned._mutable = False
    return cleaned
