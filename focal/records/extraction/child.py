"""The process that reads documents: one request a line in, one answer a line out.

It is started by `reader` and knows nothing of the platform. Its limits are the kernel's:
memory, no written files, no core, and a clock that ends it if its starter cannot.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from focal.records.extraction import formats, limits, outcome
from focal.records.extraction.cleaning import limit_pages
from focal.records.extraction.outcome import CannotRead, Extracted
from focal.vocabulary.languages import canonical_language

_ON_TEXT = 20_000  # characters from which the language is told


def main() -> None:
    """Answer until the input ends."""
    _limit()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is not an answer
    for line in sys.stdin:
        request = json.loads(line)
        signal.alarm(limits.SECONDS + 5)
        answer = _answer(request)
        signal.alarm(0)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.MEMORY_BYTES, limits.MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    os.nice(5)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    """What was asked for as plain values, or the code of why not."""
    path = Path(request["path"])
    try:
        if "draw" in request:
            return {"drawn": _draw(path, request["draw"], request["width"])}
        found = extract(path, declared_name=request["name"], hint=request["hint"])
    except CannotRead as refusal:
        return {"refused": refusal.code, "values": refusal.values}
    except MemoryError:
        return {"refused": "too_demanding", "values": {}}
    except Exception:  # noqa: BLE001 -- a document may break a parser in any way
        return {"refused": "broken", "values": {}}
    return {"extracted": found.to_plain()}


def extract(path: Path, *, declared_name: str, hint: str = "") -> Extracted:
    """Read one document here and now. Raises CannotRead.

    `hint` is the language that its name suggests, if any.
    """
    media_type = formats.recognise(path, declared_name)
    if media_type in outcome.PICTURES:
        return _read_picture(media_type)
    found = _READERS[media_type](path)
    if not found.is_paged:
        found.pages, was_cut = limit_pages(found.pages)
        found.note = found.note or ("cut_text" if was_cut else "")
    found.language = _detect(found, hint)
    if media_type == outcome.TEXT:
        found.title = ""
    return found


def _detect(found: Extracted, hint: str) -> str:
    """The language, by words. What a program wrote into the file counts among near kin alone."""
    from focal.records.extraction.languages import (  # noqa: PLC0415 -- slow import
        CYRILLIC_KIN,
        KIN,
        detect_language,
    )

    text = "\n".join(found.pages)
    if len(text) > 2 * _ON_TEXT:
        middle = len(text) // 2
        text = text[:_ON_TEXT] + "\n" + text[middle : middle + _ON_TEXT]
    declared = found.declared_language.strip()
    if declared and found.media_type != outcome.XML:
        declared = declared if canonical_language(declared) in KIN | CYRILLIC_KIN else ""
    return detect_language(text, hint or declared)


def _draw(path: Path, number: int, width: int) -> dict[str, Any]:
    from focal.records.extraction.drawing import draw_page  # noqa: PLC0415 -- slow import

    return draw_page(path, number, width)


def _read_pdf(path: Path) -> Extracted:
    from focal.records.extraction.pdf import read_pdf  # noqa: PLC0415 -- slow import

    return read_pdf(path)


def _read_docx(path: Path) -> Extracted:
    from focal.records.extraction.office import read_docx  # noqa: PLC0415 -- slow import

    return read_docx(path)


def _read_odt(path: Path) -> Extracted:
    from focal.records.extraction.office import read_odt  # noqa: PLC0415 -- slow import

    return read_odt(path)


def _read_xml(path: Path) -> Extracted:
    from focal.records.extraction.markup import read_xml  # noqa: PLC0415 -- as above

    content, was_cut = _read_bytes(path)
    if was_cut:
        raise CannotRead("too_demanding")
    return read_xml(content)


def _read_html(path: Path) -> Extracted:
    from focal.records.extraction.markup import read_html  # noqa: PLC0415 -- as above

    return _note_cut(read_html, path)


def _read_text(path: Path) -> Extracted:
    from focal.records.extraction.plain import read_text  # noqa: PLC0415 -- as above

    return _note_cut(read_text, path)


def _read_picture(media_type: str) -> Extracted:
    """A picture says nothing in words: it has no pages."""
    return Extracted(media_type=media_type, pages=[])


def _note_cut(reading: Callable[[bytes], Extracted], path: Path) -> Extracted:
    content, was_cut = _read_bytes(path)
    found = reading(content)
    if was_cut:
        found.note = "cut_text"
    return found


def _read_bytes(path: Path) -> tuple[bytes, bool]:
    """The file, or as much of it as can matter."""
    most = 2 * limits.MAX_CHARACTERS
    with path.open("rb") as file:
        content = file.read(most + 1)
    return content[:most], len(content) > most


_READERS = {
    outcome.PDF: _read_pdf,
    outcome.DOCX: _read_docx,
    outcome.ODT: _read_odt,
    outcome.HTML: _read_html,
    outcome.XML: _read_xml,
    outcome.TEXT: _read_text,
}


if __name__ == "__main__":
    main()
