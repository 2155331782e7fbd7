"""Series as files: CSV, XLSX, SDMX-CSV 2.0 and SDMX-ML 2.1. Small counts stay protected.

In SDMX a series is an indicator of the dataflow `FOCAL:FIGURES`; what is hidden has no value and
the state 'Q' (missing, suppressed).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from xml.sax.saxutils import quoteattr

from django.conf import settings
from django.utils.translation import gettext as _

from focal.indicators.models import Observation, Series
from focal.indicators.reading import MARGIN
from focal.indicators.selectors import ShownFigure
from focal.kernel.errors import BadInput
from focal.records.finding.export import make_harmless
from focal.vocabulary.names import get_footnote

FORMATS = ("csv", "xlsx", "sdmx-csv", "sdmx-ml")
BYTE_ORDER_MARK = "\ufeff"
FLOW = "FOCAL:FIGURES(1.0)"
NUMBERS = ("value", "upper", "margin_low", "margin_high", "margin_level")
COLUMNS = (
    "qualifier", "value", "upper", *MARGIN, "period_start", "period_end", "as_of", "group",
    "edition", "status", "source_title", "source_url", "source_page", "note", "sex", "age", "rule",
    "is_break", "reference",
)  # fmt: skip
DIMENSIONS = ("INDICATOR", "REF_AREA", "SEX", "AGE", "BREAKDOWN", "SERIES_NO")
ATTRIBUTES = (
    "OBS_STATUS", "UNIT_MEASURE", "QUALIFIER", "VALUE_UPPER", "LOWER_BOUND", "UPPER_BOUND",
    "BOUND_LEVEL", "BOUND_KIND", "PERIOD_START", "TIME_KIND",
    "EDITION", "SOURCE", "SOURCE_URL", "SOURCE_PAGE", "COUNTING_RULE", "COMMENT_OBS", "TITLE",
)  # fmt: skip
STATES = {
    Observation.Status.PROVISIONAL: "P",
    Observation.Status.DISPUTED: "D",
    Observation.Status.FINAL: "A",
    Observation.Status.SUPERSEDED: "D",
}
Figures = Sequence[tuple[Series, Sequence[ShownFigure]]]


def export(figures: Figures, file_format: str, *, language: str, at: datetime) -> bytes:
    """The figures of series in a format; BadInput names those there are."""
    if file_format == "csv":
        return (BYTE_ORDER_MARK + _write_csv(figures, language)).encode()
    if file_format == "xlsx":
        return _write_workbook(figures, language)
    if file_format == "sdmx-csv":
        return _write_sdmx_csv(figures).encode()
    if file_format == "sdmx-ml":
        return _write_sdmx_ml(figures, at).encode()
    raise BadInput(
        _("'%(name)s' is no format. There are: %(known)s.")
        % {"name": file_format, "known": ", ".join(FORMATS)}
    )


HEAD = (
    "series", "key", "marking", "unit", "area", "area_name", *COLUMNS, "protection", "address",
)  # fmt: skip


def _list_rows(figures: Figures) -> list[list[str]]:
    return [
        [
            series.title, series.key, series.marking, series.unit, shown.observation.area,
            shown.area, *(_plain(getattr(shown.observation, name)) for name in COLUMNS),
            "not shown" if shown.is_hidden else "shown",
            settings.SITE_ADDRESS.rstrip("/") + series.get_absolute_url(),
        ]
        for series, shown_figures in figures
        for shown in shown_figures
    ]  # fmt: skip


def _write_csv(figures: Figures, language: str) -> str:
    """A row for each figure, and below them the footnote where Kosovo is named."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEAD)
    for row in _list_rows(figures):
        writer.writerow([cell if _is_number(cell) else make_harmless(cell) for cell in row])
    if any(shown.observation.area == "XK" for _series, rows in figures for shown in rows):
        writer.writerow([get_footnote(language)])
    return text.getvalue()


def _write_workbook(figures: Figures, language: str) -> bytes:
    import xlsxwriter  # noqa: PLC0415 -- slow import

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, options)
    sheet, bold = book.add_worksheet("Figures"), book.add_format({"bold": True})
    sheet.write_row(0, 0, HEAD, bold)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(_list_rows(figures), 1):
        for place, cell in enumerate(row):
            if HEAD[place] in NUMBERS and _is_number(cell):
                sheet.write_number(number, place, float(cell))
            else:
                sheet.write_string(number, place, cell)
    about = book.add_worksheet("About")
    lines = [
        line
        for series, _shown in figures
        for line in (
            (series.title, ""), ("", series.counted), ("", series.definition),
            ("", series.population), ("", series.method), ("", series.licence),
        )
        if any(line)
    ]  # fmt: skip
    for number, line in enumerate([*lines, ("", get_footnote(language))]):
        about.write_row(number, 0, line)
    book.close()
    return buffer.getvalue()


