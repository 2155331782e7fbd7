"""Series and their observations: figures kept as what they are.

A series is a record: it has a marking, a text, translations, sources, history. Its
observations are reached through it. Rival figures for the same thing stand side by side.
"""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from focal.records.models import Record

WORLD = "world"  # an area beside the economies and their groups


class Series(Record):
    """What is counted, in which unit, in which population."""

    key = models.SlugField(max_length=80, unique=True)
    unit = models.CharField(_("unit"), max_length=60)
    counted = models.CharField(_("what is counted"), max_length=500)
    population = models.CharField(_("population"), max_length=300, blank=True)
    method = models.TextField(_("method"), blank=True)

    def get_absolute_url(self) -> str:
        return reverse("indicators:series", args=[self.reference])


class Observation(models.Model):
    """One figure: a value with its qualifier, what it covers, when, and who says so."""

    class Qualifier(models.TextChoices):
        EXACT = "exact", _("exactly")
        ABOUT = "about", _("about")
        MORE_THAN = "more_than", _("more than")
        LESS_THAN = "less_than", _("less than")
        AT_LEAST = "at_least", _("at least")
        UP_TO = "up_to", _("up to")
        SOME = "some", _("some")
        UNKNOWN = "unknown", _("not stated")

    class Status(models.TextChoices):
        PROVISIONAL = "provisional", _("provisional")
        FINAL = "final", _("final")
        DISPUTED = "disputed", _("disputed")
        SUPERSEDED = "superseded", _("superseded")

    series = models.ForeignKey(Series, models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()
    area = models.CharField(_("area"), max_length=12)
    group = models.CharField(_("group"), max_length=100, blank=True)
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=4)
    upper = models.DecimalField(
        _("upper end"), max_digits=20, decimal_places=4, null=True, blank=True
    )
    qualifier = models.CharField(max_length=10, choices=Qualifier.choices, default=Qualifier.EXACT)
    period_start = models.CharField(_("period from"), max_length=10, blank=True)
    period_end = models.CharField(_("period to"), max_length=10, blank=True)
    as_of = models.CharField(_("as of"), max_length=10, blank=True)
    edition = models.CharField(_("edition"), max_length=200, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.FINAL)
    is_headline = models.BooleanField(_("shown on the front page"), default=False)
    source_title = models.CharField(_("source"), max_length=500)
    source_url = models.URLField(_("address of the source"), max_length=1000, blank=True)
    source_page = models.CharField(_("page"), max_length=40, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("series", "position"), name="observation_position"),
            models.CheckConstraint(
                name="observation_interval_is_upright",
                condition=Q(upper__isnull=True) | Q(upper__gte=models.F("value")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.qualifier} {self.value}"
