"""PDF, by PDFium: the library that also draws the pages, so text and picture agree."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from focal.records.extraction.cleaning import clean, count_letters, limit_pages
from focal.records.extraction.limits import MAX_CHARACTERS, MAX_PAGES
from focal.records.extraction.outcome import PDF, CannotRead, Extracted
from focal.records.extraction.titles import (
    Line,
    accept_title,
    choose_heading,
    find_heading,
    read_date,
)

MIN_LETTERS = 20  # a scan may carry a stamp's few letters
_HEAD_CHARACTERS = 3_000
_BOLD = 600


def read_pdf(path: Path) -> Extracted:
    """The text of its pages; CannotRead when it is encrypted, broken or without text."""
    document = _open(path)
    try:
        count = len(document)
        if not count:
            raise CannotRead("broken")
        pages, was_cut = limit_pages(list(_iterate_texts(document, min(count, MAX_PAGES))))
        if sum(map(count_letters, pages)) < min(MIN_LETTERS, 2 * len(pages)):
            raise CannotRead("scanned")
        outcome = Extracted(media_type=PDF, pages=pages, is_paged=True)
        _read_metadata(document, outcome)
        if not outcome.title:
            outcome.title = _find_largest(document) or find_heading(pages[0])
    finally:
        document.close()
    if len(pages) < count:
        outcome.note, outcome.note_values = "cut_pages", {"read": len(pages), "all": count}
    elif was_cut:
        outcome.note = "cut_text"
    return outcome


def _open(path: Path) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        locked = "password" in str(error).lower() or "security" in str(error).lower()
        raise CannotRead("encrypted" if locked else "broken") from None


def _iterate_texts(document: pdfium.PdfDocument, count: int) -> Iterator[str]:
    total = 0
    for number in range(count):
        text = _read_page(document, number)
        total += len(text)
        yield text
        if total > MAX_CHARACTERS:
            return


def _read_page(document: pdfium.PdfDocument, number: int) -> str:
    """A page's text; a page that cannot be parsed has none, and the others still have."""
    try:
        page = document[number]
    except pdfium.PdfiumError:
        return ""
    try:
        return clean(page.get_textpage().get_text_bounded(errors="ignore"))
    except pdfium.PdfiumError:
        return ""
    finally:
        page.close()


def _read_metadata(document: pdfium.PdfDocument, outcome: Extracted) -> None:
    try:
        claims = document.get_metadata_dict(skip_empty=True)
    except (pdfium.PdfiumError, UnicodeDecodeError):
        claims = {}
    beginning = "\n".join(outcome.pages[:3])
    outcome.title = accept_title(claims.get("Title", ""), beginning)
    outcome.issued = read_date(claims.get("CreationDate", ""), today=datetime.now(tz=UTC).date())
    outcome.declared_language = _read_language(document)


def _read_language(document: pdfium.PdfDocument) -> str:
    """The catalogue's /Lang, which people set far more rarely than programs do."""
    length = pdfium_c.FPDFCatalog_GetLanguage(document.raw, None, 0) if _KNOWS_LANGUAGE else 0
    if not 2 < length < 100:
        return ""
    buffer = ctypes.create_string_buffer(length)
    pdfium_c.FPDFCatalog_GetLanguage(
        document.raw, ctypes.cast(buffer, ctypes.POINTER(pdfium_c.FPDF_WCHAR)), length
    )
    return buffer.raw.decode("utf-16-le", "ignore").strip("\x00 ")


_KNOWS_LANGUAGE = hasattr(pdfium_c, "FPDFCatalog_GetLanguage")


def _find_largest(document: pdfium.PdfDocument) -> str:
    """What stands out as the title on the first page that has text."""
    for number in range(min(len(document), 3)):
        try:
            page = document[number]
        except pdfium.PdfiumError:
            continue
        try:
            lines = list(_measure_lines(page.get_textpage()))
        finally:
            page.close()
        title = choose_heading(lines)
        if title:
            return title
        if sum(len(line.text) for line in lines) > 400:
            return ""
    return ""


def _measure_lines(textpage: pdfium.PdfTextPage) -> Iterator[Line]:
    """Each line of a page with the size and weight of its letters."""
    sizes: list[float] = []
    text, bold = "", 0
    for index in range(min(textpage.count_chars(), _HEAD_CHARACTERS)):
        code = pdfium_c.FPDFText_GetUnicode(textpage.raw, index)
        character = chr(code) if 0 < code < 0x110000 else ""
        if character in ("\r", "\n"):
            if text.strip():
                yield _make_line(text, sizes, bold)
            text, sizes, bold = "", [], 0
            continue
        text += character
        if character.isalnum():
            sizes.append(_get_size(textpage, index))
            bold += _is_bold(textpage, index)
    if text.strip():
        yield _make_line(text, sizes, bold)


def _make_line(text: str, sizes: list[float], bold: int) -> Line:
    size = sorted(sizes)[len(sizes) // 2] if sizes else 0.0
    return Line(clean(text), round(size, 1), is_bold=bold > len(sizes) / 2)


def _get_size(textpage: pdfium.PdfTextPage, index: int) -> float:
    """The height of a letter on the page: its font's size means nothing under a scaling matrix."""
    matrix = pdfium_c.FS_MATRIX()
    size = pdfium_c.FPDFText_GetFontSize(textpage.raw, index)
    if pdfium_c.FPDFText_GetMatrix(textpage.raw, index, matrix):
        size *= (matrix.c**2 + matrix.d**2) ** 0.5
    return size


def _is_bold(textpage: pdfium.PdfTextPage, index: int) -> bool:
    if pdfium_c.FPDFText_GetFontWeight(textpage.raw, index) >= _BOLD:
        return True
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    length = pdfium_c.FPDFText_GetFontInfo(textpage.raw, index, name, len(name), flags)
    return 0 < length <= len(name) and b"bold" in name.value.lower()
