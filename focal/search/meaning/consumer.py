"""Keeps the index of meaning in step with the records.

Two consumers share the work. `meaning` takes away: what is gone and what is for fewer eyes
than before leaves the index at once. `embeddings` gives: it may take a minute for a long
report, and nothing that takes away ever waits behind it.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from focal.outbox.registry import Consumer, register
from focal.outbox.services import emit
from focal.search.documents import SearchDocument
from focal.search.meaning import files
from focal.search.meaning.embedder import Embedder, Vector, get_embedder, prepare_text
from focal.search.meaning.index import (
    Entry,
    Generation,
    MeaningIndex,
    Place,
    get_index,
    make_audience_line,
    make_line,
)
from focal.search.meaning.languages import get_space, take_out_language
from focal.search.meaning.store import VectorStore, get_hash
from focal.search.meaning.units import Unit, make_units
from focal.search.registry import REREAD, get_source

logger = logging.getLogger(__name__)

TOPIC = "record"
AGAIN = "record-embedding"  # tells `embeddings` alone
BATCH = 8  # documents at once
TOGETHER = 16  # passages in one call of the model: about two seconds of work
NICE = 10  # how far embedding steps back behind everything else on the machine
REBUILD_BATCH = 100  # documents at once while the index is rebuilt

Progress = Callable[[int, int], None]


def register_consumers() -> None:
    """Called when Django starts."""
    register(Consumer("meaning", frozenset({TOPIC}), take_away, batch=200, thread="meaning"))
    topics = frozenset({TOPIC, AGAIN, REREAD})
    register(Consumer("embeddings", topics, embed, batch=BATCH, thread="embeddings"))


@lru_cache(maxsize=4)
def _open_store(path: Path) -> VectorStore:
    return VectorStore(path)


def get_store() -> VectorStore:
    """The store of vectors that settings name."""
    return _open_store(Path(settings.INDEX_FOLDER) / "vectors.sqlite3")


# The two consumers


def take_away(keys: Sequence[str]) -> None:
    """Remove what is gone, and show what is here to nobody but its audience of now.

    All under the writer's lock: a record that is being written is here before, or is written
    with what holds after.
    """
    with get_index().writing() as generation:
        if generation is None:
            return  # there is nothing to take away from
        known = [key for key in keys if generation.segments.get_audience(key) is not None]
        audiences = {document.key: document.audience for document in _load(known)}
        lines = [make_audience_line(key, audience) for key, audience in audiences.items()]
        lines += [make_line("remove", key) for key in known if key not in audiences]
        # A rebuild under way may hold what is not here: it is told which keys to look at again.
        lines += [make_line("touch", key) for key in keys if key not in known]
        generation.tell(lines)


def embed(keys: Sequence[str]) -> None:
    """Write documents with their vectors; embeds only passages that the store lacks."""
    _step_back()
    heal(at=timezone.now())
    index = get_index()
    entries = make_entries(_load(keys), get_embedder(), get_store())
    with index.writing() as generation:
        if generation is None:
            raise files.DamagedIndexError(index.problem)
        _write(generation, entries, keys)
    index.compact_if_worthwhile()


def _step_back() -> None:
    """Let people's questions go first: in the worker's own thread, and the model's with it."""
    if sys.platform == "linux" and threading.current_thread() is not threading.main_thread():
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


def _write(generation: Generation, entries: Iterable[Entry], keys: Iterable[str]) -> None:
    """Write entries with the audience of this moment, under the writer's lock.

    Embedding took its time. Whatever narrows a record from now on finds it in the index.
    """
    made = {entry.key: entry for entry in entries}
    now = {document.key: document.audience for document in _load(list(made))}
    generation.write(
        [Entry(key, now[key], made[key].places, made[key].vectors) for key in made if key in now]
    )
    generation.tell([make_line("remove", key) for key in keys if key not in now])


def _load(keys: Sequence[str]) -> list[SearchDocument]:
    return get_source(TOPIC).load(keys) if keys else []


# From documents to vectors


