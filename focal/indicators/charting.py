"""From figures to charts: which figures stand in one, and how sure each is.

Figures come from `selectors.show_figures`, so that small counts are protected here as
everywhere, and from series that the viewer may see.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from focal.indicators.models import Chart, Measure, Observation, Preference, Series
from focal.indicators.selectors import (
    ShownFigure,
    find_rivals,
    format_margin,
    get_subject,
    name_area,
    name_margin,
    name_unit,
    show_figures,
)
from focal.records.finding.shown import show
from focal.sharing.viewer import Viewer
from focal.ui.charts import ChartData, Form, Point
from focal.ui.charts.builder import MOST_ROWS
from focal.ui.charts.forms.shared import MOST_LINES
from focal.ui.charts.shapes import load_shapes
from focal.vocabulary.names import get_footnote
from focal.vocabulary.selectors import get_vocabulary

ROUGH = (Observation.Qualifier.ABOUT, Observation.Qualifier.SOME)
ABOVE = (Observation.Qualifier.MORE_THAN, Observation.Qualifier.AT_LEAST)
BELOW = (Observation.Qualifier.LESS_THAN, Observation.Qualifier.UP_TO)
OVER_TIME = ("line", "multiples", "slope")
NO_ANSWER = ("do not know", "don't know", "no answer", "refused", "dk/na", "none of these")
MOST_SOURCES = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody wants to see: the form, the series, and what of them."""

    form: Form
    series: tuple[str, ...]
    areas: tuple[str, ...] = ()
    split: str = ""
    time: str = ""
    order: str = ""
    title: str = ""
    subtitle: str = ""


def read_choice(chart: Chart, title: str, subtitle: str) -> Choice:
    """What a saved chart shows, under its title in the reader's language."""
    return Choice(
        form=chart.form,  # type: ignore[arg-type]  # one of the choices
        series=tuple(chart.series_list.split()),
        areas=tuple(chart.areas.split()),
        split=chart.split,
        time=chart.time,
        order=chart.order,
        title=title,
        subtitle=subtitle,
    )


def gather(viewer: Viewer, choice: Choice, language: str) -> ChartData:
    """The points and words of a chart, for this viewer, in the active language."""
    found = Series.objects.visible_to(viewer).filter(reference__in=choice.series)
    by_reference = {row.reference: row for row in found}
    series = [by_reference[name] for name in choice.series if name in by_reference]
    rows = Observation.objects.standing().filter(series_id__in=[row.pk for row in series])
    titles = {item.reference: item.title for item in show(series, language)}
    return make_data(
        choice, series, show_figures(rows.in_order(), series, language), titles, language
    )


def make_data(
    choice: Choice,
    series: Sequence[Series],
    figures: Sequence[ShownFigure],
    titles: dict[str, str],
    language: str,
) -> ChartData:
    """The chart of figures that are at hand already."""
    chosen = _choose(choice, figures)
    kept, left_out = _keep_one(choice, chosen)
    names = _Names(choice, series, kept, titles)
    points = [_make_point(figure, names, choice) for figure in kept]
    if choice.form in ("line", "multiples"):
        points = _cut_at_sources(kept, points)
    points = _order(choice, points)
    units = {name_unit(row.unit) for row in series}
    areas = [name_area(code, language) for code in choice.areas]
    is_rows = choice.form in ("bar", "dot", "map", "stack")
    return ChartData(
        title=choice.title or ", ".join(titles[row.reference] for row in series),
        subtitle=choice.subtitle,
        points=points,
        unit=" / ".join(sorted(units)),
        problem=_("These series have different units (%s): one axis cannot hold them.")
        % ", ".join(sorted(units))
        if len(units) > 1
        else "",
        categories=[
            area
            for area in areas
            if is_rows and names.is_by_area and not any(area in p.category for p in points)
        ],
        lines=names.get_answers(),
        ends=_read_ends(series),
        aside=[name for name in names.get_answers() if name.casefold() in NO_ANSWER],
        notes=_write_notes(choice, kept, left_out, language),
        source=_name_sources(kept),
        shapes=load_shapes() if choice.form == "map" else (),
        is_share=_is_share(series, kept),
    )


