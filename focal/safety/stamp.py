"""A line and the marking on every page of a PDF that leaves the platform.

What is stamped is drawn by Typst, which has Latin, Cyrillic and Greek in its own fonts, once for
each size of page, and laid over the pages as they are seen: upright on turned pages and inside
their crop box. The page's own content is fenced in, so that nothing it leaves open can move or
hide the stamp. For readers who listen it is an artifact, so a tagged document keeps its order.
"""

from __future__ import annotations

import io
import json
import re
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import pikepdf
import typst
from django.utils.translation import gettext as _
from pikepdf import Dictionary, Name
from pikepdf.models import PdfParsingError

from focal.kernel.errors import BadInput

_TEMPLATE = Path(__file__).with_name("stamp.typ")
_DEFAULT_BOX = (0.0, 0.0, 612.0, 792.0)  # a page that names no size is a letter sheet
_LARGEST, _SMALLEST = 14_400.0, 3.0  # points; what lies outside is no page one can read
_MAX_LINE = 300
_DEPTH = 64  # pages deep in the tree; a hostile file may go round in circles
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # the same input gives the same bytes

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as it is seen: size in points and how its own space is turned into that."""

    width: float
    height: float
    rotation: int
    unit: float
    box: Box

    def get_placement(self) -> tuple[float, ...]:
        """The matrix from a drawing of that size to the page's own space."""
        left, bottom, right, top = self.box
        scale = 1 / self.unit
        return {
            0: (scale, 0, 0, scale, left, bottom),
            90: (0, scale, -scale, 0, right, bottom),
            180: (-scale, 0, 0, -scale, right, top),
            270: (0, -scale, scale, 0, left, top),
        }[self.rotation]


def stamp_pdf(source: Path | BinaryIO, *, line: str, marking: str) -> bytes:
    """The PDF with `line` at the foot and the marking at head and foot of every page.

    `marking` is a label of TLP 2.0, with or without 'TLP:'. Raises BadInput when the file is
    protected by a password or damaged beyond opening.
    """
    try:
        with pikepdf.open(source) as pdf:
            _stamp(pdf, line=line, marking=marking)
            target = io.BytesIO()
            pdf.save(target, deterministic_id=True)
    except pikepdf.PasswordError:
        raise BadInput(_("This PDF is protected by a password, so it cannot be marked.")) from None
    except pikepdf.PdfError:
        raise BadInput(_("This PDF is damaged, so it cannot be marked.")) from None
    return target.getvalue()


def _stamp(pdf: pikepdf.Pdf, *, line: str, marking: str) -> None:
    sheets = [_measure(page) for page in pdf.pages]
    sizes = sorted({(sheet.width, sheet.height) for sheet in sheets})
    if not sizes:
        return
    drawings = dict(zip(sizes, _draw(pdf, sizes, line=line, marking=marking), strict=True))
    for page, sheet in zip(pdf.pages, sheets, strict=True):
        _lay_over(pdf, page, sheet, drawings[sheet.width, sheet.height])


def _draw(pdf: pikepdf.Pdf, sizes: list[tuple[float, float]], *, line: str, marking: str) -> Any:
    """One drawing for each size, as form objects of `pdf`."""
    label = marking.upper().removeprefix("TLP:")
    drawn = typst.compile(
        _TEMPLATE.read_bytes(),
        ignore_system_fonts=True,
        pdf_tags=False,
        timestamp=int(_EPOCH.timestamp()),
        sys_inputs={
            "sizes": json.dumps(sizes),
            "line": re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", line).strip()[:_MAX_LINE],
            "label": f"TLP:{label}",
            "marking": label,
        },
    )
    with pikepdf.open(io.BytesIO(drawn)) as overlay:
        return [pdf.copy_foreign(page.as_form_xobject()) for page in overlay.pages]


def _lay_over(pdf: pikepdf.Pdf, page: pikepdf.Page, sheet: Sheet, drawing: Any) -> None:
    _take_own_resources(page)
    before, after = _fence(pdf, page)
    name = _name_drawing(page, drawing, "FocalStamp")
    matrix = " ".join(f"{number:.6f}" for number in sheet.get_placement())
    artifact = b"/Artifact <</Type /Pagination /Subtype /Watermark>> BDC\n"
    stamp = f"q {matrix} cm {name} Do Q\n".encode()
    page.contents_add(before, prepend=True)
    page.contents_add(after + artifact + stamp + b"EMC\n")


def _take_own_resources(page: pikepdf.Page) -> None:
    """A page may share its resources with others, or inherit them: the stamp is its own."""
    own = Dictionary()
    shared = _inherit(page.obj, "/Resources")
    if isinstance(shared, Dictionary):
        for key, value in shared.items():
            own[key] = Dictionary(dict(value.items())) if isinstance(value, Dictionary) else value
    page.obj.Resources = own


