"""Briefings as Word documents, for those who must edit them further."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

from focal.briefings.paper import Document, read_rich
from focal.briefings.rendering import Part
from focal.records import storage
from focal.sharing.markings import Marking

WIDTH = 16  # centimetres between the margins


def make_docx(document: Document, parts: Sequence[Part]) -> bytes:
    """The document with Word's own headings, lists and tables, the marking in header and footer."""
    from docx import Document as Word  # noqa: PLC0415 -- slow import
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415 -- slow import

    word = Word()
    properties = word.core_properties
    properties.title, properties.author = document.title, document.issuer
    properties.language, properties.subject = (
        document.language,
        str(Marking(document.marking).label),
    )
    for place in (word.sections[0].header, word.sections[0].footer):
        line = place.paragraphs[0]
        line.text, line.alignment = str(Marking(document.marking).label), WD_ALIGN_PARAGRAPH.RIGHT
    word.add_heading(document.title, 0)
    if document.summary:
        word.add_paragraph(document.summary, style="Subtitle")
    word.add_paragraph(
        " · ".join(filter(None, [document.issuer, document.day_text, document.edition]))
    )
    for part in parts:
        WRITERS.get(part.kind, _write_text)(word, part)
    for text in (document.footnote, document.address, document.digest):
        if text:
            word.add_paragraph(text)
    target = io.BytesIO()
    word.save(target)
    return _forget_clock(target)


def _forget_clock(packed: io.BytesIO) -> bytes:
    """The same file without the moment it was packed at: equal documents are equal bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(target, "w") as plain:
        for name in source.namelist():
            plain.writestr(zipfile.ZipInfo(name), source.read(name), zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _write_heading(word: Any, part: Part) -> None:
    word.add_heading(part.values["text"], 1)


def _write_text(word: Any, part: Part) -> None:
    for node in read_rich(part.values.get("text", "")):
        _write_node(word, node)


LISTS = {"ul": "List Bullet", "ol": "List Number"}


def _write_node(word: Any, node: dict[str, Any]) -> None:
    tag = node["tag"]
    if tag in LISTS:
        for item in node["children"]:
            if isinstance(item, dict):
                _write_runs(word.add_paragraph(style=LISTS[tag]), item["children"])
    elif tag in {"h2", "h3", "h4"}:
        _write_runs(word.add_heading("", 2), node["children"])
    elif tag == "table":
        _write_table(word, _read_rows(node))
    else:
        style = "Intense Quote" if tag == "blockquote" else None
        _write_runs(word.add_paragraph(style=style), node["children"])


def _write_runs(
    paragraph: Any, nodes: Sequence[Any], *, bold: bool = False, italic: bool = False
) -> None:
    for node in nodes:
        if isinstance(node, str):
            run = paragraph.add_run(node)
            run.bold, run.italic = bold or None, italic or None
        elif node["tag"] == "br":
            paragraph.add_run().add_break()
        else:
            _write_runs(
                paragraph,
                node["children"],
                bold=bold or node["tag"] == "strong",
                italic=italic or node["tag"] == "em",
            )


def _read_rows(node: dict[str, Any]) -> list[list[str]]:
    if node["tag"] == "tr":
        return [[_read_plain(cell) for cell in node["children"] if isinstance(cell, dict)]]
    return [
        row for child in node["children"] if isinstance(child, dict) for row in _read_rows(child)
    ]


def _read_plain(node: Any) -> str:
    return node if isinstance(node, str) else "".join(map(_read_plain, node["children"]))


def _write_table(word: Any, rows: Sequence[Sequence[str]]) -> None:
    if not rows:
        return
    width = max(len(row) for row in rows)
    table = word.add_table(rows=0, cols=width, style="Light Grid Accent 1")
    for row in rows:
        cells = table.add_row().cells
        for place, text in enumerate(row):
            cells[place].text = text


def _write_figure(word: Any, part: Part) -> None:
    figure = part.figures[0]
    line = word.add_paragraph()
    line.add_run(figure["whole"]).bold = True
    line.add_run(f" {part.values['label']}")
    said = [figure["area"], figure["period"], figure["source_title"], figure["source_page"]]
    word.add_paragraph(" · ".join(filter(None, said)))


def _write_chart(word: Any, part: Part) -> None:
    word.add_heading(part.values["title"], 2)
    word.add_paragraph(part.values["summary"])
    _write_table(word, [part.values["columns"], *part.values["rows"]])
    word.add_paragraph(part.values["source"])


def _write_quote(word: Any, part: Part) -> None:
    word.add_paragraph(part.values["text"], style="Intense Quote")
    if part.values.get("source"):
        word.add_paragraph(part.values["source"])


def _write_list(word: Any, part: Part) -> None:
    if part.values.get("title"):
        word.add_heading(part.values["title"], 2)
    for item in part.values["items"]:
        word.add_paragraph(f"{item['title']} ({item['kind']}, {item['date']})", style="List Bullet")


def _write_coverage(word: Any, part: Part) -> None:
    if part.values.get("title"):
        word.add_heading(part.values["title"], 2)
    _write_table(word, [part.values["columns"], *part.values["rows"]])


def _write_people(word: Any, part: Part) -> None:
    if part.values.get("title"):
        word.add_heading(part.values["title"], 2)
    for line in part.values["lines"].splitlines():
        word.add_paragraph(line)


def _write_picture(word: Any, part: Part) -> None:
    from docx.shared import Cm  # noqa: PLC0415 -- slow import

    with storage.open_file(part.values["digest"]) as source:
        word.add_picture(io.BytesIO(source.read()), width=Cm(WIDTH))
    word.add_paragraph(part.values["description"])


WRITERS = {
    "heading": _write_heading,
    "text": _write_text,
    "figure": _write_figure,
    "chart": _write_chart,
    "quote": _write_quote,
    "pull": _write_quote,
    "list": _write_list,
    "coverage": _write_coverage,
    "people": _write_people,
    "picture": _write_picture,
}
