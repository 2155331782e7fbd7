"""What somebody asks: text with its little syntax, filters, order, and which widenings are on."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from focal.search.folding import clean

FACETS = (
    "kind",
    "economy",
    "topic",
    "target_group",
    "language",
    "year",
    "organisation",
    "state",
)
Sort = Literal["relevance", "newest", "oldest", "title"]
MOST_WORDS = 40  # words of a question that are looked up
LONGEST_TEXT = 2_000  # characters of a question that count


@dataclass(frozen=True, slots=True)
class Query:
    """A question. Filters with several values let any of them pass; different filters all count.

    `words`, `thesaurus`, `folding` (also stemming) and `meaning` switch the widenings.
    """

    text: str = ""
    filters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    date_from: datetime.date | None = None
    date_to: datetime.date | None = None
    sort: Sort = "relevance"
    offset: int = 0
    limit: int = 20
    language: str | None = None
    words: bool = True
    thesaurus: bool = True
    folding: bool = True
    meaning: bool = True


@dataclass(frozen=True, slots=True)
class Parsed:
    """The text of a question, taken apart. `plain` is what is left for its meaning."""

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    filters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    plain: str = ""

    @property
    def is_empty(self) -> bool:
        """Nothing to look for: the newest are shown."""
        return not (self.words or self.phrases or self.titles or self.excluded)


PART = re.compile(r'(?P<minus>-)?(?:(?P<field>[a-z_]+):)?(?:"(?P<phrase>[^"]*)"|(?P<word>\S+))')
NAMES = {name: name for name in FACETS} | {"target": "target_group", "org": "organisation"}


def parse(text: str) -> Parsed:
    """Take a question apart: words, "phrases", -exclusions, title:word, kind:news, year:2019.

    Anything is a question; what does not fit the syntax is taken as words.
    """
    text = clean(text[:LONGEST_TEXT])
    found: dict[str, list[str]] = {"words": [], "phrases": [], "excluded": [], "titles": []}
    filters: dict[str, set[str]] = {}
    plain: list[str] = []
    for match in PART.finditer(text):
        value = (match["phrase"] if match["phrase"] is not None else match["word"]).strip()
        if not value:
            continue
        name = match["field"]
        if name in NAMES and not match["minus"]:
            filters.setdefault(NAMES[name], set()).add(value)
        elif match["minus"] and _has_word(value):
            found["excluded"].append(value)
        elif name == "title":
            found["titles"].append(value)
            plain.append(value)
        else:
            _take(found, plain, match, value, name)
    return Parsed(
        **{key: tuple(values[:MOST_WORDS]) for key, values in found.items()},
        filters={key: frozenset(values) for key, values in filters.items()},
        plain=" ".join(plain),
    )


def _take(
    found: dict[str, list[str]],
    plain: list[str],
    match: re.Match[str],
    value: str,
    name: str | None,
) -> None:
    """A word or phrase; an unknown `field:` in front of it is a word too."""
    if name:
        found["words"].append(name)
        plain.append(name)
    if _has_word(value):
        found["phrases" if match["phrase"] is not None else "words"].append(value)
        plain.append(value)


def _has_word(value: str) -> bool:
    return any(character.isalnum() for character in value)
