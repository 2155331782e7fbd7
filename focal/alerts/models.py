"""What is new for somebody: one row for each matter and person."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Item(models.Model):
    """One matter for one person, in their inbox and perhaps in a letter.

    It belongs to that person alone. One that names a record is shown only while they may see
    that record: `text` may hold its title. `text` is in the person's language.
    """

    class Source(models.TextChoices):
        MATCH = "match", _("Something you follow")
        NOTICE = "notice", _("For you")
        NUDGE = "nudge", _("To do")

    person = models.ForeignKey("directory.Person", models.CASCADE, related_name="+")
    source = models.CharField(max_length=8, choices=Source.choices)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=160)
    record = models.CharField(max_length=14, blank=True)
    marking = models.CharField(max_length=12, blank=True)
    text = models.TextField(blank=True)
    url = models.CharField(max_length=500, blank=True)
    action_label = models.CharField(max_length=120, blank=True)
    action_url = models.CharField(max_length=500, blank=True)
    due_date = models.DateField(null=True)
    urgency = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("person", "source", "kind", "key"), name="alert_item_once"
            ),
        )
        indexes = (
            models.Index(fields=("person", "-created_at", "-id"), name="alert_item_newest"),
            models.Index(
                fields=("person",),
                condition=Q(read_at__isnull=True, settled_at__isnull=True),
                name="alert_item_unread",
            ),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.kind} {self.key} for {self.person_id}"
