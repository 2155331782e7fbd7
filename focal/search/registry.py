"""Where documents and the thesaurus come from: apps above register here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from focal.search.documents import SearchDocument

# Topic of the outbox: what search reads of a record is another, though the record is as it was.
REREAD = "record-reread"


@dataclass(frozen=True, slots=True)
class ThesaurusTerm:
    """One label of a concept in one language."""

    concept: str
    language: str
    label: str
    preferred: bool


@dataclass(frozen=True, slots=True)
class Source:
    """Where the documents of a topic come from.

    `lapsed_keys` are those that somebody lost by the clock alone, without an entry telling it.
    """

    topic: str
    load: Callable[[Sequence[str]], list[SearchDocument]]
    all_keys: Callable[[], Iterable[str]]
    lapsed_keys: Callable[[], Iterable[str]] = tuple


@dataclass(frozen=True, slots=True)
class Thesaurus:
    """Where labels come from, and a version that changes when they do."""

    load_terms: Callable[[], Iterable[ThesaurusTerm]]
    version: Callable[[], str]


_sources: dict[str, Source] = {}
_thesaurus: list[Thesaurus] = []


def register_source(
    *,
    topic: str,
    load: Callable[[Sequence[str]], list[SearchDocument]],
    all_keys: Callable[[], Iterable[str]],
    lapsed_keys: Callable[[], Iterable[str]] = tuple,
) -> None:
    """Documents of `topic`; keys that `load` does not return are gone."""
    _sources[topic] = Source(topic, load, all_keys, lapsed_keys)


def get_source(topic: str = "record") -> Source:
    """The source of a topic; KeyError when nobody registered it."""
    return _sources[topic]


def get_lapsed_keys() -> frozenset[str]:
    """Keys that are left out of every answer until the index has heard that access has ended."""
    return frozenset(key for source in _sources.values() for key in source.lapsed_keys())


def register_thesaurus(
    *, load_terms: Callable[[], Iterable[ThesaurusTerm]], version: Callable[[], str]
) -> None:
    """All labels, and a version that changes when they do."""
    _thesaurus[:] = [Thesaurus(load_terms, version)]


def get_thesaurus() -> Thesaurus | None:
    """The thesaurus, if one is registered."""
    return _thesaurus[0] if _thesaurus else None
