"""Pages of the roof: they translate, and nothing more."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST, require_safe
from django.views.i18n import set_language as django_set_language

from focal.directory import policy, slots
from focal.directory.formats import get_space
from focal.sharing.markings import MEANINGS
from focal.web import health, selectors
from focal.web.statements import get_statements

SITEMAP_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
)


@require_safe
def home(request) -> HttpResponse:
    """The front page."""
    context = {
        "figures": selectors.get_headline_figures(request.viewer),
        "records": selectors.get_latest_records(request.viewer),
        "economies": selectors.list_economies(),
        "topics": selectors.get_topic_tree(),
        "formats": selectors.get_leading_formats(request.viewer, on=timezone.localdate()),
        "sections": get_statements(),
    }
    return render(request, "web/home.html", context)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What the platform is for, who may see what, what it must never become."""
    context = {"sections": get_statements(), "markings": list(MEANINGS.items())}
    return render(request, "web/about.html", context)


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """How far the platform is usable by everybody, and whom to tell where it is not."""
    return render(request, "web/accessibility.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about visitors and members."""
    return render(request, "web/privacy.html")


@require_safe
def list_economies(request: HttpRequest) -> HttpResponse:
    """All participants."""
    return render(request, "web/economies.html", {"economies": selectors.list_economies()})


@require_safe
def show_economy(request, code: str) -> HttpResponse:
    """One participant; small letters in the address lead to the right one."""
    page = selectors.get_economy_page(request.viewer, code.upper(), on=timezone.localdate())
    if page is None:
        raise Http404
    if code != page.code:
        return redirect("web:economy", code=page.code, permanent=True)
    context = {"page": page, "slots": slots.fill(slots.ECONOMY, page.code, request.viewer)}
    return render(request, "web/economy.html", context)


@require_safe
def list_topics(request: HttpRequest) -> HttpResponse:
    """The thesaurus as a tree."""
    return render(request, "web/topics.html", {"topics": selectors.get_topic_tree()})


@require_safe
def show_topic(request, key: str) -> HttpResponse:
    """One topic: its words in every language, and what there is about it."""
    page = selectors.get_topic_page(request.viewer, key)
    if page is None:
        raise Http404
    return render(request, "web/topic.html", {"page": page})


@require_safe
def list_formats(request) -> HttpResponse:
    """The standing bodies of regional cooperation."""
    on = timezone.localdate()
    context = {
        "formats": selectors.list_formats(request.viewer, on=on),
        "may_enter": not request.viewer.is_anonymous
        and policy.may_enter_format(request.user, on=on),
    }
    return render(request, "web/formats.html", context)


@require_safe
def show_format(request, slug: str) -> HttpResponse:
    """One body: what it is, who sits in it, who chairs it."""
    page = selectors.get_format_page(request.viewer, slug, on=timezone.localdate())
    if page is None:
        raise Http404
    context = {"page": page}
    if not request.viewer.is_anonymous:
        space = get_space(request.user, page.format, on=timezone.localdate())
        context["space"] = space
        if space.seat is not None:
            context["slots"] = slots.fill(slots.FORMAT, page.format, request.viewer)
    return render(request, "web/format.html", context)


@csrf_exempt  # choosing a language harms nobody; without a token pages stay the same for all
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language of the interface in a cookie."""
    return django_set_language(request)


@never_cache
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Ready, or why not."""
    text, status = health.write_health(health.check_health())
    response = HttpResponse(text, status=status, content_type="application/json")
    # Whoever asks is told; the log need not repeat it.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


@require_GET
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines may read: everything open, but no pages of results."""
    return render(
        request,
        "web/robots.txt",
        {"sitemap": settings.SITE_ADDRESS.rstrip("/") + reverse("web:sitemap")},
        content_type="text/plain",
    )


@require_GET
def sitemap(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The addresses of all that stands open, whoever asks."""
    site = settings.SITE_ADDRESS.rstrip("/")
    entries = (
        f"<url><loc>{escape(site + address)}</loc>"
        + (f"<lastmod>{day.isoformat()}</lastmod>" if day else "")
        + "</url>"
        for address, day in selectors.list_public_addresses()
    )
    text = "\n".join((SITEMAP_HEAD, *entries, "</urlset>", ""))
    return HttpResponse(text, content_type="application/xml")


# What Django shows when something is amiss. `exception` is what it hands over; its text might
# name a thing that the reader may not know of, so it is never shown.


def bad_request(request: HttpRequest, exception: object = None) -> HttpResponse:  # noqa: ARG001
    """400."""
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: object = None) -> HttpResponse:  # noqa: ARG001
    """403."""
    return render(request, "403.html", status=403)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """403 for a form whose token does not fit, mostly one that stood open for too long."""
    return render(request, "403.html", status=403)


def page_not_found(request: HttpRequest, exception: object = None) -> HttpResponse:  # noqa: ARG001
    """404: the same for what is not there and for what the viewer may not see."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """500: asks nothing of the database, the session or the viewer."""
    return HttpResponse(render_to_string("500.html"), status=500)
