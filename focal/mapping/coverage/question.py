"""What is asked of coverage, as an address says it, and its answer for a viewer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from focal.kernel.errors import BadInput
from focal.mapping.coverage.axes import (
    BY,
    MEASURE,
    TOPIC,
    Axis,
    get_measure_axis,
    get_topic_axis,
    list_frames,
)
from focal.mapping.coverage.cube import VIEWS, Cube, Flags, get_cube
from focal.mapping.coverage.matrix import Filters, Matrix, Period, count
from focal.mapping.models import Frame
from focal.sharing.viewer import ANONYMOUS, Viewer
from focal.vocabulary.selectors import get_vocabulary

EARLIEST, LATEST = 1990, 2100
MANY_ROWS = 45  # from here on a tree is first shown without its leaves
YEARS_BACK, YEARS_AHEAD = 6, 2  # what a timeline shows where nothing else is asked


@dataclass(frozen=True, slots=True)
class Question:
    """Which matrix. `public` asks for what everybody may see, whoever asks."""

    by: str
    first_year: int
    last_year: int
    frame: str = ""
    economies: tuple[str, ...] = ()
    group: str = ""
    level: str = ""
    view: str = ""
    within: str = ""
    depth: int = 0
    public: bool = False

    def to_query(self, **changes: object) -> str:
        """The parameters of its address, in one order, without what says nothing."""
        asked = replace(self, **changes) if changes else self  # type: ignore[arg-type]
        pairs: list[tuple[str, object]] = [
            ("by", asked.by),
            ("frame", asked.frame if asked.by == MEASURE else ""),
            ("from", asked.first_year),
            ("to", asked.last_year),
            *(("economy", code) for code in asked.economies),
            ("group", asked.group),
            ("level", asked.level),
            ("view", asked.view),
            ("within", asked.within),
            ("depth", asked.depth or ""),
            ("eyes", "public" if asked.public else ""),
        ]
        return urlencode([(name, value) for name, value in pairs if value != ""])

    @property
    def period_name(self) -> str:
        """'2026' or '2024–2026'."""
        if self.first_year == self.last_year:
            return str(self.first_year)
        return f"{self.first_year}–{self.last_year}"


@dataclass(frozen=True)
class Asked:
    """A question with all that it takes to answer it."""

    question: Question
    axis: Axis
    frames: Sequence[Frame]
    economies: tuple[tuple[str, str], ...]
    filters: Filters
    cube: Cube
    visible: Flags
    rows: tuple[int, ...]

    def count(self) -> Matrix:
        """The matrix."""
        return count(
            self.cube,
            self.visible,
            self.axis,
            self.filters,
            economies=[code for code, _name in self.economies],
            rows=self.rows,
        )

    def count_leaves(self, *, period: Period | None = None) -> Matrix:
        """The matrix of the shown rows' leaves alone: what a map or a year is told by."""
        shown = set(self.rows)
        within = [
            place
            for place in sorted(self.axis.leaves)
            if place in shown or not shown.isdisjoint(self.axis.rows[place].above)
        ]
        return count(
            self.cube,
            self.visible,
            self.axis,
            replace(self.filters, period=period) if period else self.filters,
            economies=[code for code, _name in self.economies],
            rows=within,
        )

    def list_years(self) -> range:
        """The years of a timeline: those asked for, or some around today."""
        asked, today = self.question, self.filters.today.year
        if asked.last_year > asked.first_year:
            return range(asked.first_year, min(asked.last_year, asked.first_year + 19) + 1)
        return range(today - YEARS_BACK, today + YEARS_AHEAD + 1)


def prepare(question: Question, *, viewer: Viewer, language: str, today: date) -> Asked:
    """Fetch what the question is about. Six queries, whatever it asks."""
    frames = list_frames()
    axis = _find_axis(question, frames, language)
    cube, hidden = get_cube()
    tokens = ANONYMOUS.tokens if question.public else viewer.tokens
    vocabulary = get_vocabulary()
    economies = tuple(
        (code, name)
        for code, name in vocabulary.economy_choices(language)
        if not question.economies or code in question.economies
    )
    within = axis.find(question.within) if question.within else None
    return Asked(
        question=question,
        axis=axis,
        frames=frames,
        economies=economies,
        filters=Filters(
            period=Period.of_years(question.first_year, question.last_year),
            today=today,
            groups=vocabulary.with_narrower(question.group) if question.group else frozenset(),
            levels=vocabulary.with_narrower(question.level) if question.level else frozenset(),
            view=question.view,
        ),
        cube=cube,
        visible=cube.get_visible(tokens, hidden),
        rows=tuple(axis.choose(within=within, depth=_find_depth(question, axis, within))),
    )


