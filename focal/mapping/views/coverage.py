"""Pages of coverage: matrix, picture, map, timeline, a cell, files. They only translate."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from focal.mapping.coverage import behind, export, pages, pictures, words
from focal.mapping.coverage.question import Asked, prepare, read_question
from focal.mapping.coverage.rules import RULES
from focal.records.views.finding.common import get_reader_language, keep_fresh
from focal.ui.charts import draw_png, draw_svg

PARAMETERS = (
    "cut", "by", "frame", "from", "to", "group", "level", "view", "within", "depth", "eyes",
)  # fmt: skip
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "svg": "image/svg+xml",
    "png": "image/png",
}


def ask(request: HttpRequest) -> Asked:
    """What the address asks, for whoever asks."""
    today = timezone.localdate()
    given = {name: request.GET[name] for name in PARAMETERS if name in request.GET}
    question = read_question(given, request.GET.getlist("economy"), today=today)
    return prepare(question, viewer=request.viewer, language=get_reader_language(), today=today)


def describe_page(request: HttpRequest, asked: Asked, current: str) -> dict[str, object]:
    """What all views of coverage show around theirs."""
    question = asked.question
    return {
        "asked": asked,
        "question": question,
        "described": pages.describe(asked),
        "tabs": pages.list_tabs(question, current),
        "choices": pages.list_choices(asked),
        "path": pages.list_path(asked, current),
        "rules": [
            (rule, pictures.SIGNS[rule.reading], f"is-{rule.reading.value}") for rule in RULES
        ],
        "public_query": question.to_query(public=not question.public),
        "may_choose_eyes": not request.viewer.is_anonymous,
    }


@keep_fresh
def matrix(request: HttpRequest) -> HttpResponse:
    """Economies by measures or topics, as a table: each cell a word, its numbers, a way on."""
    asked = ask(request)
    counted = asked.count()
    context = {
        **describe_page(request, asked, "coverage"),
        "matrix": counted,
        "rows": pages.show_rows(asked, counted),
        "totals": [words.say_totals(totals) for totals in counted.by_economy],
        "total": words.say_totals(counted.total),
        "readings": pages.show_readings(counted),
        "notes": [*pages.tell_restricted(counted), *words.list_notes(counted)],
        "downloads": pages.list_downloads(asked.question, "matrix", ("xlsx", "csv", "svg", "png")),
    }
    return render(request, "mapping/coverage/matrix.html", context)


@keep_fresh
def picture(request: HttpRequest) -> HttpResponse:
    """The matrix at a glance."""
    asked = ask(request)
    counted = asked.count()
    context = {
        **describe_page(request, asked, "coverage_picture"),
        "chart": pages.figure_of_matrix(asked, counted, get_language() or "en"),
        "notes": pages.tell_restricted(counted),
    }
    return render(request, "mapping/coverage/picture.html", context)


@keep_fresh
def region_map(request: HttpRequest) -> HttpResponse:
    """The region: gaps, needs, initiatives or money of each economy, or one row of the matrix."""
    asked = ask(request)
    show = request.GET.get("show", "")
    show = show if show in pages.SHOWS else ""
    context = {
        **describe_page(request, asked, "coverage_map"),
        "chart": pages.figure_of_map(asked, show, get_language() or "en"),
        "shows": pages.list_shows(asked, show),
        "notes": pages.tell_restricted(asked.count()),
    }
    return render(request, "mapping/coverage/picture.html", context)


@keep_fresh
def timeline(request: HttpRequest) -> HttpResponse:
    """How the readings change from year to year."""
    asked = ask(request)
    context = {
        **describe_page(request, asked, "coverage_timeline"),
        "chart": pages.figure_of_years(asked, get_language() or "en"),
        "notes": pages.tell_restricted(asked.count()),
    }
    return render(request, "mapping/coverage/picture.html", context)


@keep_fresh
def cell(request: HttpRequest) -> HttpResponse:
    """What stands behind a cell: the records, and the people to turn to."""
    asked = ask(request)
    place = asked.axis.find(request.GET.get("node", ""))
    if place is None or len(asked.economies) != 1 or not asked.question.economies:
        raise Http404
    context = {
        **describe_page(request, asked, ""),
        **behind.show_cell(request.viewer, asked, place, get_reader_language()),
    }
    return render(request, "mapping/coverage/cell.html", context)


def file(request: HttpRequest, what: str, form: str) -> HttpResponse:
    """A view as a file."""
    asked = ask(request)
    show = request.GET.get("show", "")
    show = show if show in pages.SHOWS else ""
    content = _make_file(asked, what, form, show)
    response = HttpResponse(content, content_type=TYPES[form])
    name = f"focal-coverage-{what}-{asked.question.period_name.replace('–', '-')}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers.setdefault("Cache-Control", "no-cache")
    return response


def _make_file(asked: Asked, what: str, form: str, show: str) -> bytes:
    language, locale = get_reader_language(), get_language() or "en"
    if form == "csv":
        return export.write_csv(export.tabulate(asked, what, show), language)
    if form == "xlsx":
        return export.write_book(asked, what, show, language)
    spec, title = pages.draw(asked, what, show)
    if form == "svg":
        return draw_svg(
            spec, locale=locale, title=title, description=pages.describe(asked)
        ).encode()
    return draw_png({**spec, "title": pages.title_of(asked, title)}, locale=locale)
