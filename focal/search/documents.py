"""What apps hand over to be found."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    """A title, summary and plain text in one language."""

    language: str
    title: str
    summary: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an attached document; `attachment` is its reference, `number` starts at 1."""

    attachment: str
    number: int
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """One thing that can be found by viewers whose tokens meet its audience.

    `texts[0]` is the original, the others are translations.
    """

    key: str
    kind: str
    audience: frozenset[str]
    texts: tuple[Text, ...]
    pages: tuple[Page, ...] = ()
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    date: datetime.date | None = None
