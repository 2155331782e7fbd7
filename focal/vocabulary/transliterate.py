"""Serbian (and Bosnian, Montenegrin) Cyrillic to Latin and back, letter by letter.

Cyrillic to Latin never loses anything. The way back has one trap: 'nj', 'lj' and 'dž' are
usually one letter (њ, љ, џ), but two in some loans and compounds (инјекција, надживети).
Those stems are listed here.
"""

from __future__ import annotations

import re

_TO_LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "ђ": "đ", "е": "e", "ж": "ž", "з": "z",
    "и": "i", "ј": "j", "к": "k", "л": "l", "љ": "lj", "м": "m", "н": "n", "њ": "nj", "о": "o",
    "п": "p", "р": "r", "с": "s", "т": "t", "ћ": "ć", "у": "u", "ф": "f", "х": "h", "ц": "c",
    "ч": "č", "џ": "dž", "ш": "š",
}  # fmt: skip
_DIGRAPHS = {"lj": "љ", "nj": "њ", "dž": "џ", "ǉ": "љ", "ǌ": "њ", "ǆ": "џ"}
_TO_CYRILLIC = {v: k for k, v in _TO_LATIN.items() if len(v) == 1} | _DIGRAPHS
_TO_CYRILLIC |= {"ś": "с\u0301", "ź": "з\u0301"}  # Montenegrin; Unicode has no single letters

# Stems in which the pair is two letters, written with '|' between them.
_APART = (
    "an|jon", "in|jek", "in|jur", "kon|jekt", "kon|jug", "kon|junk", "nad|živ", "nad|žnj",
    "nad|župan", "od|žal", "od|živ", "od|žvać", "pod|žanr", "pod|župan", "pred|žet", "pred|živ",
    "tan|jug", "van|jezi",
)  # fmt: skip
_SPLIT_AT = {stem.replace("|", ""): stem.index("|") for stem in _APART}
_APART_RULE = re.compile(
    r"\b(" + "|".join(sorted(_SPLIT_AT, key=len, reverse=True)) + ")", re.IGNORECASE
)
_MARK = "\ue000"  # private use: holds the two letters apart while the pairs are read
_LATIN_PIECE = re.compile("[ǈǋǅ]|" + "|".join(sorted(_TO_CYRILLIC, key=len, reverse=True)), re.I)
_COMPOSED = (("s\u0301", "ś"), ("S\u0301", "Ś"), ("z\u0301", "ź"), ("Z\u0301", "Ź"))
_TITLE_DIGRAPHS = {"ǈ": "Љ", "ǋ": "Њ", "ǅ": "Џ"}


def to_latin(text: str) -> str:
    """Serbian Cyrillic as Latin; letters of other alphabets stay as they are."""
    letters = "".join(_latin_of(text, place) for place in range(len(text)))
    for apart, together in _COMPOSED:
        letters = letters.replace(apart, together)
    return letters


def _latin_of(text: str, place: int) -> str:
    character = text[place]
    latin = _TO_LATIN.get(character.lower())
    if latin is None:
        return character
    if character.islower():
        return latin
    if len(latin) == 1:
        return latin.upper()
    # A capital digraph is 'NJ' among capitals and 'Nj' before small letters.
    following = text[place + 1 : place + 2]
    before = text[place - 1 : place] if place else ""
    shouted = following.isupper() or (not following.isalpha() and before.isupper())
    return latin.upper() if shouted else latin.capitalize()


def to_cyrillic(text: str) -> str:
    """Serbian Latin as Cyrillic; letters that Serbian does not have (q, w, x, y) stay."""
    held = _APART_RULE.sub(_hold_apart, text)
    return _LATIN_PIECE.sub(_cyrillic_of, held).replace(_MARK, "")


def _hold_apart(match: re.Match[str]) -> str:
    place = _SPLIT_AT[match[0].lower()]
    return match[0][:place] + _MARK + match[0][place:]


def _cyrillic_of(match: re.Match[str]) -> str:
    piece = match[0]
    if piece in _TITLE_DIGRAPHS:
        return _TITLE_DIGRAPHS[piece]
    cyrillic = _TO_CYRILLIC[piece.lower()]
    return cyrillic if piece[0].islower() else cyrillic.upper()
