"""The live preview: who would see something with this marking and release list."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from focal.directory.models import Organisation, Person
from focal.sharing.forms import PreviewForm
from focal.vocabulary.languages import canonical_language


@require_safe
def audience(request: HttpRequest) -> HttpResponse:
    """A fragment for members: people, organisations and economies, with their names.

    It knows no record. Whose it is comes as `owner` or `of` (an organisation's reference) and
    `of_person` (a person's); both are in the directory that every member reads.
    """
    if request.viewer.is_anonymous:
        return render(request, "sharing/_people.html", {"sign_in": True}, status=403)
    form = PreviewForm(
        request.GET,
        viewer=request.viewer,
        language=canonical_language(get_language() or "en"),
    )
    form.is_valid()
    if "marking" not in form.cleaned_data:
        return render(request, "sharing/_people.html", {"nothing_chosen": True})
    whose = request.GET.get("owner") or request.GET.get("of") or ""
    organisation = Organisation.objects.filter(reference=whose.replace("\x00", "")).first()
    of_person = request.GET.get("of_person", "").replace("\x00", "")
    person = Person.objects.filter(reference=of_person, is_active=True).first()
    seen_by = form.describe(
        owner_organisation=organisation.pk if organisation else None,
        owner_person=person.pk if person else request.viewer.person_id,
    )
    return render(request, "sharing/_people.html", {"seen_by": seen_by})
