"""What a chart says, in sentences and as a table, for those who cannot see it and for everybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from focal.ui.charts.data import ChartData, Form, Point, have_changed
from focal.ui.components import Column, Table

MOST_NAMED = 6
BREAK = " †"  # an asterisk stands behind a name already


def summarise(form: Form, data: ChartData) -> str:
    """The chart in a few sentences: what is highest and lowest, what rose and fell, what is
    missing, what cannot be compared."""
    say = {
        "line": _say_times,
        "multiples": _say_times,
        "slope": _say_changes,
        "stack": _say_answers,
    }.get(form, _say_ends)
    return " ".join(
        part for part in (*say(data), *_say_missing(form, data), *_say_breaks(data)) if part
    )


def make_table(data: ChartData) -> Table:
    """Every value of the chart."""
    columns: list[tuple[Column, str]] = []
    if any(point.category for point in data.points):
        columns.append((Column(data.category_title or _("Where")), "category"))
    if len({point.line for point in data.points} - {""}) > 0:
        columns.append((Column(data.line_title or _("Who")), "line"))
    if any(point.time_text for point in data.points):
        columns.append((Column(_("When")), "time_text"))
    columns.append((Column(_("Figure"), is_number=True), "said"))
    if any(point.detail for point in data.points):
        columns.append((Column(_("Source")), "detail"))
    missing = [
        Point(None, _("no figure"), category=name)
        for name in data.categories
        if name not in {point.category for point in data.points}
    ]
    return Table(
        caption=data.title,
        columns=[column for column, _name in columns],
        rows=[
            [
                str(getattr(point, name)) + (BREAK if point.is_break and name == "said" else "")
                for _column, name in columns
            ]
            for point in (*data.points, *missing)
        ],
        note=f"{BREAK.strip()} {_('not comparable with the one before')}"
        if _has_breaks(data)
        else "",
        is_caption_hidden=True,
    )


def _name(point: Point) -> str:
    return ", ".join(part for part in (point.category, point.line) if part) or point.time_text


def _known(data: ChartData) -> list[Point]:
    return [point for point in data.points if point.value is not None]


def _say_ends(data: ChartData) -> list[str]:
    known = sorted(_known(data), key=lambda point: point.value or 0, reverse=True)
    if len(known) <= 3:
        return [f"{_name(point)}: {point.said}." for point in known]
    ends = (
        (known[0], _("Highest: %(name)s (%(value)s).")),
        (known[-1], _("Lowest: %(name)s (%(value)s).")),
    )
    return [text % {"name": _name_all(known, point), "value": point.said} for point, text in ends]


def _name_all(points: Sequence[Point], one: Point) -> str:
    """The names of all points that say the same as one."""
    return _list([_name(p) for p in points if (p.value, p.said) == (one.value, one.said)], "; ")


def _say_times(data: ChartData) -> list[str]:
    groups: dict[str, list[Point]] = defaultdict(list)
    for point in sorted(_known(data), key=lambda point: point.time or 0):
        groups[", ".join(part for part in (point.category, point.line) if part)].append(point)
    said = []
    steady = []
    for name, points in list(groups.items())[:MOST_NAMED]:
        first, last = points[0], points[-1]
        words = {
            "name": name,
            "first": first.said,
            "then": first.time_text,
            "last": last.said,
            "now": last.time_text,
        }
        if len(points) == 1:
            said.append(_("%(name)s: %(first)s (%(then)s).") % words if name else f"{first.text}.")
        elif name:
            said.append(_("%(name)s: from %(first)s (%(then)s) to %(last)s (%(now)s).") % words)
        else:
            said.append(_("From %(first)s (%(then)s) to %(last)s (%(now)s).") % words)
        is_compared = len(points) > 1 and (first.margin or last.margin)
        if is_compared and not any(p.is_break for p in points) and not have_changed(first, last):
            steady.append(name or data.title)
    return [*said, *([_("No clear change: %s.") % _list(steady)] if steady else [])]


def _say_changes(data: ChartData) -> list[str]:
    times = sorted({point.time for point in _known(data) if point.time is not None})
    ways: dict[str, list[str]] = defaultdict(list)
    ends: dict[str, dict[float, Point]] = defaultdict(dict)
    for point in _known(data):
        ends[_name(point)][point.time or 0] = point
    for name, moments in ends.items():
        if times[0] in moments and times[-1] in moments:
            before, after = moments[times[0]], moments[times[-1]]
            if after.is_break:
                continue
            is_more = (after.value or 0) > (before.value or 0)
            way = "steady" if not have_changed(before, after) else "up" if is_more else "down"
            ways[way].append(name)
    sentences = {
        "up": _("Higher than before: %s."),
        "down": _("Lower than before: %s."),
        "steady": _("No clear change: %s."),
    }
    return [text % _list(ways[way]) for way, text in sentences.items() if ways[way]]


def _say_answers(data: ChartData) -> list[str]:
    groups: dict[str, list[Point]] = defaultdict(list)
    for point in _known(data):
        groups[point.category].append(point)
    # What is not shown may be more than all that is.
    largest = {
        name: first
        for name, points in groups.items()
        if (first := max(points, key=lambda p: p.value or 0)).value is not None
        and (first.value or 0) > 100 - sum(p.value or 0 for p in points)
    }
    return [
        _("%(name)s: most often '%(answer)s' (%(value)s).")
        % {"name": name, "answer": point.line, "value": _say_share(point, data)}
        for name, point in list(largest.items())[:MOST_NAMED]
    ]


def _say_share(point: Point, data: ChartData) -> str:
    """A share with its unit, which the picture says only once."""
    is_bare = data.unit == "%" and "%" not in point.text
    return point.said.replace(point.text, f"{point.text} %", 1) if is_bare else point.said


def _say_missing(form: Form, data: ChartData) -> list[str]:
    missing: dict[str, list[str]] = defaultdict(list)
    for point in data.points:
        if point.value is None:
            missing[point.text].append(_name(point))
    if form not in ("line", "multiples", "slope"):
        there = {point.category for point in data.points}
        missing[_("no figure")] += [name for name in data.categories if name not in there]
    return [
        f"{reason[:1].upper()}{reason[1:]}: {_list(names)}."
        for reason, names in missing.items()
        if names
    ]


def _has_breaks(data: ChartData) -> bool:
    return any(point.is_break for point in data.points)


def _say_breaks(data: ChartData) -> list[str]:
    moments = [point.time_text for point in data.points if point.is_break and point.time_text]
    if not moments:
        return []
    return [_("Not comparable with what came before: %s.") % _list(list(dict.fromkeys(moments)))]


def _list(names: Sequence[str], between: str = ", ") -> str:
    """A list that does not run on: 'A, B, C and 4 more'."""
    if len(names) <= MOST_NAMED:
        return between.join(names)
    rest = len(names) - MOST_NAMED
    shown = between.join(names[:MOST_NAMED])
    return ngettext("%(names)s and %(count)s more", "%(names)s and %(count)s more", rest) % {
        "names": shown,
        "count": rest,
    }
