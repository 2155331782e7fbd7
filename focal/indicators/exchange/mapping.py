"""Which column of a file says what: mappings that are known, and those that somebody writes.

A mapping is JSON, all of it optional:

    {"columns": {"area": "Country Code", "as_of": "Year", "value": "Deaths"},
     "values": ["Deaths", "Wounded"],          columns of values, each a series of its own
     "years": true,                             one column for each year (the World Bank's way)
     "groups": {"151": "Government"},           columns of values, each a group of one series
     "series_column": "Indicator Code", "title_column": "Indicator Name", "unit_column": "Unit",
     "year_in_name": true,                      the file's name says of which year it is
     "fixed": {"source_title": "World Bank", "qualifier": "exact"},
     "series": {"unit": "people", "licence": "CC BY 4.0"},
     "decimal": ","}

Where files of one kind differ, a field of `columns` may name several: the first that is there is
taken. Of `groups` those are taken that are there. A column without a name is '#1', '#2' ... by its
place. Mappings that come along lie in `mappings/` and are known by their names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from focal.indicators.exchange.tables import Sheet
from focal.indicators.reading import FIELDS
from focal.kernel.errors import BadInput

YEAR = re.compile(r"(?:19|20)\d\d(?:\s*\[YR\d{4}\])?")
YEAR_IN_NAME = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
FOLDER = Path(__file__).parent / "mappings"
MOST_BYTES = 2**20  # of a mapping
SDMX = {
    "REF_AREA": "area", "GEO": "area", "COUNTRY": "area", "TIME_PERIOD": "as_of",
    "OBS_VALUE": "value", "SEX": "sex", "AGE": "age", "BREAKDOWN": "group",
    "VALUE_UPPER": "upper", "QUALIFIER": "qualifier", "PERIOD_START": "period_start",
    "EDITION": "edition", "SOURCE": "source_title", "SOURCE_URL": "source_url",
    "SOURCE_PAGE": "source_page", "COMMENT_OBS": "note", "FOCAL_STATUS": "status",
    "LOWER_BOUND": "margin_low", "UPPER_BOUND": "margin_high",
    "BOUND_LEVEL": "margin_level", "BOUND_KIND": "margin_kind",
    "COUNTING_RULE": "rule", "TIME_KIND": "time_kind", "OBS_STATUS": "obs_status",
}  # fmt: skip
WORLD_BANK = {"source_title": "World Bank, World Development Indicators"}


class BadMapping(BadInput):
    """What the columns mean is not known, or said in a way that cannot be used."""


@dataclass(frozen=True, slots=True)
class FileMapping:
    """How the rows of a file become figures."""

    name: str
    columns: Mapping[str, str] = field(default_factory=dict)  # field of a figure: column
    values: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)  # column: name of the group
    series_column: str = ""
    title_column: str = ""
    unit_column: str = ""
    marking_column: str = ""
    year_in_name: bool = False
    fixed: Mapping[str, Any] = field(default_factory=dict)
    series: Mapping[str, str] = field(default_factory=dict)
    decimal: str = ""


def find_mapping(sheet: Sheet, name: str = "") -> FileMapping:
    """The mapping for a file: a file of JSON, one of the known ones, or what its columns tell.
    BadMapping."""
    if name and Path(name).is_file():
        return _read_json(Path(name), sheet)
    known = {"sdmx": _map_sdmx, "worldbank": _map_world_bank, "focal": _map_own}
    written = list_mappings()
    if name in written:
        return _read_json(FOLDER / f"{name}.json", sheet)
    if name:
        if name not in known:
            raise BadMapping(
                _("There is no mapping '%(name)s'. Known are %(known)s, or a file of JSON.")
                % {"name": name, "known": ", ".join([*known, *written])}
            )
        found = known[name](sheet)
        if found is None:
            raise BadMapping(_("The columns of this file are not those of '%s'.") % name)
        return found
    for guess in known.values():
        if (found := guess(sheet)) is not None:
            return found
    raise BadMapping(
        _("It is not clear what the columns mean: %s. Say it in a mapping.")
        % ", ".join(sheet.columns[:12])
    )


def list_mappings() -> list[str]:
    """The names of the mappings that come along, for files whose columns do not explain
    themselves."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def _map_own(sheet: Sheet) -> FileMapping | None:
    """Columns that carry the names of our own export."""
    lower = {column.casefold(): column for column in sheet.columns}
    columns = {name: lower[name] for name in FIELDS if name in lower}
    if not {"area", "value"} <= set(columns):
        return None
    return FileMapping(
        "focal", columns, series_column=lower.get("key", ""), title_column=lower.get("series", ""),
        unit_column=lower.get("unit", ""), marking_column=lower.get("marking", ""),
    )  # fmt: skip


