"""Surveys as pages and programs read them: always for a viewer, always above the threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext as _

from focal.kernel.errors import BadInput
from focal.records.finding.shown import ShownRecord, show
from focal.sharing.viewer import Viewer
from focal.surveys.design import Group, unpack_groups
from focal.surveys.estimation import Table, estimate
from focal.surveys.models import Question, Survey, SurveyEdition
from focal.vocabulary.names import economy_name


@dataclass(frozen=True, slots=True)
class ListedSurvey:
    """A survey in the list of all."""

    survey: Survey
    shown: ShownRecord
    editions: tuple[SurveyEdition, ...]


def list_surveys(viewer: Viewer, language: str) -> list[ListedSurvey]:
    """All surveys the viewer may see, by title, each with its editions, newest first."""
    rows = list(Survey.objects.visible_to(viewer).defer("body"))
    shown = {item.reference: item for item in show(rows, language)}
    editions: dict[int, list[SurveyEdition]] = {row.pk: [] for row in rows}
    for edition in _order(SurveyEdition.objects.filter(survey_id__in=list(editions))):
        editions[edition.survey_id].append(edition)
    listed = [ListedSurvey(row, shown[row.reference], tuple(editions[row.pk])) for row in rows]
    return sorted(listed, key=lambda item: (item.shown.title.casefold(), item.survey.reference))


def _order(editions):
    return editions.order_by("-fieldwork_start", "-name", "-id")


def get_survey(viewer: Viewer, reference: str) -> Survey | None:
    """A survey, or None when the viewer cannot see it."""
    return (
        Survey.objects.visible_to(viewer)
        .select_related("owner_organisation")
        .filter(reference=reference)
        .first()
    )


def find_survey(viewer: Viewer, name: str) -> Survey | None:
    """A survey by its key or reference, or None when the viewer cannot see it."""
    seen = Survey.objects.visible_to(viewer)
    return seen.filter(key=name).first() or seen.filter(reference=name).first()


def list_editions(survey: Survey) -> list[SurveyEdition]:
    """The editions of a survey that the viewer may see, newest first."""
    return list(_order(SurveyEdition.objects.filter(survey_id=survey.pk)))


def list_questions(edition: SurveyEdition) -> list[Question]:
    """Its questions in the order of the questionnaire."""
    rows = list(Question.objects.filter(edition_id=edition.pk).order_by("position"))
    for row in rows:
        row.edition = edition
    return rows


def get_question(survey: Survey, edition_reference: str, code: str) -> Question | None:
    """A question of a survey that the viewer may see."""
    return (
        Question.objects.select_related("edition")
        .filter(edition__survey_id=survey.pk, edition__reference=edition_reference, code=code)
        .first()
    )


def list_same_question(question: Question) -> list[Question]:
    """The question in the survey's other editions, newest first."""
    rows = Question.objects.select_related("edition").filter(
        edition__survey_id=question.edition.survey_id, code=question.code
    )
    others = [row for row in rows if row.edition_id != question.edition_id]
    return sorted(
        others,
        key=lambda row: (str(row.edition.fieldwork_start or ""), row.edition.name),
        reverse=True,
    )


def get_groups(edition: SurveyEdition) -> tuple[Group, ...]:
    """By what its estimates may be parted."""
    return unpack_groups(edition.groups)


def choose_groups(edition: SurveyEdition, keys: Sequence[str]) -> list[Group]:
    """The groups of these keys; BadInput names one that is not there."""
    groups = {group.key: group for group in get_groups(edition)}
    if unknown := [key for key in keys if key not in groups]:
        raise BadInput(
            _("This edition is not parted by '%(unknown)s', only by: %(known)s.")
            % {"unknown": "', '".join(unknown), "known": ", ".join(groups) or _("nothing")}
        )
    return [groups[key] for key in keys]


def get_table(survey: Survey, question: Question, by: Sequence[Group] = ()) -> Table:
    """The estimates of a question, hidden where the survey's marking asks for it."""
    return _get_table(
        (question.pk, question.edition.digest, question.edition.imported_at),
        tuple(group.key for group in by),
        settings.SMALL_COUNTS[survey.marking],
    )


@lru_cache(maxsize=128)
def _get_table(content: tuple[int, str, datetime], by: tuple[str, ...], threshold: int) -> Table:
    """`content` names the question and all that its estimates hang on."""
    question = Question.objects.select_related("edition").get(pk=content[0])
    return estimate(question, choose_groups(question.edition, by), threshold=threshold)


def choose_text(texts: dict[str, str], language: str) -> tuple[str, str]:
    """A text in the reader's language, else in English, else in any; and which one it is."""
    for code in (language, language.split("-")[0], "en", *texts):
        if texts.get(code):
            return texts[code], code
    return "", ""


def name_answer(question: Question, code: str, language: str) -> str:
    """What a code of the scale stands for."""
    for item in question.scale:
        if item["value"] == code:
            return choose_text(item["labels"], language)[0] or code
    return code


def name_group(group: Group, code: str, language: str) -> str:
    """What a code of a group stands for; economies are named by the vocabulary."""
    value = group.values.get(code, code)
    if group.is_economy and isinstance(value, str):
        return economy_name(value, language)
    return choose_text(dict(value), language)[0] if not isinstance(value, str) else value
