"""Pages of surveys. They translate, and nothing more."""

from __future__ import annotations

import csv
import io
import tempfile
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from focal.kernel.errors import BadInput, Refused
from focal.records.finding.export import make_harmless
from focal.records.finding.pages import read_page
from focal.records.second_eyes import may_change_at_once
from focal.records.views.documents.bringing import for_writers
from focal.records.views.editing.common import refuse
from focal.records.views.finding.common import get_reader_language, keep_fresh
from focal.records.views.finding.record import describe_page
from focal.sharing import policy
from focal.sharing.markings import Marking
from focal.surveys import charts, selectors, services, shown
from focal.surveys.estimation import MOST_GROUPS, Table
from focal.surveys.forms import BringForm
from focal.surveys.keeping import keep_estimates
from focal.surveys.models import Question, Survey, SurveyEdition
from focal.ui.charts import (
    ChartFigure,
    draw_png,
    draw_svg,
    make_figure,
    make_file_spec,
    make_live_answer,
)
from focal.ui.components import Link
from focal.vocabulary.names import get_footnote

BYTE_ORDER_MARK = "\ufeff"


@require_safe
@keep_fresh
def list_all(request: HttpRequest) -> HttpResponse:
    """Every survey with its editions."""
    rows = selectors.list_surveys(request.viewer, get_reader_language())
    context = {"rows": rows, "may_bring": bool(policy.may_create(request.viewer))}
    return render(request, "surveys/list.html", context)


@require_safe
@keep_fresh
def survey(request: HttpRequest, reference: str) -> HttpResponse:
    """One survey: its editions, and the questions of one of them."""
    language = get_reader_language()
    found = selectors.get_survey(request.viewer, reference)
    page = read_page(request.viewer, reference, language=language) if found else None
    if found is None or page is None:
        raise Http404
    editions = selectors.list_editions(found)
    wanted = request.GET.get("edition", "")
    edition = next(
        (e for e in editions if e.reference == wanted), editions[0] if editions else None
    )
    words = request.GET.get("q", "").strip()
    questions = _list_questions(edition, words, language) if edition else []
    context = {
        **describe_page(request.viewer, page),
        "survey": found,
        "editions": editions,
        "edition": edition,
        "questions": questions,
        "q": words,
        "may_edit": bool(may_change_at_once(request.viewer, found)),
    }
    return render(request, "surveys/survey.html", context)


def _list_questions(edition: SurveyEdition, words: str, language: str) -> list[dict[str, Any]]:
    rows = []
    for question in selectors.list_questions(edition):
        text, written_in = shown.describe_wording(question, language)
        if all(word in f"{question.code} {text}".casefold() for word in words.casefold().split()):
            rows.append({"question": question, "text": text, "language": written_in})
    return rows


def _find(request: HttpRequest, reference: str, edition: str, code: str) -> tuple[Survey, Question]:
    found = selectors.get_survey(request.viewer, reference)
    question = selectors.get_question(found, edition, code) if found else None
    if found is None or question is None:
        raise Http404
    return found, question


def _read_table(request: HttpRequest, found: Survey, question: Question) -> Table:
    """The estimates that the address asks for; what cannot be asked for is left away."""
    known = [group.key for group in selectors.get_groups(question.edition)]
    asked_for = request.GET.getlist("by") or request.POST.getlist("by")
    keys = [key for key in dict.fromkeys(asked_for) if key in known]
    groups = selectors.choose_groups(question.edition, keys[:MOST_GROUPS])
    return selectors.get_table(found, question, groups)


@require_safe
@keep_fresh
def question(request: HttpRequest, reference: str, edition: str, code: str) -> HttpResponse:
    """One question: its estimates as a picture and a table, how it was asked, what changed."""
    language = get_reader_language()
    found, asked = _find(request, reference, edition, code)
    text, written_in = shown.describe_wording(asked, language)
    try:
        table, problem = _read_table(request, found, asked), ""
    except BadInput as error:
        table, problem = None, str(error)
    others = selectors.list_same_question(asked)
    other = next((q for q in others if q.edition.reference == request.GET.get("with")), None)
    other = other or (others[0] if others else None)
    context = {
        "survey": found,
        "question": asked,
        "text": text,
        "text_language": written_in,
        "marking": found.marking,
        "problem": problem,
        "chart": _make_chart(request, found, asked, table, language) if table else None,
        "groups": shown.describe_groups(selectors.get_groups(asked.edition), language),
        "chosen": [group.key for group in table.by] if table else [],
        "others": others,
        **(_compare(found, asked, other, language) if other else {}),
        "may_keep": table is not None and bool(may_change_at_once(request.viewer, found)),
        "answers": [
            (code, shown.name_answer(asked, code, language))
            for code in shown.list_answers(asked)
            if code
        ],
    }
    return render(request, "surveys/question.html", context)


