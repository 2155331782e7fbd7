"""What somebody typed, pasted or brought in a file becomes figures, or it is said why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from focal.indicators.models import WORLD, Measure, Observation, Series
from focal.kernel.errors import BadInput
from focal.records.content import clean_line, clean_text
from focal.vocabulary.selectors import get_vocabulary

# How far an estimate may be off.
MARGIN = ("margin_low", "margin_high", "margin_level", "margin_kind")
# What a figure says. When one of these changes after publication, it is another figure.
SAID = (
    "area", "group", "sex", "age", "value", "upper", "qualifier",
    "period_start", "period_end", "as_of", *MARGIN,
)  # fmt: skip
# What stands beside it, and may be mended without another figure coming of it.
BESIDE = (
    "edition", "status", "is_headline", "is_break", "rule",
    "source_title", "source_url", "source_page", "note",
)  # fmt: skip
FIELDS = (*SAID, *BESIDE)
# Two figures that agree in these are the same one, told anew.
SAME = (
    "area", "group", "sex", "age", "period_start", "period_end", "as_of", "edition",
    "source_title",
)  # fmt: skip
WORDS = ("group", "age", "edition", "rule", "source_title", "source_page")
DAYS = ("period_start", "period_end", "as_of")
# How far an estimate may be off. Not to be taken for `value` to `upper`, an interval that is
# itself the figure.
ENDS = ("margin_low", "margin_high")
OTHER_NUMBERS = ("upper", *ENDS, "margin_level")
PARTIAL_DAY = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
MOST_FIGURES = 20_000  # in one series


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a cell cannot be used: row (from 0), field, and a sentence."""

    row: int
    field: str
    sentence: str


