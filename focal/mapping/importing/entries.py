"""What every reader gives: one entry of a file, and what is wrong with it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

ERROR, WARNING = "error", "warning"
NEW_ORGANISATION = "new:"  # stands before the name of an organisation that is not here yet


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file. An error refuses its entry; with a warning it comes in."""

    row: int
    column: str
    reason: str
    level: str = ERROR

    def to_plain(self) -> dict[str, Any]:
        return {
            "row": self.row, "column": self.column, "reason": self.reason, "level": self.level
        }  # fmt: skip


@dataclass(slots=True)
class Incoming:
    """One entry of a file, in the values of `mapping.details` and `records.content`.

    `organisations` are names with the part each plays; they become references when the entry is
    compared. `reference` and `base_version` stand in our own template alone.
    """

    row: int
    kind: str = "initiative"
    sheet: str = ""
    content: dict[str, Any] = field(default_factory=dict)
    organisations: list[tuple[str, str]] = field(default_factory=list)  # name, role
    funding: list[list[str]] = field(default_factory=list)  # donor name, stage, amount ...
    identifier: tuple[str, str] | None = None
    parent: str = ""  # its identifier, in the same scheme
    level: int = 1  # wholes come before their parts
    translations: dict[str, dict[str, str]] = field(default_factory=dict)
    confirmed: date | None = None
    reference: str = ""
    base_version: int = 0
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, column: str, reason: str) -> None:
        """It cannot come in as it is."""
        self.problems.append(Problem(self.row, column, reason))

    def warn(self, column: str, reason: str) -> None:
        """It comes in, without what this is about."""
        self.problems.append(Problem(self.row, column, reason, WARNING))

    @property
    def is_refused(self) -> bool:
        return any(problem.level == ERROR for problem in self.problems)

    @property
    def title(self) -> str:
        return str(self.content.get("title", ""))

    def compute_digest(self) -> str:
        """The same for the same entry, so that a second import of it is no event."""
        told = [
            self.kind, self.content, self.organisations, self.funding, self.identifier, self.parent,
            self.translations, self.confirmed.isoformat() if self.confirmed else "",
        ]  # fmt: skip
        text = json.dumps(told, sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(slots=True)
class FileNotes:
    """What is to be said about a file as a whole, gathered while it is read."""

    notes: list[str] = field(default_factory=list)
    total: int = 0  # entries in it, as far as that is known beforehand

    def add(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)
