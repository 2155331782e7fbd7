"""Surveys, their editions and questions. Answers of persons are not rows here.

A survey is a record: it has a marking, texts, translations, sources, history. Its editions
and their questions are reached through it. What the persons asked have answered lies in a closed
store (`microdata.py`) that no address serves; only estimates leave it.
"""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from focal.kernel.ids import new_reference
from focal.records.models import Record


class Survey(Record):
    """A survey that is held once or again and again."""

    key = models.SlugField(max_length=80, unique=True)
    population = models.CharField(_("who is asked"), max_length=300, blank=True)

    def get_absolute_url(self) -> str:
        return reverse("surveys:survey", args=[self.reference])


class SurveyEdition(models.Model):
    """One round of fieldwork, with its design.

    `design` and `groups` are what `design.read_design` understands; `digest` names the answers
    in the closed store.
    """

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+")
    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    name = models.CharField(_("edition"), max_length=80)
    fieldwork_start = models.DateField(_("fieldwork from"), null=True, blank=True)
    fieldwork_end = models.DateField(_("fieldwork to"), null=True, blank=True)
    mode = models.CharField(_("how people were asked"), max_length=120, blank=True)
    base = models.CharField(_("who was asked"), max_length=300, blank=True)
    weighting = models.CharField(_("how answers are weighted"), max_length=500, blank=True)
    source_title = models.CharField(_("source"), max_length=500, blank=True)
    source_url = models.URLField(_("address of the source"), max_length=1000, blank=True)
    design = models.JSONField()
    groups = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    interviews = models.PositiveIntegerField(_("interviews"))
    imported_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("survey", "name"), name="survey_edition_once"),
        )

    def __str__(self) -> str:
        return self.name


class Question(models.Model):
    """A question as it was asked: its wording in each language, its answers in their order.

    `texts` is {language: wording}; `scale` a list of {"value", "labels": {language: label}};
    `direction` says what the first answer stands for, `missing` lists the codes of no answer.
    """

    class Kind(models.TextChoices):
        CHOICE = "choice", _("one answer of several")
        NUMBER = "number", _("a number")

    class Direction(models.TextChoices):
        NONE = "", _("no order")
        BEST_FIRST = "best_first", _("the most favourable answer stands first")
        WORST_FIRST = "worst_first", _("the least favourable answer stands first")

    edition = models.ForeignKey(SurveyEdition, models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()
    code = models.CharField(max_length=60)
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.CHOICE)
    texts = models.JSONField()
    scale = models.JSONField(default=list)
    direction = models.CharField(max_length=11, choices=Direction.choices, blank=True)
    missing = models.JSONField(default=list)
    asked_of = models.CharField(_("asked of"), max_length=300, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("edition", "code"), name="survey_question_once"),
            models.UniqueConstraint(fields=("edition", "position"), name="survey_question_place"),
        )

    def __str__(self) -> str:
        return self.code
