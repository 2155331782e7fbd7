"""Questions of surveys as charts of a briefing: each with its base, its intervals, its edition.

A block names one by the survey's reference and what is asked of it, as an address would:
`<survey>?edition=<edition>&question=<code>`, with `by=<group>` or `since=<earlier edition>`. What
is shown is what the survey's own page shows: nothing below the threshold of its marking.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlencode

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from focal.kernel.errors import BadInput
from focal.records.finding.shown import show
from focal.sharing.viewer import Viewer
from focal.surveys import charts, selectors, shown
from focal.surveys.comparability import may_compare
from focal.surveys.estimation import Table as Estimates
from focal.surveys.models import Question, Survey, SurveyEdition
from focal.ui.charts import ChartData, Form
from focal.ui.charts.words import make_table, summarise
from focal.ui.components import Table


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of an edition, by a group or beside an earlier edition."""

    survey: str
    edition: str
    question: str
    by: str = ""
    since: str = ""

    def __str__(self) -> str:
        asked = {"edition": self.edition, "question": self.question}
        asked |= {n: getattr(self, n) for n in ("by", "since") if getattr(self, n)}
        return f"{self.survey}?{urlencode(asked)}"

    def is_same(self, other: Asked | None) -> bool:
        """Whether both ask the same, however it is parted."""
        return other is not None and replace(self, by="", since="") == replace(
            other, by="", since=""
        )


def read_asked(name: str) -> Asked | None:
    """What a block names, if it is a question of a survey."""
    survey, _mark, query = name.partition("?")
    given = {key: values[0] for key, values in parse_qs(query).items()}
    if not given.get("edition") or not given.get("question"):
        return None
    names = ("edition", "question", "by", "since")
    return Asked(survey, **{key: given[key] for key in names if key in given})


def list_asked(viewer: Viewer, language: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The questions of the newest edition of every survey the viewer may see, for choosing."""
    for row in selectors.list_surveys(viewer, language):
        for edition in row.editions[:1]:
            yield (
                f"{row.shown.title}, {edition.name}",
                [
                    (
                        str(make_asked(row.survey, question)),
                        shown.describe_wording(question, language)[0],
                    )
                    for question in selectors.list_questions(edition)
                ],
            )


def make_asked(survey: Survey, question: Question) -> Asked:
    """A question as a report shows it: by economy, where the edition tells that."""
    groups = (group.key for group in selectors.get_groups(question.edition) if group.is_economy)
    edition = question.edition.reference
    return Asked(survey.reference, edition, question.code, by=next(groups, ""))


def read_question(
    asked: Asked, viewer: Viewer, language: str
) -> tuple[Form, ChartData, str, str, Table] | None:
    """Form, data, marking, summary and table of a question; None where there is nothing for the
    viewer, or nothing that may be shown."""
    survey = selectors.get_survey(viewer, asked.survey)
    if survey is None:
        return None
    question = selectors.get_question(survey, asked.edition, asked.question)
    if question is None:
        return None
    try:
        if asked.since:
            return _compare(survey, question, asked.since, language)
        keys = [asked.by] if asked.by else []
        groups = selectors.choose_groups(question.edition, keys)
        estimates = selectors.get_table(survey, question, groups)
    except BadInput:
        return None
    title = shown.describe_wording(question, language)[0]
    form, data = charts.make_data(
        estimates,
        language,
        title=title,
        subtitle=say_base(question),
        notes=_note(estimates),
        source=_cite(survey, language, question.edition),
    )
    summary = shown.summarise(estimates, language)
    return form, data, survey.marking, summary, shown.make_table(estimates, language, title)


def _compare(
    survey: Survey, question: Question, since: str, language: str
) -> tuple[Form, ChartData, str, str, Table] | None:
    other = selectors.get_question(survey, since, question.code)
    if other is None or not may_compare(question, other):
        return None
    now, before = (selectors.get_table(survey, one) for one in (question, other))
    comparison = shown.compare(now, before, language)
    data = charts.make_comparison(
        comparison,
        question,
        title=shown.describe_wording(question, language)[0],
        subtitle=say_base(question),
        notes=[one.text for one in comparison.hindrances],
        source=_cite(survey, language, other.edition, question.edition),
    )
    form: Form = "slope"
    return form, data, survey.marking, summarise(form, data), make_table(data)


def say_base(question: Question) -> str:
    """Of whom it was asked, and how many interviews there were."""
    edition = question.edition
    count = number_format(edition.interviews, use_l10n=True, force_grouping=True)
    base = question.asked_of or edition.base
    return " · ".join(filter(None, (base, f"{_('interviews')}: {count}")))


def _note(estimates: Estimates) -> list[str]:
    # xgettext:no-python-format  # noqa: ERA001
    margin = _("In brackets: 95 % confidence intervals that account for how people were drawn.")
    return [margin, *filter(None, [shown.explain_hidden(estimates)])]


def _cite(survey: Survey, language: str, *editions: SurveyEdition) -> str:
    (about,) = show([survey], language)
    return ", ".join([about.title, *(edition.name for edition in editions)])


def find_earlier(question: Question) -> Question | None:
    """The same question in the newest edition before that it may be compared with."""
    day = question.edition.fieldwork_start
    for other in selectors.list_same_question(question):
        before = other.edition.fieldwork_start
        if day and before and before < day and may_compare(question, other):
            return other
    return None
