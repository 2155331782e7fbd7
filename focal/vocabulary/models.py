"""Economies, languages and concepts: shared words, kept as rows so that facts can point to them.

Nothing that a fact points to is ever deleted: what is no longer used is retired. What a
person wrote or corrected here (`origin` is 'hand') is left alone when the files are loaded again.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from focal.vocabulary.snapshot import get_vocabulary


class Origin(models.TextChoices):
    FILE = "file", _("from the data files")
    HAND = "hand", _("written or imported here")


class Scheme(models.TextChoices):
    TOPICS = "topics", _("Topics")
    TARGET_GROUPS = "target-groups", _("Target groups")
    ORGANISATION_KINDS = "organisation-kinds", _("Kinds of organisation")
    PREVENTION_LEVELS = "prevention-levels", _("Prevention levels")
    EXTREMISM_KINDS = "extremism-kinds", _("Kinds of extremism")


class Named(models.Model):
    """A name in one language, with the days it held: since (included) until (not included)."""

    language = models.CharField(_("language"), max_length=12)
    name = models.CharField(_("name"), max_length=200)
    since = models.DateField(_("since"), null=True, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        abstract = True


class Economy(models.Model):
    """A participant of the Regional Cooperation Council. Its name is `get_name`, never `code`."""

    code = models.CharField(_("code"), max_length=2, primary_key=True)
    asterisk = models.BooleanField(_("shown with asterisk and footnote"), default=False)
    position = models.PositiveSmallIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.get_name("en")

    def get_name(self, language: str) -> str:
        """Its name in a language, with the asterisk where there must be one. Asks no query."""
        return get_vocabulary().economy_name(self.code, language)


class EconomyName(Named):
    """A name of an economy. The one shown is `is_display`; the others are there to be found."""

    economy = models.ForeignKey(Economy, models.CASCADE, related_name="names")
    is_display = models.BooleanField(default=False)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("economy", "language", "name"), name="economy_name_once"
            ),
            models.UniqueConstraint(
                fields=("economy", "language"),
                condition=Q(is_display=True),
                name="economy_one_display_name",
            ),
            models.CheckConstraint(
                name="economy_display_name_holds_today",
                condition=Q(is_display=False) | Q(until__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} [{self.language}]"


class EconomyGroup(models.Model):
    """Economies that are often meant together: WB6, SEE, EU."""

    code = models.CharField(_("code"), max_length=12, primary_key=True)
    position = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.code


class EconomyGroupName(Named):
    group = models.ForeignKey(EconomyGroup, models.CASCADE, related_name="names")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("group", "language"), name="economy_group_name_once"),
        )

    def __str__(self) -> str:
        return f"{self.name} [{self.language}]"


class EconomyGroupMember(models.Model):
    """An economy's place in a group, from a day (open when empty) until a day (not included)."""

    group = models.ForeignKey(EconomyGroup, models.CASCADE, related_name="members")
    economy = models.ForeignKey(Economy, models.CASCADE, related_name="groups")
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("group", "economy"), name="economy_in_a_group_once"),
        )

    def __str__(self) -> str:
        return f"{self.economy_id} in {self.group_id}"


class Language(models.Model):
    """A language in a script, by its BCP 47 code: Serbian Latin and Cyrillic are two.

    Languages with the same `found_together` are read by the same readers: whoever searches
    in one is shown the others too.
    """

    code = models.CharField(_("code"), max_length=12, primary_key=True)
    endonym = models.CharField(_("own name"), max_length=80)
    script = models.CharField(_("script"), max_length=4)
    found_together = models.CharField(max_length=12, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.endonym


class LanguageName(models.Model):
    """How a language is called in another."""

    subject = models.ForeignKey(Language, models.CASCADE, related_name="names")
    language = models.CharField(max_length=12)
    name = models.CharField(max_length=80)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("subject", "language"), name="language_name_once"),
        )

    def __str__(self) -> str:
        return f"{self.name} [{self.language}]"


class Concept(models.Model):
    """One entry of one of the lists (SKOS); `broader` makes each list a tree."""

    key = models.SlugField(_("key"), max_length=80, unique=True)
    scheme = models.CharField(_("list"), max_length=20, choices=Scheme.choices)
    broader = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    position = models.PositiveIntegerField(default=0)
    origin = models.CharField(max_length=4, choices=Origin.choices, default=Origin.HAND)
    note = models.CharField(_("note"), max_length=500, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=("scheme", "position", "id"), name="concept_in_scheme"),)
        constraints = (
            models.CheckConstraint(
                name="concept_is_not_broader_than_itself",
                condition=Q(broader__isnull=True) | ~Q(broader=F("id")),
            ),
        )

    def __str__(self) -> str:
        return self.key

    def get_label(self, language: str) -> str:
        """Its label in a language, or in the nearest one that has it. Asks no query."""
        return get_vocabulary().label(self.scheme, self.key, language)


class ConceptLabel(models.Model):
    """A word for a concept: the one shown (preferred), another one, or one only for finding."""

    class Kind(models.TextChoices):
        PREFERRED = "preferred", _("preferred")
        ALTERNATIVE = "alternative", _("alternative")
        HIDDEN = "hidden", _("only for finding")

    concept = models.ForeignKey(Concept, models.CASCADE, related_name="labels")
    language = models.CharField(_("language"), max_length=12)
    label = models.CharField(_("label"), max_length=200)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.PREFERRED)
    needs_check = models.BooleanField(_("needs a native reader's check"), default=False)
    note = models.CharField(_("note"), max_length=300, blank=True)
    origin = models.CharField(max_length=4, choices=Origin.choices, default=Origin.HAND)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("concept", "language", "label"), name="concept_label_once"
            ),
            models.UniqueConstraint(
                fields=("concept", "language"),
                condition=Q(kind="preferred"),
                name="concept_one_preferred_label",
            ),
        )

    def __str__(self) -> str:
        return f"{self.label} [{self.language}]"


class VocabularyVersion(models.Model):
    """One row: a fresh token after every change, by which other processes notice it."""

    token = models.CharField(max_length=14)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.token
