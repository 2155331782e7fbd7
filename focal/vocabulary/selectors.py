"""What pages and other apps ask of the vocabulary. All of it comes from the snapshot."""

from __future__ import annotations

from collections.abc import Iterator

from focal.vocabulary.snapshot import Vocabulary, get_vocabulary, reset

__all__ = ["Vocabulary", "get_version", "get_vocabulary", "load_terms", "reset"]

SEARCHED_SCHEMES = ("topics", "target-groups")


def get_version() -> str:
    """A token that changes whenever the vocabulary does ('' while it is empty)."""
    return get_vocabulary().version


def load_terms() -> Iterator[tuple[str, str, str, bool]]:
    """(concept key, language, label, is preferred) of all that search may widen a word by."""
    for entry in get_vocabulary().concepts.values():
        if entry.scheme in SEARCHED_SCHEMES and not entry.is_retired:
            for row in entry.labels:
                yield entry.key, row.language, row.label, row.kind == "preferred"
