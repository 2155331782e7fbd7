"""Vectors by the content they stand for, so that nothing is ever embedded twice.

This is a store of work done, beside the index and not part of it: the index can be dropped
and rebuilt from here in minutes where embedding took hours. It is losable, too: a damaged
file is put aside, and texts are embedded again.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from focal.search.meaning.embedder import Vector

logger = logging.getLogger(__name__)

MANY = 500  # hashes in one question to the database
TIMEOUT = 30  # seconds to wait for another process's write
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS vectors (id INTEGER PRIMARY KEY, hash BLOB UNIQUE, vector BLOB)"
)


def get_hash(embedder: str, text: str) -> bytes:
    """What a vector is known by: the model and the very text."""
    return hashlib.sha256(f"{embedder}\x00{text}".encode("utf-8", "replace")).digest()


class _Connection(sqlite3.Connection):
    """Closes itself when the thread that it belongs to has ended."""

    def __del__(self) -> None:
        self.close()


class VectorStore:
    """Vectors in a SQLite file, as 16-bit floats; any number of processes may use it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    def get(self, hashes: Sequence[bytes]) -> dict[bytes, Vector]:
        """The vectors that are here, by hash."""
        found: dict[bytes, Vector] = {}
        with self._connected() as connection:
            for start in range(0, len(hashes), MANY):
                some = hashes[start : start + MANY]
                marks = ",".join("?" * len(some))
                rows = connection.execute(
                    f"SELECT hash, vector FROM vectors WHERE hash IN ({marks})",  # noqa: S608
                    list(some),
                )
                for known, vector in rows:
                    found[known] = np.frombuffer(vector, dtype="<f2").astype(np.float32)
        return found

    def put(self, vectors: Mapping[bytes, Vector]) -> None:
        """Keep vectors; what is here already stays as it is."""
        rows = [(known, vector.astype("<f2").tobytes()) for known, vector in vectors.items()]
        with self._connected() as connection, connection:
            connection.executemany(
                "INSERT OR IGNORE INTO vectors (hash, vector) VALUES (?, ?)", rows
            )

    def get_last(self) -> int:
        """The number of the newest vector, 0 when there is none."""
        with self._connected() as connection:
            return connection.execute("SELECT coalesce(max(id), 0) FROM vectors").fetchone()[0]

    def count(self) -> int:
        """How many vectors are here."""
        with self._connected() as connection:
            return connection.execute("SELECT count(*) FROM vectors").fetchone()[0]

    def forget_others(self, used: Collection[bytes], *, up_to: int) -> int:
        """Drop vectors up to a number that nobody uses any more; returns how many."""
        used = set(used)
        with self._connected() as connection, connection:
            rows = connection.execute("SELECT id, hash FROM vectors WHERE id <= ?", (up_to,))
            unused = [(number,) for number, known in rows if known not in used]
            connection.executemany("DELETE FROM vectors WHERE id = ?", unused)
        return len(unused)

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._connect()
        except sqlite3.OperationalError:
            raise  # busy or no room: the file itself is sound
        except sqlite3.DatabaseError:
            logger.exception("%s is damaged; it is put aside and filled again", self.path)
            self._put_aside()
            raise

    def _connect(self) -> sqlite3.Connection:
        connection = getattr(self._local, "connection", None)
        if connection is None or not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                connection = self._open()
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                logger.exception("%s is damaged; it is put aside and filled again", self.path)
                self._put_aside()
                connection = self._open()
            self._local.connection = connection
        return connection

    def _open(self) -> sqlite3.Connection:
        # Each thread has its own; but whoever collects what an ended one has left may be another.
        connection = sqlite3.connect(
            self.path, timeout=TIMEOUT, factory=_Connection, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        with connection:
            connection.execute(SCHEMA)
        return connection

    def _put_aside(self) -> None:
        self.close()
        aside = self.path.with_name(f"{self.path.name}.damaged-{int(time.time())}")
        for suffix in ("", "-wal", "-shm"):
            part = self.path.with_name(self.path.name + suffix)
            if part.exists():
                part.replace(aside.with_name(aside.name + suffix))

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None
