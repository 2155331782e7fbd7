"""Asks the reading process, and ends it when it takes too long."""

from __future__ import annotations

import base64
import json
import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat

import focal
from focal.records.extraction import limits
from focal.records.extraction.outcome import Extracted
from focal.records.extraction.reasons import describe

_RENEW_AFTER = 200  # documents: whatever a library has leaked by then goes with the process


class Unreadable(Exception):
    """A document that is not taken in. Its text is a sentence fit to show to whoever brought it."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A page as WebP, and its words with their boxes (left, top, right, bottom in thousandths)."""

    picture: bytes
    words: list[tuple[str, int, int, int, int]]


class Reader:
    """One reading process, started when the first document comes; a context manager.

    A document that crashes or outlasts the process costs that document alone: the next one
    gets a fresh process.
    """

    def __init__(self, *, seconds: float = limits.SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._count = 0

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def read(self, path: Path, *, declared_name: str, hint: str = "") -> Extracted:
        """The document's text. Raises Unreadable with the reason."""
        check_size(path)
        answer = self._ask(path, {"name": declared_name, "hint": hint})
        return Extracted.from_plain(answer["extracted"])

    def draw(self, path: Path, *, number: int, width: int) -> Drawing:
        """A PDF's page as a picture. Raises Unreadable with the reason."""
        drawn = self._ask(path, {"draw": number, "width": width})["drawn"]
        return Drawing(base64.b64decode(drawn["picture"]), drawn["words"])

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

    def _ask(self, path: Path, request: dict[str, Any]) -> dict[str, Any]:
        message = json.dumps({"path": str(path.resolve()), **request}).encode() + b"\n"
        answer = self._exchange(message)
        if answer is None:
            raise Unreadable(describe("too_demanding", {}))
        if "refused" in answer:
            raise Unreadable(describe(answer["refused"], answer["values"]))
        return answer

    def _exchange(self, request: bytes) -> dict[str, Any] | None:
        if self._count >= _RENEW_AFTER:
            self.close()
        process = self._process or self._start()
        self._count += 1
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            os.write(process.stdin.fileno(), request)
            line = self._receive(process.stdout.fileno())
        except (BrokenPipeError, TimeoutError, EOFError):
            self.close()
            return None
        return json.loads(line)

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "focal.records.extraction.child"],
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
        """One line, however long, within the time for one document."""
        end, chunks = time.monotonic() + self._seconds, []
        while True:
            left = max(0.0, end - time.monotonic())
            ready, _writable, _errors = select.select([source], [], [], left)
            if not ready:
                raise TimeoutError
            chunk = os.read(source, 1 << 20)
            if not chunk:
                raise EOFError
            chunks.append(chunk)
            if chunk.endswith(b"\n"):
                return b"".join(chunks)


def extract(path: Path, *, declared_name: str, hint: str = "") -> Extracted:
    """Read one document in a process of its own. Raises Unreadable."""
    with Reader() as reader:
        return reader.read(path, declared_name=declared_name, hint=hint)


def check_size(path: Path) -> None:
    """Refuse what is no file, empty or too large, before anything of it is read."""
    if not path.is_file():
        raise Unreadable(describe("not_a_file", {}))
    try:
        size = path.stat().st_size
    except OSError:
        raise Unreadable(describe("not_a_file", {})) from None
    if size == 0:
        raise Unreadable(describe("empty", {}))
    if size > settings.UPLOAD_MAX_BYTES:
        values = {
            "size": filesizeformat(size),
            "limit": filesizeformat(settings.UPLOAD_MAX_BYTES),
        }
        raise Unreadable(describe("too_big", values))
