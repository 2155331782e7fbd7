"""Widening a question by the thesaurus: a label that stands in it brings the concept's others.

The thesaurus is public, so what it adds is the same for every viewer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from focal.search.folding import fold_words, has_stemmer, stem
from focal.search.registry import ThesaurusTerm, get_thesaurus


@dataclass(frozen=True, slots=True)
class Widening:
    """A concept that a question names, and how else it is called."""

    concept: str
    matched: str
    start: int
    end: int
    labels: tuple[tuple[str, str], ...]  # language and label, without the one that matched


@dataclass(frozen=True, slots=True)
class Label:
    concept: str
    language: str
    text: str
    preferred: bool


class Labels:
    """All labels, found by their folded words."""

    def __init__(self, terms: Iterable[ThesaurusTerm]) -> None:
        self.by_words: dict[tuple[str, ...], list[Label]] = defaultdict(list)
        self.by_stems: dict[str, dict[tuple[str, ...], list[Label]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self.by_concept: dict[str, list[Label]] = defaultdict(list)
        self.longest = 1
        for term in terms:
            words = tuple(fold_words(term.label))
            if not words:
                continue
            label = Label(term.concept, term.language, term.label, term.preferred)
            self.by_words[words].append(label)
            if has_stemmer(term.language):
                self.by_stems[term.language][_stems(words, term.language)].append(label)
            self.by_concept[term.concept].append(label)
            self.longest = max(self.longest, len(words))

    def widen(self, words: Sequence[str]) -> list[Widening]:
        """Concepts named in a row of folded words, the longest label first at each place."""
        found: list[Widening] = []
        place = 0
        while place < len(words):
            for length in range(min(self.longest, len(words) - place), 0, -1):
                here = tuple(words[place : place + length])
                if labels := self.by_words.get(here) or self._by_stems(here):
                    found += self._widenings(labels, here, place, place + length)
                    place += length
                    break
            else:
                place += 1
        return found

    def _by_stems(self, words: tuple[str, ...]) -> list[Label]:
        """Labels of which these words are other endings, in whichever language that is so."""
        return [
            label
            for language, labels in self.by_stems.items()
            for label in labels.get(_stems(words, language), ())
        ]

    def _widenings(
        self, labels: list[Label], words: tuple[str, ...], start: int, end: int
    ) -> list[Widening]:
        concepts = dict.fromkeys(label.concept for label in labels)
        widenings = []
        for concept in concepts:
            others = {
                tuple(fold_words(label.text)): (label.language, label.text)
                for label in sorted(
                    self.by_concept[concept], key=lambda label: (label.preferred, label.text)
                )
            }
            others.pop(words, None)
            matched = next(label.text for label in labels if label.concept == concept)
            widenings.append(Widening(concept, matched, start, end, tuple(sorted(others.values()))))
        return widenings

    def starting_with(self, words: Sequence[str], limit: int) -> list[Label]:
        """Labels that begin with these folded words (the last one may be unfinished)."""
        if not words:
            return []
        *whole, last = words
        found = [
            label
            for folded, labels in self.by_words.items()
            if len(folded) >= len(words)
            and list(folded[: len(whole)]) == whole
            and folded[len(whole)].startswith(last)
            for label in labels
        ]
        found.sort(key=lambda label: (not label.preferred, len(label.text), label.text))
        return found[:limit]


def _stems(words: Sequence[str], language: str) -> tuple[str, ...]:
    return tuple(stem(word, language) for word in words)


_cache: dict[str, Labels] = {}


def get_labels() -> Labels:
    """The labels as they are now; read again when the thesaurus' version has changed."""
    thesaurus = get_thesaurus()
    if thesaurus is None:
        return Labels(())
    version = thesaurus.version()
    if version not in _cache:
        labels = Labels(thesaurus.load_terms())
        _cache.clear()
        _cache[version] = labels
    return _cache[version]