class BadFigures(BadInput):
    """Figures that cannot be kept; `problems` says which cells and why. Nothing was written."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(
            _("Figure %(number)s: %(problem)s")
            % {"number": first.row + 1, "problem": first.sentence}
        )
        self.problems = tuple(problems)


def read_figures(series: Series, given: Sequence[Mapping[str, Any]]) -> list[Observation]:
    """The figures, cleaned, in their order; BadFigures names every cell that cannot be used.

    A figure needs `area` (an economy or a group), `value` and `source_title`; the rest of
    FIELDS may be left out. `reference` names the figure that it is.
    """
    if len(given) > MOST_FIGURES:
        raise BadInput(
            _("A series holds at most %(limit)s figures; these are %(count)s.")
            % {"limit": MOST_FIGURES, "count": len(given)}
        )
    problems: list[Problem] = []
    rows = [_read(position, figure, series, problems) for position, figure in enumerate(given)]
    problems += _find_duplicates(rows)
    if problems:
        raise BadFigures(sorted(problems, key=lambda problem: problem.row))
    return rows


def _read(
    position: int, given: Mapping[str, Any], series: Series, problems: list[Problem]
) -> Observation:
    row = Observation(position=position)
    readers = {
        "area": read_area,
        "value": read_number,
        "qualifier": _choose(Observation.Qualifier),
        "margin_kind": lambda value: _choose(Observation.Margin)(value) if value else "",
        "status": _choose(Observation.Status),
        "sex": _choose(Observation.Sex),
        "source_url": _read_address,
        "note": lambda value: clean_text(str(value)),
        "is_headline": bool,
        "is_break": bool,
        **{name: _make_line_reader(name) for name in WORDS},
        **dict.fromkeys(DAYS, read_day),
        **dict.fromkeys(OTHER_NUMBERS, _read_number_if_any),
        "margin_level": _read_level,
    }
    defaults = {"qualifier": "exact", "status": "final", "value": None}
    for name, reader in readers.items():
        try:
            setattr(row, name, reader(given.get(name, defaults.get(name, ""))))
        except BadInput as error:
            problems.append(Problem(position, name, str(error)))
            setattr(row, name, None if name in ("value", *OTHER_NUMBERS) else "")
    if unknown := set(given) - set(FIELDS) - {"reference"}:
        sentence = _("It has no field '%s'.") % ", ".join(sorted(unknown))
        problems.append(Problem(position, min(unknown), sentence))
    _name_margin(row)
    problems += _check_row(position, row, series)
    row.reference = str(given.get("reference", "") or "")
    return row


def _name_margin(row: Observation) -> None:
    """A margin of which nothing else is said is a confidence interval where its level is told."""
    if row.margin_low is None and row.margin_high is None:
        row.margin_kind, row.margin_level = "", None
    elif not row.margin_kind:
        row.margin_kind = (
            Observation.Margin.UNCERTAINTY
            if row.margin_level is None
            else Observation.Margin.CONFIDENCE
        )


def _check_row(position: int, row: Observation, series: Series) -> list[Problem]:
    found = []
    if row.value is not None and row.upper is not None and row.upper < row.value:
        found.append(Problem(position, "upper", _("the upper end is below the value.")))
    if not row.source_title:
        found.append(Problem(position, "source_title", _("say where it comes from.")))
    if row.period_start and row.period_end and row.period_end < row.period_start[:4]:
        found.append(Problem(position, "period_end", _("the period ends before it begins.")))
    found += [
        Problem(position, name, sentence)
        for name in ("value", "upper", *ENDS)
        if (value := getattr(row, name)) is not None
        and (sentence := _find_impossible(series, value))
    ]
    return found + _check_margin(position, row)


def _check_margin(position: int, row: Observation) -> list[Problem]:
    """The ends stand on either side of the value, both of them, and say of which level they are."""
    low, high = row.margin_low, row.margin_high
    if row.value is None or (low is None and high is None):
        return []
    if low is None or high is None:
        name = "margin_low" if low is None else "margin_high"
        return [Problem(position, name, _("an interval has two ends: say both."))]
    most = row.value if row.upper is None else row.upper
    found = [
        Problem(position, name, _("the value lies outside its interval."))
        for name, is_off in (("margin_low", low > row.value), ("margin_high", high < most))
        if is_off
    ]
    level = row.margin_level
    if level is None and row.margin_kind == Observation.Margin.CONFIDENCE:
        sentence = _("say of which level the interval is, usually 95.")
        found.append(Problem(position, "margin_level", sentence))
    elif level is not None and not 0 < level < 100:
        sentence = _("the level of an interval is between 0 and 100 %.")
        found.append(Problem(position, "margin_level", sentence))
    return found


def _find_impossible(series: Series, value: Decimal) -> str:
    """What a number of this kind cannot be; '' when it can."""
    if series.measure == Measure.SHARE and not 0 <= value <= 100:
        return _("a share of a whole is between 0 and 100 %.")
    if series.measure in (Measure.PERSONS, Measure.COUNT) and value < 0:
        return _("a count is not below zero.")
    return ""


def _find_duplicates(rows: Sequence[Observation]) -> list[Problem]:
    """Two rows that would be told apart by nothing but their value."""
    seen: dict[tuple[Any, ...], int] = {}
    found = []
    for row in rows:
        key = (*get_sameness(row), row.value, row.upper, row.qualifier, row.note, row.rule)
        first = seen.setdefault(key, row.position)
        if first != row.position:
            sentence = _("this is figure %s once more; remove one of them.") % (first + 1)
            found.append(Problem(row.position, "area", sentence))
    return found


def get_sameness(row: Observation) -> tuple[Any, ...]:
    """What tells whether two figures are the same one."""
    return tuple(getattr(row, name) for name in SAME)


def get_said(row: Observation) -> tuple[Any, ...]:
    """What a figure says, to compare."""
    return tuple(getattr(row, name) for name in SAID)


def adds_margin(old: Observation, row: Observation) -> bool:
    """Whether one says what the other does, and how far it may be off, which was not told yet."""
    same = (name for name in SAID if name not in MARGIN)
    return not old.margin_kind and all(getattr(old, name) == getattr(row, name) for name in same)


def describe_plainly(row: Observation) -> dict[str, Any]:
    """A figure as plain values, without what was left empty: what versions keep."""
    return {
        name: _plain(value)
        for name in FIELDS
        if (value := getattr(row, name)) not in ("", None, False)
    } | {"reference": row.reference}


def _plain(value: Any) -> Any:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def read_area(code: Any) -> str:
    """The code of an economy, a group of economies or the world."""
    vocabulary = get_vocabulary()
    code = str(code)
    if code in vocabulary.economies or code in vocabulary.groups or code == WORLD:
        return code
    if not code:
        raise BadInput(_("say where."))
    raise BadInput(_("'%s' is neither an economy nor a group of economies.") % code)


def read_number(value: Any) -> Decimal:
    """A number as it can be kept: finite, below 10^16, four decimals."""
    try:
        number = Decimal(str(value) if "_" not in str(value) else "NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= Decimal(10) ** 16:
        raise BadInput(
            _("'%s' is not a number that can be kept. Write it as 1234.5.")
            % ("" if value is None else value)
        )
    kept = round(number, 4)
    if number and not kept:  # what is little is not nothing
        raise BadInput(_("'%s' is too small to be kept: take a smaller unit.") % value)
    return kept


def _read_number_if_any(value: Any) -> Decimal | None:
    return None if value in ("", None) else read_number(value)


def _read_level(value: Any) -> Decimal | None:
    level = _read_number_if_any(value)
    return None if level is None else round(level, 2)  # as it is kept


def read_day(value: Any) -> str:
    """A day, month or year in ISO's way."""
    text = str(value or "")
    if text and not PARTIAL_DAY.fullmatch(text):
        raise BadInput(_("'%s' is not a day, a month (2024-05) or a year.") % text)
    return text


def _choose(choices: Any) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in choices.values:
            raise BadInput(_("'%s' is not one of the choices.") % value)
        return str(value)

    return read


def _make_line_reader(name: str) -> Callable[[Any], str]:
    longest: int = getattr(Observation._meta.get_field(name), "max_length", 0)

    def read(value: Any) -> str:
        text = clean_line(str(value))
        if len(text) > longest:
            raise BadInput(
                _("this is too long: %(length)s characters, at most %(limit)s fit.")
                % {"length": len(text), "limit": longest}
            )
        return text

    return read


def _read_address(value: Any) -> str:
    text = clean_line(str(value))
    if text and not text.startswith(("https://", "http://")):
        raise BadInput(_("'%s' is not an address on the web.") % text)
    return text[:1000]
