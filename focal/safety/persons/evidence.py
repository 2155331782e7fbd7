"""What the words around a number say about it: more sure, or less."""

from __future__ import annotations

import re
from functools import cached_property

from focal.safety.persons import words
from focal.safety.persons.folding import fold

_BEFORE, _AFTER, _NEAR_NAME = 70, 30, 60
_WORD = re.compile(r"[^\W\d_]{2,}")
_NOT_NAMES = re.compile(
    r"(?:date|place|day|name|birth|born|passport|number|no|nr|br|jmbg|embg|oib|egn|cnp|idnp|nid|tel|fax)"
)

NEAR, ON_PAGE = 0.45, 0.2
OWN_NEAR, OWN_ON_PAGE = 0.7, 0.4
CALLED_OTHERWISE = -0.25
OTHER, PLUS, INSIDE, OF_ORGANISATION = -0.45, -0.6, -0.4, -0.2
NAME = 0.1


class Page:
    """A text with its folded form, asked about places in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = fold(text)

    @cached_property
    def speaks_of_persons(self) -> bool:
        """Whether the name of a personal number stands anywhere: the head of a table."""
        return words.PERSONAL.search(self.folded) is not None

    def weigh(self, kind: str, start: int, end: int) -> float:
        """How much more, or less, sure a number of that kind is for what stands around it."""
        before = self.folded[max(0, start - _BEFORE) : start]
        after = self.folded[end : end + _AFTER]
        named, other = _find_last(words.PERSONAL, before), _find_last(words.OTHER, before)
        own = words.OWN.get(kind)
        if own is not None:  # of this kind only what is called by its name counts
            named = _find_last(own, before)
        weight = self._weigh_edges(start, end)
        if named > other:
            weight += OWN_NEAR if own is not None else NEAR
            weight += CALLED_OTHERWISE if _is_called_otherwise(kind, before) else 0
        elif other >= 0:
            weight += OTHER
        elif (own or words.PERSONAL).match(after.lstrip(" (,;:-")):
            weight += NEAR
        elif own is not None and own.search(self.folded):
            weight += OWN_ON_PAGE
        elif own is None and self.speaks_of_persons:
            weight += ON_PAGE
        if kind in ("oib", "afm") and words.ORGANISATION.search(before + " " + after):
            weight += OF_ORGANISATION
        if self.has_name(start - _NEAR_NAME, start) or self.has_name(end, end + _AFTER):
            weight += NAME
        return weight

    def _weigh_edges(self, start: int, end: int) -> float:
        """A part of something longer: a telephone number, an address, a decimal."""
        left = self.folded[max(0, start - 3) : start]
        right = self.folded[end : end + 2]
        if re.search(r"\+\s?\(?$", left):
            return PLUS
        if re.search(r"[\d][.,/-]$|[=/_&?%@]$|[a-z]$", left) and not self._is_labelled(start):
            return INSIDE
        return INSIDE if re.match(r"[.,/-]\d|[=_&%@]|[a-z]", right) else 0.0

    def _is_labelled(self, start: int) -> bool:
        """`JMBG0101...`: letters stick to a number when they are its name."""
        return _find_last(words.PERSONAL, self.folded[max(0, start - 12) : start]) >= 0

    def has_name(self, start: int, end: int) -> bool:
        """Whether two words with capitals stand side by side there, as in a name."""
        part = self.text[max(0, start) : max(0, end)]
        previous: re.Match[str] | None = None
        for word in _WORD.finditer(part):
            if not _is_capital(word[0]):
                previous = None
                continue
            between = part[previous.end() : word.start()] if previous else ""
            if previous and between in (" ", "-", ", ", "\u00a0") and len(word[0]) > 2:
                return True
            previous = word
        return False


def _is_capital(word: str) -> bool:
    if _NOT_NAMES.fullmatch(fold(word)):
        return False
    return word[0].isupper() and (word[1:].islower() or word.isupper())


def _is_called_otherwise(kind: str, text: str) -> bool:
    """Whether the name of another kind stands there, and not this one's."""
    names = {other for other, pattern in words.CALLED.items() if pattern.search(text)}
    return bool(names) and kind not in names


def _find_last(pattern: re.Pattern[str], text: str) -> int:
    """Where the last hit ends; -1 when there is none."""
    place = -1
    for hit in pattern.finditer(text):
        place = hit.end()
    return place
