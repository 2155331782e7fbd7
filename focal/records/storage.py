"""Files by their content: `files/ab/cd/<sha256>` in the data folder.

A file is written beside its place, flushed to the disk and moved; it is never changed or
overwritten. Two records with the same document share one file, and nobody can tell: what a
viewer may have is decided by the record, never here.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

_CHUNK = 1 << 20
_DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Staged:
    """A copy that has been written and not been put in its place yet."""

    path: Path
    digest: str
    size: int

    def keep(self) -> None:
        """Put it in its place. Doing so twice, or for a content that is there, changes nothing."""
        target = get_path(self.digest)
        if target.exists():
            os.utime(target)  # younger than any clean-up that is under way
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o440)
        self.path.replace(target)
        _flush_folder(target.parent)


def get_folder() -> Path:
    """Where files are."""
    return Path(settings.DATA) / "files"


def get_path(digest: str) -> Path:
    """Where the file with this content is, if it is there."""
    if len(digest) != 64 or not digest.isalnum():
        raise ValueError(f"not a digest: {digest!r}")
    return get_folder() / digest[:2] / digest[2:4] / digest


def compute_digest(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def stage(source: Path) -> Iterator[Staged]:
    """A copy of `source` beside the store. What is not kept is gone afterwards."""
    with source.open("rb") as file, stage_stream(iter(lambda: file.read(_CHUNK), b"")) as staged:
        yield staged


@contextmanager
def stage_stream(chunks: Iterable[bytes]) -> Iterator[Staged]:
    """The same for content that arrives piece by piece."""
    folder = get_folder() / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    descriptor, name = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        yield Staged(Path(name), digest.hexdigest(), size)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


def open_file(digest: str) -> BinaryIO:
    """The stored file. Raises FileNotFoundError."""
    return get_path(digest).open("rb")


def remove_unused(used: Iterable[str], *, older_than: float = _DAY) -> int:
    """Delete files whose digest is not among `used`; returns how many.

    Young ones stay: somebody may be about to write the row that uses them.
    """
    kept, before, removed = set(used), time.time() - older_than, 0
    for path in get_folder().rglob("*"):
        if path.is_file() and path.name not in kept and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def clear_pictures(digest: str) -> None:
    """Forget the drawn pages of a document."""
    shutil.rmtree(get_picture_folder(digest), ignore_errors=True)


def get_picture_folder(digest: str) -> Path:
    """Where the drawn pages of a document are kept; they can be drawn again at any time."""
    return get_all_pictures_folder() / digest[:2] / digest


def get_all_pictures_folder() -> Path:
    """Where all of them are."""
    return Path(settings.DATA) / "pictures"


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
