"""A file of figures into series: read whole, judged whole, then written or not, series by series.

Figures that stand already and are not in the file keep standing. Rows of places outside the
region and cells without a value are left out and counted; a cell that cannot be used stops
its series.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from focal.directory.models import Organisation
from focal.indicators import services
from focal.indicators.checking import check_facts
from focal.indicators.exchange.mapping import YEAR_IN_NAME, FileMapping, find_mapping
from focal.indicators.exchange.tables import Sheet, read_file
from focal.indicators.models import Observation, Series
from focal.indicators.naming import find_area, find_former
from focal.indicators.reading import (
    DAYS,
    OTHER_NUMBERS,
    BadFigures,
    describe_plainly,
    get_said,
    get_sameness,
    read_figures,
)
from focal.kernel.errors import BadInput, Refused
from focal.records.second_eyes import may_change_at_once
from focal.records.services import require
from focal.sharing import policy
from focal.sharing.markings import Marking, find_narrowest
from focal.sharing.viewer import Viewer
from focal.vocabulary.selectors import get_vocabulary

NOTHING = frozenset({"", "..", "...", ":", "-", "–", "n/a", "na", "nan", "null", "none", "…"})
FOREIGN, EMPTY = "places outside the region", "cells without a value"
SDMX_STATUS = {"P": "provisional", "E": "provisional", "F": "provisional"}
SDMX_SEX = {"_T": "", "T": "", "_Z": "", "TOTAL": "", "F": "F", "M": "M"}
SDMX_UNIT = {
    "PS": "people", "PERS": "people", "PERSONS": "people", "PT": "%", "PC": "%", "PERCENT": "%",
}  # fmt: skip
SDMX_TOTAL = frozenset({"_T", "_Z", "TOTAL", "T"})
PERIOD = re.compile(r"(\d{4})-?Q([1-4])|(\d{4})M(\d{2})|(\d{4})-S([12])")
BRACKETS = re.compile(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*$")


@dataclass(slots=True)
class SeriesOutcome:
    """What became of one series of a file."""

    key: str
    title: str
    is_new: bool
    figures: int = 0
    added: int = 0
    changed: int = 0
    warnings: list[str] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    reference: str = ""


@dataclass(slots=True)
class Report:
    """What became of a file."""

    file: str
    mapping: str
    dry_run: bool
    series: list[SeriesOutcome] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def has_problems(self) -> bool:
        """Whether something in the file could not be used."""
        return any(outcome.problems for outcome in self.series)

    @property
    def says_left_out(self) -> list[tuple[str, int]]:
        """What was left out, in the reader's language."""
        words = {FOREIGN: _("Places outside the region"), EMPTY: _("Cells without a value")}
        return [(str(words[what]), count) for what, count in self.left_out.items()]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self) | {"has_problems": self.has_problems}


