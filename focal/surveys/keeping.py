"""Estimates of a survey become figures: observations of a series that pages, charts and briefings
quote like any other.

A question is one series, for the survey's readers and under its marking; an edition adds to it.
What is hidden in the table is left out. Each figure is 'about', with its confidence interval. Where
the edition before may not be compared, a break is marked; what differs stands in the note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import combinations
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from focal.indicators import selectors as indicators
from focal.indicators import services as series_services
from focal.indicators.models import WORLD, Measure, Observation, Series
from focal.indicators.reading import (
    MARGIN,
    adds_margin,
    describe_plainly,
    get_sameness,
    read_figures,
)
from focal.kernel.errors import BadInput
from focal.records.audience import read_releases
from focal.sharing.markings import is_narrower
from focal.sharing.viewer import Viewer
from focal.surveys import shown
from focal.surveys.comparability import find_hindrances
from focal.surveys.design import Group
from focal.surveys.estimation import MOST_GROUPS, Estimate, Table
from focal.surveys.models import Question, Survey, SurveyEdition
from focal.surveys.selectors import (
    choose_text,
    get_groups,
    get_table,
    list_editions,
    list_questions,
    list_same_question,
    name_answer,
    name_group,
)
from focal.vocabulary.languages import django_language
from focal.vocabulary.selectors import get_vocabulary

YEAR = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?")


@transaction.atomic
def keep_estimates(*, survey: Survey, table: Table, by: Viewer, at: datetime) -> Series:
    """The series with these estimates in it: a new one is a draft. Refused, and BadInput where
    there is nothing to keep, the table is parted by what a figure cannot say, or the series is for
    more people than the survey."""
    question = table.question
    with translation.override(django_language(survey.language)):
        figures = list(_make_figures(survey, table))
        if not figures:
            raise BadInput(_("All of it is hidden: there is nothing to keep."))
        key = _make_key(survey, question)
        series = series_services.find_series(key)
        if series is None:
            return series_services.create_series(
                key=key,
                content=_describe_series(survey, question),
                observations=figures,
                owner_organisation=survey.owner_organisation,
                by=by,
                at=at,
                marking=survey.marking,
                releases=sorted(read_releases(survey, at=at)),
            )
        # What is hidden now stands no more: it could be set against what is shown.
        named = read_figures(series, [*figures, *_make_figures(survey, table, hidden=True)])
    if not Series.objects.visible_to(by).filter(pk=series.pk).exists():
        raise BadInput(_("There is a series '%s' already.") % key)
    if is_narrower(survey.marking, series.marking):
        raise BadInput(
            _("The series '%(title)s' is marked TLP:%(series)s, the survey TLP:%(survey)s: give the"
              " series the survey's marking first.")
            % {"title": series.title, "series": series.marking, "survey": survey.marking}
        )  # fmt: skip
    known = {get_sameness(row) for row in named}
    kept = [
        describe_plainly(row)
        for row in indicators.list_standing(series)
        if get_sameness(row) not in known
    ]
    series_services.set_observations(
        series=series,
        observations=[*kept, *figures],
        by=by,
        at=at,
        base_version=series.figures_version,
    )
    return series


def add_margins(
    *, survey: Survey, by: Viewer, at: datetime, dry_run: bool = False
) -> dict[str, int]:
    """Tell how far kept estimates may be off where that was not told yet, for those that are still
    what the answers give. How many, by the key of their series; no figure becomes another."""
    told: dict[str, int] = {}
    for edition in list_editions(survey):
        for question in list_questions(edition):
            series = series_services.find_series(_make_key(survey, question))
            if series is None or not (bare := _list_bare(series, edition)):
                continue
            found = _find_margins(survey, question, series, bare)
            if not found:
                continue
            told[series.key] = told.get(series.key, 0) + len(found)
            rows = [
                describe_plainly(row) | found.get(row.reference, {})
                for row in indicators.list_standing(series)
            ]
            if not dry_run:
                series_services.set_observations(
                    series=series,
                    observations=rows,
                    by=by,
                    at=at,
                    base_version=series.figures_version,
                )
    return told


def _list_bare(series: Series, edition: SurveyEdition) -> dict[tuple[Any, ...], Observation]:
    return {
        get_sameness(row): row
        for row in indicators.list_standing(series)
        if row.edition == edition.name and not row.margin_kind
    }


def _find_margins(
    survey: Survey, question: Question, series: Series, bare: dict[tuple[Any, ...], Observation]
) -> dict[str, dict[str, str]]:
    """The margins of these figures, by their references, from whichever table they came."""
    found: dict[str, dict[str, str]] = {}
    groups = get_groups(question.edition)
    for count in range(MOST_GROUPS + 1):
        for by in combinations(groups, count):
            table = get_table(survey, question, by)
            with translation.override(django_language(survey.language)):
                figures = list(_make_figures(survey, table))
                rows = read_figures(series, figures)
            for figure, row in zip(figures, rows, strict=True):
                old = bare.get(get_sameness(row))
                if old is not None and row.margin_kind and adds_margin(old, row):
                    found[old.reference] = {name: figure[name] for name in MARGIN}
            if len(found) == len(bare):
                return found
    return found


def _make_key(survey: Survey, question: Question) -> str:
    """A key of the question's own, also where codes differ only in what a key cannot say."""
    own = slugify(question.code)[:40]
    asked = Question.objects.filter(edition__survey_id=survey.pk).order_by("edition_id", "position")
    codes = dict.fromkeys(asked.values_list("code", flat=True))
    alike = [code for code in codes if slugify(code)[:40] == own]
    if (place := alike.index(question.code)) > 0:
        own = f"{own}--{place + 1}"
    return f"{slugify(survey.key)[: 79 - len(own)]}-{own}".strip("-")


