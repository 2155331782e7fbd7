"""The report of a cycle: needs mapping or response mapping, and what changed since the last.

A cycle is what records name as theirs ('2025-2026'), or a year: then everything that holds in it. A
statement stood in the cycle before when it named it then (its history tells), when it replaces one
that did, or when it held in the year before.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from focal.mapping.models import Need, Response
from focal.mapping.selectors import list_mapped
from focal.records.finding.shown import ShownRecord, show
from focal.records.models import Version
from focal.sharing.markings import Marking, is_narrower
from focal.sharing.viewer import Viewer
from focal.ui.charts.drawing import FONTS
from focal.vocabulary.names import get_footnote
from focal.vocabulary.selectors import get_vocabulary

KINDS = {"need": Need, "response": Response}
WATCHED = ("priority", "status", "need_type", "response_type", "view", "title", "end_date")
TEMPLATE = Path(__file__).parent / "data" / "cycle.typ"


@dataclass(frozen=True, slots=True)
class Line:
    """One need or response in the report."""

    shown: ShownRecord
    record: Any
    economies: str
    measures: str
    kind_label: str
    status: str
    priority: str
    is_stale: bool
    change: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A cycle, ready to be shown or written."""

    kind: str
    cycle: str
    before: str
    lines: tuple[Line, ...]
    new: tuple[Line, ...]
    changed: tuple[Line, ...]
    gone: tuple[Line, ...]
    by_economy: tuple[tuple[str, int, int], ...]
    marking: str


def list_cycles(viewer: Viewer, kind: str, *, today: date) -> list[str]:
    """The cycles that visible records name, and the last three years; the newest first."""
    named = set(
        list_mapped(viewer, kind).exclude(cycle="").values_list("cycle", flat=True).distinct()
    )
    return sorted(named | {str(today.year - back) for back in range(3)}, reverse=True)


def make_report(viewer: Viewer, kind: str, cycle: str, *, language: str, today: date) -> Report:
    """The report of a cycle as the viewer may see it."""
    cycles = list_cycles(viewer, kind, today=today)
    same_sort = [one for one in cycles if _is_year(one) == _is_year(cycle) and one < cycle]
    before = str(int(cycle) - 1) if _is_year(cycle) else (same_sort[0] if same_sort else "")
    rows = list(
        list_mapped(viewer, kind)
        .select_related("owner_organisation", "supersedes")
        .prefetch_related("economies", "measures")
        .order_by("pk")
    )
    history = _read_history([row.pk for row in rows], before) if before else {}
    now = [row for row in rows if _belongs(row, cycle)]
    then = {row.pk for row in rows if before and (_belongs(row, before) or row.pk in history)}
    replaced = {row.supersedes_id for row in now if row.supersedes_id}
    gone = [row for row in rows if row.pk in then and row not in now and row.pk not in replaced]
    shown = dict(zip((row.pk for row in rows), show(rows, language), strict=True))
    old = {row.pk: row for row in rows}

    def line(row: Any, change: str = "") -> Line:
        return _make_line(row, shown[row.pk], language, today, change)

    new, changed, lines = [], [], []
    for row in now:
        stood = row.pk in then or (row.supersedes_id in then)
        past = history.get(row.pk) or _as_content(old.get(row.supersedes_id))
        change = _say_change(row, past) if stood and past else ""
        made = line(row, change)
        lines.append(made)
        if not stood and before:
            new.append(made)
        elif change:
            changed.append(made)
    return Report(
        kind=kind,
        cycle=cycle,
        before=before,
        lines=tuple(sorted(lines, key=lambda one: (one.economies, one.shown.title.casefold()))),
        new=tuple(new),
        changed=tuple(changed),
        gone=tuple(line(row) for row in gone),
        by_economy=_count_economies(now, language, today),
        marking=_widest_marking([*now, *gone]),
    )


def _is_year(cycle: str) -> bool:
    return len(cycle) == 4 and cycle.isascii() and cycle.isdigit()


def _belongs(row: Any, cycle: str) -> bool:
    if row.cycle == cycle:
        return True
    if not _is_year(cycle):
        return False
    first, last = date(int(cycle), 1, 1), date(int(cycle), 12, 31)
    starts = row.start_date or row.created_at.date()
    return starts <= last and (row.end_date is None or row.end_date >= first)


def _read_history(ids: Sequence[int], cycle: str) -> dict[int, dict[str, Any]]:
    """How records stood when they last belonged to a named cycle."""
    if _is_year(cycle):
        return {}
    found: dict[int, dict[str, Any]] = {}
    versions = Version.objects.filter(record_id__in=ids, content__cycle=cycle)
    for version in versions.order_by("number"):
        found[version.record_id] = version.content
    return found


def _as_content(row: Any) -> dict[str, Any]:
    if row is None:
        return {}
    return {name: _plain(getattr(row, name)) for name in WATCHED if hasattr(row, name)}


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _say_change(row: Any, past: dict[str, Any]) -> str:
    said = []
    for name in WATCHED:
        if name not in past or not hasattr(row, name):
            continue
        before, now = str(past[name] or ""), _plain(getattr(row, name))
        if before != now:
            field = row._meta.get_field(name)
            words = dict(field.flatchoices)
            said.append(
                _("%(what)s: %(before)s → %(now)s")
                % {
                    "what": str(field.verbose_name),
                    "before": str(words.get(before, before)) or "–",
                    "now": str(words.get(now, now)) or "–",
                }
            )
    return "; ".join(said)


