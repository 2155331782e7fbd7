"""Pages of one donor, organisation or economy in the mapping, and of a cycle."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from focal.directory.models import Organisation
from focal.mapping.asking import measure_burden
from focal.mapping.coverage import cycles, profiles
from focal.records.views.finding.common import get_reader_language, keep_fresh
from focal.ui.components import Link
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
    if found.pk in request.viewer.writes_for:  # for whoever is asked, and nobody else
        context["year"] = timezone.localdate().year
        context["burden"] = measure_burden(found, year=context["year"])
        context["minutes"] = sum(item.minutes for item in context["burden"])
        context["times"] = sum(item.times for item in context["burden"])
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


def _read_report(request: HttpRequest) -> cycles.Report:
    today = timezone.localdate()
    kind = request.GET.get("kind", "need")
    kind = kind if kind in cycles.KINDS else "need"
    known = cycles.list_cycles(request.viewer, kind, today=today)
    cycle = request.GET.get("cycle", "")
    return cycles.make_report(
        request.viewer,
        kind,
        cycle if cycle in known else str(today.year),
        language=get_reader_language(),
        today=today,
    )


@keep_fresh
def cycle(request: HttpRequest) -> HttpResponse:
    """The needs mapping or the response mapping of a cycle, and what changed since the last."""
    report = _read_report(request)
    query = urlencode({"kind": report.kind, "cycle": report.cycle})
    files = [
        Link(form.upper(), reverse("mapping:cycle_file", args=[form]) + f"?{query}")
        for form in ("pdf", "xlsx")
    ]
    kinds = [("need", _("Needs mapping")), ("response", _("Response mapping"))]
    context = {
        "report": report,
        "name": cycles.name_report(report),
        "parts": cycles.list_parts(report),
        "cycles": cycles.list_cycles(request.viewer, report.kind, today=timezone.localdate()),
        "tabs": [Link(label, f"?kind={kind}", kind == report.kind) for kind, label in kinds],
        "files": files,
    }
    return render(request, "mapping/coverage/cycle.html", context)


def cycle_file(request: HttpRequest, form: str) -> HttpResponse:
    """The report as PDF or workbook."""
    report = _read_report(request)
    write, kind = {
        "pdf": (cycles.write_pdf, "application/pdf"),
        "xlsx": (
            cycles.write_book,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    }[form]
    response = HttpResponse(write(report, get_reader_language()), content_type=kind)
    name = f"focal-{report.kind}s-{slugify(report.cycle)}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers.setdefault("Cache-Control", "no-cache")
    return response
