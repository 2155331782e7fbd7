"""Why a document was refused or cut, in sentences for whoever brought it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

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
)


def describe(code: str, values: dict[str, Any]) -> str:
    """The sentence for a code of CannotRead or for a note of Extracted."""
    filled = dict(values)
    if "found" in filled:
        filled["found"] = get_format_name(filled["found"])
    return get_sentences()[code] % filled


def get_format_name(media_type: str) -> str:
    """What people call a kind of file."""
    return {
        PDF: _("a PDF"),
        DOCX: _("a Word document (DOCX)"),
        ODT: _("an OpenDocument text (ODT)"),
        HTML: _("a web page (HTML)"),
        XML: _("an XML text"),
        TEXT: _("plain text"),
        PNG: _("a picture (PNG)"),
        JPEG: _("a picture (JPEG)"),
        WEBP: _("a picture (WebP)"),
    }.get(media_type, media_type)


def get_sentences() -> dict[str, str]:
    """All of them, in the reader's language."""
    save = _("Save it as PDF, DOCX, ODT, HTML or text and bring that.")
    return {
        "empty": _("The file is empty."),
        "no_words": _("There is no text in it."),
        "scanned": _(
            "It has pages but no text: it looks scanned. Have its text recognised (OCR) and "
            "bring the result."
        ),
        "encrypted": _(
            "It is protected by a password. Save it without the password and bring that."
        ),
        "broken": _(
            "It is damaged and cannot be read. Open it where it was made, save it anew and try "
            "again."
        ),
        "mislabelled": _(
            "Its name ends in %(ending)s, but it is %(found)s. Give it the right ending and try "
            "again."
        ),
        "unknown_kind": _("Files ending in %(ending)s are not read here. ") + save,
        "binary": _("It is not a document that can be read here. ") + save,
        "picture": _("It is a picture, not a document. Have its text recognised (OCR) first."),
        "other_picture": _(
            "It is a picture of a kind that is not taken in. Save it as PNG, JPEG or WebP."
        ),
        "program": _("It is a program, not a document."),
        "archive": _("It is an archive, not a document. Unpack it and bring the documents."),
        "rtf": _("It is an RTF document. ") + save,
        "old_office": _("It comes from an old version of Office. ") + save,
        "spreadsheet": _("It is a spreadsheet. ") + save,
        "presentation": _("It is a presentation. ") + save,
        "macros": _("It carries macros (programs). Save it without them and bring that."),
        "controls": _(
            "It carries controls that can run programs (ActiveX). Save it without them and bring"
            " that."
        ),
        "outside": _(
            "Opening it would fetch parts from elsewhere (a template, an object). Save it without"
            " those links and bring that."
        ),
        "embedded": _(
            "It carries another file that can run programs. Save it without it and bring that."
        ),
        "bomb": _(
            "It would unpack to far more than a document can be. It may be made to do harm and "
            "was not opened."
        ),
        "xml_type": _(
            "It is XML with a document type or entities of its own; those are not read, because "
            "they can be made to do harm."
        ),
        "too_big": _("It is %(size)s; at most %(limit)s can be taken in."),
        "too_demanding": _(
            "Reading it took too long or too much memory. Save it anew, or in parts, and try again."
        ),
        "not_a_file": _("It is not an ordinary file, or it may not be read."),
        "cut_pages": _(
            "Only the first %(read)s of its %(all)s pages were read for search; the file itself "
            "is kept whole."
        ),
        "cut_text": _(
            "It is very long: only the first part was read for search; the file itself is kept "
            "whole."
        ),
    }
