"""PDF without what could act: scripts, actions, attached files, film, XFA, other people's files.

A file in which nothing is found is left as it is, byte for byte, with its signature. Any other
is written anew; the same file always gives the same bytes. Of actions those are kept that go to
a place in the document or to an address of the web. This module knows nothing of Django: it
runs in a process of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

SCRIPT, ACTION, FILE, MEDIA, FORM, OUTSIDE, JUNK, SIGNATURE = (
    "script", "action", "file", "media", "form", "outside", "junk", "signature",
)  # fmt: skip

_DEPTH = 100  # direct objects within one another
_HARMLESS = {"/GoTo", "/URI", "/Thread", "/SetOCGState", "/Trans", "/GoToDp"}
_TURNS_PAGES = {"/NextPage", "/PrevPage", "/FirstPage", "/LastPage", "/GoBack", "/GoForward"}
_SCRIPTS = {"/JavaScript", "/Rendition"}
_MEDIA_ACTIONS = {"/Movie", "/Sound", "/RichMediaExecute", "/GoTo3DView"}
_ANNOTATIONS = {
    "/FileAttachment": FILE,
    "/RichMedia": MEDIA,
    "/Movie": MEDIA,
    "/Sound": MEDIA,
    "/Screen": MEDIA,
    "/3D": MEDIA,
}
_DROPPED = {  # keys that are nothing but a way to act, wherever they stand
    "/AA": SCRIPT,
    "/JS": SCRIPT,
    "/EF": FILE,
    "/AF": FILE,
    "/XFA": FORM,
    "/RichMediaContent": MEDIA,
    "/RichMediaSettings": MEDIA,
    "/OPI": OUTSIDE,
    "/Collection": FILE,
    "/NeedsRendering": FORM,
}
_NAMED = {
    "/JavaScript": SCRIPT,
    "/EmbeddedFiles": FILE,
    "/Renditions": MEDIA,
    "/AlternatePresentations": MEDIA,
}
_SCHEME = re.compile(r"^\s*([a-zA-Z][a-zA-Z0-9+.\-\s]*):")
_SCHEMES = {"http", "https", "mailto", "ftp", "tel"}


class CannotClean(Exception):
    """A code of `reasons`: the file cannot be looked into, so it cannot be taken in."""


def clean_pdf(source: Path, target: Path) -> list[str]:
    """Codes of what was removed; `target` is written only when there are some."""
    try:
        with pikepdf.open(source, suppress_warnings=True) as pdf:
            removed = _clean(pdf)
            with source.open("rb") as file:
                if not file.read(1024).lstrip(b"\r\n\t \x00\xef\xbb\xbf").startswith(b"%PDF-"):
                    removed.add(JUNK)
            if not removed:
                return []
            if _is_signed(pdf):
                removed.add(SIGNATURE)
            pdf.save(target, deterministic_id=True, encryption=False)
    except pikepdf.PasswordError:
        raise CannotClean("locked") from None
    except pikepdf.PdfError:
        raise CannotClean("broken") from None
    return sorted(removed)


def _clean(pdf: pikepdf.Pdf) -> set[str]:
    removed: set[str] = set()
    _clean_catalogue(pdf.Root, removed)
    for each in [*pdf.objects, pdf.trailer]:
        _clean_value(each, removed, 0)
    return removed


def _clean_catalogue(root: Any, removed: set[str]) -> None:
    names = root.get("/Names")
    if isinstance(names, Dictionary):
        for key, code in _NAMED.items():
            if key in names:
                del names[key]
                removed.add(code)


def _clean_value(value: Any, removed: set[str], depth: int) -> None:
    """An object and what stands within it; what it refers to is looked at by itself."""
    if depth > _DEPTH:
        raise CannotClean("broken")
    if isinstance(value, Dictionary | Stream):
        _clean_dictionary(value, removed)
        for key in list(value.keys()):
            _clean_child(value[key], removed, depth)
    elif isinstance(value, Array):
        for each in value:
            _clean_child(each, removed, depth)


def _clean_child(child: Any, removed: set[str], depth: int) -> None:
    if isinstance(child, Dictionary | Array | Stream) and not child.is_indirect:
        _clean_value(child, removed, depth + 1)


def _clean_dictionary(value: Any, removed: set[str]) -> None:
    for key, code in _DROPPED.items():
        if key in value:
            del value[key]
            removed.add(code)
    for key in ("/A", "/PA", "/OpenAction", "/Next"):
        if key in value:
            _clean_action(value, key, removed)
    if isinstance(value.get("/Annots"), Array):
        _clean_annotations(value, removed)
    if isinstance(value, Stream):
        _clean_stream(value, removed)


def _clean_stream(value: Any, removed: set[str]) -> None:
    """Content that stands in another file, and programs in PostScript."""
    for key in ("/F", "/FFilter", "/FDecodeParms", "/Ref"):
        if key in value:
            del value[key]
            removed.add(OUTSIDE)
    if value.get("/Subtype") == Name.PS or value.get("/Subtype2") == Name.PS:
        value.write(b"")
        for key in ("/Subtype2", "/PS"):
            if key in value:
                del value[key]
        value.Subtype = Name.Form
        value.BBox = Array([0, 0, 1, 1])
        removed.add(SCRIPT)


def _clean_action(value: Any, key: str, removed: set[str]) -> None:
    """An action, or several one after another; a destination is none."""
    action = value[key]
    if isinstance(action, Array) and key == "/Next":
        kept = [each for each in action if _is_harmless(each, removed.add)]
        if len(kept) < len(action):
            value[key] = Array(kept)
    elif not _is_harmless(action, removed.add):
        del value[key]


def _is_harmless(action: Any, tell: Callable[[str], None]) -> bool:
    if not isinstance(action, Dictionary) or not isinstance(action.get("/S"), Name):
        return True  # no action at all: a destination, the attributes of a tag, an outline entry
    kind = str(action.S)
    if kind == "/Named" and str(action.get("/N")) in _TURNS_PAGES:
        return True
    if kind == "/URI" and not _is_web_address(action.get("/URI")):
        tell(ACTION)
        return False
    if kind in _HARMLESS:
        return True
    tell(SCRIPT if kind in _SCRIPTS else MEDIA if kind in _MEDIA_ACTIONS else ACTION)
    return False


def _is_web_address(value: Any) -> bool:
    """An address that a reader may follow; one without a scheme is relative to the document's."""
    text = str(value) if isinstance(value, pikepdf.String) else ""
    scheme = _SCHEME.match(text)
    if scheme is None:
        return not text.lstrip().startswith(("\\\\", "//"))
    return "".join(scheme[1].split()).lower() in _SCHEMES


def _clean_annotations(value: Any, removed: set[str]) -> None:
    kept, codes = [], set()
    for each in value.Annots:
        code = _ANNOTATIONS.get(str(each.get("/Subtype"))) if isinstance(each, Dictionary) else None
        if code is None:
            kept.append(each)
        else:
            codes.add(code)
    if codes:
        value.Annots = Array(kept)
        removed |= codes


def _is_signed(pdf: pikepdf.Pdf) -> bool:
    return any(
        isinstance(each, Dictionary) and each.get("/FT") == Name.Sig and "/V" in each
        for each in _iterate_dictionaries(pdf)
    )


def _iterate_dictionaries(pdf: pikepdf.Pdf) -> Iterator[Any]:
    form = pdf.Root.get("/AcroForm")
    fields = form.get("/Fields") if isinstance(form, Dictionary) else None
    yield from fields if isinstance(fields, Array) else ()
