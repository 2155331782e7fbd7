"""What a find is: its kind, its place and how sure it is. The number itself is not in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

STOP = 0.5  # from here on a find stops publishing
MASK = "•"
_AROUND = 48  # characters of context shown on either side
_NUMBER = re.compile(r"\d(?:[\s.,/()-]?\d){4,}")
_WORDY = re.compile(r"\w")

KINDS: Mapping[str, Any] = {
    "jmbg": _("unique citizen number (JMBG, EMBG, EMŠO)"),
    "egn": _("personal number (EGN)"),
    "lnch": _("personal number of a foreigner (LNCh)"),
    "cnp": _("personal number (CNP)"),
    "idnp": _("personal number (IDNP)"),
    "tckn": _("identity number (T.C. kimlik)"),
    "oib": _("personal identification number (OIB)"),
    "amka": _("social security number (AMKA)"),
    "afm": _("tax number (AFM)"),
    "nid": _("identity number (NID)"),
    "kosovo": _("personal number (Kosovo*)"),
    "passport": _("passport"),
    "identity_card": _("identity card"),
    "iban": _("bank account (IBAN)"),
    "birth": _("date of birth beside a name"),
}


@dataclass(frozen=True, slots=True)
class Find:
    """Something that seems to identify a person.

    `start` and `end` are offsets in the text, `confidence` lies between 0 and 1. `context` is
    the place with every long number masked. `key` tells the same find again without holding it.
    """

    kind: str
    start: int
    end: int
    confidence: float
    context: str
    key: str
    economies: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What it seems to be, in the reader's language."""
        return str(KINDS[self.kind])

    @property
    def stops(self) -> bool:
        """Whether it is sure enough to stop publishing."""
        return self.confidence >= STOP


def make_find(
    text: str,
    kind: str,
    start: int,
    end: int,
    confidence: float,
    economies: tuple[str, ...] = (),
) -> Find:
    """A find at that place of the text."""
    value = "".join(_WORDY.findall(text[start:end])).upper()
    return Find(
        kind=kind,
        start=start,
        end=end,
        confidence=round(min(max(confidence, 0.0), 0.99), 2),
        context=describe_place(text, start, end, shows_end=kind != "birth"),
        key=salted_hmac("focal.safety.persons", f"{kind}:{value}", algorithm="sha256").hexdigest()[
            :24
        ],
        economies=economies,
    )


def describe_place(text: str, start: int, end: int, *, shows_end: bool = True) -> str:
    """The words around a find; of the find itself at most its last two characters."""
    before, found, after = text[max(0, start - _AROUND) : start], text[start:end], ""
    after = text[end : end + _AROUND]
    hidden = _WORDY.sub(MASK, found)
    if shows_end:
        hidden = hidden[:-2] + found[-2:]
    if start > _AROUND:
        before = _drop_half_a_number(before, at_start=True)
        before = "…" + (before.partition(" ")[2] or before)  # from a whole word on
    if end + _AROUND < len(text):
        after = _drop_half_a_number(after, at_start=False) + "…"
    parts = (_hide_numbers(before), hidden, _hide_numbers(after))
    return " ".join("".join(parts).split())


def _hide_numbers(text: str) -> str:
    return _NUMBER.sub(lambda hit: _WORDY.sub(MASK, hit[0]), text)


def _drop_half_a_number(text: str, *, at_start: bool) -> str:
    """A number that the edge cuts in two is too short to be seen as one, and goes."""
    return re.sub(r"^[\d\s.,/()-]+" if at_start else r"[\d\s.,/()-]+$", " ", text)
