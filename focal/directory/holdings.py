"""What apps above hold of a person, and what becomes of it when somebody leaves.

They register it in their wiring. `hand_over` gives what can go on to a successor and says how many
things it was; `export` is what the person may take along; `forget` deletes what was theirs alone.
Each writes its own lines in the log, inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.utils.functional import Promise

from focal.directory.models import Person


class HandOver(Protocol):
    """Gives a leaver's things to a successor, or settles them where there is none."""

    def __call__(
        self,
        *,
        leaver: Person,
        successor: Person | None,
        includes_sealed: bool,
        actor_key: str,
        at: datetime,
    ) -> int: ...


@dataclass(frozen=True, slots=True)
class Holding:
    """A kind of thing that belongs to people. `count` is what anybody may be told."""

    key: str
    title: str | Promise
    count: Callable[[Person], int]
    hand_over: HandOver
    export: Callable[[Person], Sequence[dict]]
    forget: Callable[[Person], None]


_holdings: dict[str, Holding] = {}


def register(holding: Holding) -> None:
    """Add a kind of thing; the same key again replaces it."""
    _holdings[holding.key] = holding


def get_holdings() -> tuple[Holding, ...]:
    """All kinds, in the order of their keys."""
    return tuple(_holdings[key] for key in sorted(_holdings))
