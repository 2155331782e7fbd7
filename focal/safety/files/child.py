"""The process that cleans files: one request a line in, one answer a line out.

Its limits are the kernel's: memory, the size of what it writes, no core, and a clock that ends
it if its starter cannot.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from focal.safety.files.pdf import CannotClean, clean_pdf

SECONDS = 120
MEMORY_BYTES = 2 * 1024**3
WRITTEN_BYTES = 1024**3
PDF = "application/pdf"


def main() -> None:
    """Answer until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN_BYTES, WRITTEN_BYTES))
    os.nice(5)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is not an answer
    for line in sys.stdin:
        signal.alarm(SECONDS + 5)
        answers.write(json.dumps(_answer(json.loads(line))) + "\n")
        answers.flush()
        signal.alarm(0)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    source, target = Path(request["path"]), Path(request["target"])
    try:
        if request["media_type"] == PDF:
            return {"removed": clean_pdf(source, target)}
        from focal.safety.files.images import clean_image  # noqa: PLC0415 -- seldom needed

        return {"removed": clean_image(source, target, request["media_type"])}
    except CannotClean as refusal:
        return {"refused": str(refusal)}
    except MemoryError:
        return {"refused": "too_demanding"}
    except Exception:  # noqa: BLE001 -- a file may break a library in any way
        return {"refused": "broken"}


if __name__ == "__main__":
    main()