@never_cache
@require_POST
def keep(request: HttpRequest, reference: str, edition: str, code: str) -> HttpResponse:
    """Keep the estimates that are shown as figures of a series, for charts and texts to quote."""
    found, asked = _find(request, reference, edition, code)
    if not (decision := may_change_at_once(request.viewer, found)):
        return refuse(request, decision.reason)
    try:
        table = _read_table(request, found, asked)
        series = keep_estimates(survey=found, table=table, by=request.viewer, at=timezone.now())
    except (BadInput, Refused) as refusal:
        messages.error(request, str(refusal))
        return redirect("surveys:question", reference, edition, code)
    if series.is_out:
        messages.success(request, _("Kept: readers of the series see them now."))
    else:
        messages.success(request, _("Kept as a draft: publish it when it is ready."))
    return redirect(series.get_absolute_url())


def _compare(found: Survey, asked: Question, other: Question, language: str) -> dict[str, Any]:
    """A question beside the same one in another edition, and the picture where they may be
    compared."""
    try:
        now, before = (selectors.get_table(found, one) for one in (asked, other))
    except BadInput:
        return {}
    comparison = shown.compare(now, before, language)
    words = {
        "title": _("Answers of all"),
        "notes": [hindrance.text for hindrance in comparison.hindrances],
        "source": found.title,
    }
    data = charts.make_comparison(comparison, asked, **words)
    try:
        figure = make_figure("slope", data, key="change", locale=language, level=3)
    except BadInput:  # forbidden, or nothing is shown in both
        figure = None
    return {"comparison": comparison, "change_chart": figure}


def _make_chart(
    request: HttpRequest, found: Survey, asked: Question, table: Table, language: str
) -> ChartFigure:
    names = dict(shown.describe_groups(table.by, language))
    title = (
        _("Answers by %s") % ", ".join(names[group.key] for group in table.by)
        if table.by
        else _("Answers of all")
    )
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    links = {
        form: Link(form.upper(), _address(found, asked, form) + query)
        for form in ("svg", "png", "csv")
    }
    summary = shown.summarise(table, language)
    behind = shown.make_table(table, language, title)
    notes = [
        # xgettext:no-python-format  # noqa: ERA001
        _("In brackets: 95 % confidence intervals that account for how people were drawn."),
        *filter(None, [shown.explain_hidden(table)]),
    ]
    source = f"{found.title}, {asked.edition.name}"
    form, data = charts.make_data(table, language, title=title, notes=notes, source=source)
    try:
        figure = make_figure(
            form,
            data,
            key="estimates",
            locale=language,
            downloads=list(links.values()),
            spec_url=_address(found, asked, "json") + query,
        )
    except BadInput:  # all of it is hidden, or more than a picture holds: the table says it
        figure = ChartFigure(
            key="estimates", title=title, svg="", summary="", table=behind, notes=notes,
            source=source, downloads=[links["csv"]],
        )  # fmt: skip
    return replace(figure, summary=summary, table=behind)


def _address(found: Survey, asked: Question, form: str) -> str:
    parts = [found.reference, asked.edition.reference, asked.code, form]
    return reverse("surveys:download", args=parts)


@require_safe
@keep_fresh
def download(
    request: HttpRequest, reference: str, edition: str, code: str, form: str
) -> HttpResponse:
    """The estimates as a table or a picture to take along, or as what makes it interactive."""
    language = get_reader_language()
    found, asked = _find(request, reference, edition, code)
    try:
        table = _read_table(request, found, asked)
    except BadInput:
        raise Http404 from None
    if form == "csv":
        content, kind = _write_csv(found, asked, table, language), "text/csv; charset=utf-8"
    else:
        text, _written_in = shown.describe_wording(asked, language)
        kind_of_chart, data = charts.make_data(
            table, language, title=text, subtitle=_cite(found, asked)
        )
        try:
            if form == "json":
                return JsonResponse(make_live_answer(kind_of_chart, data, locale=language))
            spec = make_file_spec(kind_of_chart, data)
        except BadInput:
            raise Http404 from None
        if form == "svg":
            content, kind = draw_svg(spec, locale=language, title=text).encode(), "image/svg+xml"
        else:
            content, kind = draw_png(spec, locale=language), "image/png"
    response = HttpResponse(content, content_type=kind)
    name = f"focal-{found.key}-{asked.code}.{form}".encode("ascii", "ignore").decode()
    response.headers["Content-Disposition"] = f'attachment; filename="{make_file_name(name)}"'
    return response


