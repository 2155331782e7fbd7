"""A file that comes in: scanned, read, told by its content, cleaned; ready to be kept, or refused.

What is kept and served is the cleaned file. The digest of the file as it came is kept beside
it, so that bringing the same file again is noticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from focal.records import storage
from focal.records.extraction import Extracted, Reader, Unreadable
from focal.records.extraction.outcome import PICTURES
from focal.records.extraction.reasons import describe
from focal.records.storage import Staged
from focal.safety.files.cleaner import Cleaner, CleaningFailed
from focal.safety.files.reasons import describe_removed
from focal.safety.files.viruses import ScanFailed, scan


@dataclass(frozen=True, slots=True)
class Document:
    """A file that has been read and can be taken in.

    `removed` are codes of what is gone from it; `original_digest` is that of the file as it came.
    """

    staged: Staged
    file_name: str
    extracted: Extracted
    removed: tuple[str, ...] = field(default=())
    original_digest: str = ""

    @property
    def note(self) -> str:
        """What was left out of it or removed, in sentences; empty when nothing was."""
        found = self.extracted
        read = describe(found.note, found.note_values) if found.note else ""
        return " ".join(filter(None, (read, describe_removed(self.removed))))


@contextmanager
def receive(
    reader: Reader,
    cleaner: Cleaner,
    staged: Staged,
    *,
    file_name: str,
    hint: str = "",
    takes_pictures: bool = False,
) -> Iterator[Document]:
    """The file as a document. Raises Unreadable with the reason why it is not taken in."""
    try:
        scan(staged.path)
        extracted = reader.read(staged.path, declared_name=file_name, hint=hint)
        if extracted.media_type in PICTURES and not takes_pictures:
            raise Unreadable(describe("picture", {}))
        with cleaner.clean(staged.path, extracted.media_type) as cleaned:
            if cleaned.path == staged.path:
                yield Document(staged, file_name, extracted, original_digest=staged.digest)
                return
            with storage.stage(cleaned.path) as own:
                yield Document(own, file_name, extracted, cleaned.removed, staged.digest)
    except (ScanFailed, CleaningFailed) as failure:
        raise Unreadable(str(failure)) from None
