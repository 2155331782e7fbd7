"""What coverage knows of a record: a small plain value, kept in a table of its own.

The table is derived: it is fed from the outbox and can be dropped and made again. It holds the
facts of every record with its audience, answers by tokens, and is shown to nobody as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

NEED, RESPONSE, INITIATIVE = "need", "response", "initiative"
KINDS = (NEED, RESPONSE, INITIATIVE)


@dataclass(frozen=True, slots=True)
class Fact:
    """One record. Days are ordinals (`date.toordinal`), None where open; shares sum to one.

    `counts` is false where its own state says that it is no need or no action any more (met,
    dropped, suspended). `euro` is all its money at the rates of their years, spread evenly over
    `money_start` to `money_end`; `unconverted` tells that some of it has no rate. `funders` are the
    organisations that pay for it: its donors, or its lead where no donor is stated. `lead` carries
    it out: its first lead, else its owner.
    """

    record_id: int
    reference: str
    kind: str
    audience: tuple[str, ...]
    counts: bool = True
    start: int | None = None
    end: int | None = None
    due: int | None = None
    view: str = ""
    economies: Mapping[str, float] = field(default_factory=dict)
    measures: tuple[int, ...] = ()
    topics: Mapping[str, float] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    funders: tuple[int, ...] = ()
    lead: int = 0
    owner: int = 0
    parent: int | None = None
    euro: float = 0.0
    money_start: int = 0
    money_end: int = 0
    has_money: bool = False
    unconverted: bool = False

    def to_payload(self) -> dict[str, Any]:
        """What is kept: everything that is not as it would be without saying."""
        values = asdict(self)
        return {
            name: value
            for name, value in values.items()
            if name not in {"record_id", "reference"} and value != _EMPTY[name]
        }

    @classmethod
    def from_payload(cls, record_id: int, reference: str, payload: Mapping[str, Any]) -> Fact:
        """A fact as it was kept."""
        return cls(record_id=record_id, reference=reference, **payload)


_EMPTY: dict[str, Any] = {
    "kind": None, "audience": None, "counts": True, "start": None, "end": None, "due": None,
    "view": "", "economies": {}, "measures": (), "topics": {}, "groups": (), "levels": (),
    "funders": (), "lead": 0, "owner": 0, "parent": None, "euro": 0.0,
    "money_start": 0, "money_end": 0, "has_money": False, "unconverted": False,
}  # fmt: skip


def to_ordinal(day: date | None) -> int | None:
    """A day as a number."""
    return None if day is None else day.toordinal()


def share_out(keys: list[Any], percents: Mapping[Any, float]) -> dict[Any, float]:
    """The share of each key: as its percentages say, or equal parts where none are stated.

    Percentages that do not sum to a hundred are taken in proportion. Keys without one get
    nothing where others have one: who split it has said where it goes. They stay among the keys.
    """
    stated = {key: float(percents[key]) for key in keys if percents.get(key)}
    total = sum(stated.values())
    if not total:
        return {key: 1 / len(keys) for key in keys}
    return {key: stated.get(key, 0.0) / total for key in keys}