def suggest(figures: Sequence[ShownFigure], series: Sequence[Series]) -> Choice:
    """The form that fits these figures best."""
    names = tuple(row.reference for row in series)
    moments: dict[tuple[object, ...], set[float]] = defaultdict(set)
    for figure in figures:
        row = figure.observation
        if (time := read_time(row)) is not None:
            moments[row.series_id, *get_subject(row)].add(time)
    areas = {figure.observation.area for figure in figures}
    rows = [[f for f in figures if f.observation.series_id == one.pk] for one in series]
    has_rivals = any(find_rivals(own) for own in rows)
    split = _find_split(figures)
    if not has_rivals and max((len(times) for times in moments.values()), default=0) >= 3:
        form: Form = "line" if len(moments) <= MOST_LINES else "multiples"
        return Choice(form, names, time="all", split=split)
    is_scale = len(series) == 1 and series[0].scale and not has_rivals
    if is_scale and _has_whole_scale(figures, _read_scale(series)):
        return Choice("stack", names, split="group")
    is_each_once = len(moments) == len(figures) and not has_rivals
    is_wide = len(areas & set(get_vocabulary().economies)) >= 4
    if len(series) > 1 or (is_each_once and is_wide):
        return Choice("bar", names, order="value", split=split)
    return Choice("dot", names, time="all" if len(figures) <= MOST_ROWS else "")


def _has_whole_scale(figures: Sequence[ShownFigure], scale: Sequence[str]) -> bool:
    """Whether every place has a figure for each answer; else a whole would be drawn of parts."""
    answers: dict[str, set[str]] = defaultdict(set)
    for figure in figures:
        if figure.observation.group and not figure.is_hidden:
            answers[figure.observation.area].add(figure.observation.group)
    return bool(answers) and all(there >= set(scale) for there in answers.values())


def _find_split(figures: Sequence[ShownFigure]) -> str:
    """What breaks these figures down, when no total stands among them."""
    for name in ("group", "sex", "age"):
        if all(getattr(figure.observation, name) for figure in figures):
            return name
    return ""


def read_time(row: Observation) -> float | None:
    """A figure's place in time: its day, else the end of its period; a year is its beginning."""
    text = row.as_of or row.period_end or row.period_start
    if not text:
        return None
    year, month, day = ([int(part) for part in text.split("-")] + [1, 1])[:3]
    return round(year + (month - 1) / 12 + (day - 1) / 365, 4)


def _choose(choice: Choice, figures: Sequence[ShownFigure]) -> list[ShownFigure]:
    """The figures that were asked for: areas, totals or one breakdown."""
    chosen = [
        figure
        for figure in figures
        if (not choice.areas or figure.observation.area in choice.areas)
        and figure.observation.status != Observation.Status.SUPERSEDED
    ]
    split = choice.split or ("group" if choice.form == "stack" else "")
    others = [name for name in ("group", "sex", "age") if name != split]
    totals = [f for f in chosen if not any(getattr(f.observation, name) for name in others)]
    if split:
        return [figure for figure in totals or chosen if getattr(figure.observation, split)]
    if choice.form == "dot" and choice.time == "all":
        return chosen
    return totals or chosen


def _keep_one(
    choice: Choice, figures: Sequence[ShownFigure]
) -> tuple[list[ShownFigure], list[ShownFigure]]:
    """One figure for each place in the chart (the preferred, the newest, the first), and the
    rivals that gave way. Dots show them all."""
    if choice.form == "dot" and choice.time == "all":
        return list(figures), []
    places: dict[tuple[object, ...], list[ShownFigure]] = defaultdict(list)
    for figure in figures:
        row = figure.observation
        time = read_time(row) if choice.form in OVER_TIME else None
        subject = (row.series_id, row.area, row.group, row.sex, row.age)
        places[(*subject, time)].append(figure)
    has_rivals = any(len(rivals) > 1 for rivals in places.values())
    preferred = _find_preferred(figures) if has_rivals else set()
    kept = []
    for rivals in places.values():
        newest = max(read_time(rival.observation) or 0 for rival in rivals)
        kept.append(
            min(
                rivals,
                key=lambda rival: (
                    rival.observation.pk not in preferred,
                    (read_time(rival.observation) or 0) != newest,
                    rival.observation.position,
                ),
            )
        )
    chosen = {figure.observation.pk for figure in kept}
    return kept, [figure for figure in figures if figure.observation.pk not in chosen]


