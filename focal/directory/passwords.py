"""Passwords that are guessed at once or are known from breaches, refused without asking anybody.

The list that Django carries and those in zxcvbn come from breaches; whoever runs Focal can add
the whole list of Have I Been Pwned as a file (FOCAL_BREACHED_PASSWORDS).
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST_JUDGED = 72  # the guesser's work grows with the square of the length
OUR_WORDS = ["focal", "rcc", "radicalisation", "extremism", "prevention"]
SHORTEST_LEFT_OUT = 3  # a shorter word stands in many others
NEEDED_SCORE = 3  # of 4: more than a hundred million guesses


class GuessableValidator:
    """Refuses what a good guesser finds soon: words, names, dates, keyboard walks, repeats."""

    def validate(self, password: str, user: Any = None) -> None:
        from zxcvbn import zxcvbn  # noqa: PLC0415 -- its word lists take a while to load

        known = [*OUR_WORDS]
        for text in (getattr(user, "email", ""), getattr(user, "full_name", "")):
            known += _take_apart(text)
        # Said twice with points between, one's own name counts as rare: it has to be good without.
        ways = (password[:LONGEST_JUDGED], _leave_out(known, password)[:LONGEST_JUDGED])
        if any(not way or zxcvbn(way, user_inputs=known)["score"] < NEEDED_SCORE for way in ways):
            raise ValidationError(
                _(
                    "This password is guessed too soon. Take four or five words that do not belong"
                    " together, or let a password manager make one."
                ),
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        return _("Four or five words that do not belong together make a good one.")


def _leave_out(words: list[str], password: str) -> str:
    """The password without these words, however they are written."""
    rest = _make_plain(password).lower()
    for word in sorted({_make_plain(word).lower() for word in words}, key=lambda w: (-len(w), w)):
        if len(word) >= SHORTEST_LEFT_OUT:
            rest = rest.replace(word, "")
    return rest.strip()


def _make_plain(text: str) -> str:
    """Without accents."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _take_apart(text: str) -> list[str]:
    """A name or address: whole, its parts, and its first parts run together, without accents."""
    plain = _make_plain(text)
    parts = re.split(r"[^\w]+", plain)
    return [word for word in (text, plain, *parts, "".join(parts), "".join(parts[:2])) if word]


class BreachedValidator:
    """Refuses what stands in the operator's file of breached passwords."""

    def validate(self, password: str, user: Any = None) -> None:
        path = settings.BREACHED_PASSWORDS
        if path and is_breached(password, Path(path)):
            raise ValidationError(
                _("This password is known from a breach of another service. Take another one."),
                code="password_breached",
            )

    def get_help_text(self) -> str:
        return _("One that was stolen elsewhere cannot be used.")


def is_breached(password: str, path: Path) -> bool:
    """Whether its SHA-1 stands in a sorted file of lines `HASH` or `HASH:COUNT`.

    Halves the file on and on: some forty short reads in the 40 GB of the whole list.
    """
    wanted = hashlib.sha1(password.encode("utf-8", "replace"), usedforsecurity=False)
    digest = wanted.hexdigest().upper().encode()
    with path.open("rb") as lines:
        low, high = 0, lines.seek(0, os.SEEK_END)
        while low < high:  # the first line that starts at or after `low` may be it
            middle = (low + high) // 2
            found, after = _read_line_from(lines, middle)
            if not found or found >= digest:
                high = middle
            else:
                low = after
        return _read_line_from(lines, low)[0] == digest


def _read_line_from(lines: Any, position: int) -> tuple[bytes, int]:
    """The hash on the first line that begins at or after a position, and where the next begins."""
    if position:
        lines.seek(position - 1)
        lines.readline()
    else:
        lines.seek(0)
    line = lines.readline()
    return line.strip().partition(b":")[0].upper(), lines.tell()
