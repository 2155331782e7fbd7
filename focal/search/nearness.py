"""The door to the meaning side for the rest of search: what a question means, what lies near it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from django.conf import settings

from focal.search.meaning import consumer, embedder
from focal.search.meaning.index import MeaningIndex


@lru_cache(maxsize=4)
def _index_in(folder: str) -> MeaningIndex:
    return MeaningIndex(Path(folder))


def get_index() -> MeaningIndex:
    """The meaning index of this installation."""
    return _index_in(str(settings.INDEX_FOLDER))


def load_model() -> None:
    """Load the model now; without this the first question starts loading it in the background."""
    embedder.get_embedder()


def embed_question(text: str) -> np.ndarray | None:
    """A question's vector; None while the model is being loaded or when the text means nothing."""
    if not embedder.is_loaded():
        embedder.load_in_background()
        return None
    if not embedder.has_meaning(text):
        return None
    try:
        return embedder.get_embedder().embed_query(text)
    except embedder.EmbeddingFailed:
        return None


def take_keys(keys: Sequence[str]) -> None:
    """Bring the meaning index up to date for these keys. Called by the outbox; repeatable."""
    consumer.handle(keys)


def rebuild(progress: Callable[[int, int], None]) -> None:
    """Build the meaning index anew from the vectors that are kept."""
    consumer.rebuild(progress)
