"""The results of a search as a table to take along."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from focal.records.finding import search as finding
from focal.records.finding.export import COLUMNS, Limits, export_records, write_columns
from focal.records.views.finding import parameters
from focal.records.views.finding.common import get_reader_language
from focal.sharing.markings import MEANINGS, ORDER, Marking
from focal.vocabulary.names import get_footnote

MAX_ROWS = 5000
BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for something else


def export(request: HttpRequest) -> HttpResponse:
    """The found records in the order of the answer, up to MAX_ROWS, as CSV."""
    language = get_reader_language()
    keys = finding.find_keys(
        request.viewer, parameters.read(request).wish, language=language, limit=MAX_ROWS
    )
    rows = {
        row["reference"]: row for row in export_records(request.viewer, Limits(references=keys))
    }
    table = [rows[key] for key in keys if key in rows]
    response = HttpResponse(
        BYTE_ORDER_MARK + "".join(_write(table, language)), content_type="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = 'attachment; filename="focal-records.csv"'
    response.headers.setdefault("Cache-Control", "no-cache")
    patch_vary_headers(response, ("Cookie", "Accept-Language"))
    return response


def _write(table: list[dict], language: str) -> Iterator[str]:
    labels = get_column_labels()
    yield _line([labels[name] for name in COLUMNS])
    for row in table:
        yield _line(write_columns(row, language=language))
    yield _line([get_footnote(language)])
    if table:  # the whole is marked as its narrowest part
        narrowest = max((Marking(row["marking"]) for row in table), key=ORDER.index)
        yield _line([str(narrowest.label), str(MEANINGS[narrowest])])


def get_column_labels() -> dict[str, str]:
    """The heads of the columns."""
    return {
        "reference": _("Reference"),
        "kind": _("Kind"),
        "title": _("Title"),
        "language": _("Language of the original"),
        "languages": _("Languages"),
        "date": _("Date"),
        "marking": _("Marking"),
        "state": _("State"),
        "economies": _("Economies"),
        "topics": _("Topics"),
        "target_groups": _("Target groups"),
        "organisations": _("Organisations"),
        "documents": _("Documents"),
        "summary": _("Summary"),
        "address": _("Address"),
    }


def _line(values: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()
