"""Pictures of PDF pages, with the place of every word, so that words can be marked on them."""

from __future__ import annotations

import base64
import ctypes
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from focal.records.extraction.outcome import CannotRead

_MAX_PIXELS = 6_000_000
_MAX_CHARACTERS = 30_000
_GAP = 0.35  # of a letter's height: wider gaps part words


def draw_page(path: Path, number: int, width: int) -> dict[str, Any]:
    """A page as WebP, and its words with their boxes in thousandths of the page.

    Raises CannotRead when there is no such page or it cannot be drawn.
    """
    try:
        document = pdfium.PdfDocument(path)
        page = document[number - 1]
    except (pdfium.PdfiumError, IndexError):
        raise CannotRead("broken") from None
    page_width, page_height = page.get_size()
    scale = width / max(page_width, 1)
    pixels = page_width * page_height * scale * scale
    if pixels > _MAX_PIXELS:
        scale *= (_MAX_PIXELS / pixels) ** 0.5
    picture = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    held = io.BytesIO()
    picture.save(held, "WEBP", quality=72, method=3)
    return {
        "picture": base64.b64encode(held.getvalue()).decode(),
        "width": picture.width,
        "height": picture.height,
        "words": list(_find_words(page, page.get_textpage())),
    }


def _find_words(page: pdfium.PdfPage, textpage: pdfium.PdfTextPage) -> Iterator[list[Any]]:
    word, box = "", [0.0, 0.0, 0.0, 0.0]
    for character, place in _iterate_characters(page, textpage):
        if word and (not character.isalnum() or not _is_beside(box, place)):
            yield [word, *map(round, box)]
            word = ""
        if not character.isalnum():
            continue
        box = list(place) if not word else _join(box, place)
        word += character
    if word:
        yield [word, *map(round, box)]


def _iterate_characters(
    page: pdfium.PdfPage, textpage: pdfium.PdfTextPage
) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    edges = [ctypes.c_double() for _ in range(4)]
    for index in range(min(textpage.count_chars(), _MAX_CHARACTERS)):
        code = pdfium_c.FPDFText_GetUnicode(textpage.raw, index)
        if not 0 < code < 0x110000 or 0xD800 <= code < 0xE000:
            continue
        if not pdfium_c.FPDFText_GetCharBox(textpage.raw, index, *edges):
            continue
        left, right, bottom, top = (edge.value for edge in edges)
        yield chr(code), _to_picture(page, left, top, right, bottom)


def _to_picture(
    page: pdfium.PdfPage, left: float, top: float, right: float, bottom: float
) -> tuple[float, float, float, float]:
    """Page space to thousandths of the picture, whatever the page's rotation and crop."""
    x, y = ctypes.c_int(), ctypes.c_int()
    corners = []
    for across, up in ((left, top), (right, bottom)):
        pdfium_c.FPDF_PageToDevice(page.raw, 0, 0, 10_000, 10_000, 0, across, up, x, y)
        corners.append((x.value / 10, y.value / 10))
    (x0, y0), (x1, y1) = corners
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _is_beside(box: list[float], place: tuple[float, float, float, float]) -> bool:
    height = max(box[3] - box[1], place[3] - place[1], 1.0)
    same_line = min(box[3], place[3]) - max(box[1], place[1]) > -0.3 * height
    return same_line and -height < place[0] - box[2] < _GAP * height * 2


def _join(box: list[float], place: tuple[float, float, float, float]) -> list[float]:
    return [
        min(box[0], place[0]),
        min(box[1], place[1]),
        max(box[2], place[2]),
        max(box[3], place[3]),
    ]
