"""What the Regional Cooperation Council says about its work, in the platform's own words.

The statements are starter content (`starter/statements.json`): a text with its source, by
section. They are read once in a process.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "starter" / "statements.json"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement and where it comes from."""

    text: str
    source: str = ""
    source_url: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Statements under one heading."""

    key: str
    title: str
    statements: Sequence[Statement]

    @property
    def common_source(self) -> Statement | None:
        """A statement that stands for all when they share one source, so that it is said once."""
        kinds = {(item.source, item.source_url, item.page) for item in self.statements}
        return self.statements[0] if len(kinds) == 1 else None


@cache
def get_statements() -> tuple[Section, ...]:
    """All sections; none while there is no starter content."""
    if not FILE.exists():
        return ()
    return tuple(
        Section(
            key=section["key"],
            title=section["title"],
            statements=tuple(Statement(**statement) for statement in section["statements"]),
        )
        for section in json.loads(FILE.read_text(encoding="utf-8"))["sections"]
    )
