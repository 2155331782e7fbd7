"""Frames: the plans against which needs, responses and initiatives are read.

A frame is one edition of a plan, as a tree pillar > objective > measure. Several stand side by
side, and a new edition supersedes the one before without touching what was filed under it.
Frames are read by everybody: a plan that is not public does not belong here.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from focal.kernel.ids import new_reference


class Frame(models.Model):
    """One edition of a plan: the iPA, the Joint Action Plan, a strategy of an economy."""

    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    key = models.SlugField(_("key"), max_length=60)
    edition = models.CharField(_("edition"), max_length=40)
    title = models.CharField(_("title"), max_length=300)
    acronym = models.CharField(_("acronym"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=12, default="en")
    economy = models.ForeignKey(
        "vocabulary.Economy", models.PROTECT, null=True, blank=True, related_name="+"
    )
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    supersedes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    start_date = models.DateField(_("start"), null=True, blank=True)
    end_date = models.DateField(_("end"), null=True, blank=True)
    source_url = models.URLField(_("source"), max_length=1000, blank=True)
    is_example = models.BooleanField(default=False)
    is_current = models.BooleanField(default=True)
    added_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("key", "edition"), name="frame_edition_once"),
            models.UniqueConstraint(
                fields=("key",), condition=Q(is_current=True), name="frame_one_current_edition"
            ),
            models.CheckConstraint(
                name="frame_ends_after_it_starts",
                condition=Q(end_date__isnull=True)
                | Q(start_date__isnull=True)
                | Q(end_date__gte=F("start_date")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.acronym or self.title} {self.edition}".strip()

    def list_nodes(self) -> models.QuerySet[FrameNode]:
        """Its items in the order of the plan."""
        return FrameNode.objects.filter(frame=self).order_by("path")


class FrameNode(models.Model):
    """A pillar, an objective or a measure. `path` begins with the path of what is above it.

    `titles` holds its title by language; `succeeds` is the same item of the edition before.
    """

    class Level(models.TextChoices):
        PILLAR = "pillar", _("Pillar")
        OBJECTIVE = "objective", _("Objective")
        MEASURE = "measure", _("Measure")

    frame = models.ForeignKey(Frame, models.CASCADE, related_name="+")
    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="+")
    succeeds = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    level = models.CharField(max_length=10, choices=Level.choices)
    code = models.CharField(_("number"), max_length=40)
    path = models.CharField(max_length=60)
    titles = models.JSONField(default=dict)
    description = models.TextField(_("description"), blank=True)
    topics = models.ManyToManyField("vocabulary.Concept", blank=True, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("frame", "code"), name="frame_code_once"),
            models.UniqueConstraint(fields=("frame", "path"), name="frame_path_once"),
            models.CheckConstraint(
                name="frame_pillars_are_on_top",
                condition=Q(level="pillar", parent__isnull=True)
                | (~Q(level="pillar") & Q(parent__isnull=False)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.get_title('en')}"

    def get_title(self, language: str) -> str:
        """Its title in a language, in English, or in whichever it has. Asks no query."""
        titles: dict[str, str] = self.titles
        if language in titles:
            return titles[language]
        base = language.partition("-")[0]
        return titles.get(base) or titles.get("en") or next(iter(titles.values()), self.code)
