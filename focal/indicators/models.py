"""Series and their observations: figures kept as what they are.

A series is a record: it has a marking, a text, translations, sources, history. Its
observations are reached through it. Rival figures for the same thing stand side by side.
An observation keeps its reference for life: whoever quotes it is told when a later one
supersedes it, and finds the way there.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from focal.kernel.ids import new_reference
from focal.records.models import Record

WORLD = "world"  # an area beside the economies and their groups
PERSON_UNITS = frozenset({"people", "persons", "person", "men", "women", "children"})


class Measure(models.TextChoices):
    """What kind of number a series holds; checks and protection follow from it."""

    UNSTATED = "", _("not stated")
    PERSONS = "persons", _("a count of persons (small counts are protected)")
    COUNT = "count", _("a count of other things")
    SHARE = "share", _("a share of a whole (0 to 100 %)")
    CHANGE = "change", _("a change or a rate")
    AMOUNT = "amount", _("an amount of money")
    SCORE = "score", _("a score on a scale")


class Series(Record):
    """What is counted, in which unit, in which population."""

    key = models.SlugField(
        _("short name in files"), max_length=80, unique=True, default=new_reference
    )
    unit = models.CharField(_("unit"), max_length=60)
    counted = models.CharField(_("what is counted"), max_length=500)
    definition = models.TextField(_("definition"), blank=True)
    population = models.CharField(_("population"), max_length=300, blank=True)
    method = models.TextField(_("method"), blank=True)
    measure = models.CharField(
        _("kind of number"), max_length=10, choices=Measure, blank=True, default=Measure.UNSTATED
    )
    breakdown = models.CharField(_("what the groups are"), max_length=100, blank=True)
    scale = models.TextField(_("answers of the scale, from one end to the other"), blank=True)
    part_of = models.CharField(_("part of the series"), max_length=80, blank=True)
    licence = models.CharField(_("licence"), max_length=200, blank=True)
    figures_version = models.PositiveIntegerField(default=0)

    def get_absolute_url(self) -> str:
        return reverse("indicators:series", args=[self.reference])

    @property
    def counts_persons(self) -> bool:
        """Whether small counts in it could point to somebody."""
        if self.measure:
            return self.measure == Measure.PERSONS
        return self.unit.strip().casefold() in PERSON_UNITS


class ObservationQuerySet(models.QuerySet["Observation"]):
    """Figures that stand, and those that once stood."""

    def standing(self) -> ObservationQuerySet:
        """Neither superseded by a later one here nor taken back."""
        return self.filter(superseded_by__isnull=True, withdrawn_at__isnull=True)

    def in_order(self) -> ObservationQuerySet:
        """As the editor ordered them."""
        return self.order_by("series_id", "position", "pk")


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

    class Sex(models.TextChoices):
        ALL = "", _("all")
        WOMEN = "F", _("women")
        MEN = "M", _("men")

    class Margin(models.TextChoices):
        """What the ends of an estimate's uncertainty are; an observed interval is none."""

        CONFIDENCE = "confidence", _("confidence interval")
        UNCERTAINTY = "uncertainty", _("uncertainty interval")

    series = models.ForeignKey(Series, models.CASCADE, related_name="+")
    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    position = models.PositiveIntegerField()
    area = models.CharField(_("area"), max_length=12)
    group = models.CharField(_("group"), max_length=100, blank=True)
    sex = models.CharField(_("sex"), max_length=1, choices=Sex, blank=True, default=Sex.ALL)
    age = models.CharField(_("age"), max_length=30, blank=True)
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=4)
    upper = models.DecimalField(
        _("upper end"), max_digits=20, decimal_places=4, null=True, blank=True
    )
    margin_low = models.DecimalField(
        _("uncertainty from"), max_digits=20, decimal_places=4, null=True, blank=True
    )
    margin_high = models.DecimalField(
        _("uncertainty to"), max_digits=20, decimal_places=4, null=True, blank=True
    )
    margin_level = models.DecimalField(
        _("level of the interval, %"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    margin_kind = models.CharField(
        _("kind of interval"), max_length=11, choices=Margin, blank=True, default=""
    )
    qualifier = models.CharField(max_length=10, choices=Qualifier.choices, default=Qualifier.EXACT)
    period_start = models.CharField(_("period from"), max_length=10, blank=True)
    period_end = models.CharField(_("period to"), max_length=10, blank=True)
    as_of = models.CharField(_("as of"), max_length=10, blank=True)
    edition = models.CharField(_("edition"), max_length=200, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.FINAL)
    is_headline = models.BooleanField(_("shown on the front page"), default=False)
    is_break = models.BooleanField(_("not comparable with the one before"), default=False)
    rule = models.CharField(_("counting rule"), max_length=300, blank=True)
    source_title = models.CharField(_("source"), max_length=500)
    source_url = models.URLField(_("address of the source"), max_length=1000, blank=True)
    source_page = models.CharField(_("page"), max_length=40, blank=True)
    note = models.TextField(_("note"), blank=True)
    added_at = models.DateTimeField(null=True)
    superseded_by = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    superseded_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = ObservationQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="observation_interval_is_upright",
                condition=Q(upper__isnull=True) | Q(upper__gte=models.F("value")),
            ),
            models.CheckConstraint(
                name="observation_margin_holds_the_value",
                condition=Q(margin_low__isnull=True, margin_high__isnull=True, margin_kind="")
                | Q(margin_low__lte=models.F("value"), margin_high__gte=models.F("value"))
                & ~Q(margin_kind=""),
            ),
            models.CheckConstraint(
                name="observation_superseded_says_when",
                condition=Q(superseded_by__isnull=True) | Q(superseded_at__isnull=False),
            ),
        )
        indexes = (models.Index(fields=("series", "position"), name="observation_order"),)

    def __str__(self) -> str:
        return f"{self.qualifier} {self.value}"

    @property
    def is_standing(self) -> bool:
        """Neither superseded by a later one here nor taken back."""
        return self.superseded_by_id is None and self.withdrawn_at is None


