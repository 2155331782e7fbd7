"""What fraction of inquiries was answered in time: a page, and a table to take along."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from focal.inquiries.reporting import Report, read_report
from focal.records.finding.export import make_harmless
from focal.records.views.finding.common import get_reader_language
from focal.vocabulary.names import get_footnote

BYTE_ORDER_MARK = "\ufeff"
A_YEAR = timedelta(days=365)


@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """By economy, over the last year or the days that the address names."""
    found, problem = _read(request)
    query = urlencode({"from": found.since.isoformat(), "to": found.until.isoformat()})
    context = {"report": found, "problem": problem, "query": query}
    return render(request, "inquiries/report.html", context, status=422 if problem else 200)


def _read(request: HttpRequest) -> tuple[Report, str]:
    today = timezone.localdate()
    since = _read_day(request.GET.get("from", ""), today - A_YEAR)
    until = _read_day(request.GET.get("to", ""), today)
    problem = ""
    if since is None or until is None:
        problem = _("Write a day as year, month and day: 2026-05-03.")
    elif since > until:
        problem = _("It ends before it begins.")
    if problem:
        since, until = today - A_YEAR, today
    found = read_report(
        request.viewer,
        since=since or today - A_YEAR,
        until=until or today,
        language=get_reader_language(),
    )
    return found, problem


def _read_day(text: str, otherwise: date) -> date | None:
    if not text.strip():
        return otherwise
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


@require_safe
def report_table(request: HttpRequest) -> HttpResponse:
    """The same as CSV. It says over what it was counted."""
    found, _problem = _read(request)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ["economy", "name", "asked", "answered", "in_time", "do_not_have", "fraction_in_time"]
    )
    for row in found.rows:
        fraction = "" if row.fraction is None else f"{row.fraction:.3f}"
        writer.writerow(
            [row.economy, make_harmless(row.name), row.asked, row.answered, row.in_time,
             row.nothing, fraction]
        )  # fmt: skip
    scope = _(
        "Counted over %(count)s inquiries that you may see, due from %(since)s to %(until)s;"
        " answers to the asker alone are counted only for you and whoever gave them."
    ) % {"count": found.inquiries, "since": found.since, "until": found.until}
    writer.writerow([scope])
    writer.writerow([get_footnote(get_reader_language())])
    response = HttpResponse(
        BYTE_ORDER_MARK + text.getvalue(), content_type="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = 'attachment; filename="focal-inquiries.csv"'
    response.headers.setdefault("Cache-Control", "no-cache")
    return response
