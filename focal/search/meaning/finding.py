"""The one question that the rest of search asks: which documents mean what this text means?"""

from __future__ import annotations

import logging
from collections.abc import Collection

from focal.search.meaning import embedder as models
from focal.search.meaning.index import Match, get_index
from focal.search.meaning.languages import get_space

logger = logging.getLogger(__name__)


def find(
    text: str,
    tokens: frozenset[str],
    *,
    limit: int,
    exclude: Collection[str] = (),
    allowed: Collection[str] | None = None,
) -> list[Match] | None:
    """The nearest documents a holder of `tokens` may find; None when meaning cannot answer now.

    It never waits for a model: while that loads, None is the answer and words find alone.
    """
    if not models.has_meaning(text):
        return []
    if not is_ready():
        return None
    try:
        vector = models.get_embedder().embed_query(text)
    except models.EmbeddingError as error:
        logger.warning("Meaning does not answer: %s", error)
        return None
    return get_index().search(vector, tokens, limit=limit, exclude=exclude, allowed=allowed)


def is_ready() -> bool:
    """Whether questions can be answered by meaning; starts loading the model when they cannot."""
    if not models.is_loaded():
        models.load_in_background(first=get_index().count_records)  # opening takes a while too
        return False
    manifest = get_index().get_manifest()
    return manifest is not None and manifest.embedder == get_space(models.get_embedder())
