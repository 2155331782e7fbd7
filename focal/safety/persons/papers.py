"""Passports, identity cards and bank accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum import iban
from stdnum.exceptions import ValidationError

from focal.safety.persons import words
from focal.safety.persons.evidence import Page
from focal.safety.persons.finds import Find, make_find

_REACH = 45  # characters from the word to the number
_DOCUMENT = re.compile(r"(?<![\w.,/-])([a-zα-ωа-я]{0,3}[ -]?\d{6,9}[a-z]?)(?![\w/]|[.,-]\d)")
_LETTERS = re.compile(r"([^\W\d_]+)[ -]?")
_LETTER = re.compile(r"[^\W\d_]")
_ENDING = re.compile(r"^[^\W\d_]+")  # the word for a passport is a stem
_SENTENCE_ENDS = re.compile(r"[^\W\d_]{4,}[.!?]\s|;")
_MACHINE_LINE = re.compile(
    r"(?<![a-z0-9])(?:p[a-z<]|i[a-z<]|ac)[a-z]{3}[a-z0-9<]{5,}<<[a-z0-9<]{8,}"
)
_IBAN = re.compile(r"(?<![a-z0-9])[a-z]{2}\d{2}(?:[ -]?[a-z0-9]){11,30}(?![a-z0-9])")
_ECONOMIES = {"AL", "BA", "BG", "GR", "HR", "MD", "ME", "MK", "RO", "RS", "SI", "TR", "XK"}


def find_papers(page: Page) -> Iterator[Find]:
    """Numbers of passports and identity cards beside the word for one, and machine-read lines."""
    for kind, pattern in (("passport", words.PASSPORT), ("identity_card", words.IDENTITY_CARD)):
        for word in pattern.finditer(page.folded):
            yield from _find_beside(page, kind, word.end())
    for hit in _MACHINE_LINE.finditer(page.folded):
        kind = "passport" if hit[0].startswith("p") else "identity_card"
        yield make_find(page.text, kind, hit.start(), hit.end(), 0.95)


def _find_beside(page: Page, kind: str, end_of_word: int) -> Iterator[Find]:
    hit = _DOCUMENT.search(page.folded, end_of_word, end_of_word + _REACH + 12)
    if hit is None or hit.start() > end_of_word + _REACH:
        return
    between = _ENDING.sub("", page.folded[end_of_word : hit.start()])
    if words.OTHER.search(between) or _SENTENCE_ENDS.search(between):
        return
    start, end = hit.span(1)
    letters = _LETTERS.match(page.text[start:end])
    if letters and not letters[1].isupper():  # 'passports and 123456 cards': no series of letters
        start += letters.end()
        between += letters[0]
    if words.NUMBER.search(between):
        confidence = 0.8
    elif not _LETTER.search(between):
        confidence = 0.65
    else:
        confidence = 0.35
    yield make_find(page.text, kind, start, end, confidence)


def find_accounts(page: Page) -> Iterator[Find]:
    """Bank accounts whose check digits and national form are right."""
    for hit in _IBAN.finditer(page.folded):
        found = _measure_account(hit[0])
        if found is not None:
            economy = hit[0][:2].upper()
            economies = (economy,) if economy in _ECONOMIES else ()
            end = hit.start() + found
            yield make_find(page.text, "iban", hit.start(), end, 0.9, economies)


def _measure_account(text: str) -> int | None:
    """How many characters of the text are an account: words may follow it without a break."""
    for end in range(len(text), 14, -1):
        if text[end - 1] in " -":
            continue
        try:
            iban.validate(text[:end].upper().replace("-", " "), check_country=False)
        except ValidationError:
            continue
        return end if _has_its_length(text[:end]) else None
    return None


_LENGTHS = {
    "AL": 28, "BA": 20, "BG": 22, "GR": 27, "HR": 21, "MD": 24, "ME": 22, "MK": 19, "RO": 24,
    "RS": 22, "SI": 19, "TR": 26, "XK": 20,
}  # fmt: skip


def _has_its_length(text: str) -> bool:
    length = sum(character.isalnum() for character in text)
    return length == _LENGTHS.get(text[:2].upper(), length)
