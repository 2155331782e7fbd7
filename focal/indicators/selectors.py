"""Figures as pages show them: in words and numbers, each with its qualifier, period and source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from focal.indicators.disclosure import find_hidden_figures, get_threshold, mask
from focal.indicators.models import WORLD, Observation, Preference, Series
from focal.indicators.units import count_unit
from focal.records.finding.shown import ShownRecord, show
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary

WITHOUT_WORD = (Observation.Qualifier.EXACT, Observation.Qualifier.UNKNOWN)


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """One observation, ready to be read. Where it is hidden (a small count of persons, or
    one that would give such a count away), `observation` has no value either."""

    observation: Observation
    qualifier: str
    value: str
    unit: str
    area: str
    period: str
    status: str
    margin: str = ""
    is_hidden: bool = False

    @property
    def who(self) -> str:
        """The group, sex and age it is about: 'returned, women, 18-24'; '' for all."""
        row = self.observation
        sex = row.get_sex_display() if row.sex else ""
        return ", ".join(str(part) for part in (row.group, sex, row.age) if part)

    @property
    def whole(self) -> str:
        """'more than 875'."""
        return " ".join(part for part in (self.qualifier, self.value, self.unit) if part)


@dataclass(frozen=True, slots=True)
class ListedSeries:
    """A series in the list of all: the figures that stand for it, and how many there are."""

    series: Series
    shown: ShownRecord
    figures: tuple[ShownFigure, ...]
    count: int


def list_series(viewer: Viewer, language: str) -> list[ListedSeries]:
    """All series the viewer may see, by title, each with its headline figures (else the newest)."""
    rows = list(Series.objects.visible_to(viewer).defer("body"))
    shown = {item.reference: item for item in show(rows, language)}
    figures: dict[int, list[Observation]] = defaultdict(list)
    standing = Observation.objects.standing().in_order()
    for row in standing.filter(series_id__in=[row.pk for row in rows]):
        figures[row.series_id].append(row)
    chosen = {row.pk: _choose(figures[row.pk]) for row in rows}
    ready = show_figures([item for items in chosen.values() for item in items], rows, language)
    by_pk = {figure.observation.pk: figure for figure in ready}
    listed = [
        ListedSeries(
            series=row,
            shown=shown[row.reference],
            figures=tuple(by_pk[item.pk] for item in chosen[row.pk]),
            count=len(figures[row.pk]),
        )
        for row in rows
    ]
    return sorted(listed, key=lambda item: (item.shown.title.casefold(), item.series.reference))


def _choose(rows: list[Observation]) -> list[Observation]:
    """Those marked for it; else the newest, of several the first as their editor has them."""
    if not rows:
        return []
    newest = max(rows, key=lambda row: row.as_of or row.period_end or row.period_start)
    return [row for row in rows if row.is_headline] or [newest]


def get_series(viewer: Viewer, reference: str) -> Series | None:
    """A series, or None when the viewer cannot see it."""
    return (
        Series.objects.visible_to(viewer)
        .select_related("owner_organisation")
        .filter(reference=reference)
        .first()
    )


def list_named_series(viewer: Viewer, references: Sequence[str]) -> list[Series]:
    """Those of the named series that the viewer may see, in the order they are named."""
    found = {
        row.reference: row
        for row in Series.objects.visible_to(viewer).filter(reference__in=references).defer("body")
    }
    return [found[name] for name in references if name in found]


def list_standing(series: Series) -> list[Observation]:
    """The figures themselves, small counts among them: for those who may change them."""
    return list(Observation.objects.standing().filter(series_id=series.pk).in_order())


def list_preferences(series: Series) -> list[Preference]:
    """Which figure is preferred for what, and why."""
    rows = Preference.objects.filter(series_id=series.pk).select_related("observation")
    return list(rows.order_by("purpose", "pk"))


def get_preference(series: Series, pk: int) -> Preference | None:
    """One preference of a series."""
    return Preference.objects.filter(series_id=series.pk, pk=pk).first()


def list_figures(series: Series, language: str) -> list[ShownFigure]:
    """All figures of a series that stand, in its order."""
    return list_figures_of([series], language)


def list_figures_of(series: Sequence[Series], language: str) -> list[ShownFigure]:
    """The same for several."""
    rows = Observation.objects.standing().filter(series_id__in=[row.pk for row in series])
    return show_figures(rows.in_order(), series, language)


def show_figures(
    rows: Iterable[Observation], series: Sequence[Series], language: str
) -> list[ShownFigure]:
    """Figures of these series in words and numbers, small counts protected. Every page, chart,
    export and answer takes figures from here."""
    by_pk = {row.pk: row for row in series}
    hidden = find_hidden_figures(series)
    return [_show(row, by_pk[row.series_id], hidden.get(row.pk), language) for row in rows]


def _show(
    row: Observation, series: Series, is_told_small: bool | None, language: str
) -> ShownFigure:
    """`is_told_small`: None where the figure is not hidden."""
    is_hidden = is_told_small is not None
    qualifier = "" if row.qualifier in WITHOUT_WORD else row.get_qualifier_display()
    value = "" if is_hidden else format_value(row)
    if is_told_small:
        qualifier = _("fewer than")
        value = format_number(Decimal(get_threshold(series.marking)))
    elif is_hidden:
        qualifier, value = "", _("not shown")
    return ShownFigure(
        observation=mask(row) if is_hidden else row,
        qualifier=str(qualifier),
        value=value,
        unit=_count(row, series, is_told_small, language),
        area=name_area(row.area, language),
        period=format_period(row),
        status="" if row.status == Observation.Status.FINAL else str(row.get_status_display()),
        margin="" if is_hidden else say_margin(row),
        is_hidden=is_hidden,
    )


def _count(row: Observation, series: Series, is_told_small: bool | None, language: str) -> str:
    """The unit as the number before it takes it; '' where no number is told."""
    if is_told_small is False:
        return ""
    number = row.value if row.upper is None else row.upper
    told = Decimal(get_threshold(series.marking)) if is_told_small else number
    return count_unit(series.unit, told, language)


def name_unit(unit: str) -> str:
    """A unit in the reader's language where it is a common one."""
    return {
        "people": _("people"),
        "persons": _("people"),
        "women": _("women"),
        "men": _("men"),
        "children": _("children"),
        "years": _("years"),
        "organisations": _("organisations"),
        "companies": _("companies"),
        "projects": _("projects"),
        "events": _("events"),
        "economies": _("economies"),
    }.get(unit, unit)


