"""The files of the meaning index: what is written where, and what a killed writer leaves.

A generation is a folder with a log and four files of rows. Rows are written first, then one
line of the log makes them count: a line has a checksum and ends the write, so a writer killed
at any point leaves rows that nobody counts and at most half a line that nobody reads. Readers
map the files and follow the log; they hold no lock. One writer at a time holds a lock file,
which the system frees when that process ends, however it ends. The manifest names the
generation in force and is replaced in one step.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FORMAT = 1
STEP = 16_384  # rows by which files grow; readers map them again only then
PLACE = np.dtype([("language", "<u2"), ("attachment", "<u2"), ("page", "<u4")])
MANIFEST = "manifest.json"
LOG = "log"


class DamagedIndexError(Exception):
    """Files that contradict themselves. The index can be rebuilt from the store."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Which generation is in force, and of which model its vectors are."""

    generation: str
    embedder: str
    dimensions: int
    format: int = FORMAT


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest; None where there is no index yet."""
    try:
        values = json.loads((folder / MANIFEST).read_text())
        manifest = Manifest(**values)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise DamagedIndexError(f"The manifest cannot be read: {error}") from error
    if manifest.format != FORMAT:
        raise DamagedIndexError(
            f"The index has format {manifest.format}, this program writes {FORMAT}"
        )
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put a generation in force, in one step."""
    new = folder / f"{MANIFEST}.new"
    with new.open("w") as file:
        json.dump(asdict(manifest), file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(folder / MANIFEST)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold a lock file; yields whether it could be had. It is free when this process ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one document as they are stored: 8-bit codes, 16-bit originals, places."""

    codes: NDArray[np.int8]
    scales: NDArray[np.float32]
    originals: NDArray[np.float16]
    places: NDArray[Any]

    def __len__(self) -> int:
        return len(self.codes)

    def get_checksum(self) -> int:
        """Tells whether rows on disk are the ones that were written."""
        checksum = 0
        for part in (self.codes, self.scales, self.originals, self.places):
            checksum = zlib.crc32(np.ascontiguousarray(part).tobytes(), checksum)
        return checksum


def join(parts: Sequence[Rows]) -> Rows:
    """Rows of several documents, one after the other."""
    return Rows(
        np.concatenate([part.codes for part in parts]),
        np.concatenate([part.scales for part in parts]),
        np.concatenate([part.originals for part in parts]),
        np.concatenate([part.places for part in parts]),
    )


def encode(vectors: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """8-bit codes and their scales. A row's code depends on that row alone.

    A scale shared among rows would let hidden rows move the order of visible ones.
    """
    largest = np.abs(vectors).max(axis=1, initial=0.0)
    scales = np.where(largest > 0, largest / 127, 1).astype(np.float32)
    codes = np.rint(vectors / scales[:, None]).astype(np.int8)
    return codes, scales


class RowFiles:
    """The four files of rows of a generation."""

    NAMES = ("codes", "scales", "originals", "places")

    def __init__(self, folder: Path, dimensions: int) -> None:
        self.folder = folder
        self.dimensions = dimensions
        self.types: dict[str, tuple[np.dtype[Any], tuple[int, ...]]] = {
            "codes": (np.dtype(np.int8), (dimensions,)),
            "scales": (np.dtype("<f4"), ()),
            "originals": (np.dtype("<f2"), (dimensions,)),
            "places": (PLACE, ()),
        }

    def _width(self, name: str) -> int:
        kind, shape = self.types[name]
        return kind.itemsize * (shape[0] if shape else 1)

    def create(self) -> None:
        """Make empty files."""
        self.folder.mkdir(parents=True)
        for name in (*self.NAMES, LOG):
            (self.folder / name).touch()

    def map(self, at_least: int) -> Rows:
        """Map the files as far as they reach; they must hold the rows that the log counts."""
        parts: list[Any] = []
        for name in self.NAMES:
            kind, shape = self.types[name]
            path = self.folder / name
            count = path.stat().st_size // self._width(name)
            if count < at_least:
                raise DamagedIndexError(f"{name} holds {count} rows, the log counts {at_least}")
            parts.append(
                np.memmap(path, kind, "r", shape=(count, *shape))
                if count
                else np.empty((0, *shape), kind)
            )
        return Rows(*(np.asarray(part) for part in parts))

    def write(self, start: int, rows: Rows) -> None:
        """Put rows at a place. They count for nothing until the log tells of them."""
        for name in self.NAMES:
            width = self._width(name)
            content = np.ascontiguousarray(getattr(rows, name)).tobytes()
            number = os.open(self.folder / name, os.O_RDWR)
            try:
                end = start + len(rows)
                if os.fstat(number).st_size < end * width:
                    os.ftruncate(number, -(-end // STEP) * STEP * width)
                _write_at(number, content, start * width)
                os.fdatasync(number)
            finally:
                os.close(number)


def _write_at(number: int, content: bytes, offset: int) -> None:
    view = memoryview(content)
    while view:
        written = os.pwrite(number, view, offset)
        view, offset = view[written:], offset + written


class Log:
    """Lines of what happened to the rows: added, removed, shown to others than before."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOG

    def read(self, offset: int) -> tuple[list[dict[str, Any]], int]:
        """Whole lines after an offset, and the offset after them."""
        with self.path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size < offset:
                raise DamagedIndexError(f"The log has shrunk from {offset} to {size} bytes")
            file.seek(offset)
            content = file.read()
        whole = content.rfind(b"\n") + 1
        return [_read_line(line) for line in content[:whole].splitlines()], offset + whole

    def append(self, entries: Sequence[dict[str, Any]], end: int) -> int:
        """Write lines at the end of the last whole line; returns the new end."""
        content = b"".join(_make_line(entry) for entry in entries)
        number = os.open(self.path, os.O_RDWR)
        try:
            if os.fstat(number).st_size > end:
                os.ftruncate(number, end)  # half a line of a writer that was killed
            _write_at(number, content, end)
            os.fdatasync(number)
        finally:
            os.close(number)
        return end + len(content)

    def get_size(self) -> int:
        """The size in bytes: when it has not changed, nothing has."""
        return self.path.stat().st_size


def _make_line(entry: dict[str, Any]) -> bytes:
    content = json.dumps(entry, ensure_ascii=True, separators=(",", ":")).encode()
    return b"%08x %b\n" % (zlib.crc32(content), content)


def _read_line(line: bytes) -> dict[str, Any]:
    checksum, _space, content = line.partition(b" ")
    try:
        if int(checksum, 16) == zlib.crc32(content):
            return json.loads(content)
    except ValueError:
        pass
    raise DamagedIndexError("A line of the log does not match its checksum")


def remove_other_generations(folder: Path, keep: str) -> None:
    """Delete folders of generations that are not in force. Readers keep what they have mapped."""
    for path in folder.glob("g*"):
        if path.name != keep and path.is_dir():
            with suppress(OSError):
                shutil.rmtree(path)
