"""The door to the meaning side for the rest of search: what a question means, what lies near it."""

from __future__ import annotations

import logging

from focal.search.meaning import embedder
from focal.search.meaning.consumer import heal, rebuild, register_consumers, status
from focal.search.meaning.embedder import Vector
from focal.search.meaning.finding import is_ready
from focal.search.meaning.index import Match, get_index

__all__ = (
    "Match",
    "embed_question",
    "get_index",
    "has_meaning",
    "heal",
    "load_model",
    "rebuild",
    "register_consumers",
    "status",
)
logger = logging.getLogger(__name__)
has_meaning = embedder.has_meaning


def load_model() -> None:
    """Load the model now; without this the first question starts loading it in the background."""
    embedder.get_embedder()


def embed_question(text: str) -> Vector | None:
    """A question's vector; None while meaning cannot answer (the words answer alone then)."""
    if not is_ready():
        return None
    try:
        return embedder.get_embedder().embed_query(text)
    except embedder.EmbeddingError as error:
        logger.warning("Meaning does not answer: %s", error)
        return None
