"""Estimates as they are shown: tables and sentences in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from focal.surveys.comparability import Hindrance, find_hindrances
from focal.surveys.design import Group
from focal.surveys.estimation import Difference, Estimate, Table, compare_editions
from focal.surveys.models import Question
from focal.surveys.selectors import choose_text, name_answer, name_group
from focal.ui import components

HIDDEN_MARK = "·"


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one answer since an earlier edition."""

    answer: str
    before: str
    now: str
    difference: str
    verdict: str
    is_beyond_chance: bool
    cells: tuple[Estimate, Estimate]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A question beside the same one in another edition."""

    question: Question
    hindrances: tuple[Hindrance, ...]
    changes: tuple[Change, ...]

    @property
    def is_forbidden(self) -> bool:
        """Whether the figures must not stand beside each other."""
        return any(hindrance.forbids for hindrance in self.hindrances)


def is_share(question: Question) -> bool:
    """Whether estimates are shares of answers, not means."""
    return question.kind == Question.Kind.CHOICE


def format_estimate(question: Question, value: float | None, *, signed: bool = False) -> str:
    """'44.2' for a share of 0.442 (per cent), '3.41' for a mean, in the reader's numbers."""
    if value is None:
        return HIDDEN_MARK
    shown = value * 100 if is_share(question) else value
    text = number_format(abs(round(shown, 1 if is_share(question) else 2)), use_l10n=True,
                         decimal_pos=1 if is_share(question) else 2)  # fmt: skip
    sign = "−" if shown < 0 else "+" if signed else ""
    return f"{sign}{text}"


def format_cell(question: Question, cell: Estimate) -> str:
    """'44.2 % (42.0–46.4)', or the mark of what is hidden."""
    text, margin = format_parts(question, cell)
    return f"{text} ({margin})" if margin else text


def format_parts(question: Question, cell: Estimate) -> tuple[str, str]:
    """'44.2 %' and '42.0–46.4'; no margin where none is known."""
    if cell.estimate is None:
        return HIDDEN_MARK, ""
    unit = " %" if is_share(question) else ""
    text = f"{format_estimate(question, cell.estimate)}{unit}"
    if cell.low is None or cell.high is None or not cell.standard_error:
        return text, ""
    low, high = (format_estimate(question, end) for end in (cell.low, cell.high))
    return text, f"{low}–{high}"


def name_place(table: Table, group: tuple[str, ...], language: str) -> str:
    """'Albania, women'; everybody where nothing parts them."""
    names = [name_group(one, code, language) for one, code in zip(table.by, group, strict=True)]
    return ", ".join(names) or _("All")


def list_answers(question: Question) -> list[str]:
    """The codes of the answers in their order; one empty code for a mean."""
    return [item["value"] for item in question.scale] if is_share(question) else [""]


def list_places(table: Table) -> list[tuple[str, ...]]:
    """The groups of a table in their order."""
    return list(dict.fromkeys(cell.group for cell in table.cells))


def make_table(table: Table, language: str, caption: str) -> components.Table:
    """The table behind the picture: groups down, answers across, how many were asked."""
    question = table.question
    answers = list_answers(question)
    heads = [name_answer(question, code, language) if code else _("Mean") for code in answers]
    rows = []
    for place in list_places(table):
        cells = [table.get(place, answer) for answer in answers]
        n = next((cell.n for cell in cells if cell), None)
        rows.append(
            [
                name_place(table, place, language),
                *(format_cell(question, cell) if cell else "" for cell in cells),
                HIDDEN_MARK if n is None else number_format(n, use_l10n=True, force_grouping=True),
            ]
        )
    columns = [
        components.Column(_("Group")),
        *(components.Column(head, is_number=True) for head in heads),
        components.Column(_("Asked"), is_number=True),
    ]
    return components.Table(caption, columns, rows, note=explain_hidden(table))


def explain_hidden(table: Table) -> str:
    """Why cells are hidden; empty when none is."""
    reasons = {cell.hidden for cell in table.cells} - {"", "none"}
    if not reasons:
        return ""
    return _(
        "%(mark)s is not shown: few people stand behind it, or it would give away such a figure."
    ) % {"mark": HIDDEN_MARK}