def format_value(row: Observation) -> str:
    """'875', '12.5', '500–600', in the reader's way of writing numbers."""
    value = format_number(row.value)
    return value if row.upper is None else f"{value}–{format_number(row.upper)}"


def say_margin(row: Observation) -> str:
    """'95 % confidence interval: 42.1–46.3'; '' where no uncertainty is known."""
    ends = format_margin(row)
    return f"{name_margin(row)}: {ends}" if ends else ""


def name_margin(row: Observation) -> str:
    """'95 % confidence interval'."""
    kind = str(row.get_margin_kind_display()) if row.margin_kind else ""
    return kind if row.margin_level is None else f"{format_number(row.margin_level)} % {kind}"


def format_margin(row: Observation) -> str:
    """'42.1–46.3', its ends with as many decimals as the one that has more; '' where there is no
    margin."""
    if row.margin_low is None or row.margin_high is None:
        return ""
    ends = (row.margin_low, row.margin_high)
    places = max(max(0, -int(end.normalize().as_tuple().exponent)) for end in ends)
    said = [
        number_format(end, decimal_pos=places, use_l10n=True, force_grouping=True) for end in ends
    ]
    return "–".join(said) if row.margin_low >= 0 else " … ".join(said)


def format_number(value: Decimal) -> str:
    """A number as the reader writes it, with the decimals it has."""
    value = value.normalize()
    places = max(0, -int(value.as_tuple().exponent))
    return number_format(value, decimal_pos=places, use_l10n=True, force_grouping=True)


def format_period(row: Observation) -> str:
    """When a figure holds: '2012–2016', 'since 2012', 'as of May 2016'."""
    start, end = format_day(row.period_start), format_day(row.period_end)
    if start and end:
        return start if start == end else f"{start}–{end}"
    if start:
        return _("since %(day)s") % {"day": start}
    if end:
        return _("until %(day)s") % {"day": end}
    if row.as_of:
        return pgettext("of a figure", "as of %(day)s") % {"day": format_day(row.as_of)}
    return ""


def format_day(text: str) -> str:
    """A year, month or day as it is said."""
    parts = [int(part) for part in text.split("-") if part]
    if len(parts) < 2:
        return text
    day = date(parts[0], parts[1], parts[2] if len(parts) > 2 else 1)
    return date_format(day, "DATE_FORMAT" if len(parts) > 2 else "YEAR_MONTH_FORMAT")


