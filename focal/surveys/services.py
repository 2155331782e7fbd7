"""Changes of surveys: with their log and outbox entries, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from focal.audit.services import write_entry
from focal.directory.models import Organisation
from focal.kernel.errors import BadInput
from focal.outbox.services import emit
from focal.records import services as records
from focal.records.content import clean_line
from focal.records.second_eyes import may_change_at_once
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer
from focal.surveys import microdata
from focal.surveys.design import Remark, SurveyDesign, check, normalise_code, pack, read_design
from focal.surveys.models import Question, Survey, SurveyEdition

KIND = "survey"


@dataclass(frozen=True, slots=True)
class Brought:
    """What an import did, or would do."""

    read: SurveyDesign
    interviews: int
    remarks: tuple[Remark, ...]
    edition: SurveyEdition | None = None

    @property
    def has_errors(self) -> bool:
        """Whether something stops the import."""
        return any(remark.is_error for remark in self.remarks)


def look_at(*, path: Path, design: Any) -> Brought:
    """What importing a file with a design would bring; nothing is written."""
    read = read_design(design)
    data = microdata.read_file(path)
    return Brought(read, data.frame.height, tuple(check(read, data.frame)))


def import_edition(
    *,
    path: Path,
    design: Any,
    owner_organisation: Organisation,
    by: Viewer,
    at: datetime,
    marking: str = Marking.AMBER,
) -> Brought:
    """Bring the answers of one edition into the closed store, with its questions.

    The survey is made when its key is new (as a draft), else the edition is added to it; an
    edition that is there already takes the new answers and questions. With errors nothing is
    written. BadInput, Refused.
    """
    read = read_design(design)
    data = microdata.read_file(path)
    remarks = tuple(check(read, data.frame))
    brought = Brought(read, data.frame.height, remarks)
    if brought.has_errors:
        return brought
    digest = microdata.keep(data.frame.select(_list_columns(read)))
    with transaction.atomic():
        survey = _get_or_create(read, owner_organisation, by, at, marking)
        records.require(may_change_at_once(by, survey))
        edition, replaced = _keep_edition(survey, read, digest, data.frame.height, at)
        write_entry(
            action="survey.edition_imported",
            target_kind="record",
            target_key=survey.reference,
            actor_key=by.actor_key,
            at=at,
            detail={"interviews": data.frame.height, "questions": len(read.questions)},
        )
        emit(topic=records.TOPIC, keys=[survey.reference], at=at)
        if replaced and not _is_used(replaced):
            transaction.on_commit(lambda: microdata.forget(replaced))
    return Brought(read, data.frame.height, remarks, edition)


@transaction.atomic
def remove_edition(*, edition: SurveyEdition, by: Viewer, at: datetime) -> None:
    """Take an edition and its answers away for good. The log keeps that it was there."""
    survey = edition.survey
    records.require(may_change_at_once(by, survey))
    digest = edition.digest
    edition.delete()
    write_entry(
        action="survey.edition_removed",
        target_kind="record",
        target_key=survey.reference,
        actor_key=by.actor_key,
        at=at,
        detail={},
    )
    emit(topic=records.TOPIC, keys=[survey.reference], at=at)
    if not _is_used(digest):
        transaction.on_commit(lambda: microdata.forget(digest))


def _is_used(digest: str) -> bool:
    return SurveyEdition.objects.filter(digest=digest).exists()


def _list_columns(read: SurveyDesign) -> list[str]:
    """Only what is needed is kept: no name, address or number of a person comes along."""
    return list(
        dict.fromkeys(
            [
                *read.design.columns,
                *(group.variable for group in read.groups),
                *(question.code for question in read.questions),
            ]
        )
    )


def _get_or_create(
    read: SurveyDesign, organisation: Organisation, by: Viewer, at: datetime, marking: str
) -> Survey:
    key = read.survey["key"]
    found = Survey.objects.for_system("keys are unique over all surveys").filter(key=key).first()
    if found is None:
        content = {
            "key": key,
            **{name: read.survey[name] for name in ("title", "summary", "language", "population")},
        }
        record = records.create_record(
            kind=KIND,
            content=content,
            owner_organisation=organisation,
            by=by,
            at=at,
            marking=marking,
        )
        return Survey.objects.visible_to(by).get(pk=record.pk)
    visible = Survey.objects.visible_to(by).filter(pk=found.pk).first()
    if visible is None:
        raise BadInput(_("The key '%s' is taken; choose another one for your survey.") % key)
    return visible


def _keep_edition(
    survey: Survey, read: SurveyDesign, digest: str, interviews: int, at: datetime
) -> tuple[SurveyEdition, str]:
    """The edition with its questions, and the name of the answers that it had before."""
    design, groups = pack(read)
    name = clean_line(read.edition["name"])
    edition = SurveyEdition.objects.filter(survey_id=survey.pk, name=name).first()
    before = edition.digest if edition else ""
    edition = edition or SurveyEdition(survey=survey, name=name)
    for field in ("mode", "base", "weighting", "source_title", "source_url"):
        setattr(edition, field, clean_line(read.edition[field]))
    edition.fieldwork_start = read.edition["fieldwork_start"]
    edition.fieldwork_end = read.edition["fieldwork_end"]
    edition.design, edition.groups = design, groups
    edition.digest, edition.interviews, edition.imported_at = digest, interviews, at
    edition.save()
    Question.objects.filter(edition=edition).delete()
    Question.objects.bulk_create(
        Question(
            edition=edition,
            position=position,
            code=question.code,
            kind=question.kind,
            texts={code: clean_line(text) for code, text in question.texts.items()},
            scale=[
                {"value": normalise_code(item["value"]), "labels": dict(item["labels"])}
                for item in question.scale
            ],
            direction=question.direction,
            missing=[normalise_code(code) for code in question.missing],
            asked_of=question.asked_of,
        )
        for position, question in enumerate(read.questions)
    )
    return edition, before if before != digest else ""
