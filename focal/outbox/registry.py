"""Who wants to be told of what, and what is to be done every so often.

Apps register their consumers and their periodic work when Django starts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Consumer:
    """Somebody who is told of changes.

    `handle` receives the distinct keys of up to `batch` entries, oldest first, and may be
    called again with the same keys. `thread` names the worker thread it runs in: consumers
    that must not wait for one another carry different names.
    """

    name: str
    topics: frozenset[str]
    handle: Callable[[Sequence[str]], None]
    batch: int = 200
    thread: str = "main"


_consumers: dict[str, Consumer] = {}


def register(consumer: Consumer) -> None:
    """Add a consumer; the same name again replaces it (apps may be set up twice in tests)."""
    _consumers[consumer.name] = consumer


def get_consumers() -> tuple[Consumer, ...]:
    """All consumers, in the order of their names."""
    return tuple(_consumers[name] for name in sorted(_consumers))


def get_consumer(name: str) -> Consumer:
    """One consumer; KeyError when nobody registered that name."""
    return _consumers[name]


@dataclass(frozen=True, slots=True)
class Periodic:
    """Work that the worker does every so often.

    `handle` is given the moment of its run. It may be run twice for the same moment (a worker
    died before it could note the run), so it must be repeatable. A run that was missed while
    no worker ran is made up for once, not as often as it was missed. `thread` is the worker
    thread it runs in, as for consumers; what takes long carries a name of its own.
    """

    name: str
    every: timedelta
    handle: Callable[[datetime], object]
    thread: str = "main"


_periodics: dict[str, Periodic] = {}


def register_periodic(periodic: Periodic) -> None:
    """Add periodic work; the same name again replaces it."""
    _periodics[periodic.name] = periodic


def get_periodics() -> tuple[Periodic, ...]:
    """All periodic work, in the order of its names."""
    return tuple(_periodics[name] for name in sorted(_periodics))
