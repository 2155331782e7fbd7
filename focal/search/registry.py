"""Where documents and the thesaurus come from: apps above register here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from focal.search.documents import SearchDocument


@dataclass(frozen=True, slots=True)
class ThesaurusTerm:
    """One label of a concept in one language."""

    concept: str
    language: str
    label: str
    preferred: bool


@dataclass(frozen=True, slots=True)
class Source:
    """Where the documents of a topic come from."""

    topic: str
    load: Callable[[Sequence[str]], list[SearchDocument]]
    all_keys: Callable[[], Iterable[str]]


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
) -> None:
    """Documents of `topic`; keys that `load` does not return are gone."""
    _sources[topic] = Source(topic, load, all_keys)


def get_source(topic: str = "record") -> Source:
    """The source of a topic; KeyError when nobody registered it."""
    return _sources[topic]


def register_thesaurus(
    *, load_terms: Callable[[], Iterable[ThesaurusTerm]], version: Callable[[], str]
) -> None:
    """All labels, and a version that changes when they do."""
    _thesaurus[:] = [Thesaurus(load_terms, version)]


def get_thesaurus() -> Thesaurus | None:
    """The thesaurus, if one is registered."""
    return _thesaurus[0] if _thesaurus else None
