"""Office files (OOXML, OpenDocument): what in them could act. They are refused, not cleaned.

Whoever made the file can save it without; we would have to guess what it should look like then.
This module knows nothing of Django.
"""

from __future__ import annotations

import re
import zipfile

MACROS, CONTROLS, OUTSIDE, EMBEDDED = "macros", "controls", "outside", "embedded"

_MOST = 16 * 1024 * 1024  # of one part that is looked through
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names of streams in an OLE file, as they stand in its directory.
_PROGRAMS = tuple(
    name.encode("utf-16-le") for name in ("_VBA_PROJECT", "VBA\x00", "Macros", "\x01Ole10Native")
)
_RELATION = re.compile(rb"<[^>]*Relationship\b[^>]*>", re.IGNORECASE)
_EXTERNAL = re.compile(rb"TargetMode\s*=\s*[\"']External[\"']", re.IGNORECASE)
_FETCHED = re.compile(
    rb"/(?:attachedTemplate|oleObject|frame|subDocument|aFChunk|externalLink\w*|package|control)[\"']",
    re.IGNORECASE,
)
_COMMAND = re.compile(rb"\bDDE(?:AUTO)?\s")


def find_active(package: zipfile.ZipFile) -> str | None:
    """The code of what could act in it, or None. The package's sizes have been checked."""
    for name in package.namelist():
        lower = name.lower()
        if "vbaproject" in lower or "vbadata" in lower or lower.endswith(("/xlm.bin", ".exe")):
            return MACROS
        if "/activex/" in f"/{lower}" or "/ctrlprops/" in f"/{lower}":
            return CONTROLS
        if code := _look_into(package, name, lower):
            return code
    return None


def _look_into(package: zipfile.ZipFile, name: str, lower: str) -> str | None:
    if lower.endswith(".rels"):
        return OUTSIDE if _fetches(_read(package, name)) else None
    if "/embeddings/" in f"/{lower}":
        return _judge_embedded(_read(package, name))
    if lower.startswith(("word/", "content.xml", "xl/")) and lower.endswith(".xml"):
        content = _read(package, name)
        if _COMMAND.search(content):
            return MACROS
        if b"script:event-listener" in content or b"office:scripts><" in content:
            return MACROS
    return None


def _fetches(relations: bytes) -> bool:
    """Whether something would be fetched from elsewhere when the file is opened."""
    return any(
        _EXTERNAL.search(relation[0]) and _FETCHED.search(relation[0])
        for relation in _RELATION.finditer(relations)
    )


def _judge_embedded(content: bytes) -> str | None:
    """A file within the file: workbooks behind charts are common, programs are refused."""
    if content.startswith(_OLE):
        return EMBEDDED if any(name in content for name in _PROGRAMS) else None
    if content.startswith(b"PK"):
        return MACROS if b"vbaProject" in content else None
    return EMBEDDED if content.startswith((b"MZ", b"\x7fELF", b"#!")) else None


def _read(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as part:
        return part.read(_MOST)
