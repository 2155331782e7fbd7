"""What is shown of a hit: the passage around the words that matched, with those marked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from focal.search.building import Plan, Unit
from focal.search.folding import TOKEN, as_written, clean, fold, has_stemmer, stem

WIDTH = 260  # characters
Piece = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Mark:
    """A matched stretch of a text, and why: the unit's number and the label if it was one."""

    start: int
    end: int
    unit: int
    label: str = ""


def find_marks(text: str, language: str, plan: Plan) -> list[Mark]:
    """All stretches of a text that satisfy a unit of the plan, in their order."""
    tokens = [(m.start(), m.end(), fold(m.group()), m.group()) for m in TOKEN.finditer(text)]
    folded = [token[2] for token in tokens]
    marks: dict[int, Mark] = {}
    asked_for = any(not unit.is_optional for unit in plan.units)
    for number, unit in enumerate(plan.units):
        if unit.is_optional and asked_for:
            continue  # 'of' and 'the' are no reason why something was found
        for mark in _marks_of(unit, number, tokens, folded, language, exact=plan.exact):
            standing = marks.get(mark.start)
            if standing is None or (standing.label and not mark.label):
                marks[mark.start] = mark
    return [marks[start] for start in sorted(marks)]


def _marks_of(
    unit: Unit,
    number: int,
    tokens: Sequence[tuple[int, int, str, str]],
    folded: Sequence[str],
    language: str,
    *,
    exact: bool,
) -> list[Mark]:
    marks: list[Mark] = []
    if unit.is_phrase:
        marks += _rows(unit.surface, number, "", tokens, folded)
    elif exact:
        written = set(as_written(unit.original))
        marks += [Mark(s, e, number) for s, e, _fold, word in tokens if word.lower() in written]
    else:
        wanted = set(unit.surface)
        stemming = unit.stems and has_stemmer(language)
        for start, end, form, word in tokens:
            if form in wanted or (stemming and stem(word, language) in unit.stems):
                marks.append(Mark(start, end, number))
    for words, label_language, label in unit.labels:
        marks += _rows(words, number, label, tokens, folded)
        stemming = not exact and len(words) == 1 and language == label_language
        if stemming and has_stemmer(label_language):
            root = stem(words[0], language)
            marks += [
                Mark(start, end, number, label)
                for start, end, _form, word in tokens
                if stem(word, language) == root
            ]
    return marks


def _rows(
    words: Sequence[str],
    number: int,
    label: str,
    tokens: Sequence[tuple[int, int, str, str]],
    folded: Sequence[str],
) -> list[Mark]:
    length = len(words)
    return [
        Mark(tokens[place][0], tokens[place + length - 1][1], number, label)
        for place, form in enumerate(folded)
        if form == words[0] and list(folded[place : place + length]) == list(words)
    ]


def mark_text(text: str, marks: Collection[Mark]) -> tuple[Piece, ...]:
    """A whole text in pieces, the marked ones told apart."""
    return _cut(text, 0, len(text), marks)


def make_snippet(text: str, marks: Sequence[Mark]) -> tuple[Piece, ...]:
    """The stretch of about WIDTH characters with the most different units in it."""
    if len(text) <= WIDTH:
        return _cut(text, 0, len(text), marks)
    start = _best_start(text, marks)
    end = min(len(text), start + WIDTH)
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + WIDTH // 2)
    pieces = _cut(text, start, end, [m for m in marks if start <= m.start and m.end <= end])
    return (
        *((("… ", False),) if start else ()),
        *pieces,
        *(((" …", False),) if end < len(text) else ()),
    )


def _best_start(text: str, marks: Sequence[Mark]) -> int:
    if not marks:
        return 0
    best, best_count = marks[0], 0
    for mark in marks[:200]:
        inside = {
            m.unit for m in marks if mark.start <= m.start and m.end <= mark.start + WIDTH - 60
        }
        if len(inside) > best_count:
            best, best_count = mark, len(inside)
    start = max(0, best.start - 50)
    if start:
        space = text.find(" ", start, best.start)
        start = space + 1 if space != -1 else best.start
    return start


def _cut(text: str, start: int, end: int, marks: Collection[Mark]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    place = start
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        if mark.start < place:
            continue
        if mark.start > place:
            pieces.append((text[place : mark.start], False))
        pieces.append((text[mark.start : mark.end], True))
        place = mark.end
    if place < end:
        pieces.append((text[place:end], False))
    return tuple(pieces)


def mark_passage(text: str, language: str, plan: Plan) -> tuple[Piece, ...]:
    """A page's whole text with everything marked that a question finds in it."""
    text = clean(text)
    return mark_text(text, find_marks(text, language, plan))
