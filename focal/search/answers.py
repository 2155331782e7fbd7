"""What search answers with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a hit is there. `detail`: the label of the thesaurus, or the language by meaning."""

    kind: Literal["words", "thesaurus", "meaning"]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """One record found; with the page of a document when that is where the match stands."""

    key: str
    kind: str
    score: float
    why: tuple[Reason, ...]
    language: str
    attachment: str | None = None
    page: int | None = None
    snippet: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Widened:
    """How a question was widened. `detail` names the concept and `labels` what it brought."""

    kind: Literal["thesaurus", "folding", "meaning"]
    detail: str = ""
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Hits of one page, how many there are in all, counts by facet, and how it was widened.

    `relaxed` is true when no record has all the words and those with any are shown.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    facets: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    widenings: tuple[Widened, ...] = ()
    relaxed: bool = False
    meaning_ready: bool = True
    index_ready: bool = True


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A title (with its record's key) or a label of the thesaurus (with its concept)."""

    text: str
    language: str
    key: str = ""
    concept: str = ""