class FiguresVersion(models.Model):
    """All figures of a series as they stood after one change, as plain values."""

    series = models.ForeignKey(Series, models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    by = models.ForeignKey("directory.Person", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("series", "number"), name="figures_version_once"),
        )

    def __str__(self) -> str:
        return f"{self.series_id} figures v{self.number}"


class Preference(models.Model):
    """Among rivals, the figure that an editor uses for one purpose, and why."""

    series = models.ForeignKey(Series, models.CASCADE, related_name="+")
    observation = models.ForeignKey(Observation, models.CASCADE, related_name="+")
    purpose = models.CharField(_("for what"), max_length=200)
    reason = models.TextField(_("why this one"))
    by = models.ForeignKey("directory.Person", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("observation", "purpose"), name="preference_once_a_purpose"
            ),
        )

    def __str__(self) -> str:
        return self.purpose


class Chart(Record):
    """A picture of figures that an editor has made: which series, what of them, in which form.

    It holds no figure: whoever looks at it sees those they may see, as they stand today.
    """

    class Form(models.TextChoices):
        BAR = "bar", _("Bars: one value beside another")
        DOT = "dot", _("Dots with intervals: rival figures, how sure each is")
        LINE = "line", _("Lines over time")
        MULTIPLES = "multiples", _("Small lines, one picture for each economy")
        STACK = "stack", _("Shares of a whole: answers of a question")
        SLOPE = "slope", _("Slope: between the first moment and the last")
        MAP = "map", _("Map of the region")

    class Split(models.TextChoices):
        NONE = "", _("Not at all: totals")
        GROUP = "group", _("By group")
        SEX = "sex", _("By sex")
        AGE = "age", _("By age")

    class Time(models.TextChoices):
        NEWEST = "", _("The newest figure of each")
        ALL = "all", _("All of them")

    class Order(models.TextChoices):
        GIVEN = "", _("As in the series")
        VALUE = "value", _("The largest first")
        NAME = "name", _("By name")

    form = models.CharField(_("form"), max_length=10, choices=Form, default=Form.BAR)
    series_list = models.TextField(_("series"), blank=True)  # references, one a line
    areas = models.CharField(_("areas"), max_length=400, blank=True)  # codes; empty: all
    split = models.CharField(
        _("broken down"), max_length=10, choices=Split, blank=True, default=Split.NONE
    )
    time = models.CharField(
        _("which figures"), max_length=10, choices=Time, blank=True, default=Time.NEWEST
    )
    order = models.CharField(
        _("order"), max_length=10, choices=Order, blank=True, default=Order.GIVEN
    )
    shown_with = models.CharField(_("also on the page of"), max_length=14, blank=True)

    class Meta:
        indexes = (models.Index(fields=("shown_with",), name="chart_shown_with"),)

    def get_absolute_url(self) -> str:
        return reverse("indicators:chart", args=[self.reference])
