"""What is new, what one follows, and the door out. They translate, and nothing more."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from focal.alerts import selectors, services
from focal.alerts.models import Item, Rhythm
from focal.alerts.tokens import read_stop_token
from focal.directory.models import Person
from focal.kernel.errors import BadInput, Refused
from focal.mail.services import is_address_stopped, resume_address
from focal.records.views.finding.common import get_reader_language

PAGE_SIZE = 30
UNDO = "alerts_given_up"  # in the session: what was given up last, until the page is left


# The inbox


@login_required
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits to be done, and what is new; `?all=1` shows what has been read as well."""
    viewer, at, language = request.viewer, timezone.now(), get_reader_language()
    shows_all = request.GET.get("all") == "1"
    news = selectors.list_news(viewer, only_unread=not shows_all)
    page = Paginator(news, PAGE_SIZE).get_page(request.GET.get("page"))
    show = _show_for(viewer, language, at)
    context = {
        "to_do": show(selectors.list_to_do(viewer)[:50]),
        "items": _put_together(show(page.object_list)),
        "page": page,
        "shows_all": shows_all,
        "unread": selectors.count_unread(viewer),
        "follows_something": selectors.follows_something(viewer),
        "today": timezone.localdate(at),
        "moment": at.isoformat(),
    }
    return render(request, "alerts/inbox.html", context)


def _put_together(items: list[selectors.ShownItem]) -> list[list[selectors.ShownItem]]:
    """What tells of one record stands in one place: first what somebody did in it."""
    together: dict[str, list[selectors.ShownItem]] = {}
    for item in items:
        together.setdefault(item.item.record or item.item.name, []).append(item)
    for group in together.values():
        group.sort(key=lambda shown: (not shown.is_unread, shown.item.source == Item.Source.MATCH))
    return list(together.values())


def _show_for(viewer: Any, language: str, at: Any) -> Any:
    return lambda rows: selectors.show_items(viewer, rows, language=language, at=at)


@login_required
@require_GET
def open_item(request: HttpRequest) -> HttpResponse:
    """Go where an item leads; all news of its record counts as read from then on."""
    item = selectors.get_own_item(request.viewer, request.GET.get("item", ""))
    if item is None:
        raise Http404
    news = selectors.list_news(request.viewer, only_unread=True)
    others = news.filter(record=item.record).values_list("pk", flat=True) if item.record else ()
    at = timezone.now()
    [shown] = selectors.show_items(request.viewer, [item], language="en", at=at)
    services.mark_read(items={item.pk, *others}, by=request.viewer, at=at)
    return redirect(shown.url or "alerts:inbox")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def nudge(request: HttpRequest) -> HttpResponse:
    """One matter that waits, with the one click that settles it: where a letter's button leads.

    A matter without a deed of its own is put away here (POST).
    """
    name = (request.POST if request.method == "POST" else request.GET).get("item", "")
    item = selectors.get_own_item(request.viewer, name)
    if item is None or item.source != Item.Source.NUDGE:
        raise Http404
    at = timezone.now()
    if request.method == "POST":
        services.put_away(item=item, by=request.viewer, at=at)
        messages.success(request, _("It does not wait for you any more."))
        return redirect("alerts:inbox")
    services.mark_read(items={item.pk}, by=request.viewer, at=at)
    [shown] = _show_for(request.viewer, get_reader_language(), at)([item])
    context = {"shown": shown, "today": timezone.localdate(at), "is_alone": True}
    return render(request, "alerts/nudge.html", context)


@login_required
@require_POST
def mark(request: HttpRequest) -> HttpResponse:
    """Mark what stands together as read or unread, or all that had come by a moment as read."""
    at = timezone.now()
    if moment := parse_datetime(request.POST.get("up_to", "").replace(" ", "+")):
        if timezone.is_aware(moment):
            services.mark_all_read(by=request.viewer, at=at, up_to=moment)
    else:
        names = request.POST.getlist("item")[:PAGE_SIZE]
        found = [item.pk for item in selectors.list_own_items(request.viewer, names)]
        if not found:
            raise Http404
        is_read = request.POST.get("read", "1") == "1"
        services.mark_read(items=found, by=request.viewer, at=at, is_read=is_read)
    return _go_back(request, reverse("alerts:inbox"))


def _go_back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """Back to the page that the button stood on, if it is one of ours."""
    address = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return redirect(address if address and is_ours else otherwise)