def make_file_name(name: str) -> str:
    """A name without what a header or a file system takes amiss."""
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in name)


def _cite(found: Survey, asked: Question) -> str:
    return f"{found.title}, {asked.edition.name} · {Marking(found.marking).label}"


def _write_csv(found: Survey, asked: Question, table: Table, language: str) -> bytes:
    """One row a cell: what pages show, with all digits, and nothing that is hidden."""
    text = io.StringIO()
    writer = csv.writer(text)
    keys = [group.key for group in table.by]
    writer.writerow(
        ["survey", "edition", "marking", "question", *keys, *(f"{key}_name" for key in keys),
         "answer", "answer_label", "estimate", "standard_error", "low", "high", "n", "hidden"]
    )  # fmt: skip
    for cell in table.cells:
        names = [
            selectors.name_group(group, code, language)
            for group, code in zip(table.by, cell.group, strict=True)
        ]
        label = shown.name_answer(asked, cell.answer, language) if cell.answer else ""
        words = [found.title, asked.edition.name, found.marking, asked.code, *cell.group, *names,
                 cell.answer, label]  # fmt: skip
        numbers = [cell.estimate, cell.standard_error, cell.low, cell.high, cell.n]
        writer.writerow(
            [
                *map(make_harmless, words),
                *("" if n is None else n for n in numbers),
                cell.suppressed,
            ]
        )
    writer.writerow([get_footnote(language)])
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_writers
def bring(request: HttpRequest) -> HttpResponse:
    """Bring an edition: its answers go into the closed store, or the page says what is wrong."""
    form = BringForm(
        request.POST or None,
        request.FILES or None,
        viewer=request.viewer,
        initial={"marking": Marking.AMBER},
    )
    brought = None
    if request.method == "POST" and form.is_valid():
        try:
            brought = _bring(request, form.cleaned_data)
        except (BadInput, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            if brought.edition is not None:
                _thank(request, brought)
                return redirect("surveys:survey", brought.edition.survey.reference)
    has_errors = form.is_bound and (form.errors or (brought is not None and brought.has_errors))
    context = {"form": form, "brought": brought}
    return render(request, "surveys/bring.html", context, status=422 if has_errors else 200)


def _bring(request: HttpRequest, given: dict[str, Any]) -> services.Brought:
    file: UploadedFile = given["answers"]
    ending = PurePath(file.name or "").suffix.lower()
    with tempfile.TemporaryDirectory(prefix="focal-survey-") as folder:
        path = Path(folder, f"answers{ending}")
        with path.open("wb") as target:
            for chunk in file.chunks():
                target.write(chunk)
        if given["only_check"]:
            return services.look_at(path=path, design=given["design"])
        return services.import_edition(
            path=path,
            design=given["design"],
            owner_organisation=given["organisation"],
            by=request.viewer,
            at=timezone.now(),
            marking=given["marking"],
        )


def _thank(request: HttpRequest, brought: services.Brought) -> None:
    count = brought.interviews
    text = ngettext(
        "%(count)s interview came in. The answers are kept closed.",
        "%(count)s interviews came in. The answers are kept closed.",
        count,
    ) % {"count": count}
    messages.success(request, text)
    for remark in brought.remarks:
        messages.warning(request, remark.text)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, reference: str, edition: str) -> HttpResponse:
    """Take an edition away with all its answers, after asking once more."""
    found = selectors.get_survey(request.viewer, reference)
    row = (
        SurveyEdition.objects.filter(survey_id=found.pk, reference=edition).first()
        if found
        else None
    )
    if found is None or row is None:
        raise Http404
    if not (decision := may_change_at_once(request.viewer, found)):
        return refuse(request, decision.reason)
    if request.method == "POST":
        services.remove_edition(edition=row, by=request.viewer, at=timezone.now())
        messages.success(request, _("The edition and its answers are gone."))
        return redirect("surveys:survey", reference)
    return render(request, "surveys/remove.html", {"survey": found, "edition": row})