def make_entries(
    documents: Iterable[SearchDocument], embedder: Embedder, store: VectorStore
) -> list[Entry]:
    """Documents with a vector for each passage."""
    units = {document.key: make_units(document) for document in documents}
    vectors = get_vectors(
        [unit.text for passages in units.values() for unit in passages], embedder, store
    )
    entries = []
    for document in documents:
        passages = units[document.key]
        rows = [vectors[prepare_text(unit.text)] for unit in passages]
        entries.append(
            Entry(
                document.key,
                document.audience,
                [_get_place(unit) for unit in passages],
                take_out_language(
                    np.array(rows, np.float32).reshape(len(rows), embedder.dimensions),
                    [unit.language for unit in passages],
                    embedder,
                ),
            )
        )
    return entries


def _get_place(unit: Unit) -> Place:
    return Place(unit.language, unit.attachment, unit.page)


def get_vectors(texts: Iterable[str], embedder: Embedder, store: VectorStore) -> dict[str, Vector]:
    """The vector of each prepared text. What is new is embedded and kept, a few at a time."""
    hashes = {text: get_hash(embedder.name, text) for text in map(prepare_text, texts)}
    known = store.get(list(hashes.values()))
    # Long texts together and short ones together: a call takes as long as its longest text.
    missing = sorted((t for t, h in hashes.items() if h not in known), key=lambda t: (-len(t), t))
    for some in batched(missing, TOGETHER):
        vectors = embedder.embed_passages(some)
        new = {hashes[text]: vector for text, vector in zip(some, vectors, strict=True)}
        store.put(new)
        known |= {h: v.astype("<f2").astype(np.float32) for h, v in new.items()}
    return {text: known[known_by] for text, known_by in hashes.items()}


def batched(items: Iterable[str], size: int) -> Iterator[list[str]]:
    """Items in lists of up to `size`."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


# Healing and rebuilding


def heal(*, at: datetime) -> bool:
    """Start anew when the index is missing, damaged or of another model; says if it had to.

    Everything is then told to `embeddings` again; what the store has is there in moments.
    """
    index, embedder = get_index(), get_embedder()
    manifest = index.get_manifest()
    space = get_space(embedder)
    if manifest is not None and manifest.embedder == space:
        return False
    logger.warning("The index of meaning starts anew: %s", index.problem or "another model")
    with transaction.atomic():
        emit(topic=AGAIN, keys=list(get_source(TOPIC).all_keys()), at=at)
    with index.writing() as generation:
        if generation is None or generation.manifest.embedder != space:
            index.put_in_force(index.begin(space, embedder.dimensions))
    index.remove_leftovers()
    return True


def rebuild(progress: Progress | None = None) -> None:
    """Make a new generation from the records while readers use the old one, and switch."""
    heal(at=timezone.now())
    index, embedder, store = get_index(), get_embedder(), get_store()
    with files.locked(index.folder / "rebuild.lock"):
        index.remove_leftovers()
        with index.writing() as old:
            if old is None:
                raise files.DamagedIndexError(index.problem)
            since = old.offset
        last_vector = store.get_last()
        new = index.begin(get_space(embedder), embedder.dimensions)
        keys = list(get_source(TOPIC).all_keys())
        done = 0
        for some in batched(keys, REBUILD_BATCH):
            new.write(make_entries(_load(some), embedder, store))
            done += len(some)
            if progress:
                progress(done, len(keys))
        with index.writing() as old:
            if old is not None:
                new.catch_up(old, since)
            index.put_in_force(new)
        index.remove_leftovers()
    _forget_unused(index, embedder, store, last_vector)


def _forget_unused(index: MeaningIndex, embedder: Embedder, store: VectorStore, last: int) -> None:
    """Drop vectors of texts that no record has any more."""
    used: set[bytes] = set()
    for some in batched(sorted(index.get_keys()), REBUILD_BATCH):
        for document in _load(some):
            for unit in make_units(document):
                used.add(get_hash(embedder.name, prepare_text(unit.text)))
    store.forget_others(used, up_to=last)


def status() -> dict[str, object]:
    """How far the index is: documents and passages that can be found, and what is wrong."""
    index = get_index()
    manifest = index.get_manifest()
    return {
        "done": index.count_records(),
        "units": index.count_units(),
        "model": manifest.embedder if manifest else "",
        "problem": index.problem,
    }


def find_damage() -> str:
    """Read every row and compare with its checksum; says what is wrong, empty when nothing."""
    return get_index().find_damage()
