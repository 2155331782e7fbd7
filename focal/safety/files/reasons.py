"""What was removed from a file, and why one cannot be taken in, in sentences."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from focal.safety.files import images, pdf


def describe_removed(codes: Collection[str]) -> str:
    """One sentence about what is gone from the file; empty when nothing is."""
    what = {
        pdf.SCRIPT: _("programs (scripts)"),
        pdf.ACTION: _("actions that start or send something"),
        pdf.FILE: _("attached files"),
        pdf.MEDIA: _("film, sound or 3D"),
        pdf.FORM: _("an XFA form"),
        pdf.OUTSIDE: _("parts that stand in other files"),
        pdf.JUNK: _("bytes before its beginning"),
    }
    gone = [label for code, label in what.items() if code in codes]
    sentences = []
    if gone:
        sentences.append(_("Removed from the file for safety: %s.") % ", ".join(gone))
    if pdf.SIGNATURE in codes:
        sentences.append(_("Its electronic signature does not hold any more."))
    if images.METADATA in codes:
        sentences.append(_("Drawn anew, without what the camera or program wrote into it."))
    if images.SIZE in codes:
        sentences.append(_("Made smaller: no side is longer than 4,000 pixels."))
    return " ".join(sentences)


def describe_failure(code: str) -> str:
    """Why a file that cannot be cleaned is not taken in."""
    return {
        "locked": _("It is protected by a password. Save it without the password and bring that."),
        "broken": _(
            "It is damaged, so it cannot be looked through for what could do harm. Save it anew"
            " and try again."
        ),
        "too_large": _("The picture is too large. Bring one of at most 60 million pixels."),
        "too_demanding": _(
            "Looking through it for what could do harm took too long or too much memory. Save it"
            " anew, or in parts, and try again."
        ),
    }[code]
