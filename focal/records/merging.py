"""What two people did to the same record, put together without losing either's work.

Where only one of them changed a field, that change stands. Lists of chosen things are put
together entry by entry. Only what both changed differently has to be decided by a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from focal.records.content import Content

CHOSEN_THINGS = frozenset({"economies", "topics", "target_groups", "organisations"})
MINE, THEIRS, BOTH = "mine", "theirs", "both"


@dataclass(frozen=True, slots=True)
class Merge:
    """The outcome: the content, and which fields it took from whom."""

    content: Content
    mine: tuple[str, ...] = ()
    theirs: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    disputed: tuple[str, ...] = field(default_factory=tuple)


def merge(
    *,
    base: Content,
    mine: Content,
    theirs: Content,
    choices: Mapping[str, str],
    lists: frozenset[str] = CHOSEN_THINGS,
) -> Merge:
    """Put `mine` and `theirs`, both made from `base`, together.

    `choices` says for disputed fields whose text is taken; without a choice `mine` stands in
    the content and the field is named in `disputed`.
    """
    content: Content = {**theirs}
    sorted_out: dict[str, list[str]] = {"mine": [], "theirs": [], "together": [], "disputed": []}
    for name, my_value in mine.items():
        old, their_value = base.get(name), theirs.get(name)
        if my_value == their_value:
            continue
        if _is_same(my_value, old):
            sorted_out["theirs"].append(name)
            continue
        content[name] = my_value
        if _is_same(their_value, old):
            sorted_out["mine"].append(name)
        elif name in lists:
            content[name] = _merge_lists(old or [], my_value, their_value or [])
            sorted_out["together"].append(name)
        else:
            content[name] = _choose(choices.get(name, MINE), name, my_value, their_value)
            sorted_out["disputed"].append(name)
    return Merge(content, **{name: tuple(fields) for name, fields in sorted_out.items()})


def _is_same(first: Any, second: Any) -> bool:
    return first == second or (not first and not second)


def _merge_lists(old: list[str], mine: list[str], theirs: list[str]) -> list[str]:
    added, removed = set(mine) - set(old), set(old) - set(mine)
    return sorted((set(theirs) | added) - removed)


def _choose(choice: str, name: str, mine: Any, theirs: Any) -> Any:
    if choice == THEIRS:
        return theirs
    if choice == BOTH and isinstance(mine, list):
        return [*theirs, *(row for row in mine if row not in theirs)]
    if choice == BOTH:
        return f"{theirs}{'' if name == 'body' else chr(10) * 2}{mine}"
    return mine
