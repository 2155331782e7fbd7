from django.db import models


class ChainHead(models.Model):
    """The one row that writers queue at, so that the chain never forks."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.number}: {self.digest}"


class Entry(models.Model):
    """One deed. The database itself refuses to change or delete it (migration 0002)."""

    number = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()
    action = models.CharField(max_length=60)
    target_kind = models.CharField(max_length=40)
    target_key = models.CharField(max_length=120)
    actor_key = models.CharField(max_length=120)
    detail = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        indexes = (models.Index(fields=("target_kind", "target_key"), name="audit_target"),)

    def __str__(self) -> str:
        return f"{self.number} {self.action} {self.target_kind} {self.target_key}"
