"""Pages of one donor, organisation or economy in the mapping, and of a cycle."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from focal.directory.models import Organisation
from focal.mapping.coverage import profiles
from focal.records.views.finding.common import get_reader_language, keep_fresh
from focal.vocabulary.selectors import get_vocabulary


@keep_fresh
def donors(request: HttpRequest) -> HttpResponse:
    """Who pays for what, as far as the viewer sees it."""
    rows = profiles.list_donors(
        request.viewer, language=get_reader_language(), today=timezone.localdate()
    )
    return render(request, "mapping/coverage/donors.html", {"rows": rows})


@keep_fresh
def organisation(request: HttpRequest, reference: str) -> HttpResponse:
    """What an organisation supports, beside whom, and which gaps lie within its themes."""
    found = Organisation.objects.filter(reference=reference).first()
    if found is None:
        raise Http404
    context = profiles.show_organisation(
        request.viewer, found, language=get_reader_language(), today=timezone.localdate()
    )
    return render(request, "mapping/coverage/organisation.html", context)


@keep_fresh
def economy(request: HttpRequest, code: str) -> HttpResponse:
    """An economy's needs, responses, and what others support there."""
    if code not in get_vocabulary().economies:
        raise Http404
    context = profiles.show_economy(
        request.viewer, code, language=get_reader_language(), today=timezone.localdate()
    )
    return render(request, "mapping/coverage/economy.html", context)
