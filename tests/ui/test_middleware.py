"""NUL never reaches a view, wherever it comes in."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from focal.ui.middleware import NoNulMiddleware


def run(request):
    seen = {}

    def view(request):
        middleware.process_view(request, None, (), {})
        seen.update(path=request.path_info, get=dict(request.GET), post=dict(request.POST))
        return HttpResponse()

    middleware = NoNulMiddleware(view)
    middleware(request)
    return seen


@pytest.mark.parametrize(
    ("request_", "where", "expected"),
    [
        (RequestFactory().get("/a%00b"), "path", "/a\ufffdb"),
        (RequestFactory().get("/?q=a%00b"), "get", {"q": ["a\ufffdb"]}),
        (
            RequestFactory().post("/", {"q": ["a\0b", "c"], "r": "d"}),
            "post",
            {"q": ["a\ufffdb", "c"], "r": ["d"]},
        ),
        (RequestFactory().post("/", {"q": "plain"}), "post", {"q": ["plain"]}),
    ],
)
def test_nul_is_replaced_and_the_rest_is_left(request_, where, expected):
    assert run(request_)[where] == expected
