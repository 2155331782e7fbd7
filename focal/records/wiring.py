"""Tells search where records and the thesaurus come from."""

from collections.abc import Iterator

from focal.records import selectors
from focal.search.registry import ThesaurusTerm, register_source, register_thesaurus
from focal.vocabulary import selectors as vocabulary


def wire() -> None:
    """Register records as a source of search, and the vocabulary as its thesaurus."""
    register_source(
        topic="record",
        load=selectors.load_search_documents,
        all_keys=selectors.iterate_search_keys,
    )
    register_thesaurus(load_terms=_load_terms, version=vocabulary.get_version)


def _load_terms() -> Iterator[ThesaurusTerm]:
    for concept, language, label, preferred in vocabulary.load_terms():
        yield ThesaurusTerm(concept, language, label, preferred)
