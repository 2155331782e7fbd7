"""Parts as a page lays them out: sections under headings, key figures side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from focal.briefings.rendering import Part
from focal.ui.charts import ChartFigure, fit_to_page
from focal.ui.components import Column, Figure, Table


@dataclass(slots=True)
class Section:
    """What stands under one heading. `groups` are parts, key figures in a row together."""

    title: str = ""
    key: str = ""
    language: str = ""
    marking: str = ""
    needs_check: bool = False
    groups: list[dict[str, Any]] = field(default_factory=list)


def gather_sections(parts: Sequence[Part]) -> list[Section]:
    """Sections in their order; what stands before the first heading has one without a title."""
    sections = [Section()]
    for part in parts:
        if part.kind == "heading":
            sections.append(
                Section(
                    part.values.get("text", ""),
                    part.id,
                    part.language,
                    part.marking,
                    part.needs_check,
                )
            )
            continue
        groups = sections[-1].groups
        if part.kind == "figure" and groups and groups[-1]["kind"] == "figures":
            groups[-1]["figures"].append(_make_figure(part))
        elif part.kind == "figure":
            groups.append({"kind": "figures", "figures": [_make_figure(part)]})
        else:
            groups.append(_make_group(part))
    return [section for section in sections if section.title or section.groups]


def name_counted(part: Part) -> str:
    """What a key figure counts, and where, unless that says so already."""
    label, area = str(part.values.get("label", "")), str(part.figures[0]["area"])
    is_said = area.casefold() in label.casefold()
    return label if is_said else ", ".join(filter(None, (label, area)))


def say_origin(figure: Mapping[str, Any]) -> str:
    """How far an estimate may be off, when a figure holds and who says so, in one line."""
    page = figure["source_page"] and _("p. %(page)s") % {"page": figure["source_page"]}
    source = ", ".join(filter(None, (figure["source_title"], page)))
    margin = figure.get("margin", "")  # older editions have none
    return " · ".join(filter(None, (margin, figure["period"], source)))


def group_origins(part: Part) -> list[tuple[str, list[dict[str, Any]]]]:
    """The figures in the sentences of a part, by when they hold and who says so."""
    groups: dict[str, dict[str, dict[str, Any]]] = {}
    for figure in part.figures:
        groups.setdefault(say_origin(figure), {}).setdefault(figure["whole"], figure)
    return [(origin, list(figures.values())) for origin, figures in groups.items()]


def _make_figure(part: Part) -> dict[str, Any]:
    figure = part.figures[0]
    return {
        "figure": Figure(
            value=figure["value"],
            qualifier=figure["qualifier"],
            unit=figure["unit"],
            what=name_counted(part),
            url=figure["url"],
            period=" · ".join(filter(None, (figure.get("margin", ""), figure["period"]))),
            source=figure["source_title"],
            source_url=figure["source_url"],
            page=figure["source_page"],
            note=figure["note"],
        ),
        "part": part,
    }


def _make_group(part: Part) -> dict[str, Any]:
    group: dict[str, Any] = {"kind": part.kind, "part": part, "origins": group_origins(part)}
    if part.kind == "chart":
        group["chart"] = ChartFigure(
            key=part.id,
            title=part.values["title"],
            svg=fit_to_page(part.values["svg"]),
            svg_narrow=_fit_narrow(part),
            summary=part.values["summary"],
            table=_make_table(part),
            notes=part.values["notes"],
            source=part.values["source"],
            subtitle=part.values.get("caption") or part.values.get("subtitle", ""),
            level=3,
        )
    if part.kind == "coverage" and part.values["rows"]:
        group["table"] = _make_table(part)
    if part.kind == "people":
        group["lines"] = part.values.get("lines", "").splitlines()
    return group


def _fit_narrow(part: Part) -> str:
    narrow = part.values.get("svg_narrow", "")  # older editions have none
    return fit_to_page(narrow) if narrow else ""


def _make_table(part: Part) -> Table:
    names = part.values["columns"]
    numbers = part.values.get("numbers", [False] * len(names))  # older editions have none
    columns = [Column(name, is_number=is_one) for name, is_one in zip(names, numbers, strict=True)]
    return Table(part.values.get("title", ""), columns, part.values["rows"], is_caption_hidden=True)
