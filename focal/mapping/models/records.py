"""The three mappings: what each economy needs, what it does itself, what others support.

All three are records. What they share beyond that is upkeep: when somebody last said that it
is still true, and when that has to be asked again.
"""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from focal.records.models import Record


def is_known(on: date) -> Q:
    """Rows that still count as known on a day: not past the day on which to ask again."""
    return Q(review_due_date__isnull=True) | Q(review_due_date__gte=on)


def _ends_after_it_starts(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name,
        condition=Q(end_date__isnull=True)
        | Q(start_date__isnull=True)
        | Q(end_date__gte=F("start_date")),
    )


class MappedRecord(Record):
    """What needs, responses and initiatives have in common."""

    class Origin(models.TextChoices):
        FORM = "form", _("written here")
        SHEET = "sheet", _("from a spreadsheet")
        IATI = "iati", _("from an IATI file")
        TABLE = "table", _("from a 3W or other table")

    measures = models.ManyToManyField(
        "mapping.FrameNode", blank=True, related_name="+", verbose_name=_("measures")
    )
    start_date = models.DateField(_("start"), null=True, blank=True)
    end_date = models.DateField(_("end"), null=True, blank=True)
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.FORM)
    last_confirmed_date = models.DateField(_("last confirmed"), null=True, blank=True)
    last_confirmed_by = models.ForeignKey(
        "directory.Person", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    review_due_date = models.DateField(_("to be confirmed again by"), null=True, blank=True)
    is_example = models.BooleanField(default=False)

    class Meta:
        abstract = True

    def is_stale(self, on: date) -> bool:
        """Past the day on which it had to be confirmed: it does not count as known."""
        return self.review_due_date is not None and self.review_due_date < on

    def get_absolute_url(self) -> str:
        return reverse("mapping:record", args=[self.reference])


class Need(MappedRecord):
    """What an economy lacks. `start_date` and `end_date` bound the period it is stated for."""

    class NeedType(models.TextChoices):
        LEGISLATIVE = "legislative", _("Legislative")
        INSTITUTIONAL = "institutional", _("Institutional")
        OPERATIONAL = "operational", _("Operational")

    class View(models.TextChoices):
        PREVENTION = "prevention", _("Prevention")
        RESPONSE = "response", _("Response")

    class Priority(models.TextChoices):
        HIGH = "high", _("High")
        MEDIUM = "medium", _("Medium")
        LOW = "low", _("Low")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        PARTLY_MET = "partly_met", _("Partly met")
        MET = "met", _("Met")
        DROPPED = "dropped", _("No longer stated")

    need_type = models.CharField(
        _("kind of need"), max_length=14, choices=NeedType.choices, default=NeedType.OPERATIONAL
    )
    view = models.CharField(_("view"), max_length=10, choices=View.choices, default=View.PREVENTION)
    priority = models.CharField(
        _("priority"), max_length=8, choices=Priority.choices, default=Priority.MEDIUM
    )
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.OPEN
    )
    cycle = models.CharField(_("cycle"), max_length=20, blank=True)

    class Meta:
        constraints = (_ends_after_it_starts("need_ends_after_it_starts"),)


class Response(MappedRecord):
    """What an economy does itself: a law, a strategy, a body, an action."""

    class ResponseType(models.TextChoices):
        LAW = "law", _("Law or implementing decision")
        STRATEGY = "strategy", _("Strategy or action plan")
        BODY = "body", _("Body or institution")
        ACTION = "action", _("Action or programme")

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        ADOPTED = "adopted", _("Adopted, not yet applied")
        RUNNING = "running", _("In force or running")
        ENDED = "ended", _("Ended")
        UNKNOWN = "unknown", _("Not known")

    response_type = models.CharField(
        _("kind of response"), max_length=10, choices=ResponseType.choices, default="action"
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.RUNNING
    )
    cycle = models.CharField(_("cycle"), max_length=20, blank=True)

    class Meta:
        constraints = (_ends_after_it_starts("response_ends_after_it_starts"),)


class Initiative(MappedRecord):
    """What somebody does about it: a project, programme or activity that supports an economy.

    The money of a parent and of its children is the same money: see `selectors.money`.
    """

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        RUNNING = "running", _("Running")
        ENDED = "ended", _("Ended")
        SUSPENDED = "suspended", _("Suspended")
        UNKNOWN = "unknown", _("Not known")

    class Evidence(models.TextChoices):
        NONE = "none", _("None yet")
        SELF_REPORTED = "self_reported", _("Self-reported")
        INTERNAL = "internal", _("Internal evaluation")
        EXTERNAL = "external", _("External evaluation")
        PEER_REVIEWED = "peer_reviewed", _("Peer-reviewed")

    class Scale(models.TextChoices):
        LOCAL = "local", _("Local")
        NATIONAL = "national", _("Whole economy")
        REGIONAL = "regional", _("Several economies")

    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.UNKNOWN
    )
    scale = models.CharField(_("scale"), max_length=10, choices=Scale.choices, blank=True)
    prevention_levels = models.ManyToManyField(
        "vocabulary.Concept", blank=True, related_name="+", verbose_name=_("prevention levels")
    )
    extremism_kinds = models.ManyToManyField(
        "vocabulary.Concept", blank=True, related_name="+", verbose_name=_("kinds of extremism")
    )
    parent = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("part of"),
    )
    deliverables = models.TextField(_("deliverables"), blank=True)
    evidence_grade = models.CharField(
        _("evidence grade"), max_length=14, choices=Evidence.choices, default=Evidence.NONE
    )
    evidence = models.TextField(_("evidence and evaluation"), blank=True)
    transferability = models.TextField(_("transferability"), blank=True)
    inclusion_note = models.TextField(_("gender and youth"), blank=True)
    material_languages = models.CharField(
        _("languages of the materials"), max_length=200, blank=True
    )
    contact_point = models.CharField(
        _("contact point (an office, not a person)"), max_length=300, blank=True
    )

    class Meta:
        constraints = (_ends_after_it_starts("initiative_ends_after_it_starts"),)


KINDS = ("need", "response", "initiative")
