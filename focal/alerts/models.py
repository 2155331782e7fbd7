"""What people follow, and what is new for them: one row for each matter and person."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from focal.kernel.ids import new_reference


class Rhythm(models.TextChoices):
    """When mail tells of it. The list on the platform always does, at once."""

    NOW = "now", _("At once")
    DAILY = "daily", _("Once a day")
    WEEKLY = "weekly", _("Once a week")
    NEVER = "never", _("Never by mail")


class Reader(models.Model):
    """How somebody wants to be told, and when they last were. Without a row: the defaults."""

    person = models.OneToOneField(
        "directory.Person", models.CASCADE, primary_key=True, related_name="+"
    )
    notices = models.CharField(
        _("What concerns you in person"),
        max_length=8,
        choices=Rhythm.choices,
        default=Rhythm.NOW,
    )
    nudges = models.CharField(
        _("What is waiting for you"), max_length=8, choices=Rhythm.choices, default=Rhythm.DAILY
    )
    mail_stopped_at = models.DateTimeField(null=True)
    last_now_at = models.DateTimeField(null=True)
    last_daily_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Reader {self.person_id}"


class Subscription(models.Model):
    """Something a person follows. What it is called is worked out where it is shown.

    `value` is a topic's key, an economy's code, a format's slug, the reference of an
    organisation or record; of a search, the digest of its `query` (as it stands in the address).
    `vector` is what a search means, as 16-bit numbers in the space that `space` names; `floor`
    is how near a record must come.
    """

    class What(models.TextChoices):
        TOPIC = "topic", _("Topic")
        ECONOMY = "economy", _("Economy")
        FORMAT = "format", _("Format")
        ORGANISATION = "organisation", _("Organisation")
        RECORD = "record", _("Record")
        SEARCH = "search", _("Search")

    reference = models.CharField(max_length=14, unique=True, default=new_reference)
    person = models.ForeignKey("directory.Person", models.CASCADE, related_name="+")
    what = models.CharField(max_length=12, choices=What.choices)
    value = models.CharField(max_length=120)
    query = models.TextField(blank=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    rhythm = models.CharField(max_length=8, choices=Rhythm.choices, default=Rhythm.DAILY)
    vector = models.BinaryField(null=True)
    space = models.CharField(max_length=120, blank=True)
    floor = models.FloatField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("person", "what", "value"), name="subscription_once"),
        )

    def __str__(self) -> str:
        return f"{self.person_id} follows {self.what} {self.value}"


class Item(models.Model):
    """One matter for one person, in their inbox and perhaps in a letter.

    It belongs to that person alone. One that names a record is shown only while they may see
    that record: `text` may hold its title. `text` is in the language the person had; `words`
    hold the sentence and its button for other languages, where they can be said anew
    (`alerts.words`). Of a match both are empty, and the record itself is shown. A nudge that was
    put away (`is_put_away`) does not come up again under its key. `subscriptions` are the
    numbers of those that a match comes from, `relevance` (0 to 1) its place among others.
    `letter` is the reference of the last letter that told of it.
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
    words = models.JSONField(default=dict)
    url = models.CharField(max_length=500, blank=True)
    action_label = models.CharField(max_length=120, blank=True)
    action_url = models.CharField(max_length=500, blank=True)
    due_date = models.DateField(null=True)
    urgency = models.PositiveSmallIntegerField(default=1)
    subscriptions = models.JSONField(default=list)
    relevance = models.FloatField(default=0.0)
    version = models.PositiveIntegerField(default=0)
    is_change = models.BooleanField(default=False)
    is_urgent = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    is_put_away = models.BooleanField(default=False)
    mailed_at = models.DateTimeField(null=True)
    letter = models.CharField(max_length=14, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("key", "source", "kind", "person"), name="alert_item_once"
            ),
        )
        indexes = (
            models.Index(fields=("person", "-created_at", "-id"), name="alert_item_newest"),
            models.Index(
                fields=("person", "created_at"),
                condition=Q(read_at__isnull=True, settled_at__isnull=True),
                name="alert_item_unread",
            ),
            models.Index(
                fields=("person",),
                condition=Q(is_urgent=True, mailed_at__isnull=True),
                name="alert_item_urgent",
            ),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.kind} {self.key} for {self.person_id}"

    @property
    def name(self) -> str:
        """What addresses call it: it means nothing to anybody but its owner."""
        return f"{self.source}:{self.kind}:{self.key}"
