"""What is shown of a hit: the passage around the words that matched, with those marked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from focal.search.building import Plan
from focal.search.folding import (
    TOKEN,
    as_written,
    clean,
    fold,
    fold_letter,
    get_forms,
    has_stemmer,
    stem,
)

WIDTH = 260  # characters
Piece = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Mark:
    """A matched stretch of a text, and why: the unit's number and the label if it was one."""

    start: int
    end: int
    unit: int
    label: str = ""


class Matcher:
    """What of a plan a word of one language satisfies. It remembers words: texts repeat them."""

    def __init__(self, plan: Plan, language: str) -> None:
        self.plan = plan
        self.language = language
        self.known: dict[str, tuple[tuple[int, str], ...]] = {}
        self.rows: dict[str, list[tuple[tuple[str, ...], int, str]]] = defaultdict(list)
        self.roots: dict[str, list[tuple[int, str]]] = defaultdict(list)
        asked_for = any(not unit.is_optional for unit in plan.units)
        self.units = [
            (number, unit)
            for number, unit in enumerate(plan.units)
            # 'of' and 'the' are no reason why something was found
            if not (unit.is_optional and asked_for)
        ]
        for number, unit in self.units:
            if unit.is_phrase:
                self.rows[unit.surface[0]].append((unit.surface, number, ""))
            for words, label_language, label in unit.labels:
                self.rows[words[0]].append((words, number, label))
                stems = not plan.exact and len(words) == 1 and label_language == language
                if stems and has_stemmer(language):
                    self.roots[stem(words[0], language)].append((number, label))
        plain = [unit for _number, unit in self.units if not unit.is_phrase]
        self.telling = {number: frozenset(unit.telling) for number, unit in self.units}
        self.folds = {*self.rows, *(w for u in plain if not plan.exact for w in u.telling)}
        self.stems = {*self.roots, *(s for u in plain if not plan.exact for s in u.stems)}
        self.letters = {form[:1] for form in (*self.folds, *self.stems)} | {""}
        self.written = {w for u in plain if plan.exact for w in as_written(u.original)}

    def find_words(self, text: str) -> set[str]:
        """The different words of a text that are, or begin, something that was asked for."""
        folds, stems, language, letters = self.folds, self.stems, self.language, self.letters
        words = set(TOKEN.findall(text))
        found = {
            word
            for word in words
            # Folding is dear and a look at the first letter is cheap.
            if fold_letter(word[0]) in letters
            and ((forms := get_forms(word, language))[0] in folds or forms[1] in stems)
        }
        if self.written:
            found |= {word for word in words if word.lower() in self.written}
        return found

    def match(self, word: str) -> tuple[tuple[int, str], ...]:
        """Numbers of the units that a word satisfies by itself, with the label if it is one."""
        known = self.known.get(word)
        if known is None:
            known = self.known[word] = tuple(self._match(word))
        return known

    def _match(self, word: str) -> Iterator[tuple[int, str]]:
        folded, root = get_forms(word, self.language)
        for number, unit in self.units:
            if unit.is_phrase:
                continue
            is_stem = not self.plan.exact and root in unit.stems
            is_meant = is_stem or folded in self.telling[number]
            # A letter by itself is a letter: 's' does not say what 'с' says.
            if is_meant and (self.plan.exact or len(word) == 1):
                is_meant = word.lower() in as_written(unit.original)
            if is_meant:
                yield number, ""
        yield from self.roots.get(root, ())


def _get_matcher(plan: Plan, language: str) -> Matcher:
    matcher = plan.matchers.get(language)
    if matcher is None:
        matcher = plan.matchers[language] = Matcher(plan, language)
    return matcher


def find_marks(text: str, language: str, plan: Plan) -> list[Mark]:
    """All stretches of a text that satisfy a unit of the plan, in their order."""
    matcher = _get_matcher(plan, language)
    # Most words are of no interest: looking at each different one once is the quick way to know.
    wanted = matcher.find_words(text)
    if not wanted:
        return []
    marks: dict[int, Mark] = {}
    for word in wanted:
        for start in _find_places(word, text):
            for mark in _marks_at(start, word, text, matcher):
                standing = marks.get(mark.start)
                if standing is None or (standing.label and not mark.label):
                    marks[mark.start] = mark
    return [marks[start] for start in sorted(marks)]


def _find_places(word: str, text: str) -> Iterator[int]:
    """Where a word stands by itself, as TOKEN would cut it."""
    start = text.find(word)
    while start != -1:
        end = start + len(word)
        if not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()):
            yield start
        start = text.find(word, end)


def _marks_at(start: int, word: str, text: str, matcher: Matcher) -> list[Mark]:
    """Marks that begin with a word at a place, those of earlier units first."""
    found = [Mark(start, start + len(word), number, label) for number, label in matcher.match(word)]
    for words, number, label in matcher.rows.get(fold(word), ()):
        row = list(islice(TOKEN.finditer(text, start), len(words)))
        if tuple(fold(other.group()) for other in row) == words:
            found.append(Mark(start, row[-1].end(), number, label))
    return sorted(found, key=lambda mark: mark.unit) if len(found) > 1 else found


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