def find_rivals(figures: Sequence[ShownFigure]) -> list[list[ShownFigure]]:
    """Figures for the same thing that say something else, group by group. Lines over time are
    none: there one source tells several moments."""
    groups: dict[tuple[str, ...], list[ShownFigure]] = defaultdict(list)
    for figure in figures:
        row = figure.observation
        if row.status != Observation.Status.SUPERSEDED and not figure.is_hidden:
            groups[get_subject(row)].append(figure)
    return [
        group
        for group in groups.values()
        if len({(f.observation.value, f.observation.upper) for f in group}) > 1
        and len({f.observation.source_title for f in group}) > 1
    ]


def do_sources_differ(figures: Sequence[ShownFigure]) -> bool:
    """Whether different sources give different values for the same thing."""
    return bool(find_rivals(figures))


def name_area(code: str, language: str) -> str:
    """The name of an economy, a group of economies, or the whole world."""
    return _("World") if code == WORLD else get_vocabulary().area_name(code, language)


def get_subject(row: Observation) -> tuple[str, ...]:
    """Whom a figure is about, whatever the day and the source."""
    return row.area, row.group, row.sex, row.age


def get_observation(viewer: Viewer, reference: str) -> Observation | None:
    """A figure by its reference, also one that was superseded or taken back; None when the
    viewer cannot see its series or there is none. One query either way."""
    return get_observations(viewer, [reference]).get(reference)


def get_observations(viewer: Viewer, references: Collection[str]) -> dict[str, Observation]:
    """Those of the named figures whose series the viewer sees, by reference, in one query."""
    visible = Series.objects.visible_to(viewer)
    rows = Observation.objects.filter(
        reference__in=references, series_id__in=visible.values("pk")
    ).select_related("series", "superseded_by")
    return {row.reference: row for row in rows}


def get_latest(observation: Observation) -> Observation:
    """What stands in the place of a figure today: itself, or the last that superseded it."""
    seen = {observation.pk}
    while (later := observation.superseded_by) is not None and later.pk not in seen:
        seen.add(later.pk)
        observation = later
    return observation


@dataclass(frozen=True, slots=True)
class DescribedFigure:
    """A figure as a text quotes it: everything that must come along, in the reader's language.

    `whole` is 'more than 875 people'. `number` is for drawing; None where it may not be
    shown. `superseded_by` and `is_withdrawn` say that it stands no more.
    """

    reference: str
    series: str
    title: str
    url: str
    marking: str
    qualifier: str
    value: str
    unit: str
    whole: str
    number: Decimal | None
    upper: Decimal | None
    area: str
    who: str
    period: str
    as_of: str
    edition: str
    status: str
    source_title: str
    source_url: str
    source_page: str
    note: str
    superseded_by: str
    is_withdrawn: bool
    margin: str = ""

    @property
    def is_standing(self) -> bool:
        """Whether it may still be quoted as the newest."""
        return not self.superseded_by and not self.is_withdrawn


def describe(observation: Observation, language: str) -> DescribedFigure:
    """Everything to be said with a figure (from `get_observation`), in the active language."""
    return describe_all([observation], language)[observation.reference]


def describe_all(rows: Collection[Observation], language: str) -> dict[str, DescribedFigure]:
    """The same for several, by reference, in as many queries as for one."""
    series = list({row.series_id: row.series for row in rows}.values())
    titles = {item.reference: item.title for item in show(series, language)}
    by_pk = {row.pk: row for row in series}
    return {
        figure.observation.reference: _describe(figure, by_pk[figure.observation.series_id], titles)
        for figure in show_figures(rows, series, language)
    }


def _describe(shown: ShownFigure, series: Series, titles: Mapping[str, str]) -> DescribedFigure:
    row = shown.observation
    return DescribedFigure(
        reference=row.reference,
        series=series.reference,
        title=titles[series.reference],
        url=series.get_absolute_url(),
        marking=series.marking,
        qualifier=shown.qualifier,
        value=shown.value,
        unit=shown.unit,
        whole=shown.whole,
        number=row.value,
        upper=row.upper,
        area=shown.area,
        who=shown.who,
        period=shown.period,
        as_of=format_day(row.as_of or row.period_end),
        edition=row.edition,
        status=shown.status,
        source_title=row.source_title,
        source_url=row.source_url,
        source_page=row.source_page,
        note=row.note,
        superseded_by="" if row.superseded_by is None else row.superseded_by.reference,
        is_withdrawn=row.withdrawn_at is not None,
        margin=shown.margin,
    )
