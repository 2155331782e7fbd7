"""Files that somebody sends to have them looked at, and wants again on the next page.

They lie in the store for a day. The page carries on a signed token, by which nobody but whoever
sent a file finds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.core import signing
from django.core.files.uploadedfile import UploadedFile

from focal.records import storage
from focal.sharing.viewer import Viewer

KEPT_FOR = timedelta(hours=12)  # less than what nothing uses stays in the store
SALT = "focal.records.sent"


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file in the store, under the name it came with."""

    name: str
    digest: str

    def make_token(self, by: Viewer) -> str:
        """What finds it again, for this viewer alone."""
        return signing.dumps([by.actor_key, self.name, self.digest], salt=SALT)

    def put_into(self, folder: Path, name: str) -> Path:
        """The file in a folder, to be read there under a name of its own."""
        path = folder / name
        path.symlink_to(storage.get_path(self.digest).absolute())
        return path


def keep(file: UploadedFile) -> SentFile:
    """Put a file that came with a form into the store."""
    with storage.stage_stream(file.chunks()) as staged:
        staged.keep()
        return SentFile(file.name or "", staged.digest)


def find(token: str, *, by: Viewer) -> SentFile | None:
    """The file of a token; None when it is another's, too old or gone."""
    try:
        sender, name, digest = signing.loads(token, salt=SALT, max_age=KEPT_FOR)
    except (signing.BadSignature, ValueError):
        return None
    if sender != by.actor_key or not storage.get_path(digest).exists():
        return None
    return SentFile(name, digest)