def _find_axis(question: Question, frames: Sequence[Frame], language: str) -> Axis:
    if question.by == MEASURE:
        for frame in frames:
            if question.frame in _name_frame(frame):
                return get_measure_axis(frame, language)
        return Axis(MEASURE, ())
    return get_topic_axis(language)


def _name_frame(frame: Frame) -> tuple[str, str, str]:
    """What a frame may be called in an address: its own name, its key, one edition of it."""
    return (frame.reference, frame.key, f"{frame.key}-{frame.edition}")


def _find_depth(question: Question, axis: Axis, within: int | None) -> int | None:
    if question.depth:
        return question.depth
    if within is not None or len(axis.rows) < MANY_ROWS:
        return None
    return max(1, axis.deepest - 1)


# From an address or a command


def read_question(
    given: Mapping[str, str], economies: Iterable[str] = (), *, today: date, is_strict: bool = False
) -> Question:
    """A question from parameters. What cannot be is left out, or refused where `is_strict`."""
    vocabulary = get_vocabulary()
    frames = list_frames()
    cut, _colon, cut_frame = given.get("cut", "").partition(":")  # one select for both
    by = _pick(cut or given.get("by", ""), BY, "by", is_strict=is_strict)
    names = {
        name for row in frames for name in (row.reference, row.key, f"{row.key}-{row.edition}")
    }
    frame = _pick(cut_frame or given.get("frame", ""), names, "frame", is_strict=is_strict)
    by = by or (MEASURE if frames else TOPIC)
    if by == MEASURE and not frame and frames:
        frame = frames[0].reference
    first, last = _read_years(given, today, is_strict=is_strict)
    return Question(
        by=by,
        first_year=first,
        last_year=last,
        frame=frame if by == MEASURE else "",
        economies=tuple(
            code
            for code in dict.fromkeys(code.upper() for code in economies if code)
            if _pick(code, vocabulary.economies, "economy", is_strict=is_strict)
        ),
        group=_pick_concept(given.get("group", ""), "target-groups", is_strict=is_strict),
        level=_pick_concept(given.get("level", ""), "prevention-levels", is_strict=is_strict),
        view=_pick(given.get("view", ""), VIEWS, "view", is_strict=is_strict),
        within=given.get("within", "")[:80],
        depth=int(given["depth"]) if given.get("depth", "") in {"1", "2", "3", "4", "5"} else 0,
        public=given.get("eyes") == "public",
    )


def _pick(value: str, allowed: Iterable[str], what: str, *, is_strict: bool) -> str:
    if not value or value in set(allowed):
        return value
    if is_strict:
        raise BadInput(f"There is no {what} {value!r}.")
    return ""


def _pick_concept(key: str, scheme: str, *, is_strict: bool) -> str:
    keys = [entry.key for entry in get_vocabulary().get_concepts(scheme)]
    return _pick(key, keys, scheme, is_strict=is_strict)


def _read_years(given: Mapping[str, str], today: date, *, is_strict: bool) -> tuple[int, int]:
    first = _read_year(given.get("from", ""), is_strict=is_strict)
    last = _read_year(given.get("to", ""), is_strict=is_strict)
    if first is None and last is None:
        return today.year, today.year
    first, last = first or last or today.year, last or first or today.year
    return (first, last) if first <= last else (last, first)


def _read_year(text: str, *, is_strict: bool) -> int | None:
    if text.isascii() and text.isdigit() and EARLIEST <= int(text[:5]) <= LATEST:
        return int(text)
    if text and is_strict:
        raise BadInput(f"'{text}' is not a year between {EARLIEST} and {LATEST}.")
    return None
