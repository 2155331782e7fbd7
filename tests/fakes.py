"""Stand-ins that behave like the real thing, only small."""

import hashlib
from collections.abc import Sequence

import numpy as np

from focal.search.folding import fold_words


class FakeEmbedder:
    """Texts with the same words lie near: a bag of folded words hashed into 64 numbers."""

    name = "fake-1"
    dimensions = 64

    def embed_query(self, text: str) -> np.ndarray:
        return self._embed(text)

    def embed_passages(self, texts: Sequence[str]) -> np.ndarray:
        return np.stack([self._embed(text) for text in texts])

    def _embed(self, text: str) -> np.ndarray:
        vector = np.full(self.dimensions, 0.05, np.float32)
        for word in fold_words(text):
            digest = hashlib.blake2b(word.encode(), digest_size=2).digest()
            vector[int.from_bytes(digest, "big") % self.dimensions] += 1.0
        return (vector / np.linalg.norm(vector)).astype(np.float32)