def _list_observations(figures: Figures) -> list[dict[str, str]]:
    """Each figure as SDMX names it. Rivals of one place and time are told apart by SERIES_NO."""
    rows = []
    numbers: dict[tuple[str, ...], int] = {}
    for series, shown_figures in figures:
        for shown in shown_figures:
            row = shown.observation
            time = row.as_of or row.period_end or row.period_start
            key = (series.key, row.area, row.sex, row.age, row.group, time)
            numbers[key] = numbers.get(key, 0) + 1
            state = "B" if row.is_break else STATES[Observation.Status(row.status)]
            rows.append(
                {
                    "INDICATOR": series.key,
                    "REF_AREA": row.area,
                    "SEX": row.sex or "_T",
                    "AGE": row.age or "_T",
                    "BREAKDOWN": row.group or "_T",
                    "SERIES_NO": str(numbers[key]),
                    "TIME_PERIOD": time or "_Z",
                    "OBS_VALUE": "" if shown.is_hidden else _plain(row.value),
                    "OBS_STATUS": "Q" if shown.is_hidden else state,
                    "UNIT_MEASURE": series.unit,
                    "QUALIFIER": row.qualifier,
                    "VALUE_UPPER": _plain(row.upper),
                    "LOWER_BOUND": _plain(row.margin_low),
                    "UPPER_BOUND": _plain(row.margin_high),
                    "BOUND_LEVEL": _plain(row.margin_level),
                    "BOUND_KIND": row.margin_kind,
                    "PERIOD_START": row.period_start,
                    "TIME_KIND": "" if row.as_of else "period",
                    "EDITION": row.edition,
                    "SOURCE": row.source_title,
                    "SOURCE_URL": row.source_url,
                    "SOURCE_PAGE": row.source_page,
                    "COUNTING_RULE": row.rule,
                    "COMMENT_OBS": row.note,
                    "TITLE": series.title,
                }
            )
    return rows


def _write_sdmx_csv(figures: Figures) -> str:
    """SDMX-CSV 2.0: what the structure is stands in each row."""
    text = io.StringIO()
    names = (*DIMENSIONS, "TIME_PERIOD", "OBS_VALUE", *ATTRIBUTES)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["STRUCTURE", "STRUCTURE_ID", "ACTION", *names])
    for row in _list_observations(figures):
        cells = [row[n] if n == "OBS_VALUE" else make_harmless(row[n]) for n in names]
        writer.writerow(["dataflow", FLOW, "I", *cells])
    return text.getvalue()


_NAMESPACES = (
    'xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" '
    'xmlns:gen="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/generic" '
    'xmlns:com="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common"'
)


def _write_sdmx_ml(figures: Figures, at: datetime) -> str:
    """SDMX-ML 2.1, GenericData: readable without knowing the structure first."""
    by_series: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in _list_observations(figures):
        by_series.setdefault(tuple(row[name] for name in DIMENSIONS), []).append(row)
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        f"<mes:GenericData {_NAMESPACES}>\n<mes:Header><mes:ID>FOCAL</mes:ID>"
        f"<mes:Test>false</mes:Test><mes:Prepared>{at:%Y-%m-%dT%H:%M:%S}</mes:Prepared>"
        '<mes:Sender id="FOCAL"/>'
        '<mes:Structure structureID="FIGURES" dimensionAtObservation="TIME_PERIOD">'
        '<com:StructureUsage><Ref agencyID="FOCAL" id="FIGURES" version="1.0"/>'
        "</com:StructureUsage></mes:Structure></mes:Header>\n"
        '<mes:DataSet structureRef="FIGURES" action="Information">\n',
    ]
    for key, rows in by_series.items():
        values = "".join(
            f"<gen:Value id={quoteattr(name)} value={_quote(value)}/>"
            for name, value in zip(DIMENSIONS, key, strict=True)
        )
        parts.append(f"<gen:Series><gen:SeriesKey>{values}</gen:SeriesKey>\n")
        parts += [_write_obs(row) for row in rows]
        parts.append("</gen:Series>\n")
    parts.append("</mes:DataSet>\n</mes:GenericData>\n")
    return "".join(parts)


def _write_obs(row: dict[str, str]) -> str:
    value = f"<gen:ObsValue value={_quote(row['OBS_VALUE'])}/>" if row["OBS_VALUE"] else ""
    attributes = "".join(
        f"<gen:Value id={quoteattr(name)} value={_quote(row[name])}/>"
        for name in ATTRIBUTES
        if row[name]
    )
    return (
        f"<gen:Obs><gen:ObsDimension value={_quote(row['TIME_PERIOD'])}/>{value}"
        f"<gen:Attributes>{attributes}</gen:Attributes></gen:Obs>\n"
    )


def _quote(text: str) -> str:
    """An attribute's value; line ends are kept, what XML cannot hold is not."""
    kept = "".join(c for c in text if c.isprintable() or c in "\n\t")
    return quoteattr(kept, {"\n": "&#10;", "\t": "&#9;"})


def _plain(value: object) -> str:
    if value is None or value is False:
        return ""
    return f"{value.normalize():f}" if hasattr(value, "normalize") else str(value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
