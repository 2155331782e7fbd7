"""Plans: how they look as trees, bringing one in, and filing under a new edition."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from focal.kernel.errors import BadInput, Refused
from focal.mapping import asking, carrying, policy
from focal.mapping.forms import FrameForm, list_own
from focal.mapping.frames import add_frame
from focal.mapping.importing.entries import FileNotes
from focal.mapping.importing.frames import read_frame
from focal.mapping.models import Effort, Frame
from focal.mapping.selectors import count_by_node
from focal.records.views.documents.bringing import for_writers
from focal.records.views.finding.common import get_reader_language, keep_fresh


@keep_fresh
@require_safe
def frame(request: HttpRequest, reference: str) -> HttpResponse:
    """A plan as a tree, with what the viewer sees filed under each item."""
    found = Frame.objects.filter(reference=reference).select_related("supersedes").first()
    if found is None:
        raise Http404
    language = get_reader_language()
    counts = count_by_node(request.viewer, found)
    rows = [
        {
            "node": node,
            "title": node.get_title(language),
            "depth": len(node.path) // 4,
            "counts": counts.get(node.pk, {}),
        }
        for node in found.list_nodes()
    ]
    offers = carrying.find_offers(request.viewer, found) if found.is_current else []
    context = {"frame": found, "rows": rows, "offers": offers}
    return render(request, "mapping/frame.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: HttpRequest) -> HttpResponse:
    """A plan from a spreadsheet, or its next edition."""
    decision = policy.may_change_frames(request.viewer)
    if not decision:
        return render(request, "mapping/refused.html", {"reason": decision.reason}, status=403)
    form = FrameForm(request.POST or None, request.FILES or None, language=get_reader_language())
    if request.method == "POST" and form.is_valid():
        try:
            made = _bring(request, form)
        except (BadInput, Refused) as problem:
            form.add_error("file", str(problem))
        else:
            messages.success(request, _("The plan is here."))
            return redirect("mapping:frame", made.reference)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "mapping/frame_form.html", {"form": form}, status=status)


def _bring(request: HttpRequest, form: FrameForm) -> Frame:
    given = dict(form.cleaned_data)
    file = given.pop("file")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("plan" + Path(file.name or "").suffix.lower()[:8])
        with path.open("wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
        rows = read_frame(path, FileNotes(), language=given["language"])
    return add_frame(
        rows=rows, actor_key=request.viewer.actor_key, at=timezone.now(), **form.get_days(given)
    )


@never_cache
@require_POST
@for_writers
def carry(request: HttpRequest, reference: str) -> HttpResponse:
    """File what is under the edition before under this one as well: what was told once holds."""
    found = Frame.objects.filter(reference=reference, is_current=True).first()
    if found is None:
        raise Http404
    with transaction.atomic():
        done = carrying.carry_over(
            found, references=request.POST.getlist("record"), by=request.viewer, at=timezone.now()
        )
        for organisation in list_own(request.viewer).values():
            mine = [row for row in done if row.owner_organisation_id == organisation.pk]
            if mine:
                asking.note_effort(
                    organisation,
                    Effort.What.CONFIRMED,
                    at=timezone.now(),
                    entries=len(mine),
                    offered=len(mine),
                )
    messages.success(request, _("Filed under the new edition: %s.") % len(done))
    return redirect("mapping:frame", found.reference)


@never_cache
@require_safe
@for_writers
def burden(request: HttpRequest) -> HttpResponse:
    """What the viewer's organisations were asked this year, and how long it took."""
    year = timezone.localdate().year
    rows = [
        {"organisation": row, "burden": asking.measure_burden(row, year=year)}
        for row in list_own(request.viewer).values()
    ]
    return render(request, "mapping/burden.html", {"rows": rows, "year": year})
