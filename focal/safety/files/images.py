"""Pictures drawn anew: what a camera or a program wrote beside them stays behind.

Where it was taken, with which camera, when and by whom, and whatever was hidden after its end.
This module knows nothing of Django: it runs in a process of its own.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from focal.safety.files.pdf import CannotClean

PNG, JPEG, WEBP = "image/png", "image/jpeg", "image/webp"
FORMATS = {PNG: "PNG", JPEG: "JPEG", WEBP: "WEBP"}
METADATA, SIZE = "metadata", "size"
MAX_PIXELS = 60_000_000
MAX_SIDE = 4_000  # pixels; more is never shown

_OPTIONS: dict[str, dict[str, Any]] = {
    PNG: {"optimize": False, "compress_level": 6},
    JPEG: {"quality": 90, "subsampling": 0, "progressive": True},
    WEBP: {"quality": 90, "method": 4},
}


def clean_image(source: Path, target: Path, media_type: str) -> list[str]:
    """Write the picture anew to `target`; codes of what is gone. It is always written."""
    try:
        with (
            warnings.catch_warnings(action="error"),
            Image.open(source, formats=[FORMATS[media_type]]) as picture,
        ):
            if picture.width * picture.height > MAX_PIXELS:
                raise CannotClean("too_large")
            drawn = _draw(picture, media_type)
            was_larger = max(drawn.size) > MAX_SIDE
            if was_larger:
                drawn.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
            drawn.save(target, format=FORMATS[media_type], **_OPTIONS[media_type])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise CannotClean("too_large") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, Warning):
        raise CannotClean("broken") from None
    return [METADATA, SIZE] if was_larger else [METADATA]


def _draw(picture: Image.Image, media_type: str) -> Image.Image:
    """Its pixels alone, upright, in a plain colour space; of several frames the first."""
    picture.load()
    upright = ImageOps.exif_transpose(picture) or picture
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info
    mode = "RGB" if media_type == JPEG or not has_alpha else "RGBA"
    converted = upright.convert("L" if upright.mode in ("1", "L") else mode)
    plain = Image.new(converted.mode, converted.size)
    plain.paste(converted)
    return plain
