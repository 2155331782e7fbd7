"""National identity numbers in a text: runs of digits, as they are written, held to their rules."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

from focal.safety.persons.evidence import Page
from focal.safety.persons.finds import Find, make_find
from focal.safety.persons.schemes import NID, SCHEMES, Scheme, check_nid

_RUN = re.compile(r"\d(?:[ .\-/\n]?\x1f*\d){8,}")
_GROUP = re.compile(r"\d(?:\x1f*\d)*")  # an unseen character inside a number parts nothing
_DIGIT = re.compile(r"\d")
_IN_GROUPS = -0.05  # written in groups it may as well be several numbers side by side
_AMONG_OTHERS = 0.15  # a second and third of the same kind on the page: a list
_MOST_GROUPS = 6
_LENGTHS = {scheme.length for scheme in SCHEMES}
_LONGEST = max(_LENGTHS)

Guess = tuple[str, int, int, float, tuple[str, ...]]


def find_numbers(page: Page, today: date) -> list[Find]:
    """Every number that its scheme lets pass; how sure, by check digits and by words."""
    guesses = [*_guess_digits(page, today), *_guess_nid(page, today)]
    sure = Counter(kind for kind, *_rest, confidence, _economies in guesses if confidence >= 0.35)
    return [
        make_find(
            page.text,
            kind,
            start,
            end,
            confidence + (_AMONG_OTHERS if sure[kind] > 1 and confidence >= 0.35 else 0),
            economies,
        )
        for kind, start, end, confidence, economies in guesses
        if confidence > 0
    ]


def _guess_digits(page: Page, today: date) -> Iterator[Guess]:
    for run in _RUN.finditer(page.folded):
        groups = [
            (hit.start() + run.start(), hit.end() + run.start()) for hit in _GROUP.finditer(run[0])
        ]
        for start, end, shape in _list_windows(page.folded, groups):
            digits = "".join(_DIGIT.findall(page.folded[start:end]))
            if len(set(digits)) < 3:
                continue  # 11111111111 and 0000000000 are nobody
            for scheme in SCHEMES:
                if scheme.length == len(digits) and shape in scheme.shapes:
                    yield from _judge(page, scheme, digits, start, end, shape, today)


def _judge(
    page: Page,
    scheme: Scheme,
    digits: str,
    start: int,
    end: int,
    shape: tuple[int, ...],
    today: date,
) -> Iterator[Guess]:
    verdict = scheme.check(digits, today)
    if verdict is None:
        return
    bare, economies = verdict
    weight = page.weigh(scheme.kind, start, end) + (_IN_GROUPS if len(shape) > 1 else 0)
    yield scheme.kind, start, end, bare + weight, economies


def _list_windows(
    text: str, groups: list[tuple[int, int]]
) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Neighbouring groups whose digits together are as many as a scheme has."""
    for first, (start, _end) in enumerate(groups):
        shape: list[int] = []
        for left, right in groups[first : first + _MOST_GROUPS]:
            shape.append(len(_DIGIT.findall(text[left:right])))
            total = sum(shape)
            if total > _LONGEST:
                break
            if total in _LENGTHS:
                yield start, right, tuple(shape)


def _guess_nid(page: Page, today: date) -> Iterator[Guess]:
    for hit in NID.finditer(page.folded):
        verdict = check_nid(hit[0], today)
        if verdict is not None:
            bare, economies = verdict
            weight = page.weigh("nid", hit.start(), hit.end())
            yield "nid", hit.start(), hit.end(), bare + weight, economies
