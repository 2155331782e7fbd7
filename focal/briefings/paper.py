"""Briefings on paper: PDF by Typst, tagged for screen readers (PDF/UA-1) and to last (PDF/A-2a)."""

from __future__ import annotations

import io
import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path
from typing import Any

import pikepdf

from focal.briefings.rendering import Part
from focal.briefings.shown import name_counted, say_origin
from focal.kernel.errors import BadInput
from focal.records import storage
from focal.sharing.markings import Marking

TEMPLATE = Path(__file__).parent / "paper" / "briefing.typ"
STANDARDS: list[Any] = ["ua-1", "a-2a"]
LAYOUTS = ("a4", "leaflet")
LEAFLET_PAGES = 2
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]+")
SMALLER = (0.95, 0.9, 0.85, 0.8, 0.76)  # the smallest leaves text of 7.2 points


FONTS = Path(__file__).parents[1] / "ui" / "static" / "ui" / "vendor" / "source-sans-3-files"


@dataclass(frozen=True, slots=True)
class Document:
    """What stands around the parts: title, who issued it, its marking, its address."""

    title: str
    summary: str
    language: str
    marking: str
    issuer: str
    day: datetime
    day_text: str
    edition: str
    foot: str
    approved_by: str
    address: str
    digest: str = ""
    footnote: str = ""
    unchecked: str = ""  # said where a translation in it needs a check
    words: dict[str, str] = field(default_factory=dict)


def make_pdf(document: Document, parts: Sequence[Part], *, layout: str = "a4") -> bytes:
    """The document as PDF; `layout` is 'a4' or 'leaflet' (landscape, two columns).

    A leaflet is set a little smaller where it then fits on two pages; one that would not is set
    as it is, on more. BadInput when it cannot be set, with the reason.
    """
    if layout not in LAYOUTS:
        raise BadInput(f"There is no layout {layout!r}; there are: {', '.join(LAYOUTS)}.")
    with tempfile.TemporaryDirectory(prefix="focal-paper-") as name:
        folder = Path(name)
        given = asdict(document) | {
            "language": _short(document.language),
            "day": [document.day.year, document.day.month, document.day.day],
            "marking": str(Marking(document.marking).label),
            "layout": layout,
            "parts": [_prepare(part, folder) for part in parts],
        }
        (folder / "briefing.typ").write_text(TEMPLATE.read_text())
        first = _set(folder, given, document.day)
        if layout != "leaflet":
            return first
        smaller = (_set(folder, given, document.day, scale) for scale in SMALLER)
        return next((made for made in chain([first], smaller) if _fits(made)), first)


def _fits(made: bytes) -> bool:
    with pikepdf.open(io.BytesIO(made)) as pdf:
        return len(pdf.pages) <= LEAFLET_PAGES


def _set(folder: Path, given: dict[str, Any], day: datetime, scale: float = 1.0) -> bytes:
    import typst  # noqa: PLC0415 -- slow import

    text = json.dumps(given | {"scale": scale}, ensure_ascii=False)
    (folder / "data.json").write_text(text)
    try:
        return bytes(
            typst.compile(
                str(folder / "briefing.typ"),
                root=str(folder),
                ignore_system_fonts=True,
                font_paths=[str(FONTS)],
                pdf_standards=STANDARDS,
                timestamp=int(day.timestamp()),
            )
        )
    except typst.TypstError as error:
        raise BadInput(f"The document cannot be set: {str(error)[:300]}") from error


def _short(language: str) -> str:
    """A language as PDF names it."""
    return language.split("-")[0]


def _prepare(part: Part, folder: Path) -> dict[str, Any]:
    """A part as the template takes it; pictures become files beside it."""
    values = dict(part.values)
    if part.kind == "text":
        values["blocks"] = read_rich(values.get("text", ""))
    if part.kind == "figure":
        values["what"] = name_counted(part)
    if part.kind == "people":
        values["lines"] = [find_address(line) for line in values["lines"].splitlines()]
    if part.kind == "chart":
        name = f"chart-{part.id}.svg"
        (folder / name).write_text(values.pop("svg"))
        values.pop("svg_narrow", None)
        values["file"] = name
    if part.kind == "picture":
        ending = values["media_type"].partition("/")[2].replace("jpeg", "jpg")
        name = f"picture-{part.id}.{ending}"
        with storage.open_file(values["digest"]) as source:
            (folder / name).write_bytes(source.read())
        values["file"] = name
    return {
        "kind": part.kind,
        "language": _short(part.language),
        "marking": str(Marking(part.marking).label) if part.marking else "",
        "values": values,
        "figures": [{**figure, "from": say_origin(figure)} for figure in part.figures],
    }


def find_address(line: str) -> dict[str, str]:
    """A line, and where it leads when it is an address."""
    word = line.strip()
    if word.startswith(("https://", "http://")) and " " not in word:
        return {"text": word, "href": word}
    return {"text": line, "href": f"mailto:{word}" if MAIL.fullmatch(word) else ""}


# Rich text


class _Reader(HTMLParser):
    """Cleaned HTML as a tree of plain values: {"tag", "href", "children"} and strings."""

    VOID = frozenset({"br", "hr"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root: dict[str, Any] = {"tag": "", "children": []}
        self.stack = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = {"tag": tag, "href": dict(attrs).get("href") or "", "children": []}
        self.stack[-1]["children"].append(node)
        if tag not in self.VOID:
            self.stack.append(node)

    def handle_endtag(self, tag: str) -> None:
        if len(self.stack) > 1 and tag not in self.VOID:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        text = re.sub(r"\s+", " ", data)
        if text:
            self.stack[-1]["children"].append(text)


def read_rich(text: str) -> list[Any]:
    """Rich text as a list of nodes and strings; text outside a paragraph is one."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    nodes: list[Any] = []
    for child in reader.root["children"]:
        if isinstance(child, str):
            if child.strip():
                nodes.append({"tag": "p", "href": "", "children": [child]})
        else:
            nodes.append(child)
    return nodes