def _find_preferred(figures: Sequence[ShownFigure]) -> set[int]:
    series = {figure.observation.series_id for figure in figures}
    return set(
        Preference.objects.filter(series_id__in=series).values_list("observation_id", flat=True)
    )


class _Names:
    """Which axis or colour tells what: places, series, groups."""

    def __init__(
        self,
        choice: Choice,
        series: Sequence[Series],
        figures: Sequence[ShownFigure],
        titles: dict[str, str],
    ) -> None:
        self.titles = {row.pk: titles[row.reference] for row in series}
        self.has_series = len({figure.observation.series_id for figure in figures}) > 1
        self.areas = list(dict.fromkeys(figure.area for figure in figures))
        self.form = choice.form
        self.split = choice.split or ("group" if choice.form == "stack" else "")
        self.is_each = choice.form == "dot" and choice.time == "all"
        self.is_by_area = choice.form != "line"
        self.figures = figures
        self.scale = _read_scale(series)
        self.each = self._name_each() if self.is_each else {}

    def name(self, figure: ShownFigure) -> tuple[str, str]:
        """The category and the line of a figure."""
        row = figure.observation
        if self.is_each:
            return self.each[row.pk], ""
        series = self.titles[row.series_id] if self.has_series else ""
        part = self._name_part(figure)
        if self.form == "line":
            area = figure.area if len(self.areas) > 1 or not (series or part) else ""
            return "", ", ".join(word for word in (series, area, part) if word)
        if self.form == "stack" and len(self.areas) == 1 and self.has_series:
            return series, part
        if self.form == "multiples" and len(self.areas) == 1 and part:
            return part, series
        return figure.area, ", ".join(word for word in (series, part) if word)

    def _name_each(self) -> dict[int, str]:
        """A name of its own for each figure: rivals must not lie on one another."""
        plain = {f.observation.pk: self._name_one(f) for f in self.figures}
        shared = Counter(plain.values())
        names, used = {}, Counter[str]()
        for figure in self.figures:
            row, name = figure.observation, plain[figure.observation.pk]
            if shared[name] > 1 and figure.period:
                name = f"{name}, {row.source_title}"
            used[name] += 1
            names[row.pk] = name if used[name] == 1 else f"{name} ({used[name]})"
        return names

    def _name_one(self, figure: ShownFigure) -> str:
        row = figure.observation
        series = self.titles[row.series_id] if self.has_series else ""
        parts = (series, figure.area, figure.who, figure.period or row.source_title)
        return ", ".join(part for part in parts if part)

    def _name_part(self, figure: ShownFigure) -> str:
        if self.split == "sex":
            return str(figure.observation.get_sex_display())
        return str(getattr(figure.observation, self.split)) if self.split else ""

    def get_answers(self) -> list[str]:
        """The answers of a question in the order of its scale."""
        if self.form != "stack":
            return []
        there = list(dict.fromkeys(self.name(figure)[1] for figure in self.figures))
        return [name for name in self.scale if name in there] + [
            name for name in there if name not in self.scale
        ]


def _read_scale(series: Sequence[Series]) -> list[str]:
    return [line.strip() for row in series for line in row.scale.splitlines() if line.strip()]


def _read_ends(series: Sequence[Series]) -> list[str]:
    return [name for name in _read_scale(series) if name.casefold() not in NO_ANSWER]


def _make_point(figure: ShownFigure, names: _Names, choice: Choice) -> Point:
    row = figure.observation
    category, line = names.name(figure)
    value = None if figure.is_hidden else float(row.value)
    low = high = None
    if figure.margin and row.margin_low is not None and row.margin_high is not None:
        low, high = float(row.margin_low), float(row.margin_high)
    elif row.upper is not None:
        low, high = float(row.value), float(row.upper)
    source = ", ".join(part for part in (row.source_title, figure.status) if part)
    unit = f" {figure.unit}" if figure.unit == "%" and choice.form != "stack" else ""
    return Point(
        value=value,
        text=f"{figure.qualifier} {figure.value}".strip() + unit,
        category=category,
        line=line,
        code=row.area,
        time=read_time(row),
        time_text=figure.period,
        low=low,
        high=high,
        margin=format_margin(row),
        bound="above" if row.qualifier in ABOVE else "below" if row.qualifier in BELOW else "",
        is_rough=row.qualifier in ROUGH,
        is_break=row.is_break,
        detail=source,
    )


