"""Briefings: living documents whose figures come from records, and their frozen editions.

Both are records. What a briefing shows stands in `blocks` (see `blocks.py`); an edition keeps what
readers of its marking were shown on one day and never changes.
"""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from focal.records.models import Record
from focal.sharing.markings import Marking


class Briefing(Record):
    """A living document."""

    class Template(models.TextChoices):
        FACTSHEET = "factsheet", _("Factsheet")
        ECONOMY = "economy", _("Profile of an economy")
        TOPIC = "topic", _("Note on a topic")
        MEETING = "meeting", _("Background of a meeting")
        SURVEY = "survey", _("Report on a survey")

    template = models.CharField(_("template"), max_length=10, choices=Template.choices)
    blocks = models.JSONField(default=list)

    def get_absolute_url(self) -> str:
        return reverse("briefings:briefing", args=[self.reference])


class Binding(models.Model):
    """A figure that a briefing quotes: whoever corrects it is told where it stands."""

    briefing = models.ForeignKey(Briefing, models.CASCADE, related_name="+")
    block = models.CharField(max_length=14)
    observation = models.CharField(max_length=14)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("briefing", "block", "observation"), name="briefing_binding_once"
            ),
        )
        indexes = (models.Index(fields=("observation",), name="briefing_binding_figure"),)

    def __str__(self) -> str:
        return self.observation


class Edition(Record):
    """One frozen issue. `frozen` is {language: parts}, `digest` the SHA-256 of it.

    Written once, when it is made (`services.write_frozen`); nothing changes it afterwards.
    """

    of_briefing = models.ForeignKey(Briefing, models.PROTECT, null=True, related_name="+")
    # Numbers run for each marking it is issued for, so that none tells of what others were given.
    number = models.PositiveIntegerField(_("number"), default=0)
    issued_for = models.CharField(max_length=12, choices=Marking.choices, default=Marking.CLEAR)
    frozen = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)
    approved_by = models.ForeignKey("directory.Person", models.PROTECT, null=True, related_name="+")
    frozen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("of_briefing", "issued_for", "number"), name="edition_number_once"
            ),
        )

    def get_absolute_url(self) -> str:
        return reverse("briefings:edition", args=[self.reference])


class EditionFile(models.Model):
    """An edition as a file, as it was first made: whoever takes it later has the same bytes.

    One that is marked otherwise since is another file: each page says how it is marked.
    """

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="+")
    marking = models.CharField(max_length=12, choices=Marking.choices)
    language = models.CharField(max_length=12)
    form = models.CharField(max_length=8)
    content = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("edition", "marking", "language", "form"), name="edition_file_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.form}, {self.language}"
