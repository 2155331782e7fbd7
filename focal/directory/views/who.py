"""Who is who: people, organisations, and what the roles mean."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from focal.directory import forms, policy, roles, services, slots, who
from focal.directory.models import Format, Organisation, Profile
from focal.directory.views.accounts import READ_AND_SEND, account_of, refuse
from focal.kernel.errors import BadInput, Refused

PAGE_SIZE = 30


@require_safe
def show_roles(request: HttpRequest) -> HttpResponse:
    """Who may do what, on one page."""
    context = {"columns": roles.ROLES, "groups": roles.list_groups()}
    return render(request, "directory/roles.html", context)


@never_cache
@login_required
@require_safe
def list_people(request: HttpRequest) -> HttpResponse:
    """The members, as each of them wants to be seen."""
    by, on = account_of(request), timezone.localdate()
    formats = Format.objects.with_members_known_to(by.pk, on=on).order_by("name", "pk")
    form = forms.WhoForm(request.GET, formats=formats)
    form.is_valid()
    asked = form.cleaned_data  # what makes no sense narrows nothing
    wanted = who.Wanted(
        text=asked.get("q", ""),
        economy=asked.get("economy", ""),
        organisation=asked.get("organisation", ""),
        format=asked.get("format", ""),
        topic=asked.get("topic", ""),
        focal_points=asked.get("focal_points", False),
    )
    cards = who.list_cards(by, wanted, language=forms.get_language(), on=on)
    page = Paginator(cards, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"form": forms.WhoForm(initial=asked, formats=formats), "page": page}
    return render(request, "directory/who.html", context | {"is_narrowed": wanted != who.Wanted()})


@never_cache
@login_required
@require_safe
def show_person(request: HttpRequest, reference: str) -> HttpResponse:
    """One member, as they want to be seen by whoever asks."""
    by, on = account_of(request), timezone.localdate()
    card = who.get_card(by, reference, on=on)
    if card is None:
        raise Http404
    context = {"card": card, "may_look_after_people": policy.may_look_after_people(by, on=on)}
    return render(request, "directory/member.html", context)


@never_cache
@login_required
@require_http_methods(READ_AND_SEND)
def show_myself(request: HttpRequest) -> HttpResponse:
    """What one tells of oneself, and whom."""
    person = account_of(request)
    profile = Profile.objects.filter(person=person).first() or Profile(person=person)
    form = forms.ShownForm(request.POST if request.method == "POST" else None, profile=profile)
    if request.method == "POST" and form.is_valid():
        services.change_profile(person=person, at=timezone.now(), **form.cleaned_data)
        messages.success(request, _("This is what colleagues see of you now."))
        return redirect("directory:member", person.reference)
    return render(request, "directory/show_myself.html", {"form": form}, status=_status_of(form))


def _status_of(form: Form) -> int:
    return 422 if form.errors else 200


@require_safe
def list_organisations(request: HttpRequest) -> HttpResponse:
    """The organisations of the directory, by economy."""
    context = {
        "groups": who.list_organisations_by_economy(language=forms.get_language()),
        "may_enter": request.user.is_authenticated
        and policy.may_describe(account_of(request), organisation=None, on=timezone.localdate()),
    }
    return render(request, "directory/organisations.html", context)


@require_safe
def show_organisation(request, reference: str) -> HttpResponse:
    """One organisation; its people only for members."""
    organisation = get_object_or_404(
        Organisation.objects.select_related("kind").prefetch_related("names"), reference=reference
    )
    on, person = timezone.localdate(), None
    if not request.viewer.is_anonymous:
        person = account_of(request)
    language = forms.get_language()
    context = {
        "organisation": organisation,
        "people": who.list_people_of(person, organisation, language=language, on=on)
        if person
        else [],
        "formats": who.list_formats_of(person, organisation, on=on),
        "slots": slots.fill(slots.ORGANISATION, organisation, request.viewer),
        "may_describe": person and policy.may_describe(person, organisation=organisation, on=on),
    }
    return render(request, "directory/organisation.html", context)


@never_cache
@login_required
@require_http_methods(READ_AND_SEND)
def new_organisation(request: HttpRequest) -> HttpResponse:
    """Enter an organisation."""
    return _write_organisation(request, None)


@never_cache
@login_required
@require_http_methods(READ_AND_SEND)
def change_organisation(request: HttpRequest, reference: str) -> HttpResponse:
    """Change what an organisation's page says."""
    return _write_organisation(request, get_object_or_404(Organisation, reference=reference))


def _write_organisation(request: HttpRequest, organisation: Organisation | None) -> HttpResponse:
    by, on = account_of(request), timezone.localdate()
    decision = policy.may_describe(by, organisation=organisation, on=on)
    if not decision:
        return refuse(request, decision.reason)
    sees_all = policy.may_look_after_people(by, on=on)
    form = forms.OrganisationForm(
        request.POST if request.method == "POST" else None,
        is_new=organisation is None,
        economies=None if sees_all else policy.get_own_economies(by, on=on),
        initial=_describe(organisation),
    )
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.save_organisation(
                organisation=organisation, by=by, at=timezone.now(), **form.cleaned_data
            )
        except (BadInput, Refused) as error:
            form.add_error("name" if isinstance(error, BadInput) else None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("directory:organisation", saved.reference)
    context = {"form": form, "organisation": organisation}
    return render(request, "directory/write_organisation.html", context, status=_status_of(form))


def _describe(organisation: Organisation | None) -> dict[str, str]:
    if organisation is None:
        return {}
    return {
        "name": organisation.name,
        "acronym": organisation.acronym,
        "kind": organisation.kind.key if organisation.kind else "",
        "description": organisation.description,
        "website": organisation.website,
    }
