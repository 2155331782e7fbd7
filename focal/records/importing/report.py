"""What became of each file of an import."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

Progress = Callable[[int, int, str], None]  # files done, files in all, the file at hand


def say_nothing(done: int, total: int, name: str) -> None:
    """The progress of an import that nobody watches."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that is in the library: taken in now, or there before."""

    file: str
    record: str
    attachment: str
    title: str
    language: str = ""
    pages: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was not taken in, and why: a sentence for whoever brought it."""

    file: str
    reason: str


@dataclass(slots=True)
class ImportReport:
    """All of them, in the order of the files."""

    new: list[Arrived] = field(default_factory=list)
    known: list[Arrived] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    @property
    def new_records(self) -> list[str]:
        """References of the records that hold what is new, each once."""
        return list(dict.fromkeys(item.record for item in self.new))

    def to_plain(self) -> dict[str, Any]:
        """As values that JSON can carry."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> ImportReport:
        """Back from `to_plain`."""
        return cls(
            new=[Arrived(**item) for item in plain.get("new", [])],
            known=[Arrived(**item) for item in plain.get("known", [])],
            refused=[Refusal(**item) for item in plain.get("refused", [])],
        )
