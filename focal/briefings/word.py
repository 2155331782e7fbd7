"""Briefings as Word documents, for those who must edit them further.

Word's own headings, lists, tables and links; pictures and charts with their alternative texts; each
text says its language, so that Word checks its spelling and a screen reader pronounces it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from focal.briefings.paper import Document, find_address, read_rich
from focal.briefings.rendering import Part
from focal.briefings.shown import group_origins, name_counted, say_origin
from focal.records import storage
from focal.sharing.markings import Marking
from focal.ui.charts.drawing import make_png

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.text.paragraph import Paragraph

WIDTH, HEIGHT = 16.6, 21.0  # centimetres that a picture may fill
ACROSS = 3  # key figures side by side
INK, SOFT, ACTION, WARM = "14211F", "4A5A5B", "0B5563", "A8431C"
FONT, MONO = "Calibri", "Consolas"  # Word has both; ours may not be there
TLP = {
    Marking.CLEAR: "FFFFFF",
    Marking.GREEN: "33FF00",
    Marking.AMBER: "FFC000",
    Marking.AMBER_STRICT: "FFC000",
    Marking.RED: "FF2B2B",
}
LISTS = {"ul": "List Bullet", "ol": "List Number"}


def make_docx(document: Document, parts: Sequence[Part]) -> bytes:
    """The document on A4, with its marking in header and footer."""
    writer = _Writer.begin(document)
    place = 0
    while place < len(parts):
        run = place
        while run < len(parts) and parts[run].kind == "figure":
            run += 1
        if run > place:
            writer.write_figures(parts[place:run])
            place = run
        else:
            writer.write(parts[place])
            place += 1
    writer.end()
    target = io.BytesIO()
    writer.word.save(target)
    return _forget_clock(target)


def _forget_clock(packed: io.BytesIO) -> bytes:
    """The same file without the moment it was packed at: equal documents are equal bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(target, "w") as plain:
        for name in source.namelist():
            plain.writestr(zipfile.ZipInfo(name), source.read(name), zipfile.ZIP_DEFLATED)
    return target.getvalue()


