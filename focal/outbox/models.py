from django.db import models


class Entry(models.Model):
    """One thing that one consumer still has to be told. Deleted when it has been."""

    consumer = models.CharField(max_length=40)
    topic = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    revokes = models.BooleanField(default=False)
    emitted_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("consumer", "id"), name="outbox_next"),
            models.Index(
                fields=("consumer", "key"), condition=models.Q(revokes=True), name="outbox_revoking"
            ),
        )

    def __str__(self) -> str:
        return f"{self.consumer}: {self.topic} {self.key}"


class PeriodicRun(models.Model):
    """When a piece of periodic work was last done, so that a restart does not do it again."""

    name = models.CharField(max_length=60, primary_key=True)
    last_run_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.name}: {self.last_run_at}"
