"""The worker: a thread for each group of consumers and periodic work, until told to stop."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field

from django.db import DatabaseError, close_old_connections, connections
from django.utils import timezone

from focal.outbox.periodic import run_due
from focal.outbox.registry import get_consumers, get_periodics
from focal.outbox.services import deliver, find_waiting

logger = logging.getLogger(__name__)

PAUSE = 0.1  # seconds between looks when nothing waits; a tenth of the promised second
LONGEST_PAUSE = 0.4  # while nothing happens at all
LOOK_AT_CLOCK = 5.0  # seconds between looks at what is due by the clock


@dataclass(slots=True)
class Group:
    """Consumers and periodic work that take turns in one thread. `called`: something waits."""

    consumers: list[str] = field(default_factory=list)
    periodics: list[str] = field(default_factory=list)
    called: threading.Event = field(default_factory=threading.Event)


def run(stop: threading.Event) -> None:
    """Deliver entries and do what is due until `stop` is set. Returns when all threads ended.

    This thread alone looks whether something waits: a dozen that look cost power while nothing
    happens.
    """
    groups = _read_groups()
    threads = [
        threading.Thread(target=_run_group, args=(group, stop), name=f"worker-{name}")
        for name, group in groups.items()
    ]
    for thread in threads:
        thread.start()
    pause = PAUSE
    while not stop.is_set():
        pause = PAUSE if _call_groups(groups) else min(pause * 1.2, LONGEST_PAUSE)
        close_old_connections()
        stop.wait(pause)
    for group in groups.values():
        group.called.set()
    for thread in threads:
        thread.join()
    connections.close_all()


def _read_groups() -> dict[str, Group]:
    groups: dict[str, Group] = {}
    for consumer in get_consumers():
        groups.setdefault(consumer.thread, Group()).consumers.append(consumer.name)
    for periodic in get_periodics():
        groups.setdefault(periodic.thread, Group()).periodics.append(periodic.name)
    return groups


def _call_groups(groups: dict[str, Group]) -> bool:
    """Wake the groups that have nothing to do and for whom something waits; whether any has."""
    idle = {
        name: group
        for group in groups.values()
        if not group.called.is_set()
        for name in group.consumers
    }
    try:
        waiting = find_waiting(idle, at=timezone.now())
    except DatabaseError:
        logger.exception("The database did not answer; trying again")
        return False
    for name in waiting:
        idle[name].called.set()
    return bool(waiting)


def _run_group(group: Group, stop: threading.Event) -> None:
    looked = float("-inf")
    while not stop.is_set():
        group.called.clear()
        settled = 0
        try:
            settled = sum(deliver(name, at=timezone.now()) for name in group.consumers)
            if group.periodics and time.monotonic() - looked >= LOOK_AT_CLOCK:
                looked = time.monotonic()
                settled += len(run_due(at=timezone.now(), names=group.periodics))
        except DatabaseError:
            logger.exception("The database did not answer; trying again")
        if not settled:
            close_old_connections()
            group.called.wait(LOOK_AT_CLOCK)
    connections.close_all()
