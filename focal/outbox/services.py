"""Emitting entries inside the change's transaction, and delivering them afterwards."""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from focal.outbox.models import Entry
from focal.outbox.registry import Consumer, get_consumer, get_consumers

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 6
FIRST_PAUSE = timedelta(seconds=2)  # doubled with each attempt: about two minutes in all


def emit(*, topic: str, keys: Collection[str], at: datetime, revokes: bool = False) -> None:
    """Tell every consumer of `topic` that what `keys` name has changed.

    `revokes` marks a change that takes something away from somebody: until it has been
    delivered, whoever answers from derived data must leave these keys out.
    Raises RuntimeError outside a transaction: an entry without its change would be a lie.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("emit() belongs inside the transaction of the change it tells of")
    Entry.objects.bulk_create(
        Entry(consumer=consumer.name, topic=topic, key=key, revokes=revokes, emitted_at=at)
        for consumer in get_consumers()
        if topic in consumer.topics
        for key in keys
    )


def deliver(consumer_name: str, *, at: datetime) -> int:
    """Hand the oldest batch of entries to a consumer; returns how many were settled.

    A batch that fails is tried again entry by entry, so that one bad entry cannot stop
    the others. That entry waits longer each time, and is left with its error after
    MAX_ATTEMPTS.
    """
    consumer = get_consumer(consumer_name)
    entries = list(_find_due([consumer_name], at=at).order_by("id")[: consumer.batch])
    if not entries:
        return 0
    if _hand_over(consumer, entries, at=at):
        return len(entries)
    if len(entries) == 1:
        return 0
    return sum(_hand_over(consumer, [entry], at=at) for entry in entries)


def find_waiting(consumer_names: Collection[str], *, at: datetime) -> set[str]:
    """Those of these consumers for whom an entry waits. One query, however many they are."""
    if not consumer_names:
        return set()
    return set(_find_due(consumer_names, at=at).values_list("consumer", flat=True).distinct())


def _find_due(consumer_names: Collection[str], *, at: datetime) -> QuerySet[Entry]:
    return Entry.objects.filter(
        Q(retry_at__isnull=True) | Q(retry_at__lte=at),
        consumer__in=consumer_names,
        attempts__lt=MAX_ATTEMPTS,
    )


def _hand_over(consumer: Consumer, entries: list[Entry], *, at: datetime) -> bool:
    try:
        consumer.handle(tuple(dict.fromkeys(entry.key for entry in entries)))
    except Exception as error:
        logger.exception("%s could not take %s", consumer.name, entries)
        if len(entries) == 1:
            _postpone(entries[0], error, at=at)
        return False
    Entry.objects.filter(id__in=[entry.id for entry in entries]).delete()
    return True


def _postpone(entry: Entry, error: Exception, *, at: datetime) -> None:
    entry.attempts += 1
    entry.error = f"{type(error).__name__}: {error}"[:2000]
    entry.retry_at = at + FIRST_PAUSE * 2 ** (entry.attempts - 1)
    entry.save(update_fields=("attempts", "error", "retry_at"))


def deliver_all(*consumer_names: str) -> None:
    """Deliver until nothing deliverable waits for these consumers (all, when none is named)."""
    for name in consumer_names or [consumer.name for consumer in get_consumers()]:
        while deliver(name, at=timezone.now()):
            pass


def get_revoked_keys(*consumer_names: str, limit: int = 10_000) -> list[str]:
    """Keys that something was taken away from and that these consumers have not settled yet."""
    with connection.cursor() as cursor:
        cursor.execute(_write_revoked_question(len(consumer_names)), (*consumer_names, limit))
        return [key for (key,) in cursor.fetchall()]


@cache
def _write_revoked_question(consumers: int) -> str:
    # Written once: this stands before every search, and composing it costs ten times its answer.
    names = ", ".join(["%s"] * consumers)
    return (
        f"SELECT key FROM {Entry._meta.db_table}"  # noqa: S608 -- placeholders alone are put in
        f" WHERE consumer IN ({names}) AND revokes ORDER BY id LIMIT %s"
    )


def count_waiting() -> dict[str, dict[str, int]]:
    """For each consumer: entries `waiting` and entries given up on (`failed`)."""
    counts = {c.name: {"waiting": 0, "failed": 0} for c in get_consumers()}
    rows = Entry.objects.values("consumer").annotate(
        waiting=Count("id", filter=Q(attempts__lt=MAX_ATTEMPTS)),
        failed=Count("id", filter=Q(attempts__gte=MAX_ATTEMPTS)),
    )
    for row in rows:
        counts[row["consumer"]] = {"waiting": row["waiting"], "failed": row["failed"]}
    return counts
