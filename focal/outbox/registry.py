"""Who wants to be told of what. Apps register their consumers when Django starts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


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
