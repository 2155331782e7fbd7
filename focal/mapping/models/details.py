"""What hangs on an initiative (identifiers on any of the three) and is reached through it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from focal.mapping.models.records import Initiative
from focal.records.models import Record


class InitiativePlace(models.Model):
    """A municipality or region within an economy. The economies themselves are the record's."""

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="+")
    economy = models.ForeignKey("vocabulary.Economy", models.PROTECT, related_name="+")
    name = models.CharField(_("municipality or region"), max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("initiative", "economy", "name"), name="initiative_place_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}, {self.economy_id}"


class InitiativePartner(models.Model):
    """An organisation and the part it plays. A donor without a known amount stands here too."""

    class Role(models.TextChoices):
        LEAD = "lead", _("Lead")
        DONOR = "donor", _("Donor")
        IMPLEMENTER = "implementer", _("Implementer")
        PARTNER = "partner", _("Partner")

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="+")
    organisation = models.ForeignKey("directory.Organisation", models.PROTECT, related_name="+")
    role = models.CharField(max_length=12, choices=Role.choices)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("initiative", "organisation", "role"), name="initiative_partner_once"
            ),
        )
        indexes = (models.Index(fields=("organisation", "role"), name="initiative_partner_of"),)

    def __str__(self) -> str:
        return f"{self.organisation} ({self.role})"


class InitiativeFunding(models.Model):
    """Money: an amount with its currency and the day it is valued on, or a band in euro.

    Stages of one initiative are the same money at different times, never added up.
    """

    class Stage(models.TextChoices):
        BUDGET = "budget", _("Budget")
        COMMITTED = "committed", _("Committed")
        SPENT = "spent", _("Spent")

    class Band(models.TextChoices):
        UNDER_10K = "under_10k", _("under EUR 10,000")
        TO_50K = "to_50k", _("EUR 10,000 to 50,000")
        TO_250K = "to_250k", _("EUR 50,000 to 250,000")
        TO_1M = "to_1m", _("EUR 250,000 to 1 million")
        TO_5M = "to_5m", _("EUR 1 to 5 million")
        OVER_5M = "over_5m", _("over EUR 5 million")

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()
    donor = models.ForeignKey(
        "directory.Organisation", models.PROTECT, null=True, blank=True, related_name="+"
    )
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.BUDGET)
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    band = models.CharField(max_length=10, choices=Band.choices, blank=True)
    value_date = models.DateField(_("valued on"), null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("initiative", "position"), name="initiative_funding_position_once"
            ),
            models.CheckConstraint(
                name="initiative_funding_is_amount_or_band",
                condition=(Q(amount__gte=0) & ~Q(currency="") & Q(band=""))
                | (Q(amount__isnull=True, currency="") & ~Q(band="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}" if self.amount is not None else self.band


class InitiativeSplit(models.Model):
    """The share of an economy, or of a topic, in an initiative. Shares of a kind sum to 100."""

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="+")
    economy = models.ForeignKey(
        "vocabulary.Economy", models.PROTECT, null=True, blank=True, related_name="+"
    )
    topic = models.ForeignKey(
        "vocabulary.Concept", models.PROTECT, null=True, blank=True, related_name="+"
    )
    percent = models.DecimalField(max_digits=7, decimal_places=4)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("initiative", "economy"),
                condition=Q(economy__isnull=False),
                name="initiative_split_economy_once",
            ),
            models.UniqueConstraint(
                fields=("initiative", "topic"),
                condition=Q(topic__isnull=False),
                name="initiative_split_topic_once",
            ),
            models.CheckConstraint(
                name="initiative_split_is_of_one_kind",
                condition=Q(economy__isnull=False, topic__isnull=True)
                | Q(economy__isnull=True, topic__isnull=False),
            ),
            models.CheckConstraint(
                name="initiative_split_is_a_share", condition=Q(percent__gt=0, percent__lte=100)
            ),
        )

    def __str__(self) -> str:
        return f"{self.percent} %"


class Identifier(models.Model):
    """What a record is called elsewhere: by its IATI identifier, its row in a partner's list."""

    record = models.ForeignKey(Record, models.CASCADE, related_name="+")
    scheme = models.CharField(max_length=40)
    value = models.CharField(max_length=300)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("record", "scheme", "value"), name="record_identifier_once"
            ),
        )
        indexes = (models.Index(fields=("scheme", "value"), name="record_identifier_value"),)

    def __str__(self) -> str:
        return f"{self.scheme}: {self.value}"