def _name_drawing(page: pikepdf.Page, drawing: Any, stem: str) -> Name:
    """A name for a drawing on the page; a document that was stamped before has some already."""
    known: Any = page.obj.Resources.get("/XObject", {})
    number = next(n for n in range(1, len(known) + 2) if f"/{stem}{n}" not in known)
    return page.add_resource(drawing, Name.XObject, Name(f"/{stem}{number}"))


def _fence(pdf: pikepdf.Pdf, page: pikepdf.Page) -> tuple[bytes, bytes]:
    """What to put before and after the page's content so that it leaves nothing behind.

    Content that cannot be followed becomes a form of its own, which nothing gets out of.
    """
    content = _read_content(page)
    operators = _read_operators(pdf, content)
    if operators is None:
        form = pdf.make_stream(
            content,
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=pikepdf.Array([-_LARGEST, -_LARGEST, _LARGEST, _LARGEST]),
            Resources=Dictionary(dict(page.obj.Resources.items())),
        )
        page.obj.Contents = pdf.make_stream(b"")
        return f"q {_name_drawing(page, form, 'FocalPage')} Do Q\n".encode(), b""
    lacking, left = _count_open(operators)
    return b"q\n" * (lacking["q"] + 1), (
        b"\nET" * left["BT"] + b"\nEMC" * left["BMC"] + b"\nQ" * (left["q"] + 1) + b"\n"
    )


def _read_content(page: pikepdf.Page) -> bytes:
    page.contents_coalesce()
    content = page.obj.get("/Contents")
    return content.read_bytes() if isinstance(content, pikepdf.Stream) else b""


def _read_operators(pdf: pikepdf.Pdf, content: bytes) -> list[str] | None:
    """The operators that open and close something; None when the content does not end by itself.

    A string that is never closed would swallow what follows: the word put after it shows that.
    """
    probe = pdf.make_stream(content + b"\n" + _END + b"\n")
    try:
        with warnings.catch_warnings(action="ignore"):  # 'unexpected end' is what is looked for
            found = pikepdf.parse_content_stream(probe, f"q Q BT ET BMC BDC EMC {_END.decode()}")
    except (pikepdf.PdfError, PdfParsingError, TypeError, ValueError):
        return None
    operators = [str(one.operator) for one in found]
    return operators[:-1] if operators and operators[-1] == _END.decode() else None


_END = b"FocalEnd"
_OPENS = {"q": "q", "BT": "BT", "BMC": "BMC", "BDC": "BMC"}
_CLOSES = {"Q": "q", "ET": "BT", "EMC": "BMC"}


def _count_open(operators: list[str]) -> tuple[dict[str, int], dict[str, int]]:
    """How many closings came without an opening, and how many openings were never closed."""
    lacking, left = dict.fromkeys(("q", "BT", "BMC"), 0), dict.fromkeys(("q", "BT", "BMC"), 0)
    for operator in operators:
        if operator in _OPENS:
            left[_OPENS[operator]] += 1
        elif left[what := _CLOSES[operator]]:
            left[what] -= 1
        else:
            lacking[what] += 1
    return lacking, left


def _measure(page: pikepdf.Page) -> Sheet:
    """What of the page is seen, and how it is turned."""
    media = _read_box(page.obj, "/MediaBox") or _DEFAULT_BOX
    crop = _read_box(page.obj, "/CropBox")
    box = (_intersect(media, crop) if crop else None) or media
    unit = _read_number(page.obj.get("/UserUnit")) or 1.0
    turned = int(_read_number(_inherit(page.obj, "/Rotate")) or 0) % 360
    rotation = turned if turned in (0, 90, 180, 270) else 0
    width, height = ((box[2] - box[0]) * unit, (box[3] - box[1]) * unit)
    if rotation in (90, 270):
        width, height = height, width
    return Sheet(_limit(width), _limit(height), rotation, unit, box)


def _limit(length: float) -> float:
    return round(min(max(length, _SMALLEST), _LARGEST), 2)


def _read_box(node: Any, key: str) -> Box | None:
    """A box with its corners in order; None when there is none, or one without extent."""
    value = _inherit(node, key)
    if not isinstance(value, pikepdf.Array) or len(value) != 4:
        return None
    numbers = [_read_number(each) for each in value]
    if any(number is None for number in numbers):
        return None
    x1, y1, x2, y2 = (number or 0.0 for number in numbers)
    box = (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
    return box if box[2] - box[0] > 1 and box[3] - box[1] > 1 else None


def _intersect(one: Box, other: Box) -> Box | None:
    box = (
        max(one[0], other[0]),
        max(one[1], other[1]),
        min(one[2], other[2]),
        min(one[3], other[3]),
    )
    return box if box[2] - box[0] > 1 and box[3] - box[1] > 1 else None


def _read_number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _inherit(node: Any, key: str) -> Any:
    """The value of a page, or of the nearest node above it that has one."""
    for _step in range(_DEPTH):
        if not isinstance(node, Dictionary):
            return None
        if key in node:
            return node[key]
        node = node.get("/Parent")
    return None
