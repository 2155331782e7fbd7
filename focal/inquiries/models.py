"""Inquiries: a question that somebody asks others, and what came of it.

An inquiry is a record: its question is the title, its background the text, its recipients the
release list. Its answers are posts of the conversation that shares its audience; what an answer
is (an answer, 'not us', 'we do not have this') and for whom it speaks stands here.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from focal.kernel.ids import new_reference
from focal.records.models import Record


class Inquiry(Record):
    """A question, until when an answer helps, and how it ended."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    class Becomes(models.TextChoices):
        NOTHING = "", _("Nothing more")
        PRACTICE = "practice", _("A practice")
        PUBLICATION = "publication", _("A publication")

    due_date = models.DateField(_("answers help until"), null=True, blank=True)
    answer_form = models.TextField(_("form of answer that would help"), blank=True)
    status = models.CharField(max_length=6, choices=Status.choices, default=Status.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(_("what came of it"), blank=True)
    becomes = models.CharField(
        max_length=11, choices=Becomes.choices, default=Becomes.NOTHING, blank=True
    )
    result = models.ForeignKey(Record, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="inquiry_closed_at_when_closed",
                condition=Q(status="open", closed_at__isnull=True)
                | Q(status="closed", closed_at__isnull=False),
            ),
        )
        indexes = (models.Index(fields=("status", "due_date"), name="inquiry_due"),)

    @property
    def is_open(self) -> bool:
        """Whether it still takes answers."""
        return self.status == self.Status.OPEN

    def get_absolute_url(self) -> str:
        return reverse("inquiries:inquiry", args=[self.reference])


class Answer(models.Model):
    """What a post answers with, and for whom it speaks.

    `speaks_for` are the tokens of the author on that day: themselves, their organisations, the
    economies and formats they stand for. It stays as it was when people move on.
    """

    class Sort(models.TextChoices):
        ANSWER = "answer", _("An answer")
        NOT_US = "not_us", _("Not us: ask somebody else")
        NOTHING = "nothing", _("We do not have this")

    inquiry = models.ForeignKey(Inquiry, models.CASCADE, related_name="+")
    post = models.OneToOneField("threads.Post", models.CASCADE, related_name="+")
    sort = models.CharField(max_length=7, choices=Sort.choices, default=Sort.ANSWER)
    speaks_for = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.sort} {self.post_id}"


class Pointer(models.Model):
    """'Ask X': whom an answer names in its place. The asker alone can add them."""

    class State(models.TextChoices):
        OPEN = "open", _("Not decided")
        ADDED = "added", _("Asked")
        LEFT = "left", _("Not asked")

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="+")
    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    token = models.CharField(max_length=40)
    name = models.CharField(max_length=340)
    state = models.CharField(max_length=5, choices=State.choices, default=State.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("answer", "token"), name="pointer_once"),)

    def __str__(self) -> str:
        return f"{self.answer_id}: {self.token}"


class SourceRequest(models.Model):
    """May this answer be named as a source of what the inquiry becomes? Its author says."""

    class State(models.TextChoices):
        ASKED = "asked", _("Not decided")
        AGREED = "agreed", _("Agreed")
        DECLINED = "declined", _("Rather not")

    answer = models.OneToOneField(Answer, models.CASCADE, related_name="+")
    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.answer_id}: {self.state}"
