"""What other apps say about their kinds of letters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from focal.mail.models import Letter

_rechecks: dict[str, Callable[[Letter], bool]] = {}


def register_recheck(kind: str, is_still_right: Callable[[Letter], bool]) -> None:
    """Ask this before each attempt to send a letter of that kind.

    A letter may wait for hours while a mail server is away; what it names may have been
    narrowed meanwhile. When the answer is no, the letter is dropped (state `overtaken`).
    """
    _rechecks[kind] = is_still_right


def is_still_right(letter: Letter) -> bool:
    """Whether the letter may still be sent as it stands."""
    check = _rechecks.get(letter.kind)
    return check is None or check(letter)
