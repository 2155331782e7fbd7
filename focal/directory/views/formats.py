"""Looking after a format. Who may not know it gets what is answered where there is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from focal.directory import formats, forms, policy
from focal.directory.models import Announcement, Format, FormatChair, FormatMember, FormatSeat
from focal.directory.views.accounts import READ_AND_SEND, account_of, guard, refuse
from focal.kernel.errors import BadInput, Refused
from focal.vocabulary.collation import get_sort_key
from focal.vocabulary.names import economy_name

FORMS: dict[str, type[Form]] = {
    "seat": forms.SeatForm,
    "member": forms.FormatMemberForm,
    "chair": forms.FormatChairForm,
    "announcement": forms.AnnouncementForm,
}
ADDERS: dict[str, Callable[..., object]] = {
    "seat": formats.give_seat,
    "member": formats.add_member,
    "chair": formats.add_chair,
    "announcement": formats.announce,
}


@guard(policy.may_enter_format)
@require_http_methods(READ_AND_SEND)
def enter(request: HttpRequest) -> HttpResponse:
    """Enter a format."""
    form = forms.FormatForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        body = formats.enter_format(by=account_of(request), at=timezone.now(), **form.cleaned_data)
        messages.success(request, _("The format is entered. You are its secretary for now."))
        return redirect("directory:manage_format", body.slug)
    return render(
        request, "directory/enter_format.html", {"form": form}, status=422 if form.errors else 200
    )


def managed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A format that the member knows (else 404) and looks after (else a refusal)."""

    @never_cache
    @login_required
    def wrapped(request: HttpRequest, slug: str, *args: object, **kwargs: object) -> HttpResponse:
        person, on = account_of(request), timezone.localdate()
        body = formats.find_format(person, slug, on=on)
        if body is None:
            raise Http404
        decision = policy.may_manage_format(person, body=body, on=on)
        if not decision:
            return refuse(request, decision.reason)
        return view(request, body, *args, **kwargs)

    return wrapped


@managed
@require_safe
def manage(request: HttpRequest, body: Format) -> HttpResponse:
    """Everything that can be changed about a format."""
    return _show(request, body)


def _make_form(what: str, data: QueryDict | None = None) -> Form:
    """One of the forms of the page; several have fields of the same name."""
    return FORMS[what](data, auto_id=f"id_{what}_%s")


def _show(request: HttpRequest, body: Format, **bound: Form) -> HttpResponse:
    on = timezone.localdate()
    unbound = {f"{name}_form": _make_form(name) for name in FORMS}
    about = {name: getattr(body, name) for name in forms.FormatForm.base_fields}
    context = {
        "format": body,
        "about_form": forms.FormatForm(initial=about, auto_id="id_about_%s"),
        "seats": formats.get_space(account_of(request), body, on=on).seats,
        "members": _list_members(body, on=on),
        "chairs": FormatChair.objects.filter(format=body)
        .select_related("organisation")
        .order_by("-since", "-pk"),
        "announcements": Announcement.objects.filter(format=body).order_by("-made_at", "-pk"),
        **unbound,
        **bound,
    }
    has_errors = any(form.errors for form in bound.values())
    return render(
        request, "directory/manage_format.html", context, status=422 if has_errors else 200
    )


def _list_members(body: Format, *, on: date) -> list[tuple[FormatMember, str]]:
    """Each with its name, in the order of the names as the reader reads them."""
    language = forms.get_language()
    rows = FormatMember.objects.current(on).filter(format=body).select_related("organisation")
    named = [
        (
            row,
            economy_name(row.economy_id, language)
            if row.economy_id
            else str(row.organisation or row.other),
        )
        for row in rows
    ]
    return sorted(named, key=lambda each: (get_sort_key(each[1], language), each[0].pk))


@managed
@require_POST
def change(request: HttpRequest, body: Format) -> HttpResponse:
    """What its page says, and who may know it."""
    form = forms.FormatForm(request.POST, auto_id="id_about_%s")
    if form.is_valid():
        try:
            formats.change_format(
                body=body, by=account_of(request), at=timezone.now(), **form.cleaned_data
            )
        except (BadInput, Refused) as error:
            form.add_error("is_confidential", str(error))
    if form.errors:
        return _show(request, body, about_form=form)
    messages.success(request, _("Saved."))
    if formats.find_format(account_of(request), body.slug, on=timezone.localdate()) is None:
        return redirect("web:formats")  # whoever made it confidential without sitting there
    return redirect("directory:manage_format", body.slug)


@managed
@require_POST
def add(request: HttpRequest, body: Format, what: str) -> HttpResponse:
    """One more seat, member, chair or announcement."""
    if what not in FORMS:
        raise Http404
    form = _make_form(what, request.POST)
    if form.is_valid():
        try:
            ADDERS[what](body=body, by=account_of(request), at=timezone.now(), **form.cleaned_data)
        except (BadInput, Refused) as error:
            form.add_error(None, str(error))
    if form.errors:
        return _show(request, body, **{f"{what}_form": form})
    messages.success(request, _("Done."))
    return redirect("directory:manage_format", body.slug)


@managed
@require_POST
def end(request: HttpRequest, body: Format, what: str, key: int) -> HttpResponse:
    """A seat or a place ends; a chair or an announcement goes."""
    person, at = account_of(request), timezone.now()
    try:
        if what == "seat":
            seat = get_object_or_404(
                FormatSeat.objects.select_related("format"), pk=key, format=body
            )
            formats.end_seat(seat=seat, by=person, at=at)
        elif what == "member":
            member = get_object_or_404(FormatMember, pk=key, format=body)
            formats.end_member(member=member, by=person, at=at)
        elif what == "chair":
            chair = get_object_or_404(FormatChair, pk=key, format=body)
            formats.remove_chair(chair=chair, by=person, at=at)
        elif what == "announcement":
            announcement = get_object_or_404(Announcement, pk=key, format=body)
            formats.take_down(announcement=announcement, by=person, at=at)
        else:
            raise Http404
    except (BadInput, Refused) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Done."))
    if policy.may_manage_format(person, body=body, on=timezone.localdate()):
        return redirect("directory:manage_format", body.slug)
    return redirect("web:formats")