def _describe_series(survey: Survey, question: Question) -> dict[str, Any]:
    is_share = shown.is_share(question)
    scale = [name_answer(question, code, survey.language) for code in shown.list_answers(question)]
    text, _written_in = choose_text(question.texts, survey.language)
    return {
        "title": text[:400],
        "language": survey.language,
        "unit": "%" if is_share else _("on average"),
        "counted": _("Answers to: %s") % text,
        "population": survey.population,
        "method": _(
            "Weighted estimates from the answers of the survey '%s'; intervals account for how"
            " people were drawn."
        )
        % survey.title,
        "measure": Measure.SHARE if is_share else Measure.SCORE,
        "breakdown": _("answers") if is_share else "",
        "scale": "\n".join(scale) if is_share else "",
    }


def _make_figures(
    survey: Survey, table: Table, *, hidden: bool = False
) -> Iterator[dict[str, Any]]:
    """The cells as figures; with `hidden` those that are not shown, of no value, to be named."""
    edition, question = table.question.edition, table.question
    is_break, differences = _compare_with_last(question)
    address = reverse("surveys:question", args=[survey.reference, edition.reference, question.code])
    for cell in table.cells:
        if (cell.estimate is None) != hidden:
            continue
        yield {
            **_place(table, cell, survey.language),
            "value": _round(question, cell.estimate or 0),
            "qualifier": Observation.Qualifier.ABOUT,
            **_measure_margin(table, cell),
            **_time(edition),
            "edition": edition.name,
            "source_title": f"{survey.title}, {edition.name}",
            "source_url": settings.SITE_ADDRESS.rstrip("/") + address,
            "is_break": is_break,
            "note": f"{_count_persons(cell)}{differences}",
        }


def _count_persons(cell: Estimate) -> str:
    return "" if cell.n is None else _("%(count)s persons answered.") % {"count": cell.n}


def _place(table: Table, cell: Estimate, language: str) -> dict[str, str]:
    """Where and of whom: the economy, women or men, the answer with whatever else parts it."""
    area, sex, groups = "", "", []
    if cell.answer:
        groups.append(name_answer(table.question, cell.answer, language))
    for group, code in zip(table.by, cell.group, strict=True):
        value = group.values.get(code, code)
        if group.is_economy and isinstance(value, str):
            area = value
        elif found := _read_sex(group, code):
            sex = found
        else:
            groups.append(name_group(group, code, language))
    whole = area or _find_whole(table)
    return {"area": whole, "sex": sex, "group": " · ".join(groups)[:100]}


def _read_sex(group: Group, code: str) -> str:
    label = name_group(group, code, "en").casefold()
    return {"women": "F", "woman": "F", "female": "F", "men": "M", "man": "M", "male": "M"}.get(
        label, ""
    )


def _find_whole(table: Table) -> str:
    """What all economies of the edition are together; the world where they are no known group."""
    economies = {
        value
        for group in get_groups(table.question.edition)
        if group.is_economy
        for value in group.values.values()
        if isinstance(value, str)
    }
    if len(economies) == 1:
        return economies.pop()
    known = get_vocabulary().groups.items()
    return next((code for code, g in known if set(g.get_members()) == economies), WORLD)


def _time(edition: Any) -> dict[str, str]:
    if edition.fieldwork_end:
        start = edition.fieldwork_start or edition.fieldwork_end
        return {
            "period_start": start.isoformat(),
            "period_end": edition.fieldwork_end.isoformat(),
        }
    return {"as_of": edition.name} if YEAR.fullmatch(edition.name) else {}


def _round(question: Question, value: float) -> str:
    return f"{value * 100:.1f}" if shown.is_share(question) else f"{value:.2f}"


def _compare_with_last(question: Question) -> tuple[bool, str]:
    """Whether the edition before may not be compared, and what differs from it, in words."""
    start = (str(question.edition.fieldwork_start or ""), question.edition.name)
    for other in list_same_question(question):
        if (str(other.edition.fieldwork_start or ""), other.edition.name) < start:
            found = find_hindrances(question, other)
            name = _("Compared with %(name)s") % {"name": other.edition.name}
            said = f" {name}: {' '.join(one.text for one in found)}" if found else ""
            return any(one.forbids for one in found), said
    return False, ""


def _measure_margin(table: Table, cell: Estimate) -> dict[str, str]:
    if cell.low is None or cell.high is None or not cell.standard_error:
        return {}
    return {
        "margin_low": _round(table.question, cell.low),
        "margin_high": _round(table.question, cell.high),
        "margin_level": f"{100 * table.confidence:g}",
        "margin_kind": Observation.Margin.CONFIDENCE,
    }
