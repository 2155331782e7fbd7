"""Pictures of PDF pages: drawn once for each content, kept on disk, marked for each question.

A picture belongs to a content, not to a record: who may have it is decided before. What is
kept can be thrown away at any time, and is when it grows beyond its limit.
"""

from __future__ import annotations

import io
import json
import random
import threading
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

from focal.records import storage
from focal.records.extraction import Reader
from focal.records.extraction.reader import Drawing
from focal.records.reading import leave_out_small_words
from focal.search.building import Plan
from focal.search.snippets import find_marks

WIDTH = 1100  # pixels: sharp in a column of a page, light on a slow line
MAX_KEPT_BYTES = 500 * 1024 * 1024
_SECONDS = 20
_MARK = (255, 224, 130)
_AT_ONCE = threading.BoundedSemaphore(2)


def get_picture(digest: str, number: int, *, language: str, plan: Plan | None = None) -> bytes:
    """A page as WebP, with what a question finds on it marked. Raises Unreadable."""
    drawing = _get_drawing(digest, number)
    if plan is None or not plan.units:
        return drawing.picture
    boxes = _find_boxes(drawing, language, leave_out_small_words(plan))
    return _mark(drawing.picture, boxes) if boxes else drawing.picture


def _get_drawing(digest: str, number: int) -> Drawing:
    folder = storage.get_picture_folder(digest)
    picture, words = folder / f"{number}.webp", folder / f"{number}.json"
    try:
        return Drawing(picture.read_bytes(), json.loads(words.read_text()))
    except (FileNotFoundError, ValueError):
        pass
    with _AT_ONCE, Reader(seconds=_SECONDS) as reader:
        drawing = reader.draw(storage.get_path(digest), number=number, width=WIDTH)
    folder.mkdir(parents=True, exist_ok=True)
    _write(words, json.dumps(drawing.words, ensure_ascii=False).encode())
    _write(picture, drawing.picture)
    if random.random() < 0.02:  # noqa: S311 -- now and then is often enough
        clear_old_pictures()
    return drawing


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: another request may be reading."""
    beside = path.with_name(f".{path.name}.{random.getrandbits(48):x}")
    beside.write_bytes(content)
    beside.replace(path)


def _find_boxes(drawing: Drawing, language: str, plan: Plan) -> list[tuple[int, int, int, int]]:
    text, starts = "", []
    for word, *_box in drawing.words:
        starts.append(len(text))
        text += word + " "
    boxes = []
    for mark in find_marks(text, language, plan):
        for start, (word, left, top, right, bottom) in zip(starts, drawing.words, strict=True):
            if start < mark.end and start + len(word) > mark.start:
                boxes.append((left, top, right, bottom))
    return boxes


def _mark(picture: bytes, boxes: list[tuple[int, int, int, int]]) -> bytes:
    """Like a highlighter: the letters stay as dark as they were."""
    with Image.open(io.BytesIO(picture)) as opened:
        page = opened.convert("RGB")
    layer = Image.new("RGB", page.size, "white")
    pen = ImageDraw.Draw(layer)
    across, down = page.width / 1000, page.height / 1000
    for left, top, right, bottom in boxes:
        pen.rectangle(
            (left * across - 3, top * down - 3, right * across + 3, bottom * down + 3), fill=_MARK
        )
    held = io.BytesIO()
    ImageChops.multiply(page, layer).save(held, "WEBP", quality=72, method=2)
    return held.getvalue()


def clear_old_pictures(limit: int = MAX_KEPT_BYTES) -> int:
    """Throw away the pictures that were drawn longest ago, until they fit; returns how many."""
    kept = [path for path in storage.get_all_pictures_folder().rglob("*") if path.is_file()]
    sized = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in kept)
    total, removed = sum(size for _at, size, _path in sized), 0
    for _at, size, path in sized:
        if total <= limit:
            break
        path.unlink(missing_ok=True)
        total, removed = total - size, removed + 1
    return removed
