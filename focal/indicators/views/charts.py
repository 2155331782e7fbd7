"""Pages of charts: one, all, making one, its files, and the door for other websites."""

from __future__ import annotations

import csv
import io
from typing import Any

from csp.decorators import csp_replace
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from focal.indicators import charts, selectors
from focal.indicators.chart_services import create_chart, edit_chart
from focal.indicators.charting import suggest
from focal.indicators.forms.charts import MOST_SERIES, ChartForm, StartForm, start_from_choice
from focal.indicators.models import Chart
from focal.indicators.views.keeping import CHANGES, NEW, make_spot
from focal.kernel.errors import BadInput, Refused
from focal.records import changes
from focal.records.finding.export import make_harmless
from focal.records.finding.pages import read_page
from focal.records.finding.shown import show
from focal.records.forms.editing import SharingForm
from focal.records.second_eyes import SecondEyesNeeded
from focal.records.services import EditConflict
from focal.records.views.editing.common import keeps_text, read_number, refuse
from focal.records.views.editing.copies import drop_copy
from focal.records.views.editing.keeping import find_kept, keep_sent, put_in
from focal.records.views.finding.common import get_reader_language, keep_fresh, make_absolute
from focal.records.views.finding.record import describe_page
from focal.sharing import policy
from focal.ui.charts import (
    ChartData,
    ChartFigure,
    Form,
    Point,
    draw_png,
    draw_svg,
    make_file_spec,
    make_live_answer,
    make_table,
)

BYTE_ORDER_MARK = "\ufeff"
NUMBERS = ("value", "low", "high", "low_and_high_are")


@keep_fresh
def list_all(request: HttpRequest) -> HttpResponse:
    """All charts the viewer may see."""
    rows = show(charts.list_charts(request.viewer), get_reader_language())
    context = {"rows": rows, "may_create": bool(policy.may_create(request.viewer))}
    return render(request, "indicators/charts.html", context)


@keep_fresh
def chart(request: HttpRequest, reference: str) -> HttpResponse:
    """One chart, with its table, summary, files, and how to put it elsewhere."""
    found = charts.get_chart(request.viewer, reference)
    page = read_page(request.viewer, reference, language=get_reader_language()) if found else None
    if found is None or page is None:
        raise Http404
    figure, problem = _draw(lambda: charts.draw_chart(request.viewer, found))
    context = {
        **describe_page(request.viewer, page),
        "chart": figure,
        "problem": problem,
        "series": show(
            selectors.list_named_series(request.viewer, found.series_list.split()),
            get_reader_language(),
        ),
        "embed_address": make_absolute(reverse("indicators:chart_embed", args=[reference]))
        if charts.get_public_chart(reference, request.viewer)
        else "",
        "edit_url": reverse("indicators:chart_edit", args=[reference])
        if policy.may_edit(request.viewer, found)
        else "",
    }
    return render(request, "indicators/chart.html", context)


def _draw(make) -> tuple[ChartFigure | None, str]:
    """A figure, or why there is none."""
    try:
        return make(), ""
    except BadInput as problem:
        return None, str(problem)


# Files


@require_GET
def chart_file(request: HttpRequest, reference: str, suffix: str) -> HttpResponse:
    """A chart as a picture, as its data, or as what makes it interactive."""
    found = charts.get_chart(request.viewer, reference)
    if found is None:
        raise Http404
    choice, data = charts.read_data(request.viewer, found, get_reader_language())
    return answer_file(choice.form, data, suffix, slugify(found.title)[:60] or found.reference)


def answer_file(form: Form, data: ChartData, suffix: str, name: str) -> HttpResponse:
    """One file of a chart; 404 where nothing can be drawn."""
    locale = get_language() or "en"
    try:
        if suffix == "json":
            return _keep(JsonResponse(make_live_answer(form, data, locale=locale)))
        if suffix == "csv":
            return _attach(_write_csv(data), "text/csv; charset=utf-8", f"{name}.csv")
        spec = make_file_spec(form, data)
        if suffix == "svg":
            return _attach(draw_svg(spec, locale=locale), "image/svg+xml", f"{name}.svg")
        return _attach(draw_png(spec, locale=locale), "image/png", f"{name}.png")
    except BadInput:
        raise Http404 from None


def _keep(response: HttpResponse) -> HttpResponse:
    response.headers.setdefault("Cache-Control", "no-cache")
    return response


def _attach(content: str | bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return _keep(response)


def _write_csv(data: ChartData) -> str:
    """The table behind the chart, each row with its numbers as programs read them."""
    table = make_table(data)
    numbers = [(p.value, p.low, p.high, _name_span(p)) for p in data.points]
    numbers += [("",) * len(NUMBERS)] * (len(table.rows) - len(numbers))  # names without a figure
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*(make_harmless(column.label) for column in table.columns), *NUMBERS])
    for row, plain in zip(table.rows, numbers, strict=True):
        writer.writerow([*(make_harmless(str(cell)) for cell in row), *plain])
    for line in (data.title, data.subtitle, data.source, *data.notes):
        if line:
            writer.writerow([make_harmless(line)])
    return BYTE_ORDER_MARK + text.getvalue()


def _name_span(point: Point) -> str:
    if point.low is None:
        return ""
    return "uncertainty" if point.margin else "interval"


# On other websites, and on the pages of records