def _make_line(row: Any, shown: ShownRecord, language: str, today: date, change: str) -> Line:
    vocabulary = get_vocabulary()
    say_kind = row.get_need_type_display if row.kind == "need" else row.get_response_type_display
    return Line(
        shown=shown,
        record=row,
        economies=", ".join(vocabulary.economy_name(code, language) for code in shown.economies),
        measures="; ".join(
            f"{node.code} {node.get_title(language)}" for node in row.measures.all()
        ),
        kind_label=str(say_kind()),
        status=str(row.get_status_display()),
        priority=str(row.get_priority_display()) if row.kind == "need" else "",
        is_stale=row.is_stale(today),
        change=change,
    )


def _count_economies(
    rows: Sequence[Any], language: str, today: date
) -> tuple[tuple[str, int, int], ...]:
    """Each economy with how many of these it has, and how many are past their date."""
    counted = {code: [0, 0] for code, _name in get_vocabulary().economy_choices(language)}
    for row in rows:
        for economy in row.economies.all():
            numbers = counted.setdefault(economy.pk, [0, 0])
            numbers[0] += 1
            numbers[1] += row.is_stale(today)
    names = get_vocabulary()
    return tuple(
        (names.economy_name(code, language), number, stale)
        for code, (number, stale) in counted.items()
    )


def _widest_marking(rows: Sequence[Any]) -> str:
    """The narrowest marking of what is inside: a report is as closed as its most closed line."""
    marking = str(Marking.CLEAR)
    for row in rows:
        if is_narrower(row.marking, marking):
            marking = row.marking
    return marking


def name_report(report: Report) -> str:
    """'Needs mapping 2025-2026'."""
    name = _("Needs mapping") if report.kind == "need" else _("Response mapping")
    return f"{name} {report.cycle}"


# Files


def _heads(report: Report) -> list[str]:
    priority = [_("Priority")] if report.kind == "need" else []
    return [_("Economy"), _("What"), _("Kind"), *priority, _("Status"), _("Measures"),
            _("Confirmed"), _("Change"), _("Marking")]  # fmt: skip


def _cells(report: Report, line: Line) -> list[str]:
    confirmed = line.record.last_confirmed_date
    day = date_format(confirmed, "SHORT_DATE_FORMAT") if confirmed else ""
    if line.is_stale:
        day = f"{day} ({_('past its date')})".strip()
    priority = [line.priority] if report.kind == "need" else []
    return [line.economies, line.shown.title, line.kind_label, *priority, line.status,
            line.measures, day, line.change, f"TLP:{line.shown.marking}"]  # fmt: skip


def list_parts(report: Report) -> list[tuple[str, Sequence[Line]]]:
    """The parts of the report with their headings; what changed first."""
    parts: list[tuple[str, Sequence[Line]]] = []
    if report.before:
        since = {"cycle": report.before}
        parts = [
            (_("New since %(cycle)s") % since, report.new),
            (_("Changed since %(cycle)s") % since, report.changed),
            (_("No longer there since %(cycle)s") % since, report.gone),
        ]
    return [*parts, (_("All of this cycle"), report.lines)]


def write_book(report: Report, language: str) -> bytes:
    """The report as a workbook, a sheet for each part."""
    import xlsxwriter  # noqa: PLC0415 -- slow import

    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    made = datetime.combine(timezone.localdate(), time())  # the day is enough, and stays the same
    book.set_properties({"title": name_report(report), "created": made})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    names = ("New", "Changed", "Gone", "All") if report.before else ("All",)
    for name, (title, lines) in zip(names, list_parts(report), strict=True):
        sheet = book.add_worksheet(name)
        sheet.write(0, 0, f"{name_report(report)} · {title} · TLP:{report.marking}", head)
        for column, text in enumerate(_heads(report)):
            sheet.write(1, column, text, head)
        for place, line in enumerate(lines, 2):
            for column, text in enumerate(_cells(report, line)):
                sheet.write_string(place, column, text, wrapped)
        sheet.write_string(len(lines) + 3, 0, get_footnote(language))
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 50)
        sheet.set_column(2, 9, 20)
        sheet.freeze_panes(2, 0)
    book.close()
    return target.getvalue()


def write_pdf(report: Report, language: str) -> bytes:
    """The report on paper: tagged PDF, in the platform's type."""
    import typst  # noqa: PLC0415 -- slow import

    data = {
        "title": name_report(report),
        "marking": f"TLP:{report.marking}",
        "made": date_format(timezone.localtime(), "DATETIME_FORMAT"),
        "heads": _heads(report),
        "economies": [[name, str(number), str(stale)] for name, number, stale in report.by_economy],
        "economy_heads": [_("Economy"), _("Recorded"), _("Past their date")],
        "overview": _("Overview"),
        "none": _("None."),
        "parts": [
            {"title": title, "rows": [_cells(report, line) for line in lines]}
            for title, lines in list_parts(report)
        ],
        "footnote": get_footnote(language),
        "language": language.partition("-")[0],
    }
    return bytes(
        typst.compile(  # type: ignore[misc]
            TEMPLATE.read_bytes(),
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        )
    )