@dataclass(slots=True)
class _Draft:
    key: str
    title: str
    unit: str = ""  # what the file says of it; '' where it does not
    marking: str = ""
    figures: list[dict[str, Any]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    def sort(self) -> None:
        """Economy by economy as the vocabulary has them, then others, each in time."""
        places = {code: at for at, code in enumerate(get_vocabulary().economies)}

        def rank(pair: tuple[dict[str, Any], int]) -> tuple[Any, ...]:
            figure = pair[0]
            said = [str(figure.get(name, "")) for name in ("group", "sex", "age", *DAYS)]
            return places.get(figure["area"], len(places)), figure["area"], *said

        pairs = sorted(zip(self.figures, self.rows, strict=True), key=rank)
        self.figures = [figure for figure, _row in pairs]
        self.rows = [row for _figure, row in pairs]


def import_series(
    *,
    path: Path,
    owner: Organisation,
    by: Viewer,
    at: datetime,
    mapping: str = "",
    dry_run: bool = False,
    only: Collection[str] = (),
    publish: bool = False,
    marking: str = Marking.CLEAR,
    most: int | None = None,
) -> Report:
    """Bring a file in, new series as drafts under that marking. BadInput where the file itself
    cannot be used, or has more than `most` figures; what is wrong with single cells stands in the
    report, and then nothing of that series was written."""
    sheet = read_file(path)
    chosen = find_mapping(sheet, mapping)
    chosen = replace(chosen, decimal=chosen.decimal or sheet.decimal)
    if chosen.year_in_name:
        chosen = replace(chosen, fixed={**chosen.fixed, "as_of": _find_year(path.name)})
    report = Report(path.name, chosen.name, dry_run)
    drafts = [draft for draft in _make_drafts(sheet, chosen, report) if _is_wanted(draft, only)]
    count = sum(len(draft.figures) for draft in drafts)
    if most is not None and count > most and not dry_run:
        raise BadInput(
            _("These are %(count)s figures, and at most %(most)s can be brought at once. Choose"
              " some of the series by their name.")
            % {"count": count, "most": most}
        )  # fmt: skip
    for draft in drafts:
        report.series.append(
            _bring(
                draft, chosen, owner=owner, by=by, at=at, dry_run=dry_run, publish=publish,
                marking=marking,
            )
        )  # fmt: skip
    if not report.series:
        raise BadInput(_("No figure of the region's economies was found in %s.") % path.name)
    return report


def _find_year(name: str) -> str:
    if found := YEAR_IN_NAME.search(name):
        return found[0]
    raise BadInput(_("The name of the file should say of which year it is: %s does not.") % name)


def _is_wanted(draft: _Draft, only: Collection[str]) -> bool:
    name = (draft.key + draft.title).casefold()
    return not only or any(word.casefold() in name for word in only)


def _make_drafts(sheet: Sheet, mapping: FileMapping, report: Report) -> list[_Draft]:
    drafts: dict[str, _Draft] = {}
    left_out: Counter[str] = Counter()
    former: Counter[str] = Counter()
    place = {column: at for at, column in enumerate(sheet.columns)}
    numbered = enumerate(sheet.rows, sheet.first_row)
    for number, row in filter(lambda pair: any(pair[1]), numbered):
        area_text = _read(row, place, mapping, "area")
        area = find_area(area_text)
        if not area and not _is_foreign(area_text, mapping):
            area = area_text  # a code that should be known: the reader says so
        elif not area:
            left_out[FOREIGN] += 1
            continue
        for _name, code in find_former(area_text):
            former[f"{area_text.strip()} ({code or '?'})"] += 1
        for key, title, more, value in _split(row, place, mapping):
            if value.strip().casefold() in NOTHING:
                left_out[EMPTY] += 1
                continue
            if key not in drafts:
                drafts[key] = _start_draft(key, title, row, place, mapping)
            draft = drafts[key]
            draft.figures.append(_make_figure(row, place, mapping, area, value) | more)
            draft.rows.append(number)
    if mapping.name != "focal":  # ours are in the order that their editor gave them
        for draft in drafts.values():
            draft.sort()
    report.left_out = dict(left_out)
    report.warnings = [_("'%s' is a name of former days.") % name for name in former]
    return list(drafts.values())


def _start_draft(
    key: str, title: str, row: list[str], place: Mapping[str, int], mapping: FileMapping
) -> _Draft:
    unit, marking = (
        row[place[column]] if column else ""
        for column in (mapping.unit_column, mapping.marking_column)
    )
    return _Draft(key, title, _read_unit(unit), marking)


def _is_foreign(text: str, mapping: FileMapping) -> bool:
    """Whether a place may be left out: files of others hold the whole world."""
    return mapping.name != "focal" or not text


def _split(
    row: list[str], place: Mapping[str, int], mapping: FileMapping
) -> list[tuple[str, str, dict[str, str], str]]:
    """(key, title, what its column says of it, value) of every value in a row."""
    if mapping.values:
        return [
            (_make_key(column), _clean_title(column), {}, row[place[column]])
            for column in mapping.values
        ]
    title = row[place[mapping.title_column]] if mapping.title_column else ""
    code = row[place[mapping.series_column]] if mapping.series_column else ""
    title = title or code or str(mapping.series.get("title") or "") or _("Figures")
    key = _make_key(code or title)
    if mapping.groups:
        return [
            (key, title, {"group": name}, row[place[column]])
            for column, name in mapping.groups.items()
        ]
    if mapping.years:
        return [(key, title, {"as_of": column[:4]}, row[place[column]]) for column in mapping.years]
    return [(key, title, {}, _read(row, place, mapping, "value"))]


def _read_unit(text: str) -> str:
    """The unit that a file names, some by the codes of SDMX."""
    text = text.strip()[:60]
    return SDMX_UNIT.get(text.upper(), text)


def _make_key(text: str) -> str:
    return slugify(_clean_title(text).replace(".", "-"))[:80].strip("-") or "figures"


def _clean_title(text: str) -> str:
    return text.removeprefix("average_value_").strip()


def _read(row: list[str], place: Mapping[str, int], mapping: FileMapping, name: str) -> str:
    column = mapping.columns.get(name)
    return row[place[column]].strip() if column else str(mapping.fixed.get(name, ""))


def _make_figure(
    row: list[str],
    place: Mapping[str, int],
    mapping: FileMapping,
    area: str,
    value: str,
) -> dict[str, Any]:
    figure: dict[str, Any] = dict(mapping.fixed)
    for name, column in mapping.columns.items():
        figure[name] = row[place[column]].strip()
    figure |= {"area": area, "value": _read_value(value, mapping)}
    for name in OTHER_NUMBERS:
        if figure.get(name):
            text = str(figure[name]).strip()
            figure[name] = "" if text.casefold() in NOTHING else _read_value(text, mapping)
    for name in ("as_of", "period_start", "period_end"):
        if figure.get(name):
            figure[name] = _read_period(str(figure[name]))
    _translate_sdmx(figure)
    for name in ("is_headline", "is_break"):
        if name in figure:
            figure[name] = str(figure[name]).casefold() in ("true", "1", "yes", "on")
    return {name: part for name, part in figure.items() if part != ""}


def _translate_sdmx(figure: dict[str, Any]) -> None:
    """The codes that SDMX uses for totals, sexes and states of a figure."""
    status = str(figure.pop("obs_status", ""))
    if status in SDMX_STATUS:
        figure.setdefault("status", SDMX_STATUS[status])
    if status == "B":
        figure["is_break"] = True
    if figure.pop("time_kind", "") == "period" and "as_of" in figure:
        figure["period_end"] = figure.pop("as_of")
    if "sex" in figure:
        figure["sex"] = SDMX_SEX.get(str(figure["sex"]).upper(), figure["sex"])
    for name in ("age", "group"):
        if str(figure.get(name, "")).upper() in SDMX_TOTAL:
            figure[name] = ""


def _read_value(text: str, mapping: FileMapping) -> str:
    text = text.strip().replace("\u00a0", "").replace("\u202f", "")
    if mapping.decimal == ",":
        return text.replace(".", "").replace(" ", "").replace(",", ".")
    return text.replace(" ", "")


def _read_period(text: str) -> str:
    found = PERIOD.fullmatch(text)
    if found is None:
        return text
    if found[1]:
        return f"{found[1]}-{int(found[2]) * 3:02d}"
    if found[3]:
        return f"{found[3]}-{found[4]}"
    return f"{found[5]}-{int(found[6]) * 6:02d}"


def _bring(
    draft: _Draft,
    mapping: FileMapping,
    *,
    owner: Organisation,
    by: Viewer,
    at: datetime,
    dry_run: bool,
    publish: bool,
    marking: str,
) -> SeriesOutcome:
    series = services.find_series(draft.key)
    if series is not None and not Series.objects.visible_to(by).filter(pk=series.pk).exists():
        raise BadInput(_("There is a series '%s' already.") % draft.key)
    outcome = SeriesOutcome(draft.key, draft.title, series is None, len(draft.figures))
    unit = _find_unit(draft, mapping)
    target = series or Series(unit=unit, measure="")
    if draft.marking in Marking.values:  # never for more than those it came from
        marking = find_narrowest([marking, draft.marking])
    try:
        require(
            may_change_at_once(by, series)
            if series is not None
            else policy.may_create(by, owner.pk)
        )
        rows = read_figures(target, draft.figures)
        outcome.warnings = [
            f"{warning.rule_label}: {warning.sentence}" for warning in check_facts(target, rows)
        ]
        if series is not None and draft.unit and unit.casefold() != series.unit.casefold():
            outcome.warnings.append(
                _("The file says '%(unit)s', the series '%(own)s'.")
                % {"unit": unit, "own": series.unit}
            )
        _count(outcome, series, rows)
        if not dry_run:
            with transaction.atomic():
                written = _write(
                    draft, series, mapping, owner=owner, by=by, at=at, publish=publish,
                    marking=marking,
                )  # fmt: skip
            outcome.reference = written.reference
    except BadFigures as refused:
        outcome.problems = [
            {
                "row": draft.rows[problem.row],
                "column": mapping.columns.get(problem.field, problem.field),
                "sentence": problem.sentence,
            }
            for problem in refused.problems[:100]
        ]
    except (BadInput, Refused) as refusal:
        outcome.problems = [{"row": 0, "column": "", "sentence": str(refusal)}]
    return outcome


def _find_unit(draft: _Draft, mapping: FileMapping) -> str:
    if unit := mapping.series.get("unit"):
        return unit
    if draft.unit:
        return draft.unit
    brackets = BRACKETS.search(draft.title)
    unit = brackets[1] if brackets else ""
    return "%" if unit.startswith("%") else (unit[:60] or "number")


def _count(outcome: SeriesOutcome, series: Series | None, rows: list[Observation]) -> None:
    standing = (
        Observation.objects.standing().filter(series_id=series.pk) if series is not None else []
    )
    values = defaultdict(list)
    for row in standing:
        values[get_sameness(row)].append(get_said(row))
    for row in rows:
        known = values.get(get_sameness(row))
        if known is None:
            outcome.added += 1
        elif get_said(row) not in known:
            outcome.changed += 1


def _write(
    draft: _Draft,
    series: Series | None,
    mapping: FileMapping,
    *,
    owner: Organisation,
    by: Viewer,
    at: datetime,
    publish: bool,
    marking: str,
) -> Series:
    if series is None:
        economies = {figure["area"] for figure in draft.figures} & set(get_vocabulary().economies)
        content = {
            "unit": _find_unit(draft, mapping),
            "counted": draft.title,
            "economies": sorted(economies),
            **mapping.series,
            "title": draft.title,
        }
        series = services.create_series(
            key=draft.key,
            content=content,
            observations=draft.figures,
            owner_organisation=owner,
            by=by,
            at=at,
            marking=marking,
        )
        if publish:
            services.publish_series(series=series, by=by, at=at)
        return series
    services.set_observations(
        series=series,
        observations=_merge(series, draft.figures),
        by=by,
        at=at,
        base_version=series.figures_version,
        note=_("From a file"),
    )
    return series


def _merge(series: Series, figures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The figures that stand, with those of the file in place of what they are the same as."""
    fresh = {get_sameness(row): at for at, row in enumerate(read_figures(series, figures))}
    standing = list(Observation.objects.standing().filter(series_id=series.pk).in_order())
    merged, used = [], set()
    for row in standing:
        at = fresh.get(get_sameness(row))
        if at is None or at in used:
            merged.append(describe_plainly(row))
            continue
        used.add(at)
        merged.append({**describe_plainly(row), **figures[at]})
    return merged + [figure for at, figure in enumerate(figures) if at not in used]
