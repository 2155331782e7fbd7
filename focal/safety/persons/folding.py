"""Text folded for comparing, character by character: offsets stay what they were."""

from __future__ import annotations

import unicodedata

_SPECIAL = {
    "ı": "i", "İ": "i", "ς": "σ", "ø": "o", "ł": "l", "đ": "d", "Đ": "d", "ђ": "ђ", "ѓ": "ѓ",
    "ќ": "ќ", "й": "й", "ћ": "ћ", "ј": "ј", "Ѓ": "ѓ", "Ќ": "ќ", "Й": "й", "ї": "ї",
}  # fmt: skip
_DASHES = "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"
_NOTHING = "\u200b\u200c\u200d\u2060\u00ad\ufeff"  # seen by nobody, and between digits a disguise


class _Folder(dict[int, str]):
    """One character for each: lower case, without accents, digits as ASCII."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_character(chr(code))
        return folded


def _fold_character(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    if character in _NOTHING:
        return "\x1f"
    if character in _DASHES:
        return "-"
    if character == "\t" or unicodedata.category(character) == "Zs":
        return " "
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    base = unicodedata.normalize("NFKD", character)[:1].lower()
    return base if len(base) == 1 else character


_FOLDER = _Folder()


def fold(text: str) -> str:
    """The text in small plain letters and ASCII digits; exactly as long as it was."""
    return text.translate(_FOLDER)