def _cut_at_sources(figures: Sequence[ShownFigure], points: Sequence[Point]) -> list[Point]:
    """Where another source goes on, the line does not: the two may count differently."""
    before: dict[tuple[str, str], str] = {}
    cut = []
    pairs = sorted(zip(figures, points, strict=True), key=lambda pair: pair[1].time or 0)
    for figure, point in pairs:
        source = figure.observation.source_title
        known = before.setdefault((point.category, point.line), source)
        before[point.category, point.line] = source
        cut.append(point if known == source else replace(point, is_break=True))
    return cut


def _order(choice: Choice, points: list[Point]) -> list[Point]:
    if choice.form in OVER_TIME:
        return points
    if choice.order == "value":
        return sorted(points, key=lambda point: (point.value is None, -(point.value or 0)))
    if choice.order == "name":
        return sorted(points, key=lambda point: (point.category, point.line))
    return points


def _is_share(series: Sequence[Series], figures: Sequence[ShownFigure]) -> bool:
    if all(row.measure == Measure.SHARE for row in series):
        return bool(series)
    values = [f.observation.value for f in figures if not f.is_hidden]
    return (
        all(row.unit == "%" and not row.measure for row in series)
        and bool(values)
        and all(0 <= value <= 100 for value in values)
    )


def _write_notes(
    choice: Choice, kept: Sequence[ShownFigure], left_out: Sequence[ShownFigure], language: str
) -> list[str]:
    kinds = dict.fromkeys(name_margin(f.observation) for f in kept if f.margin)
    notes = [_("In brackets: %s.") % ", ".join(kinds)] if kinds else []
    rivals = {f.observation.pk for f in left_out if _is_rival(f, kept)}
    notes += _say_newest(choice, kept)
    if rivals:
        notes.append(
            ngettext(
                "%(count)s other figure for the same is left out here; it stands beside these on"
                " the page of the series.",
                "%(count)s other figures for the same are left out here; they stand beside these"
                " on the page of the series.",
                len(rivals),
            )
            % {"count": len(rivals)}
        )
    if any(figure.is_hidden for figure in kept):
        notes.append(
            _("Small counts of people, and counts that would give them away, are not shown.")
        )
    if any(figure.observation.area == "XK" for figure in kept):
        notes.append(get_footnote(language))
    return notes


def _say_newest(choice: Choice, kept: Sequence[ShownFigure]) -> list[str]:
    """From when the figures are, where a form shows one of each: they need not be of one year."""
    years = sorted({int(time) for f in kept if (time := read_time(f.observation)) is not None})
    if not years or choice.form in OVER_TIME or (choice.form == "dot" and choice.time == "all"):
        return []
    span = "–".join(dict.fromkeys(str(year) for year in (years[0], years[-1])))
    return [_("Shown is the newest figure of each (%s).") % span]


def _is_rival(figure: ShownFigure, kept: Sequence[ShownFigure]) -> bool:
    """Whether a figure that gave way says something else about the same moment."""
    row = figure.observation
    return any(
        other.area == figure.area
        and other.who == figure.who
        and other.observation.series_id == row.series_id
        and read_time(other.observation) == read_time(row)
        and other.observation.value != row.value
        for other in kept
    )


def _name_sources(figures: Sequence[ShownFigure]) -> str:
    names = list(dict.fromkeys(figure.observation.source_title for figure in figures))
    if len(names) <= MOST_SOURCES:
        return "; ".join(names)
    rest = len(names) - MOST_SOURCES
    return ngettext("%(names)s and %(count)s more", "%(names)s and %(count)s more", rest) % {
        "names": "; ".join(names[:MOST_SOURCES]),
        "count": rest,
    }
