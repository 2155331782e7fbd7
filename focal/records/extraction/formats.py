"""What a file is, told by its content. Its name is only held against it."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePath

from focal.records.extraction.limits import MAX_MEMBERS, MAX_RATIO, MAX_UNPACKED_BYTES
from focal.records.extraction.outcome import (
    DOCX,
    HTML,
    JPEG,
    ODT,
    PDF,
    PNG,
    TEXT,
    WEBP,
    XML,
    CannotRead,
)
from focal.records.extraction.plain import guess_utf16
from focal.safety.files.office import find_active

BY_ENDING = {
    ".pdf": PDF,
    ".docx": DOCX,
    ".odt": ODT,
    ".html": HTML,
    ".htm": HTML,
    ".xhtml": HTML,
    ".xml": XML,
    ".txt": TEXT,
    ".text": TEXT,
    ".png": PNG,
    ".jpg": JPEG,
    ".jpeg": JPEG,
    ".webp": WEBP,
}
# First bytes of what people bring by mistake: the code of what it is.
_FOREIGN = (
    (b"{\\rtf", "rtf"),
    (b"GIF8", "other_picture"),
    (b"II*\x00", "other_picture"),
    (b"MM\x00*", "other_picture"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"),
)


def recognise(path: Path, declared_name: str) -> str:
    """The media type; CannotRead when it is nothing we read, or not what its name says."""
    ending = PurePath(declared_name).suffix.lower()
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(b"\x00\r\n\t "):
        raise CannotRead("empty")
    found = _recognise_content(path, head)
    expected = BY_ENDING.get(ending)
    if expected is None:
        if ending and found in (TEXT, HTML, XML):
            raise CannotRead("unknown_kind", ending=ending)
        return found
    if found == expected or {found, expected} <= {TEXT, HTML, XML}:
        return expected  # text is text: how it is read is what its name asks for
    raise CannotRead("mislabelled", ending=ending, found=found)


def _recognise_content(path: Path, head: bytes) -> str:
    if b"%PDF-" in head[:1024]:
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return _recognise_package(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise CannotRead("encrypted" if _is_encrypted_office(path) else "old_office")
    if picture := _recognise_picture(head):
        return picture
    for start, code in _FOREIGN:
        if head.startswith(start):
            raise CannotRead(code)
    return _recognise_text(head)


def _recognise_picture(head: bytes) -> str:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    return WEBP if head.startswith(b"RIFF") and head[8:12] == b"WEBP" else ""


def _recognise_text(head: bytes) -> str:
    if _looks_binary(head):
        raise CannotRead("binary")
    start = head.lstrip(b"\xef\xbb\xbf\r\n\t ").lower().replace(b"\x00", b"")
    if any(mark in start for mark in (b"<!doctype html", b"<html", b"<body")):
        return HTML
    return XML if start.startswith(b"<?xml") else TEXT


def _looks_binary(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or guess_utf16(head):
        return False
    controls = sum(byte < 32 and byte not in b"\t\n\r\x0c\x1a\x1b" for byte in head)
    return controls > max(2, len(head) // 50)


def _is_encrypted_office(path: Path) -> bool:
    name = "EncryptedPackage".encode("utf-16-le")
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            if name in chunk:
                return True
            if len(chunk) == 1 << 20:
                file.seek(-len(name), 1)
    return False


def _recognise_package(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as package:
            check_package(package)
            names = set(package.namelist())
            if "[Content_Types].xml" in names:
                return _recognise_office(package, names)
            if "mimetype" in names:
                return _recognise_open_document(package, names)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise CannotRead("broken") from None
    raise CannotRead("archive")


def _recognise_office(package: zipfile.ZipFile, names: set[str]) -> str:
    types = read_member(package, "[Content_Types].xml")
    if b"macroEnabled" in types:
        raise CannotRead("macros")
    if code := find_active(package):
        raise CannotRead(code)
    if any(name.startswith("xl/") for name in names):
        raise CannotRead("spreadsheet")
    if any(name.startswith("ppt/") for name in names):
        raise CannotRead("presentation")
    if b"wordprocessingml" in types:
        return DOCX
    raise CannotRead("broken")


def _recognise_open_document(package: zipfile.ZipFile, names: set[str]) -> str:
    kind = read_member(package, "mimetype").decode("ascii", "ignore").strip()
    manifest = "META-INF/manifest.xml"
    if manifest in names and b"encryption-data" in read_member(package, manifest):
        raise CannotRead("encrypted")
    if any(name.startswith(("Basic/", "Scripts/")) and name.count("/") > 1 for name in names):
        raise CannotRead("macros")
    if code := find_active(package):
        raise CannotRead(code)
    if kind == ODT:
        return ODT
    if kind.startswith("application/vnd.oasis.opendocument.spreadsheet"):
        raise CannotRead("spreadsheet")
    if kind.startswith("application/vnd.oasis.opendocument.presentation"):
        raise CannotRead("presentation")
    raise CannotRead("archive")


def check_package(package: zipfile.ZipFile) -> None:
    """Refuse a package that would unpack to far more than it is (by what it declares)."""
    members = package.infolist()
    if len(members) > MAX_MEMBERS:
        raise CannotRead("bomb")
    if sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
        raise CannotRead("bomb")
    for member in members:
        if member.flag_bits & 1:
            raise CannotRead("encrypted")
        if member.file_size > 1 << 20 and member.file_size > MAX_RATIO * member.compress_size:
            raise CannotRead("bomb")


def read_member(package: zipfile.ZipFile, name: str, limit: int = 1 << 20) -> bytes:
    """A part of a package; more than `limit` bytes of it is a bomb, whatever it declares."""
    with package.open(name) as member:
        content = member.read(limit + 1)
    if len(content) > limit:
        raise CannotRead("bomb")
    return content
