"""Where the file of an import waits until it has been applied."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from focal.mapping.models import MappingImport


def get_path(job: MappingImport) -> Path:
    """Where the file of an import waits."""
    suffix = Path(job.file_name).suffix.lower()[:8]
    return Path(settings.DATA) / "mapping-imports" / f"{job.reference}{suffix}"


def keep_file(job: MappingImport, file: UploadedFile | Path) -> None:
    """Keep what was brought."""
    path = get_path(job)
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(file, Path):
        shutil.copyfile(file, path)
        return
    with path.open("wb") as kept:
        for chunk in file.chunks():
            kept.write(chunk)
