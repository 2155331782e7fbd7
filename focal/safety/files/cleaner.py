"""Asks the cleaning process, and ends it when it takes too long."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import focal
from focal.safety.files.child import PDF, SECONDS
from focal.safety.files.images import FORMATS
from focal.safety.files.reasons import describe_failure

_RENEW_AFTER = 200  # files: whatever a library has leaked by then goes with the process


class CleaningFailed(Exception):
    """A file that cannot be looked through. Its text is a sentence for whoever brought it."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The file as it may be served, and codes of what was removed; none: it is as it was."""

    path: Path
    removed: tuple[str, ...] = ()


class Cleaner:
    """One cleaning process, started when the first file comes; a context manager."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._count = 0

    def __enter__(self) -> Cleaner:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @contextmanager
    def clean(self, path: Path, media_type: str) -> Iterator[Cleaned]:
        """The file without what could act; the cleaned copy is gone afterwards.

        Raises CleaningFailed. Kinds that hold nothing that can be cleaned are left alone.
        """
        if media_type != PDF and media_type not in FORMATS:
            yield Cleaned(path)
            return
        with tempfile.TemporaryDirectory(prefix="focal-clean-") as folder:
            target = Path(folder) / "cleaned"
            answer = self._ask(path, target, media_type)
            if "refused" in answer:
                raise CleaningFailed(describe_failure(answer["refused"]))
            removed = tuple(answer["removed"])
            yield Cleaned(target if target.exists() else path, removed)

    def close(self) -> None:
        """End the process."""
        process, self._process, self._count = self._process, None, 0
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def _ask(self, path: Path, target: Path, media_type: str) -> dict[str, Any]:
        if self._count >= _RENEW_AFTER:
            self.close()
        process = self._process or self._start()
        self._count += 1
        request = {"path": str(path.resolve()), "target": str(target), "media_type": media_type}
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            os.write(process.stdin.fileno(), json.dumps(request).encode() + b"\n")
            return json.loads(self._receive(process.stdout.fileno()))
        except (BrokenPipeError, TimeoutError, EOFError):
            self.close()
            return {"refused": "too_demanding"}

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "focal.safety.files.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,  # Ctrl-C is for us; we end it
            env={
                "PATH": os.environ.get("PATH", ""),
                "PYTHONPATH": str(Path(focal.__file__).parent.parent),
                "PYTHONUTF8": "1",
            },
        )
        return self._process

    def _receive(self, source: int) -> bytes:
        """One line within the time for one file."""
        end = time.monotonic() + self._seconds
        chunks: list[bytes] = []
        while not chunks or not chunks[-1].endswith(b"\n"):
            left = max(0.0, end - time.monotonic())
            if not select.select([source], [], [], left)[0]:
                raise TimeoutError
            if not (chunk := os.read(source, 1 << 16)):
                raise EOFError
            chunks.append(chunk)
        return b"".join(chunks)