@dataclass(slots=True)
class _Writer:
    """Puts one part after another into a Word document."""

    word: WordDocument
    document: Document
    language: str
    level: int = 1  # of a heading inside a part: none is skipped

    @classmethod
    def begin(cls, document: Document) -> _Writer:
        """A document with its title and what stands under it."""
        from docx import Document as new_document  # noqa: N813, PLC0415 -- slow import

        word = new_document()
        writer = cls(word, document, document.language)
        _set_page(word)
        _set_styles(word, document.language)
        properties = word.core_properties
        properties.title, properties.author = document.title, document.issuer
        properties.language = document.language
        properties.subject = str(Marking(document.marking).label)
        properties.comments = ""
        for place in (word.sections[0].header, word.sections[0].footer):
            _mark(place.paragraphs[0], document.marking)
        writer.say(document.issuer, color=SOFT, size=9)
        word.add_heading(document.title, 0)
        if document.summary:
            word.add_paragraph(document.summary, style="Subtitle")
        approved = document.approved_by and f"{document.words['approved']} {document.approved_by}"
        writer.say(
            " · ".join(filter(None, [document.day_text, document.edition, approved])),
            color=SOFT,
            size=9,
        )
        if document.unchecked:
            writer.say(document.unchecked, color=SOFT, size=9)
        return writer

    def end(self) -> None:
        """The footnote, the address, the hash."""
        document = self.document
        self.language = document.language
        if document.footnote:
            self.say(document.footnote, color=SOFT, size=9)
        if document.address:
            line = self.say(f"{document.words['address']} ", color=SOFT, size=9)
            _link(line, document.address, document.address)
        if document.digest:
            self.say(f"{document.words['digest']} {document.digest}", color=SOFT, size=8)

    def write(self, part: Part) -> None:
        """One part of any kind but a key figure."""
        self.language = part.language
        if part.marking and part.marking != self.document.marking:
            _mark(self.word.add_paragraph(), part.marking, to_the_right=False)
        WRITERS[part.kind](self, part)

    def say(
        self, text: str, *, style: str | None = None, color: str = "", size: float = 0
    ) -> Paragraph:
        """A paragraph of plain words."""
        line = self.word.add_paragraph(style=style)
        self.add(line, text, color=color, size=size)
        return line

    def add(
        self,
        line: Paragraph,
        text: str,
        *,
        bold: bool = False,
        italic: bool = False,
        color: str = "",
        size: float = 0,
    ) -> None:
        """Words at the end of a paragraph, in the part's language."""
        from docx.shared import Pt, RGBColor  # noqa: PLC0415 -- slow import

        run = line.add_run(text)
        run.bold, run.italic = bold or None, italic or None
        if color:
            run.font.color.rgb = RGBColor.from_string(color)
        if size:
            run.font.size = Pt(size)
        if self.language != self.document.language:
            run._r.get_or_add_rPr().append(_make("w:lang", val=self.language))

    def head(self, text: str, level: int) -> None:
        """A heading, in the part's language."""
        self.add(self.word.add_heading("", level), text)

    def write_heading(self, part: Part) -> None:
        self.head(part.values["text"], 1)
        self.level = 2

    def write_text(self, part: Part) -> None:
        for node in read_rich(part.values.get("text", "")):
            self._write_node(node)
        self._write_origins(part)

    def _write_node(self, node: dict[str, Any]) -> None:
        tag = node["tag"]
        if tag in LISTS:
            self._write_list(node)
        elif tag in {"h2", "h3", "h4"}:
            self._write_runs(self.word.add_heading("", self.level), node["children"])
        elif tag == "table":
            self.write_table(_read_rows(node))
        elif tag == "blockquote":
            inner = [child for child in node["children"] if isinstance(child, dict)] or [node]
            for child in inner:
                line = self.word.add_paragraph(style="Quote")
                self._write_runs(line, child["children"])
        elif tag != "hr":
            self._write_runs(self.word.add_paragraph(), node["children"])

    def _write_list(self, node: dict[str, Any], depth: int = 1) -> None:
        style = LISTS[node["tag"]] + ("" if depth == 1 else f" {min(depth, 3)}")
        lines = []
        for item in node["children"]:
            if not isinstance(item, dict):
                continue
            inner = [child for child in item["children"] if _is_list(child)]
            line = self.word.add_paragraph(style=style)
            self._write_runs(line, [child for child in item["children"] if not _is_list(child)])
            lines.append(line)
            for child in inner:
                self._write_list(child, depth + 1)
        if node["tag"] == "ol" and lines:
            _count_anew(self.word, lines)

    def _write_runs(
        self, line: Paragraph, nodes: Sequence[Any], *, bold: bool = False, italic: bool = False
    ) -> None:
        for node in nodes:
            if isinstance(node, str):
                self.add(line, node, bold=bold, italic=italic)
            elif node["tag"] == "br":
                line.add_run().add_break()
            elif node["tag"] == "a" and node["href"]:
                _link(line, _read_plain(node), node["href"])
            else:
                self._write_runs(
                    line,
                    node["children"],
                    bold=bold or node["tag"] == "strong",
                    italic=italic or node["tag"] == "em",
                )

    def _write_origins(self, part: Part) -> None:
        """When the figures in the sentences hold, and who says so."""
        for origin, figures in group_origins(part):
            line = self.word.add_paragraph()
            for place, figure in enumerate(figures):
                self.add(line, ", " if place else "", color=SOFT, size=9)
                self.add(line, figure["whole"], color=SOFT, size=9)
                if not figure["is_standing"]:
                    self.add(line, f" {self.document.words['superseded']}", color=WARM, size=9)
            self.add(line, f": {origin}", color=SOFT, size=9)

    def write_figures(self, parts: Sequence[Part]) -> None:
        """Key figures side by side, each in a cell."""
        across = min(4 if len(parts) % ACROSS == 1 else ACROSS, len(parts))
        table = self.word.add_table(rows=-(-len(parts) // across), cols=across)
        cells = table._cells
        for cell, part in zip(cells, parts, strict=False):
            self.language = part.language
            self._write_figure(cell, part)
        for row in table.rows:
            row._tr.get_or_add_trPr().append(_make("w:cantSplit", val="true"))
        self.word.add_paragraph()

    def _write_figure(self, cell: Any, part: Part) -> None:
        figure, line = part.figures[0], cell.paragraphs[0]
        if part.marking and part.marking != self.document.marking:
            _mark(line, part.marking, to_the_right=False)
            line = cell.add_paragraph()
        if figure["qualifier"]:
            self.add(line, f"{figure['qualifier']} ", color=SOFT, size=10)
        self.add(line, figure["value"], bold=True, color=ACTION, size=22)
        if figure["unit"]:
            self.add(line, f" {figure['unit']}", bold=True, color=ACTION, size=12)
        self.add(cell.add_paragraph(), name_counted(part))
        self.add(cell.add_paragraph(), say_origin(figure), color=SOFT, size=9)
        if figure["note"]:
            self.add(cell.add_paragraph(), figure["note"], italic=True, color=SOFT, size=9)
        if not figure["is_standing"]:
            self.add(cell.add_paragraph(), self.document.words["superseded"], color=WARM, size=9)

    def write_chart(self, part: Part) -> None:
        values = part.values
        self.head(values["title"], self.level)
        if above := values.get("caption") or values.get("subtitle"):
            self.say(above, color=SOFT, size=9)
        self._write_image(make_png(values["svg"]), f"{values['title']}. {values['summary']}")
        self.say(values["summary"])
        if values["source"]:
            self.say(f"{self.document.words['source']} {values['source']}", color=SOFT, size=9)
        for note in values.get("notes", ()):
            self.say(note, color=SOFT, size=9)
        self.write_table([values["columns"], *values["rows"]])
        self._write_origins(part)

    def _write_image(self, content: bytes, words: str) -> None:
        """A picture no wider and no higher than the page, with what it shows in words."""
        from docx.shared import Cm  # noqa: PLC0415 -- slow import

        shape = self.word.add_picture(io.BytesIO(content))
        scale = min(Cm(WIDTH) / shape.width, Cm(HEIGHT) / shape.height)
        shape.width, shape.height = int(shape.width * scale), int(shape.height * scale)
        shape._inline.docPr.set("descr", words)

    def write_table(self, rows: Sequence[Sequence[str]]) -> None:
        """A table whose first row is its head, on each page that it reaches."""
        if not rows:
            return
        width = max(len(row) for row in rows)
        table = self.word.add_table(rows=len(rows), cols=width)
        cells = table._cells  # once: each row would look for its own again
        for number, row in enumerate(rows):
            for place, text in enumerate(row):
                line = cells[number * width + place].paragraphs[0]
                self.add(line, text, bold=number == 0, size=9)
                line.paragraph_format.space_after = 0
        _rule(table)
        table.rows[0]._tr.get_or_add_trPr().append(_make("w:tblHeader", val="true"))
        self.word.add_paragraph()

    def write_quote(self, part: Part) -> None:
        self.say(part.values["text"], style="Quote" if part.kind == "quote" else "Intense Quote")
        if source := part.values.get("source"):
            line = self.say("— ", color=SOFT)
            if part.values.get("url"):
                _link(line, source, part.values["url"])
            else:
                self.add(line, source, color=SOFT)
        self._write_origins(part)

    def write_list(self, part: Part) -> None:
        self._write_title(part)
        for item in part.values["items"]:
            self.say(f"{item['title']} ({item['kind']}, {item['date']})", style="List Bullet")

    def write_coverage(self, part: Part) -> None:
        self._write_title(part)
        if part.values["rows"]:
            self.write_table([part.values["columns"], *part.values["rows"]])
        if summary := part.values.get("summary"):  # older editions have none
            self.say(summary, color=SOFT, size=9)

    def write_people(self, part: Part) -> None:
        self._write_title(part)
        for text in part.values["lines"].splitlines():
            found = find_address(text)
            if found["href"]:
                _link(self.word.add_paragraph(), found["text"], found["href"])
            else:
                self.say(text)

    def write_picture(self, part: Part) -> None:
        with storage.open_file(part.values["digest"]) as source:
            self._write_image(source.read(), part.values["description"])
        if credit := part.values.get("credit"):
            self.say(credit, color=SOFT, size=9)

    def _write_title(self, part: Part) -> None:
        if title := part.values.get("title"):
            self.head(title, self.level)


WRITERS = {
    "heading": _Writer.write_heading,
    "text": _Writer.write_text,
    "chart": _Writer.write_chart,
    "quote": _Writer.write_quote,
    "pull": _Writer.write_quote,
    "list": _Writer.write_list,
    "coverage": _Writer.write_coverage,
    "people": _Writer.write_people,
    "picture": _Writer.write_picture,
}


# Word's own matter


def _make(name: str, **attributes: str) -> Any:
    """An element of WordprocessingML with attributes of its name space."""
    from docx.oxml import OxmlElement  # noqa: PLC0415 -- slow import
    from docx.oxml.ns import qn  # noqa: PLC0415 -- slow import

    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


def _set_page(word: WordDocument) -> None:
    from docx.shared import Cm  # noqa: PLC0415 -- slow import

    section = word.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin, section.bottom_margin = Cm(2.4), Cm(2.2)


def _set_styles(word: WordDocument, language: str) -> None:
    """One typeface and the platform's colours; the language of all that says no other."""
    from docx.oxml.ns import qn  # noqa: PLC0415 -- slow import
    from docx.shared import Pt, RGBColor  # noqa: PLC0415 -- slow import

    looks = {
        "Normal": (10.5, INK), "Title": (24, INK), "Subtitle": (12.5, SOFT),
        "Heading 1": (15, ACTION), "Heading 2": (12, INK),
        "Quote": (10.5, INK), "Intense Quote": (14, ACTION),
    }  # fmt: skip
    for name, (size, color) in looks.items():
        style = word.styles[name]
        style.font.name, style.font.size = FONT, Pt(size)
        style.font.color.rgb = RGBColor.from_string(color)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for key in list(fonts.attrib):
            if key.endswith("Theme"):  # Word would rather take the theme's
                del fonts.attrib[key]
        fonts.set(qn("w:cs"), FONT)
        fonts.set(qn("w:eastAsia"), FONT)
    word.styles["Subtitle"].font.italic = word.styles["Quote"].font.italic = None
    word.styles["Intense Quote"].font.italic = None
    word.styles["Normal"].paragraph_format.space_after = Pt(5)
    normal = word.styles["Normal"].element.get_or_add_rPr()
    for old in normal.findall(qn("w:lang")):
        normal.remove(old)
    normal.append(_make("w:lang", val=language))
    subtitle = word.styles["Subtitle"].element.get_or_add_rPr()
    for spacing in subtitle.findall(qn("w:spacing")):
        subtitle.remove(spacing)
    title = word.styles["Title"].element.get_or_add_pPr()
    for border in title.findall(qn("w:pBdr")):
        title.remove(border)


def _rule(table: Any) -> None:
    """A thin line under each row, and no row over two pages."""
    borders = _make("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        borders.append(_make(f"w:{side}", val="single", sz="4", space="0", color="D3DCDD"))
    table._tbl.tblPr.append(borders)
    for row in table.rows:
        row._tr.get_or_add_trPr().append(_make("w:cantSplit", val="true"))


def _mark(line: Paragraph, marking: str, *, to_the_right: bool = True) -> None:
    """A TLP label as FIRST sets it: its colour on black, 12 points, at the right of each page."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415 -- slow import
    from docx.shared import Pt, RGBColor  # noqa: PLC0415 -- slow import

    found = Marking(marking)
    run = line.add_run(str(found.label))
    run.bold, run.font.size = True, Pt(12 if to_the_right else 9)
    run.font.color.rgb = RGBColor.from_string(TLP[found])
    run._r.get_or_add_rPr().append(_make("w:shd", val="clear", color="auto", fill="000000"))
    if to_the_right:
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _link(line: Paragraph, text: str, address: str) -> None:
    """Words that lead somewhere."""
    from docx.opc.constants import RELATIONSHIP_TYPE  # noqa: PLC0415 -- slow import
    from docx.oxml.ns import qn  # noqa: PLC0415 -- slow import
    from docx.shared import RGBColor  # noqa: PLC0415 -- slow import

    run = line.add_run(text)
    run.underline, run.font.color.rgb = True, RGBColor.from_string(ACTION)
    link, kind = _make("w:hyperlink"), RELATIONSHIP_TYPE.HYPERLINK
    link.set(qn("r:id"), line.part.relate_to(address, kind, is_external=True))
    line._p.append(link)
    link.append(run._r)


def _count_anew(word: WordDocument, lines: Sequence[Paragraph]) -> None:
    """Let a numbered list begin with one, not go on where the list before it ended."""
    from docx.oxml.ns import qn  # noqa: PLC0415 -- slow import

    numbering = word.part.numbering_part.element
    style = word.styles["List Number"].element
    number = style.find(f"{qn('w:pPr')}/{qn('w:numPr')}/{qn('w:numId')}").get(qn("w:val"))
    abstract = numbering.num_having_numId(int(number)).abstractNumId.val
    fresh = numbering.add_num(abstract)
    fresh.add_lvlOverride(ilvl=0).add_startOverride(1)
    for line in lines:
        found = line._p.get_or_add_pPr().get_or_add_numPr()
        found.get_or_add_ilvl().val = 0
        found.get_or_add_numId().val = fresh.numId


def _is_list(node: Any) -> bool:
    return isinstance(node, dict) and node["tag"] in LISTS


def _read_rows(node: dict[str, Any]) -> list[list[str]]:
    if node["tag"] == "tr":
        return [[_read_plain(cell) for cell in node["children"] if isinstance(cell, dict)]]
    return [
        row for child in node["children"] if isinstance(child, dict) for row in _read_rows(child)
    ]


def _read_plain(node: Any) -> str:
    return node if isinstance(node, str) else "".join(map(_read_plain, node["children"]))