def _map_sdmx(sheet: Sheet) -> FileMapping | None:
    columns: dict[str, str] = {}
    for column in sheet.columns:
        code = column.partition(":")[0].strip().upper()
        if code in SDMX:
            columns.setdefault(SDMX[code], column)
    if not {"area", "value"} <= set(columns):
        return None
    upper = {column.partition(":")[0].strip().upper(): column for column in sheet.columns}
    series = upper.get("INDICATOR") or upper.get("SERIES") or ""
    return FileMapping(
        "sdmx", columns, series_column=series, title_column=upper.get("TITLE", ""),
        unit_column=upper.get("UNIT_MEASURE", ""),
        fixed={"source_title": _name_structure(sheet, upper)},
    )  # fmt: skip


def _name_structure(sheet: Sheet, upper: Mapping[str, str]) -> str:
    column = upper.get("STRUCTURE_ID") or upper.get("DATAFLOW")
    if column and sheet.rows:
        return sheet.rows[0][sheet.columns.index(column)]
    return "SDMX"


def _map_world_bank(sheet: Sheet) -> FileMapping | None:
    """Years as columns (a download of an indicator), or indicators as columns (a topic)."""
    if "Country Code" not in sheet.columns:
        return None
    years = tuple(column for column in sheet.columns if YEAR.fullmatch(column))
    if years and "Indicator Code" in sheet.columns:
        return FileMapping(
            "worldbank", {"area": "Country Code"}, years=years, series_column="Indicator Code",
            title_column="Indicator Name", fixed=WORLD_BANK, series={"licence": "CC BY 4.0"},
        )  # fmt: skip
    if "Year" in sheet.columns:
        others = ("Country Name", "Country Code", "Year")
        values = tuple(c for c in sheet.columns if c not in others and not c.startswith("#"))
        return FileMapping(
            "worldbank", {"area": "Country Code", "as_of": "Year"}, values=values,
            fixed=WORLD_BANK, series={"licence": "CC BY 4.0"},
        )  # fmt: skip
    return None


def _read_json(path: Path, sheet: Sheet) -> FileMapping:
    if path.stat().st_size > MOST_BYTES:
        raise BadMapping(_("%s is no mapping: it is too large.") % path.name)
    try:
        given = json.loads(path.read_text(encoding="utf-8-sig"))
        columns = {
            name: _choose(column, sheet) for name, column in dict(given.get("columns", {})).items()
        }
        groups = given.get("groups", {})
        named_groups = dict(groups) if isinstance(groups, dict) else {name: name for name in groups}
        mapping = FileMapping(
            path.stem,
            columns,
            values=tuple(given.get("values", ())),
            years=tuple(c for c in sheet.columns if YEAR.fullmatch(c))
            if given.get("years")
            else (),
            groups={c: str(name) for c, name in named_groups.items() if c in sheet.columns},
            series_column=given.get("series_column", ""),
            title_column=given.get("title_column", ""),
            unit_column=given.get("unit_column", ""),
            year_in_name=bool(given.get("year_in_name")),
            fixed=dict(given.get("fixed", {})),
            series=dict(given.get("series", {})),
            decimal=given.get("decimal", ""),
        )
    except (ValueError, AttributeError, TypeError, LookupError, RecursionError) as error:
        raise BadMapping(
            _("The mapping %(name)s cannot be read: %(error)s.")
            % {"name": path.name, "error": error}
        ) from None
    _check(mapping, sheet, list(named_groups))
    return mapping


def _choose(column: Any, sheet: Sheet) -> str:
    """Of several names for a column the first that is there."""
    names = [column] if isinstance(column, str) else [str(name) for name in column]
    return next((name for name in names if name in sheet.columns), names[0])


def _check(mapping: FileMapping, sheet: Sheet, groups: list[str]) -> None:
    named = [
        *mapping.columns.values(), *mapping.values, mapping.series_column, mapping.title_column,
        mapping.unit_column, *([] if mapping.groups else groups),
    ]  # fmt: skip
    if missing := [name for name in named if name and name not in sheet.columns]:
        raise BadMapping(
            _("The file has no column '%(name)s'. It has: %(known)s.")
            % {"name": missing[0], "known": ", ".join(sheet.columns[:12])}
        )
    if unknown := sorted((set(mapping.columns) | set(mapping.fixed)) - {*FIELDS, "obs_status"}):
        raise BadMapping(
            _("A figure has no field '%(name)s'. It has: %(known)s.")
            % {"name": unknown[0], "known": ", ".join(FIELDS)}
        )
    if "area" not in mapping.columns and "area" not in mapping.fixed:
        raise BadMapping(_("The mapping does not say which column names the economy (area)."))
    if not (mapping.values or mapping.years or mapping.groups or "value" in mapping.columns):
        raise BadMapping(_("The mapping does not say which column holds the figures (value)."))
