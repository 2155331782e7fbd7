"""The common ground of all records, and the kinds that have no life of their own.

A kind adds only what is its own. Everything that hangs on a record is reached through a
record that the viewer may see; that is why relations to it carry `related_name="+"`.
"""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from focal.kernel.ids import new_reference
from focal.sharing.markings import Marking
from focal.sharing.models import Protected, red_has_an_owner


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    PUBLISHED = "published", _("Published")
    ARCHIVED = "archived", _("Archived")
    WITHDRAWN = "withdrawn", _("Withdrawn")


OUT = (State.PUBLISHED, State.ARCHIVED)


class AudienceQuerySet(models.QuerySet):
    """Tokens of records."""

    def in_force(self, at: datetime) -> AudienceQuerySet:
        """Those that have not come to their end."""
        return self.filter(Q(until__isnull=True) | Q(until__gt=at))


class RecordAudience(models.Model):
    """One token that a record is visible to. Written by services alone, from the markings.

    With `until` it counts only before that moment: the door looks at the clock itself, so that
    access ends exactly then, whatever else is late.
    """

    record = models.ForeignKey("records.Record", models.CASCADE, related_name="+")
    token = models.CharField(max_length=40)
    until = models.DateTimeField(null=True)

    objects = AudienceQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("record", "token"), name="record_audience_once"),
        )
        indexes = (
            models.Index(fields=("token", "record"), name="record_audience_token"),
            models.Index(
                fields=("until",), condition=Q(until__isnull=False), name="record_audience_until"
            ),
        )

    def __str__(self) -> str:
        return self.token


class Record(Protected):
    """Anything the platform keeps and shares. Its kind's own fields stand in a subclass."""

    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    language = models.CharField(_("language"), max_length=12, default="en")
    title = models.CharField(_("title"), max_length=400)
    summary = models.TextField(_("summary"), blank=True)
    body = models.TextField(_("text"), blank=True)
    issued_date = models.DateField(_("date"), null=True, blank=True)
    economies = models.ManyToManyField(
        "vocabulary.Economy", blank=True, related_name="+", verbose_name=_("economies")
    )
    topics = models.ManyToManyField(
        "vocabulary.Concept", blank=True, related_name="+", verbose_name=_("topics")
    )
    target_groups = models.ManyToManyField(
        "vocabulary.Concept", blank=True, related_name="+", verbose_name=_("target groups")
    )
    organisations = models.ManyToManyField(
        "directory.Organisation",
        blank=True,
        related_name="+",
        verbose_name=_("organisations it comes from"),
    )
    supersedes = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("supersedes"),
    )
    second_eyes_over = models.PositiveSmallIntegerField(
        _("a second person confirms before more organisations than this see it"),
        null=True,
        blank=True,
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)

    audience_model = RecordAudience

    class Meta:
        constraints = (
            red_has_an_owner("record_red_has_an_owner"),
            models.CheckConstraint(
                name="record_out_has_been_published",
                condition=Q(state__in=("draft", "in_review", "withdrawn"))
                | Q(published_at__isnull=False),
            ),
        )
        indexes = (
            models.Index(fields=("state", "-published_at", "-id"), name="record_newest"),
            models.Index(fields=("kind", "state", "-published_at", "-id"), name="record_kind"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def is_out(self) -> bool:
        """Published or archived: readable by its whole audience."""
        return self.state in OUT

    def get_absolute_url(self) -> str:
        return reverse("records:record", args=[self.reference])


class Release(models.Model):
    """One entry of a record's release list, as its owner set it; `ends_at` is its end, if any."""

    record = models.ForeignKey(Record, models.CASCADE, related_name="+")
    token = models.CharField(max_length=40)
    added_at = models.DateTimeField(null=True)
    added_by = models.ForeignKey("directory.Person", models.SET_NULL, null=True, related_name="+")
    ends_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("record", "token"), name="release_once"),)

    def __str__(self) -> str:
        return self.token


class PastRelease(models.Model):
    """A release that has ended: those who held it may have read the record until then."""

    class End(models.TextChoices):
        REMOVED = "removed", _("Taken from the list")
        RECALLED = "recalled", _("Recalled")
        LAPSED = "lapsed", _("Came to its end")

    record = models.ForeignKey(Record, models.CASCADE, related_name="+")
    token = models.CharField(max_length=40)
    added_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField()
    ended_by = models.ForeignKey("directory.Person", models.SET_NULL, null=True, related_name="+")
    end = models.CharField(max_length=8, choices=End.choices)

    class Meta:
        indexes = (models.Index(fields=("record", "-ended_at"), name="past_release_newest"),)

    def __str__(self) -> str:
        return f"{self.token} until {self.ended_at:%Y-%m-%d}"


