"""The worker: one thread for each group of consumers, until it is told to stop."""

import logging
import threading

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from focal.outbox.registry import get_consumers
from focal.outbox.services import deliver

logger = logging.getLogger(__name__)

PAUSE = 0.1  # seconds between looks when nothing waits; a tenth of the promised second


def run(stop: threading.Event) -> None:
    """Deliver entries until `stop` is set. Returns when all threads have ended."""
    groups: dict[str, list[str]] = {}
    for consumer in get_consumers():
        groups.setdefault(consumer.thread, []).append(consumer.name)
    threads = [
        threading.Thread(target=_run_group, args=(names, stop), name=f"worker-{group}")
        for group, names in groups.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _run_group(names: list[str], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            settled = sum(deliver(name, at=timezone.now()) for name in names)
        except DatabaseError:
            logger.exception("The database did not answer; trying again")
            settled = 0
        if not settled:
            close_old_connections()
            stop.wait(PAUSE)