@require_GET
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"], "form-action": ["'none'"]})
def chart_embed(request: HttpRequest, reference: str) -> HttpResponse:
    """A public chart alone, for a frame on another website."""
    found = charts.get_public_chart(reference, request.viewer)
    figure, _problem = (
        _draw(lambda: charts.draw_chart(request.viewer, found)) if found else (None, "")
    )
    if found is None or figure is None:
        raise Http404
    context = {"chart": figure, "address": make_absolute(found.get_absolute_url())}
    response = render(request, "indicators/embed.html", context)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return _keep(response)


@require_GET
def charts_of(request: HttpRequest, reference: str) -> HttpResponse:
    """The charts that stand on a record's page: a fragment for htmx."""
    page = read_page(request.viewer, reference, language=get_reader_language())
    if page is None:
        raise Http404
    rows = charts.list_charts(request.viewer, shown_with=reference)
    figures = [charts.render_chart(request.viewer, row.reference, level=3) for row in rows[:6]]
    context = {"charts": [figure for figure in figures if figure], "record": page.record}
    template = "indicators/_charts_of.html" if request.htmx else "indicators/charts_of.html"
    return render(request, template, context)


# Making one


@require_http_methods(["GET", "POST"])
@keeps_text
def new(request: HttpRequest) -> HttpResponse:
    """A new chart."""
    decision = policy.may_create(request.viewer)
    if not decision:
        return refuse(request, decision.reason)
    data = request.POST if request.method == "POST" else None
    language = get_reader_language()
    kept = find_kept(request.viewer, NEW) if data is None else None
    start = _start(request) if data is None and kept is None else None
    if data is None and not start and kept is None:
        first = StartForm(request.GET or None, viewer=request.viewer, language=language)
        return render(request, "indicators/chart_start.html", {"form": first})
    form = ChartForm(data, viewer=request.viewer, language=language, start=start)
    sharing = SharingForm(data, viewer=request.viewer, language=language)
    if kept is not None:
        put_in(form, kept)
        sharing.start_from(kept.fields)
    if data is None or "show" in data:
        return _show(request, form, sharing)
    if form.is_valid() & sharing.is_valid():
        try:
            made = create_chart(
                content=form.get_content(),
                owner_organisation=sharing.get_owner(),
                marking=sharing.cleaned_data["marking"],
                releases=sharing.get_tokens(),
                by=request.viewer,
                at=timezone.now(),
            )
        except (BadInput, Refused) as problem:
            form.add_error(None, str(problem))
        else:
            drop_copy(request.viewer, None, kind=NEW.kind)
            messages.success(request, _("Saved as a draft."))
            return redirect(made.get_absolute_url())
    return _show(request, form, sharing, status=422)


def _start(request: HttpRequest) -> dict[str, object]:
    """What fits the series that were chosen; nothing where none was."""
    language = get_reader_language()
    chosen = request.GET.getlist("series")[:MOST_SERIES]
    series = selectors.list_named_series(request.viewer, chosen)
    if not series:
        return {}
    figures = selectors.list_figures_of(series, language)
    titles = ", ".join(item.title for item in show(series, language))
    return start_from_choice(suggest(figures, series), titles)


@require_http_methods(["GET", "POST"])
@keeps_text
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Change a chart."""
    found = charts.get_chart(request.viewer, reference)
    if found is None:
        raise Http404
    decision = policy.may_edit(request.viewer, found)
    if not decision:
        return refuse(request, decision.reason, found)
    data = request.POST if request.method == "POST" else None
    form = ChartForm(data, viewer=request.viewer, language=get_reader_language(), chart=found)
    if data is None:
        put_in(form, find_kept(request.viewer, make_spot(found)))
    if data is None or "show" in data:
        return _show(request, form, None, found)
    if form.is_valid():
        try:
            done = _store(request, found, form)
        except (BadInput, Refused, EditConflict) as problem:
            form.add_error(None, str(problem))
        else:
            drop_copy(request.viewer, found, place=CHANGES)
            messages.success(request, done)
            return redirect(found.get_absolute_url())
    return _show(request, form, None, found, status=422)


def _store(request: HttpRequest, chart: Chart, form: ChartForm) -> str:
    """Save it, or send it to review where that is due; says what was done."""
    given: dict[str, Any] = {
        "content": form.get_content(),
        "base_version": read_number(request.POST.get("base_version", "")),
        "by": request.viewer,
        "at": timezone.now(),
    }
    try:
        edit_chart(chart=chart, **given)
    except SecondEyesNeeded:
        changes.ask_for_change(record=chart, **given)
        return _("Sent to review. Readers see it as it is until then.")
    return _("Saved.")


def _show(
    request: HttpRequest,
    form: ChartForm,
    sharing: SharingForm | None,
    found: Chart | None = None,
    status: int = 200,
) -> HttpResponse:
    if request.method == "POST":
        keep_sent(request, form, make_spot(found))
    figure, problem = _draw(lambda: charts.draw_choice(request.viewer, form.get_choice()))
    context = {
        "form": form,
        "sharing": sharing,
        "record": found,
        "chart": figure,
        "problem": problem,
    }
    return render(request, "indicators/chart_form.html", context, status=status)


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What is being chosen, as readers will see it: a fragment for htmx."""
    decision = policy.may_create(request.viewer)
    if not decision:
        return refuse(request, decision.reason)
    form = ChartForm(request.POST, viewer=request.viewer, language=get_reader_language())
    figure, problem = _draw(lambda: charts.draw_choice(request.viewer, form.get_choice()))
    return render(request, "indicators/_chart_preview.html", {"chart": figure, "problem": problem})