class Portion(models.Model):
    """A block of a record's text with a marking of its own.

    It stands apart from the text, so that whoever reads `body` has what the whole audience may
    read, and nothing else. `position` is its place among the blocks of the whole text;
    `language` is empty for the original. See focal.records.portions.
    """

    record = models.ForeignKey(Record, models.CASCADE, related_name="+")
    language = models.CharField(max_length=12, blank=True)
    position = models.PositiveIntegerField()
    marking = models.CharField(max_length=12, choices=Marking.choices)
    html = models.TextField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("record", "language", "position"), name="portion_once"),
        )

    def __str__(self) -> str:
        return f"{self.record_id}: {self.marking}"


class Opening(models.Model):
    """That somebody opened an AMBER or RED record, or a document of it: for its owner's eyes."""

    class What(models.TextChoices):
        PAGE = "page", _("The record")
        DOCUMENT = "document", _("A document, read here")
        DOWNLOAD = "download", _("A document, taken along")

    record = models.ForeignKey(Record, models.CASCADE, related_name="+")
    person = models.ForeignKey("directory.Person", models.CASCADE, related_name="+")
    what = models.CharField(max_length=8, choices=What.choices)
    attachment = models.CharField(max_length=14, blank=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("record", "person", "what", "attachment"), name="opening_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} opened {self.record_id}"


class SharingRequest(models.Model):
    """Somebody asks for a change of what others read, and somebody else decides.

    `release`: a reader asks its owner to release it to others. `second`: an owner has chosen,
    and a second person confirms. `change`: a contributor has changed what is published, and
    somebody who may publish looks at it. `wanted` holds plain values: marking, releases, step,
    content ...
    """

    class Kind(models.TextChoices):
        RELEASE = "release", _("Asks to release it to others")
        SECOND = "second", _("Waits for a second pair of eyes")
        CHANGE = "change", _("In review")

    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    record = models.ForeignKey(Record, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    wanted = models.JSONField()
    reason = models.TextField(blank=True)
    asked_by = models.ForeignKey("directory.Person", models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey("directory.Person", models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    is_granted = models.BooleanField(null=True)
    answer = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="sharing_request_decided_wholly",
                condition=Q(decided_at__isnull=True, is_granted__isnull=True)
                | Q(decided_at__isnull=False, is_granted__isnull=False),
            ),
        )
        indexes = (
            models.Index(
                fields=("record",),
                condition=Q(decided_at__isnull=True),
                name="sharing_request_open",
            ),
        )

    def __str__(self) -> str:
        return self.reference


class GlassRequest(models.Model):
    """Break-glass reading: asked for with a reason, allowed by a second person, for a time.

    `record_reference` is what the asker wrote: nothing tells them whether there is such a
    record. `record` is set when it was opened. `ground` is for the second person, `reason` for
    the owner: it may say more of the record than the second person may know. See
    focal.records.glass.
    """

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("Waits for a second person")
        REFUSED = "refused", _("Refused by the second person")
        CLOSED = "closed", _("Cannot be opened")
        OPENED = "opened", _("Opened for reading")

    class Ground(models.TextChoices):
        ORDERED = "ordered", _("A court or an oversight body has ordered it")
        SAFETY = "safety", _("Somebody's safety depends on it")
        ABSENT = "absent", _("Those who may read it have left, or cannot be reached in time")
        RIGHTS = "rights", _("A person asks for what the platform holds about them")
        MISUSE = "misuse", _("Something may be there that does not belong on the platform")
        FAULT = "fault", _("A technical fault has to be mended")

    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    record_reference = models.CharField(max_length=14)
    record = models.ForeignKey(Record, models.SET_NULL, null=True, related_name="+")
    ground = models.CharField(max_length=8, choices=Ground.choices, blank=True)
    reason = models.TextField()
    hours = models.PositiveSmallIntegerField()
    asked_by = models.ForeignKey("directory.Person", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey("directory.Person", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.WAITING)
    answer = models.TextField(blank=True)
    ends_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="glass_is_opened_by_somebody_else_until_a_time",
                condition=~Q(outcome="opened")
                | Q(ends_at__isnull=False, decided_by__isnull=False)
                & ~Q(decided_by=models.F("asked_by")),
            ),
        )

    def __str__(self) -> str:
        return self.reference


class Notice(models.Model):
    """Something about sharing that one person is told on their desk. Theirs alone.

    `values` holds what the sentence of its `kind` names, as plain text: the record itself may
    be out of their sight by now.
    """

    person = models.ForeignKey("directory.Person", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    values = models.JSONField()
    record_reference = models.CharField(max_length=14)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("person", "-id"), condition=Q(seen_at__isnull=True), name="notice_unseen"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} for {self.person_id}"


class RecordSource(models.Model):
    """Where a statement of the record comes from."""

    record = models.ForeignKey(Record, models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(_("title"), max_length=500)
    url = models.URLField(_("address"), max_length=1000, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("record", "position"), name="source_position_once"),
        )

    def __str__(self) -> str:
        return self.title


class Translation(models.Model):
    """The record's text in one more language, beside the original."""

    class Origin(models.TextChoices):
        HUMAN = "human", _("Translated by a person")
        MACHINE = "machine", _("Translated by a machine")

    record = models.ForeignKey(Record, models.CASCADE, related_name="+")
    language = models.CharField(_("language"), max_length=12)
    title = models.CharField(_("title"), max_length=400)
    summary = models.TextField(_("summary"), blank=True)
    body = models.TextField(_("text"), blank=True)
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.HUMAN)
    needs_check = models.BooleanField(_("needs a check by a native reader"), default=False)
    of_version = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey("directory.Person", models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("record", "language"), name="translation_once"),
        )

    def __str__(self) -> str:
        return f"{self.title} [{self.language}]"


