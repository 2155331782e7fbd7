"""XML and HTML, read for their words. Entities, document types and scripts are never followed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from focal.records.extraction.cleaning import clean
from focal.records.extraction.limits import MAX_DEPTH
from focal.records.extraction.outcome import HTML, XML, CannotRead, Extracted
from focal.records.extraction.plain import decode, from_paragraphs
from focal.records.extraction.titles import accept_title, find_heading, read_date

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def parse_xml(content: bytes) -> Element:
    """The tree of an XML text. A document type is refused: it is how XML becomes a weapon."""
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    depth = 0

    def refuse(*_ignored: object) -> int:
        raise CannotRead("xml_type")

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise CannotRead("broken")
        builder.start(_name(tag), {_name(key): value for key, value in attributes.items()})

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_name(tag))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = parser.UnparsedEntityDeclHandler = refuse
    parser.StartDoctypeDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(content, True)
        return builder.close()
    except (expat.ExpatError, AssertionError, ValueError, LookupError):
        raise CannotRead("broken") from None


def _name(expat_name: str) -> str:
    return "{" + expat_name if "}" in expat_name else expat_name


def read_xml(content: bytes) -> Extracted:
    """An XML text: the words between its tags, an element a line."""
    root = parse_xml(content)
    lines: list[str] = []
    _collect(root, lines)
    outcome = from_paragraphs(XML, clean("\n".join(lines)))
    titles = [e for e in root.iter() if e.tag.rpartition("}")[2].lower() in ("title", "head")]
    if titles:
        outcome.title = accept_title("".join(titles[0].itertext()))
    outcome.title = outcome.title or find_heading(outcome.pages[0])
    outcome.declared_language = root.get(_LANGUAGE, "")
    return outcome


def _collect(element: Element, lines: list[str]) -> None:
    """Elements that hold words directly are a line each; those that hold elements, their lines."""
    children = list(element)
    mixed = bool((element.text or "").strip()) or any((c.tail or "").strip() for c in children)
    if mixed or not children:
        line = " ".join("".join(element.itertext()).split())
        if line:
            lines += [line, ""]
        return
    for child in children:
        _collect(child, lines)


_SKIPPED = {"script", "style", "template", "svg", "math", "head", "object", "iframe", "noscript"}
_BLOCKS = {
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main",
    "nav", "ol", "p", "pre", "section", "table", "tr", "ul", "body", "caption",
}  # fmt: skip
_ONE_LINE = {"br", "li", "tr", "dt", "dd"}


class _Reader(HTMLParser):
    """Collects what a reader would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.title: list[str] = []
        self.heading: list[str] = []
        self.language = ""
        self.issued = ""
        self._skipping: list[str] = []
        self._into: list[str] | None = None
        self._has_heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag == "html":
            self.language = given.get("lang") or given.get("xml:lang", "")
        if tag == "meta":
            self._read_meta(given)
        if tag == "title" and not self.title:
            self._into = self.title
        if tag in _SKIPPED and not (tag == "noscript" and self._skipping):
            self._skipping.append(tag)
        if tag == "body":
            self._skipping.clear()  # a head that nobody closed
        if tag == "h1" and not self._has_heading and not self._skipping:
            self._into, self._has_heading = self.heading, True
        if tag in _BLOCKS:
            self.words.append("\n" if tag in _ONE_LINE else "\n\n")
        elif tag in ("td", "th"):
            self.words.append("\t")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _SKIPPED:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._skipping:
            del self._skipping[self._skipping.index(tag) :]
        if tag in ("title", "h1"):
            self._into = None
        if tag in _BLOCKS and tag not in _ONE_LINE:
            self.words.append("\n\n")

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into.append(data)
        if not self._skipping:
            self.words.append(" ".join(data.split("\n")))

    def _read_meta(self, given: dict[str, str]) -> None:
        name = (given.get("name") or given.get("property") or "").lower()
        if name in ("article:published_time", "dc.date", "dcterms.issued", "date"):
            self.issued = self.issued or given.get("content", "")


def read_html(content: bytes) -> Extracted:
    """A web page: its words, without scripts, styles and what is not shown."""
    reader = _Reader()
    reader.feed(decode(content, _find_charset(content)))
    reader.close()
    outcome = from_paragraphs(HTML, clean("".join(reader.words)))
    outcome.title = (
        accept_title("".join(reader.heading))
        or accept_title("".join(reader.title))
        or find_heading(outcome.pages[0])
    )
    outcome.declared_language = reader.language
    outcome.issued = read_date(reader.issued, today=datetime.now(tz=UTC).date())
    return outcome


def _find_charset(content: bytes) -> str:
    head = content[:2048].lower()
    at = head.find(b"charset=")
    if at < 0:
        return ""
    name = re.match(rb"[\"' ]*([a-z0-9_-]+)", head[at + 8 : at + 40])
    return name[1].decode("ascii") if name else ""
