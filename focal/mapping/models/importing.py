"""Imports: a file that somebody brought, what it would do, what it did, and the way back."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from focal.kernel.ids import new_reference
from focal.records.models import Record
from focal.sharing.markings import Marking


class MappingImport(models.Model):
    """One file. It belongs to whoever brought it; what the command line brings, to nobody."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to be read")
        CHECKED = "checked", _("Checked")
        APPLYING = "applying", _("Being applied")
        APPLIED = "applied", _("Applied")
        UNDOING = "undoing", _("Being taken back")
        UNDONE = "undone", _("Taken back")
        FAILED = "failed", _("Could not be read")

    class Format(models.TextChoices):
        IATI = "iati", _("IATI activities")
        WHO_WHAT_WHERE = "3w", _("3W table")
        TABLE = "table", _("Table with a column mapping")
        SHEET = "sheet", _("Our template")

    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    person = models.ForeignKey(
        "directory.Person", models.CASCADE, null=True, blank=True, related_name="+"
    )
    organisation = models.ForeignKey("directory.Organisation", models.CASCADE, related_name="+")
    format = models.CharField(max_length=6, choices=Format.choices)
    file_name = models.CharField(max_length=255)
    marking = models.CharField(max_length=12, choices=Marking.choices)
    publish = models.BooleanField(default=False)
    mapping_name = models.CharField(max_length=80, blank=True)
    columns = models.JSONField(default=dict)
    take_conflicts = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    problem = models.TextField(blank=True)
    made_organisations = models.JSONField(default=list)
    created_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=("person", "-id"), name="mapping_import_newest"),)

    def __str__(self) -> str:
        return self.file_name


class MappingImportRow(models.Model):
    """One entry of a file: what it would do here, and what it did."""

    class Verdict(models.TextChoices):
        NEW = "new", _("New")
        CHANGED = "changed", _("Changed")
        UNCHANGED = "unchanged", _("Unchanged")
        CONFLICTING = "conflicting", _("Conflicting")
        REFUSED = "refused", _("Refused")

    class Decision(models.TextChoices):
        """What becomes of a row that conflicts. Undecided, it is left as it is here."""

        NONE = "", _("Not decided")
        HERE = "here", _("Stays as it is here")
        FILE = "file", _("Taken from the file")
        FIELDS = "fields", _("Field by field")

    batch = models.ForeignKey(MappingImport, models.CASCADE, related_name="+")
    row = models.PositiveIntegerField()
    sheet = models.CharField(max_length=40, blank=True)
    level = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=400, blank=True)
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    kind = models.CharField(max_length=20, default="initiative")
    entry = models.JSONField(default=dict)
    fields = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    record_reference = models.CharField(max_length=14, blank=True)
    version_before = models.PositiveIntegerField(default=0)
    version_after = models.PositiveIntegerField(default=0)
    is_done = models.BooleanField(default=False)
    decision = models.CharField(max_length=6, choices=Decision.choices, blank=True, default="")
    taken = models.JSONField(default=list)  # fields that come from the file, field by field

    class Meta:
        indexes = (
            models.Index(fields=("batch", "verdict", "row"), name="mapping_import_row_verdict"),
        )

    def __str__(self) -> str:
        return f"{self.row}: {self.verdict}"


class ImportedState(models.Model):
    """What an import last said of a record, and the record's version after it was written.

    By it a second import of the same is no event, and what was changed here meanwhile is told
    from what was changed there. `declined` holds what the file said and somebody did not want,
    by field: the same said again is no news.
    """

    record = models.ForeignKey(Record, models.CASCADE, related_name="+")
    scheme = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    declined = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("record", "scheme"), name="imported_state_once"),
        )

    def __str__(self) -> str:
        return f"{self.record_id} {self.scheme}"


class ColumnMapping(models.Model):
    """Which column of an organisation's table says what: corrected once, known from then on."""

    organisation = models.ForeignKey("directory.Organisation", models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=32)
    columns = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "name"), name="column_mapping_once"),
        )

    def __str__(self) -> str:
        return self.name
