"""The worker: a thread for each group of consumers and periodic work, until told to stop."""

import logging
import threading
import time

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from focal.outbox.periodic import run_due
from focal.outbox.registry import get_consumers, get_periodics
from focal.outbox.services import deliver

logger = logging.getLogger(__name__)

PAUSE = 0.1  # seconds between looks when nothing waits; a tenth of the promised second
LONGEST_PAUSE = 0.4  # while nothing happens at all: a dozen threads that look cost power
LOOK_AT_CLOCK = 5.0  # seconds between looks at what is due by the clock


def run(stop: threading.Event) -> None:
    """Deliver entries and do what is due until `stop` is set. Returns when all threads ended."""
    groups: dict[str, tuple[list[str], list[str]]] = {}
    for consumer in get_consumers():
        groups.setdefault(consumer.thread, ([], []))[0].append(consumer.name)
    for periodic in get_periodics():
        groups.setdefault(periodic.thread, ([], []))[1].append(periodic.name)
    threads = [
        threading.Thread(target=_run_group, args=(*names, stop), name=f"worker-{group}")
        for group, names in groups.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _run_group(consumers: list[str], periodics: list[str], stop: threading.Event) -> None:
    looked, pause = float("-inf"), PAUSE
    while not stop.is_set():
        settled = 0
        try:
            settled = sum(deliver(name, at=timezone.now()) for name in consumers)
            if periodics and time.monotonic() - looked >= LOOK_AT_CLOCK:
                looked = time.monotonic()
                settled += len(run_due(at=timezone.now(), names=periodics))
        except DatabaseError:
            logger.exception("The database did not answer; trying again")
        if settled:
            pause = PAUSE
        else:
            close_old_connections()
            stop.wait(pause)
            pause = min(pause * 1.2, LONGEST_PAUSE)
