"""What is derived from the three mappings, and what people said about it.

Facts and pairs are fed from the outbox and can be dropped and made again. Verdicts stay: they are
what people know. Nothing here is shown but through records that the viewer may see.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from focal.kernel.ids import new_reference
from focal.mapping.models.records import Initiative


class CoverageState(models.Model):
    """One row: which making of the facts this is, and the number of the last one written.

    Writers hold the row until they commit, so that numbers appear in their order.
    """

    token = models.CharField(max_length=14, default=new_reference)
    sequence = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.token} {self.sequence}"


class CoverageFact(models.Model):
    """What coverage counts of one record (`coverage.facts.Fact`); empty when it is gone."""

    record_id = models.BigIntegerField(unique=True)
    reference = models.CharField(max_length=14)
    sequence = models.PositiveBigIntegerField(db_index=True)
    payload = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.reference


class PairKind(models.TextChoices):
    """What two initiatives that come close are to one another."""

    OVERLAP = "overlap", _("Overlap")
    DUPLICATE = "duplicate", _("Probably the same, twice")
    PHASE = "phase", _("Phases of one project")


class OverlapPair(models.Model):
    """Two initiatives that come close, why, and how sure that is. `first` is the older row."""

    first = models.ForeignKey(Initiative, models.CASCADE, related_name="+")
    second = models.ForeignKey(Initiative, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=9, choices=PairKind.choices)
    score = models.FloatField()
    reasons = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("first", "second"), name="overlap_pair_once"),
            models.CheckConstraint(
                name="overlap_pair_in_order", condition=Q(first__lt=F("second"))
            ),
        )
        indexes = (models.Index(fields=("-score", "id"), name="overlap_pair_best"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.first_id} {self.second_id}"


class OverlapVerdict(models.Model):
    """What somebody said a pair is, and why. Never changed: a newer one stands beside it.

    It names the records by their references and outlives them.
    """

    class Verdict(models.TextChoices):
        REAL = "real", _("A real overlap")
        NOT = "not", _("Not an overlap")
        PHASE = "phase", _("Phases of one project")
        DUPLICATE = "duplicate", _("The same initiative, recorded twice")

    first_reference = models.CharField(max_length=14)
    second_reference = models.CharField(max_length=14)
    verdict = models.CharField(max_length=9, choices=Verdict.choices)
    reason = models.CharField(_("why"), max_length=500)
    suggested = models.CharField(max_length=9, choices=PairKind.choices, blank=True)
    score = models.FloatField(default=0)
    by = models.ForeignKey("directory.Person", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="overlap_verdict_in_order",
                condition=Q(first_reference__lt=F("second_reference")),
            ),
            models.CheckConstraint(name="overlap_verdict_says_why", condition=~Q(reason="")),
        )
        indexes = (
            models.Index(
                fields=("first_reference", "second_reference", "-id"), name="overlap_verdict_newest"
            ),
        )

    def __str__(self) -> str:
        return f"{self.verdict} {self.first_reference} {self.second_reference}"


class BlindWish(models.Model):
    """An owner wishes to be asked when somebody else's closed initiative comes close to theirs."""

    initiative = models.OneToOneField(Initiative, models.CASCADE, related_name="+")
    by = models.ForeignKey("directory.Person", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"wish for {self.initiative_id}"


class BlindSide(models.Model):
    """One side of a blind question: what its owner was asked and what they answered.

    Two sides share a `meeting`. What one owner is shown comes from their own side alone, until
    both have said yes: `thread_reference` is then written on both. `closes_at` is fixed when the
    question is put.
    """

    class Answer(models.TextChoices):
        OPEN = "", _("not answered")
        YES = "yes", _("yes")
        NO = "no", _("no")

    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    meeting = models.CharField(max_length=14, db_index=True)
    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="+")
    answer = models.CharField(max_length=3, choices=Answer.choices, blank=True, default="")
    answered_by = models.ForeignKey(
        "directory.Person", models.SET_NULL, null=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    thread_reference = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("meeting", "initiative"), name="blind_side_once"),
        )

    def __str__(self) -> str:
        return f"{self.meeting}: {self.answer}"