class Attachment(models.Model):
    """One document of a record. A newer version of it points to the one it replaces."""

    record = models.ForeignKey(Record, models.CASCADE, related_name="+")
    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    position = models.PositiveIntegerField(default=0)
    title = models.CharField(_("title"), max_length=400)
    language = models.CharField(_("language"), max_length=12, blank=True)
    file_name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    original_digest = models.CharField(max_length=64, blank=True)  # of the file as it came
    page_count = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)
    replaces = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    is_current = models.BooleanField(default=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey("directory.Person", models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = (
            models.Index(fields=("record", "is_current", "position"), name="attachment_current"),
            models.Index(fields=("digest",), name="attachment_digest"),
            models.Index(fields=("original_digest",), name="attachment_original"),
        )

    def __str__(self) -> str:
        return self.title


class AttachmentPage(models.Model):
    """The text of one page (a document without pages has one)."""

    attachment = models.ForeignKey(Attachment, models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    text = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("attachment", "number"), name="page_once"),)

    def __str__(self) -> str:
        return f"{self.attachment_id} p. {self.number}"


class Transition(models.Model):
    """A step in a record's life: from which state to which, by whom, when and why."""

    record = models.ForeignKey(Record, models.CASCADE, related_name="+")
    from_state = models.CharField(max_length=10, choices=State.choices, blank=True)
    to_state = models.CharField(max_length=10, choices=State.choices)
    by = models.ForeignKey("directory.Person", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.from_state} > {self.to_state}"


class NotPersons(models.Model):
    """Somebody's word that a find in a record is not about a person. The find is not in it."""

    record = models.ForeignKey(Record, models.CASCADE, related_name="+")
    key = models.CharField(max_length=24)
    reason = models.TextField()
    by = models.ForeignKey("directory.Person", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("record", "key"), name="not_persons_once"),)

    def __str__(self) -> str:
        return f"{self.record_id}: {self.reason}"


class Version(models.Model):
    """The record as it was after one change: every editable field, as plain values."""

    record = models.ForeignKey(Record, models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    by = models.ForeignKey("directory.Person", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("record", "number"), name="version_once"),)

    def __str__(self) -> str:
        return f"{self.record_id} v{self.number}"