def summarise(table: Table, language: str) -> str:
    """The picture in words, for those who do not see it."""
    question = table.question
    shown = [cell for cell in table.cells if cell.estimate is not None]
    if not shown:
        return _("Nothing can be shown: too few people were asked.")
    if not table.by:
        if is_share(question):
            best = max(shown, key=lambda cell: cell.estimate or 0)
            count = best.n or 0
            return ngettext(
                "The most frequent answer of the %(n)s person asked is “%(answer)s”: %(share)s.",
                "The most frequent answer of the %(n)s people asked is “%(answer)s”: %(share)s.",
                count,
            ) % {
                "n": number_format(count, use_l10n=True, force_grouping=True),
                "answer": name_answer(question, best.answer, language),
                "share": format_cell(question, best),
            }
        return _("The mean is %s.") % format_cell(question, shown[0])
    answer = _pick_answer(table)
    row = [cell for cell in shown if cell.answer == answer]
    if not row:
        return ""
    lowest = min(row, key=lambda cell: cell.estimate or 0)
    highest = max(row, key=lambda cell: cell.estimate or 0)
    words = {
        "answer": name_answer(question, answer, language) if answer else _("Mean"),
        "high_group": name_place(table, highest.group, language),
        "high": format_cell(question, highest),
        "low_group": name_place(table, lowest.group, language),
        "low": format_cell(question, lowest),
    }
    text = (
        _("“%(answer)s”: highest in %(high_group)s, %(high)s; lowest in %(low_group)s, %(low)s.")
        % words
    )
    difference = table.compare(lowest.group, highest.group, answer)
    if difference and not difference.is_beyond_chance:
        text += " " + _("The two may be equal: the difference lies within the uncertainty.")
    return text


def _pick_answer(table: Table) -> str:
    """The answer that stands for the question: the favourable end of an ordered scale, else
    the most frequent one."""
    scale = list_answers(table.question)
    if table.question.direction:
        is_first = table.question.direction == Question.Direction.BEST_FIRST
        return scale[0 if is_first else -1]
    sums: dict[str, float] = {}
    for cell in table.cells:
        sums[cell.answer] = sums.get(cell.answer, 0.0) + (cell.estimate or 0.0)
    return max(sums, key=lambda answer: sums[answer])


def compare(now: Table, before: Table, language: str) -> Comparison:
    """A question beside the same one in another edition, with what forbids or clouds it."""
    question, other = now.question, before.question
    hindrances = tuple(find_hindrances(question, other))
    if any(hindrance.forbids for hindrance in hindrances):
        return Comparison(other, hindrances, ())
    changes = []
    for answer in list_answers(question):
        one, two = before.get((), answer), now.get((), answer)
        difference = compare_editions(one, two) if one and two else None
        if one is None or two is None:
            continue
        changes.append(
            Change(
                answer=name_answer(question, answer, language) if answer else _("Mean"),
                before=format_cell(question, one),
                now=format_cell(question, two),
                difference=format_estimate(question, difference.estimate, signed=True)
                if difference
                else HIDDEN_MARK,
                verdict=_judge(difference),
                is_beyond_chance=bool(difference and difference.is_beyond_chance),
                cells=(one, two),
            )
        )
    return Comparison(other, hindrances, tuple(changes))


def _judge(difference: Difference | None) -> str:
    if difference is None:
        return _("cannot be told")
    if not difference.is_beyond_chance:
        return _("no change beyond chance")
    return _("more than before") if difference.estimate > 0 else _("less than before")


def describe_wording(question: Question, language: str) -> tuple[str, str]:
    """The wording in the reader's language if it was asked in it, and the language it is in."""
    return choose_text(question.texts, language)


def describe_groups(groups: Sequence[Group], language: str) -> list[tuple[str, str]]:
    """Keys and names of what estimates may be parted by."""
    return [
        (group.key, choose_text(dict(group.labels), language)[0] or group.key) for group in groups
    ]
