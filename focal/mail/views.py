"""The administrator's page of letters. To everybody else it is not there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from csp.decorators import csp
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from focal.kernel.errors import Refused
from focal.mail import selectors, services
from focal.mail.models import State

PAGE_SIZE = 50


def for_administrators(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The same answer to everybody else as for a page that does not exist."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.viewer.is_administrator:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


@for_administrators
@require_GET
def letters(request: HttpRequest) -> HttpResponse:
    """How mail leaves, what became of each letter, and whose mail came back."""
    state = request.GET.get("state", "")
    counts = selectors.count_by_state()
    context = {
        "states": [(s.value, s.label, counts[s.value]) for s in State if counts[s.value]],
        "state": state if state in State.values else "",
        "page": Paginator(selectors.list_letters(state), PAGE_SIZE).get_page(
            request.GET.get("page")
        ),
        "is_folder": selectors.is_folder(),
        "way_out": selectors.describe_way_out(),
        "stopped": selectors.list_stopped()[:200],
    }
    return render(request, "mail/letters.html", context)


@for_administrators
@require_GET
def letter(request: HttpRequest, reference: str) -> HttpResponse:
    """One letter: where it stands, and what it says where that may be shown."""
    found = selectors.get_letter(reference)
    if found is None:
        raise Http404
    context = {
        "letter": found,
        "shows_text": selectors.may_show_text(found),
        "may_send_again": bool(found.text) and found.state in services.SENT_AGAIN_FROM,
    }
    return render(request, "mail/letter.html", context)


@for_administrators
@require_GET
@csp({"default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "sandbox": True})
def drawn(request: HttpRequest, reference: str) -> HttpResponse:  # noqa: ARG001
    """The letter as its reader's mail program draws it: nothing in it can run or be loaded."""
    found = selectors.get_letter(reference)
    if found is None or not found.html or not selectors.may_show_text(found):
        raise Http404
    return HttpResponse(found.html)


@for_administrators
@require_POST
def again(request: HttpRequest, reference: str) -> HttpResponse:
    """Send a letter once more whose fate is doubtful or that was not taken."""
    found = selectors.get_letter(reference)
    if found is None:
        raise Http404
    try:
        services.send_again(letter=found, at=timezone.now())
        messages.success(request, _("The letter waits to be sent."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("mail:letter", reference=reference)


@for_administrators
@require_POST
def resume(request: HttpRequest) -> HttpResponse:
    """Try mail to an address again."""
    services.resume_address(email=request.POST.get("email", ""))
    messages.success(request, _("Mail to this address is sent again from now on."))
    return redirect("mail:letters")
