"""What reading a document gives."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
HTML = "text/html"
XML = "application/xml"
TEXT = "text/plain"
PNG = "image/png"
JPEG = "image/jpeg"
WEBP = "image/webp"
PICTURES = frozenset({PNG, JPEG, WEBP})


class CannotRead(Exception):
    """Why a document cannot be taken in: a code of `reasons`, and what its sentence needs."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(slots=True)
class Extracted:
    """The text of a document and what it says about itself.

    `title` is empty when it does not say; `language` is empty when it cannot be told from
    its words. `note` is a code of `reasons` for what was left out. `declared_language` is
    what the file claims, `is_paged` is true when its pages are those of paper.
    """

    media_type: str
    pages: list[str]
    title: str = ""
    language: str = ""
    declared_language: str = ""
    issued: date | None = None
    note: str = ""
    note_values: dict[str, Any] = field(default_factory=dict)
    is_paged: bool = False

    def to_plain(self) -> dict[str, Any]:
        """As values that JSON can carry."""
        plain = asdict(self)
        plain["issued"] = self.issued.isoformat() if self.issued else None
        return plain

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Extracted:
        """Back from `to_plain`."""
        issued = plain.pop("issued")
        return cls(**plain, issued=date.fromisoformat(issued) if issued else None)
