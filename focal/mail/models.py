"""Letters and what became of them; addresses that answered that nobody is there.

Mail stands below people: a letter names its reader by address and number, not by relation.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from focal.kernel.ids import new_reference


class State(models.TextChoices):
    """Where a letter is on its way (docs/decisions/1100)."""

    WAITING = "waiting", _("Waiting to be sent")
    CLAIMED = "claimed", _("A worker has taken it; nothing has left yet")
    HANDING = "handing", _("Being handed to the mail server")
    SENT = "sent", _("Sent")
    DOUBTFUL = "doubtful", _("Perhaps sent: the worker or the line broke while it was handed over")
    FAILED = "failed", _("Not sent: the mail server would not take it")
    OVERTAKEN = "overtaken", _("Not sent: what it said was no longer for its reader")
    STOPPED = "stopped", _("Not sent: mail to this address comes back")


class Letter(models.Model):
    """One mail to one address. Its Message-ID is made from its reference and never changes."""

    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    once = models.CharField(max_length=120, null=True, unique=True)
    to_address = models.EmailField()
    person_id = models.PositiveBigIntegerField(null=True)
    kind = models.CharField(max_length=40)
    language = models.CharField(max_length=12, blank=True)
    marking = models.CharField(max_length=12, blank=True)
    subject = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    about = models.JSONField(default=list)
    thread = models.CharField(max_length=120, blank=True)
    stop_url = models.CharField(max_length=500, blank=True)
    is_secret = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=120, blank=True)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    bounced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="letter_says_what_mail_may_carry",
                condition=Q(marking__in=("", "CLEAR", "GREEN")),
            ),
            models.CheckConstraint(
                name="letter_sent_has_its_moment",
                condition=~Q(state="sent") | Q(sent_at__isnull=False),
            ),
        )
        indexes = (
            models.Index(fields=("state", "retry_at"), name="letter_due"),
            models.Index(fields=("-created_at", "-id"), name="letter_newest"),
            models.Index(fields=("to_address",), name="letter_address"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.reference} ({self.state})"


class Address(models.Model):
    """An address from which mail came back."""

    email = models.EmailField(unique=True)
    bounces = models.PositiveSmallIntegerField(default=0)
    last_bounce_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    stopped_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.email