# Following


@login_required
@require_GET
def following(request: HttpRequest) -> HttpResponse:
    """Everything one follows, when mail tells of it, and mail as a whole."""
    return _show_following(request)


def _show_following(request: HttpRequest, error: str = "") -> HttpResponse:
    viewer, at = request.viewer, timezone.now()
    context = {
        "followed": selectors.list_followed(viewer, language=get_reader_language(), at=at),
        "choices": selectors.get_choices(viewer.person_id),
        "rhythms": Rhythm.choices,
        "is_stopped": is_address_stopped(request.user.email),
        "given_up": request.session.pop(UNDO, None),
        "error": error,
    }
    return render(request, "alerts/following.html", context, status=422 if error else 200)


@login_required
@require_POST
def follow(request: HttpRequest) -> HttpResponse:
    """Follow what a page is about. The button that does it stands on that page."""
    try:
        services.follow(
            what=request.POST.get("what", ""),
            value=request.POST.get("value", ""),
            by=request.viewer,
            at=timezone.now(),
        )
    except (BadInput, Refused) as refusal:
        return _show_following(request, error=str(refusal))
    messages.success(
        request,
        _("You follow this now. “What I follow” is where you choose how you are told."),
    )
    return _go_back(request, reverse("alerts:following"))


@login_required
@require_POST
def save_search(request: HttpRequest) -> HttpResponse:
    """Follow a search."""
    try:
        services.save_search(
            query=request.POST.get("query", ""),
            name=request.POST.get("name", ""),
            by=request.viewer,
            at=timezone.now(),
        )
    except (BadInput, Refused) as refusal:
        return _show_following(request, error=str(refusal))
    messages.success(
        request,
        _("The search is saved: you will hear of what is new for it. “What I follow” has it."),
    )
    return _go_back(request, reverse("alerts:following"))


@login_required
@require_POST
def change(request: HttpRequest, reference: str) -> HttpResponse:
    """Choose when mail tells of something followed, or name a search."""
    subscription = selectors.get_own_subscription(request.viewer, reference)
    if subscription is None:
        raise Http404
    try:
        services.change(
            subscription=subscription,
            by=request.viewer,
            at=timezone.now(),
            rhythm=request.POST.get("rhythm"),
            name=request.POST.get("name"),
        )
    except BadInput as refusal:
        return _show_following(request, error=str(refusal))
    messages.success(request, _("Saved."))
    return redirect("alerts:following")


@login_required
@require_POST
def give_up(request: HttpRequest, reference: str) -> HttpResponse:
    """Follow something no longer; the next page offers to take that back."""
    subscription = selectors.get_own_subscription(request.viewer, reference)
    if subscription is None:
        raise Http404
    request.session[UNDO] = {
        "what": subscription.what,
        "value": subscription.value,
        "query": subscription.query,
        "name": subscription.name,
    }
    services.give_up(subscription=subscription, by=request.viewer)
    if request.POST.get("next"):
        messages.success(request, _("You do not follow this any more."))
    return _go_back(request, reverse("alerts:following"))


@login_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """When mail tells of what concerns oneself and of what waits; whether there is mail at all."""
    try:
        services.set_reader(
            by=request.viewer,
            notices=request.POST.get("notices", ""),
            nudges=request.POST.get("nudges", ""),
        )
    except BadInput as refusal:
        return _show_following(request, error=str(refusal))
    if request.POST.get("mail") == "1":
        services.resume_mail(person_id=request.viewer.person_id)
        resume_address(email=request.user.email)
    else:
        services.stop_mail(person_id=request.viewer.person_id, at=timezone.now())
    messages.success(request, _("Saved."))
    return redirect("alerts:following")


# The door out


@never_cache
@csrf_exempt  # mail programs post here by themselves (RFC 8058); the token says for whom
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """End letters of news by one click, without signing in. It tells nothing about anybody."""
    person = Person.objects.filter(reference=read_stop_token(token) or "-").first()
    if person is None:
        raise Http404
    if request.method == "POST" and request.POST.get("again") == "1":
        services.resume_mail(person_id=person.pk)
    elif request.method == "POST":
        services.stop_mail(person_id=person.pk, at=timezone.now())
    choices = selectors.get_choices(person.pk)
    context = {"token": token, "is_stopped": choices.mail_stopped_at is not None}
    return render(request, "alerts/stop.html", context)
