"""Pages of figures. They translate, and nothing more."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from focal.indicators import charts, selectors
from focal.indicators.checking import explain_rivals
from focal.indicators.exchange import exporting
from focal.indicators.models import Series
from focal.indicators.views.charts import answer_file
from focal.records.finding.pages import read_page
from focal.records.finding.shown import show
from focal.records.second_eyes import may_change_at_once
from focal.records.views.finding.common import get_reader_language, keep_fresh
from focal.records.views.finding.record import describe_page
from focal.sharing import policy


@keep_fresh
def list_all(request: HttpRequest) -> HttpResponse:
    """Every series, with the figures that stand for it."""
    rows = selectors.list_series(request.viewer, get_reader_language())
    context = {"rows": rows, "may_create": bool(policy.may_create(request.viewer))}
    return render(request, "indicators/list.html", context)


@keep_fresh
def series(request: HttpRequest, reference: str) -> HttpResponse:
    """One series: all its figures side by side, a picture of them, what they mean."""
    found = selectors.get_series(request.viewer, reference)
    page = read_page(request.viewer, reference, language=get_reader_language()) if found else None
    if found is None or page is None:
        raise Http404
    figures = selectors.list_figures(found, get_reader_language())
    context = {
        **describe_page(request.viewer, page),
        "series": found,
        "figures": figures,
        "chart": charts.draw_series(found, figures, page.reading.title),
        "may_edit": bool(may_change_at_once(request.viewer, found)),
        "may_create": bool(policy.may_create(request.viewer)),
        "do_differ": selectors.do_sources_differ(figures),
        "rivals": _explain(figures, found),
        "preferences": _show_preferences(found, figures),
        "has_groups": any(figure.who for figure in figures),
        "has_hidden": any(figure.is_hidden for figure in figures),
        "exports": _list_exports(reference),
    }
    return render(request, "indicators/series.html", context)


def _list_exports(reference: str) -> list[tuple[str, str]]:
    named = (("XLSX", "xlsx"), ("SDMX-CSV", "sdmx.csv"), ("SDMX-ML", "sdmx.xml"))
    return [("CSV", reverse("indicators:data", args=[reference]))] + [
        (name, reverse("indicators:export", args=[reference, suffix])) for name, suffix in named
    ]


def _explain(figures: list[selectors.ShownFigure], found: Series) -> list[dict[str, object]]:
    """Each thing that several sources tell differently, with the reasons that can be seen."""
    return [
        {
            "name": ", ".join(part for part in (rivals[0].area, rivals[0].who) if part),
            "figures": rivals,
            "why": explain_rivals([rival.observation for rival in rivals], found),
        }
        for rivals in selectors.find_rivals(figures)
    ]


def _show_preferences(
    found: Series, figures: list[selectors.ShownFigure]
) -> list[dict[str, object]]:
    by_pk = {figure.observation.pk: figure for figure in figures}
    return [
        {
            "pk": row.pk,
            "purpose": row.purpose,
            "reason": row.reason,
            "figure": by_pk[row.observation_id],
        }
        for row in selectors.list_preferences(found)
        if row.observation_id in by_pk
    ]


@require_GET
def series_file(request: HttpRequest, reference: str, suffix: str) -> HttpResponse:
    """The picture of a series as a file, or what makes it interactive."""
    language = get_reader_language()
    found = selectors.get_series(request.viewer, reference)
    if found is None:
        raise Http404
    title = show([found], language)[0].title
    figures = selectors.list_figures(found, language)
    choice, data = charts.read_series_data(found, figures, title, language)
    return answer_file(choice.form, data, suffix, name_file(found))


EXPORTS = {
    "csv": ("csv", "text/csv; charset=utf-8"),
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "sdmx.csv": ("sdmx-csv", "application/vnd.sdmx.data+csv; version=2.0.0; charset=utf-8"),
    "sdmx.xml": ("sdmx-ml", "application/vnd.sdmx.genericdata+xml; version=2.1"),
}


@require_GET
def export(request: HttpRequest, reference: str, suffix: str) -> HttpResponse:
    """The figures of a series for a spreadsheet, or as statistical offices exchange them."""
    language = get_reader_language()
    found = selectors.get_series(request.viewer, reference)
    if found is None:
        raise Http404
    file_format, media_type = EXPORTS[suffix]
    figures = [(found, selectors.list_figures(found, language))]
    content = exporting.export(figures, file_format, language=language, at=timezone.now())
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name_file(found)}.{suffix}"'
    response.headers.setdefault("Cache-Control", "no-cache")
    return response


def name_file(series: Series) -> str:
    """What a file of a series is called."""
    return f"focal-{slugify(series.title)[:60] or series.reference}"