class WorkingCopy(models.Model):
    """What somebody has typed and not saved or sent yet (autosave). Nobody else sees it.

    `place` is "" for the text of a record itself; something said beside the record has the name
    of the form (`answer`), something said where there is no record its place (`thread:reference`).
    """

    record = models.ForeignKey(Record, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=20)
    person = models.ForeignKey("directory.Person", models.CASCADE, related_name="+")
    language = models.CharField(max_length=12, blank=True)
    place = models.CharField(max_length=40, blank=True, default="")
    base_version = models.PositiveIntegerField(default=0)
    fields = models.JSONField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("record", "person", "language", "place"), name="working_copy_once"
            ),
            models.UniqueConstraint(
                fields=("kind", "person", "place"),
                condition=Q(record__isnull=True),
                name="working_copy_of_a_new_record_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id} by {self.person_id}"


class ImportJob(models.Model):
    """Files that somebody brought through the page, and what became of them. Theirs alone."""

    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    person = models.ForeignKey("directory.Person", models.CASCADE, related_name="+")
    organisation = models.ForeignKey("directory.Organisation", models.CASCADE, related_name="+")
    marking = models.CharField(max_length=12, choices=Marking.choices)
    publish = models.BooleanField(default=False)
    language = models.CharField(max_length=12, blank=True)
    files = models.JSONField()
    done = models.PositiveIntegerField(default=0)
    current = models.CharField(max_length=300, blank=True)
    report = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="import_undone_after_it_finished",
                condition=Q(undone_at__isnull=True) | Q(finished_at__isnull=False),
            ),
        )
        indexes = (models.Index(fields=("person", "-id"), name="import_newest"),)

    def __str__(self) -> str:
        return self.reference


class Publication(Record):
    """A study, report, strategy, law, survey ... : something issued."""

    authors = models.CharField(_("authors"), max_length=500, blank=True)
    publisher = models.CharField(_("publisher"), max_length=300, blank=True)
    publication_type = models.CharField(_("type"), max_length=100, blank=True)
    identifier = models.CharField(_("ISBN, DOI or number"), max_length=200, blank=True)


class Practice(Record):
    """Something that was done and that others may learn from (RAN Collection's template)."""

    class Grade(models.TextChoices):
        SELF_REPORTED = "self_reported", _("Self-reported")
        PEER_REVIEWED = "peer_reviewed", _("Peer-reviewed")
        EVALUATED = "evaluated", _("Evaluated")

    start_date = models.DateField(_("start"), null=True, blank=True)
    end_date = models.DateField(_("end"), null=True, blank=True)
    geographical_scope = models.CharField(_("geographical scope"), max_length=300, blank=True)
    prevention_levels = models.ManyToManyField(
        "vocabulary.Concept", blank=True, related_name="+", verbose_name=_("prevention levels")
    )
    extremism_kinds = models.ManyToManyField(
        "vocabulary.Concept", blank=True, related_name="+", verbose_name=_("kinds of extremism")
    )
    deliverables = models.TextField(_("deliverables"), blank=True)
    evidence_grade = models.CharField(
        _("evidence grade"), max_length=14, choices=Grade.choices, default=Grade.SELF_REPORTED
    )
    evidence = models.TextField(_("evidence and evaluation"), blank=True)
    evidence_date = models.DateField(_("date of the evidence"), null=True, blank=True)
    sustainability = models.TextField(_("sustainability and cost"), blank=True)
    transferability = models.TextField(_("transferability"), blank=True)
    presented_at = models.TextField(_("presented and discussed at"), blank=True)
    linked_initiatives = models.TextField(_("linked initiatives and funding"), blank=True)
    contact_point = models.CharField(
        _("contact point (an office, not a person)"), max_length=300, blank=True
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="practice_ends_after_it_starts",
                condition=Q(end_date__isnull=True)
                | Q(start_date__isnull=True)
                | Q(end_date__gte=models.F("start_date")),
            ),
        )


class News(Record):
    """Something that happened, told in a page."""

    place = models.CharField(_("place"), max_length=200, blank=True)
    credit = models.CharField(_("written by"), max_length=200, blank=True)


class Toolkit(Record):
    """An ordered collection of records for one target group."""

    audience_note = models.CharField(
        _("who it is for and how to use it"), max_length=500, blank=True
    )


class ToolkitItem(models.Model):
    """A record's place in a toolkit, and what it is there for."""

    toolkit = models.ForeignKey(Toolkit, models.CASCADE, related_name="+")
    record = models.ForeignKey(Record, models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()
    note = models.CharField(_("what it is there for"), max_length=500, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("toolkit", "position"), name="toolkit_position_once"),
        )

    def __str__(self) -> str:
        return f"{self.toolkit_id}: {self.position}"
