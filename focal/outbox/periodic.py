"""Doing what is due: periodic work, with its last run in a table."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from focal.outbox.models import PeriodicRun
from focal.outbox.registry import Periodic, get_periodics

logger = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=30)  # after a failure; doubled with each, up to the rhythm itself
MOST_DOUBLINGS = 8


def run_due(*, at: datetime, names: Sequence[str] | None = None) -> list[str]:
    """Do the periodic work that is due (of these names, when some are given); what was done.

    The run is noted after it ended: whoever is killed in the middle leaves it due. Work that
    fails waits a little longer each time, never longer than its own rhythm, and keeps its error.
    """
    wanted = [p for p in get_periodics() if names is None or p.name in names]
    runs = PeriodicRun.objects.in_bulk([periodic.name for periodic in wanted])
    return [
        periodic.name
        for periodic in wanted
        if _is_due(periodic, runs.get(periodic.name), at) and _run(periodic, at)
    ]


def _is_due(periodic: Periodic, run: PeriodicRun | None, at: datetime) -> bool:
    if run is None:
        return True
    if run.retry_at is not None:
        return run.retry_at <= at
    return run.last_run_at is None or run.last_run_at + periodic.every <= at


def _run(periodic: Periodic, at: datetime) -> bool:
    try:
        periodic.handle(at)
    except Exception as error:
        logger.exception("The periodic work %s failed", periodic.name)
        _postpone(periodic, error, at)
        return False
    PeriodicRun.objects.update_or_create(
        name=periodic.name,
        defaults={"last_run_at": at, "attempts": 0, "retry_at": None, "error": ""},
    )
    return True


def _postpone(periodic: Periodic, error: Exception, at: datetime) -> None:
    run, _is_new = PeriodicRun.objects.get_or_create(name=periodic.name)
    run.attempts = min(run.attempts + 1, 1000)
    pause = min(FIRST_PAUSE * 2 ** min(run.attempts - 1, MOST_DOUBLINGS), periodic.every)
    run.retry_at = at + pause
    run.error = f"{type(error).__name__}: {error}"[:2000]
    run.save(update_fields=("attempts", "retry_at", "error"))
