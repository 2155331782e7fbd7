"""DOCX and ODT: packages of XML, read for their words alone.

Nothing is resolved, loaded or run. Inserted text counts, deleted text does not; footnotes
follow the text. A place where the program broke the page when it was last saved is taken
as the end of a page.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import Element

from focal.records.extraction.cleaning import clean, count_letters, limit_pages, split_into_parts
from focal.records.extraction.formats import check_package, read_member
from focal.records.extraction.limits import MAX_TEXT_PART_BYTES, WHOLE_CHARACTERS
from focal.records.extraction.markup import parse_xml
from focal.records.extraction.outcome import DOCX, ODT, CannotRead, Extracted
from focal.records.extraction.titles import accept_title, find_heading, read_date

PAGE_END = "\x0c"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_W_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def read_docx(path: Path) -> Extracted:
    """A Word document."""
    try:
        with zipfile.ZipFile(path) as package:
            check_package(package)
            names = set(package.namelist())
            body = _parse(package, _find_main_part(names))
            text = "".join(_walk_word(body))
            if "word/footnotes.xml" in names:
                text += "\n\n" + "".join(_walk_word(_parse(package, "word/footnotes.xml")))
            core = _parse(package, "docProps/core.xml") if "docProps/core.xml" in names else None
    except (zipfile.BadZipFile, OSError, KeyError, NotImplementedError, EOFError):
        raise CannotRead("broken") from None
    outcome = _build(DOCX, text)
    heading = _find_styled(body)
    _describe(outcome, core, heading)
    language = body.find(f".//{_W}lang[@{_W}val]")
    if language is not None:
        outcome.declared_language = language.get(f"{_W}val", "")
    return outcome


def read_odt(path: Path) -> Extracted:
    """An OpenDocument text."""
    try:
        with zipfile.ZipFile(path) as package:
            check_package(package)
            content = _parse(package, "content.xml")
            meta = _parse(package, "meta.xml") if "meta.xml" in package.namelist() else None
    except (zipfile.BadZipFile, OSError, KeyError, NotImplementedError, EOFError):
        raise CannotRead("broken") from None
    body = content.find(f".//{_OFFICE}text")
    if body is None:
        raise CannotRead("broken")
    outcome = _build(ODT, "".join(_walk_open(body)))
    heading = body.find(f".//{_TEXT}h")
    _describe(outcome, meta, "" if heading is None else "".join(_walk_open(heading)))
    return outcome


def _find_main_part(names: set[str]) -> str:
    if "word/document.xml" in names:
        return "word/document.xml"
    numbered = sorted(name for name in names if name.startswith("word/document"))
    if not numbered:
        raise CannotRead("broken")
    return numbered[0]


def _parse(package: zipfile.ZipFile, name: str) -> Element:
    return parse_xml(read_member(package, name, MAX_TEXT_PART_BYTES))


def _build(media_type: str, text: str) -> Extracted:
    pages = [clean(page) for page in text.split(PAGE_END)]
    while pages and not pages[-1]:
        pages.pop()
    is_paged = len(pages) > 1
    if not is_paged or max(map(len, pages)) > 3 * WHOLE_CHARACTERS:  # breaks that mean little
        pages, is_paged = split_into_parts("\n\n".join(pages)), False
    if not any(map(count_letters, pages)):
        raise CannotRead("no_words")
    pages, was_cut = limit_pages(pages)
    return Extracted(
        media_type=media_type,
        pages=pages,
        is_paged=is_paged,
        note="cut_text" if was_cut else "",
    )


def _describe(outcome: Extracted, properties: Element | None, heading: str) -> None:
    """Title and date: what the file says if it can be believed, else its first heading."""
    beginning = "\n".join(outcome.pages[:2])[:20_000]
    claimed, changed = "", ""
    if properties is not None:
        claimed = properties.findtext(f".//{_DC}title") or ""
        changed = properties.findtext(f".//{_TERMS}modified") or ""
        changed = changed or properties.findtext(f".//{_DC}date") or ""
        outcome.declared_language = properties.findtext(f".//{_DC}language") or ""
    outcome.title = (
        accept_title(claimed, beginning) or accept_title(heading) or find_heading(beginning)
    )
    outcome.issued = read_date(changed, today=datetime.now(tz=UTC).date())


def _find_styled(body: Element) -> str:
    """The first paragraph in the style Title, or else the first heading."""
    found: dict[str, str] = {}
    for paragraph in body.iter(f"{_W}p"):
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        name = style.get(f"{_W}val", "").lower() if style is not None else ""
        text = "".join(_walk_word(paragraph)).replace(PAGE_END, " ").strip()
        if text and name in ("title", "heading1") and name not in found:
            found[name] = text
        if "title" in found:
            break
    return found.get("title") or found.get("heading1", "")


_WORD_SIGNS = {
    "tab": "\t",
    "cr": "\n",
    "noBreakHyphen": "-",
    "lastRenderedPageBreak": PAGE_END,
}
_WORD_SKIPPED = {"del", "moveFrom", "instrText", "delText", "pPr", "rPr", "sectPr", "tblPr"}


def _walk_word(element: Element) -> Iterator[str]:
    """The words of an element of WordprocessingML and of all within it, in reading order."""
    if element.tag == _FALLBACK:
        return  # the same text box once more, for older programs
    name = element.tag.removeprefix(_W).removeprefix(_W_STRICT)
    if name == "t":
        yield element.text or ""
    elif name == "br":
        kind = element.get(f"{_W}type") or element.get(f"{_W_STRICT}type")
        yield PAGE_END if kind == "page" else "\n"
    elif name in _WORD_SIGNS:
        yield _WORD_SIGNS[name]
    elif name not in _WORD_SKIPPED:
        for child in element:
            yield from _walk_word(child)
        yield {"p": "\n\n", "tc": "\t", "tr": "\n"}.get(name, "")


_OPEN_SKIPPED = {f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_OFFICE}forms"}
_OPEN_SIGNS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n", f"{_TEXT}soft-page-break": PAGE_END}
_OPEN_ENDS = {
    f"{_TEXT}p": "\n\n",
    f"{_TEXT}h": "\n\n",
    f"{_TABLE}table-cell": "\t",
    f"{_TABLE}table-row": "\n",
}


def _walk_open(element: Element) -> Iterator[str]:
    """The words of an OpenDocument element and of all within it."""
    if element.tag in _OPEN_SKIPPED:
        return
    if element.tag == f"{_TEXT}s":
        count = element.get(f"{_TEXT}c", "1")
        yield " " * min(int(count) if count.isdecimal() else 1, 100)
        return
    if element.tag in _OPEN_SIGNS:
        yield _OPEN_SIGNS[element.tag]
        return
    yield element.text or ""
    for child in element:
        yield from _walk_open(child)
        yield child.tail or ""
    yield _OPEN_ENDS.get(element.tag, "")
