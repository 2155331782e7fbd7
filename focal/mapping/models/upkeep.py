"""Asking: partners who confirm by a link, and what each organisation is asked in a year."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from focal.kernel.ids import new_reference
from focal.records.models import Record


class PartnerQuestion(models.Model):
    """An entry made on a partner's behalf, waiting for the partner's word.

    Only a hash of the link's secret is kept. The link works once, for that record alone.
    """

    class Answer(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        CORRECTED = "corrected", _("Corrected")

    record = models.ForeignKey(Record, models.CASCADE, related_name="+")
    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    secret_hash = models.CharField(max_length=64, unique=True)
    partner = models.CharField(_("partner"), max_length=300)
    email = models.EmailField(_("address of the partner"))
    asked_by = models.ForeignKey("directory.Person", models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="partner_answer_has_its_moment",
                condition=Q(answered_at__isnull=True, answer="")
                | (Q(answered_at__isnull=False) & ~Q(answer="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.partner}: {self.record_id}"

    def is_open(self, at: datetime) -> bool:
        """Whether the link still works."""
        return self.answered_at is None and at < self.expires_at


class Effort(models.Model):
    """One thing that an organisation was asked or did for the mapping, and how long it took.

    Counts only: who did it stays in the log. `seconds` is 0 where nobody can know.
    """

    class What(models.TextChoices):
        NUDGED = "nudged", _("Asked whether something is still true")
        CONFIRMED = "confirmed", _("Confirmed by one click")
        WRITTEN = "written", _("Form filled in")
        SHEET = "sheet", _("File brought")
        TEMPLATE = "template", _("Template taken along")

    organisation = models.ForeignKey("directory.Organisation", models.CASCADE, related_name="+")
    what = models.CharField(max_length=10, choices=What.choices)
    entries = models.PositiveIntegerField(default=1)
    offered = models.PositiveIntegerField(default=0)
    seconds = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("organisation", "at"), name="effort_of_organisation"),)

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.what}"
