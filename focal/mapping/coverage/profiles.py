"""One organisation and one economy in the mapping, as far as a viewer sees it.

An organisation: what it pays for, leads or takes part in, beside whom, and which gaps lie within
its themes. An economy: its needs, its responses, and what others support there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from django.urls import reverse

from focal.directory.models import Organisation
from focal.mapping.coverage import pictures, words
from focal.mapping.coverage.cube import Cube, Flags
from focal.mapping.coverage.facts import INITIATIVE, KINDS
from focal.mapping.coverage.matrix import count, get_own_euro
from focal.mapping.coverage.question import Asked, prepare, read_question
from focal.mapping.coverage.rules import Reading
from focal.mapping.models import Initiative, InitiativeFunding, InitiativePartner
from focal.mapping.selectors import MODELS, MappedRow, list_mapped, show_rows
from focal.records.finding.shown import only_for_lists
from focal.sharing.viewer import Viewer
from focal.ui.components import Link

MOST = 60
URGENT = (Reading.GAP, Reading.OPPORTUNITY, Reading.THIN)


@dataclass(frozen=True, slots=True)
class Opening:
    """A cell within an organisation's themes that waits for somebody."""

    economy: str
    node: str
    reading: str
    sign: str
    css: str
    sentence: str
    url: str


@dataclass(frozen=True, slots=True)
class Beside:
    """Another organisation that supports the same, and how often."""

    organisation: Organisation
    together: int
    same_cells: int


@dataclass(frozen=True, slots=True)
class Part:
    """What an organisation does in one part: it pays, leads, carries out, takes part."""

    key: str
    rows: Sequence[MappedRow]
    more: int


def show_organisation(
    viewer: Viewer, organisation: Organisation, *, language: str, today: date
) -> dict[str, Any]:
    """The organisation's page in the mapping."""
    question = read_question({}, today=today)
    asked = prepare(question, viewer=viewer, language=language, today=today)
    parts = [
        _list_part(viewer, role, ids, language, today)
        for role, ids in _find_parts(viewer, organisation).items()
    ]
    funded = _find_funded(asked.cube, asked.visible, organisation.pk)
    return {
        "organisation": organisation,
        "parts": [part for part in parts if part.rows],
        "number": int(funded.sum()),
        "money": words.say_euro(float(get_own_euro(asked.cube, asked.visible)[funded].sum())),
        "beside": _list_beside(asked, funded, organisation.pk),
        "openings": _list_openings(asked, funded),
        "asked": asked,
    }


def _find_parts(viewer: Viewer, organisation: Organisation) -> dict[str, set[int]]:
    visible = Initiative.objects.visible_to(viewer).values("pk")
    parts: dict[str, set[int]] = {role: set() for role in InitiativePartner.Role.values}
    for pk, role in InitiativePartner.objects.filter(
        organisation=organisation, initiative__in=visible
    ).values_list("initiative_id", "role"):
        parts[role].add(pk)
    parts[InitiativePartner.Role.DONOR].update(
        InitiativeFunding.objects.filter(donor=organisation, initiative__in=visible).values_list(
            "initiative_id", flat=True
        )
    )
    return parts


def _list_part(viewer: Viewer, role: str, ids: set[int], language: str, today: date) -> Part:
    rows = list_mapped(viewer, "initiative").filter(pk__in=sorted(ids)[:5000]).defer("body")
    found = list(rows.order_by("-start_date", "-pk")[:MOST])
    return Part(role, show_rows(found, language, on=today), max(0, len(ids) - MOST))


def _find_funded(cube: Cube, visible: Flags, organisation: int) -> Flags:
    """Initiatives that the viewer sees and the organisation pays for (or leads, unpaid)."""
    numbers = [
        number
        for number, funders in enumerate(cube.names["funders"].names)
        if organisation in funders
    ]
    kind = cube.columns["kind"] == KINDS.index(INITIATIVE)
    funded: Flags = visible & kind & np.isin(cube.columns["funders"], numbers)
    return funded


def _get_nodes(asked: Asked, records: Flags) -> set[int]:
    """The places in the tree that these records serve, the leaves alone."""
    tags = asked.cube.tags[asked.question.by]
    names = asked.cube.names[asked.question.by].names
    keys = {names[tag] for tag in np.unique(tags.tag[records[tags.record]]).tolist()}
    return {place for key, place in asked.axis.places.items() if key in keys}


def _list_beside(asked: Asked, funded: Flags, organisation: int) -> list[Beside]:
    """Who else pays for the same initiatives, or for others at the same measure and economy."""
    cube = asked.cube
    together: Counter[int] = Counter()
    for number in cube.columns["funders"][funded].tolist():
        together.update(cube.names["funders"].names[number] - {organisation})
    near: Counter[int] = Counter()
    cells = _get_cells(asked, funded)
    others = asked.visible & ~funded & (cube.columns["kind"] == KINDS.index(INITIATIVE))
    for number, cell in _iterate_cells(asked, others):
        if cell in cells:
            near.update(cube.names["funders"].names[number])
    ids = {*together, *near}
    known = Organisation.objects.in_bulk(ids)
    rows = [Beside(known[pk], together[pk], near[pk]) for pk in ids if pk in known]
    rows.sort(key=lambda row: (-row.together, -row.same_cells, row.organisation.name))
    return rows[:20]


def _iterate_cells(asked: Asked, records: Flags) -> list[tuple[int, tuple[int, int]]]:
    cube = asked.cube
    tags, economies = cube.tags[asked.question.by], cube.tags["economy"]
    of_record: dict[int, list[int]] = {}
    chosen = records[economies.record]
    pairs = zip(economies.record[chosen].tolist(), economies.tag[chosen].tolist(), strict=True)
    for record, economy in pairs:
        of_record.setdefault(record, []).append(economy)
    chosen = records[tags.record]
    return [
        (int(cube.columns["funders"][record]), (economy, tag))
        for record, tag in zip(tags.record[chosen].tolist(), tags.tag[chosen].tolist(), strict=True)
        for economy in of_record.get(record, ())
    ]


def _get_cells(asked: Asked, records: Flags) -> set[tuple[int, int]]:
    return {cell for _funders, cell in _iterate_cells(asked, records)}


def _list_openings(asked: Asked, funded: Flags) -> list[Opening]:
    """Gaps, opportunities and thin places at what the organisation supports already."""
    places = sorted(_get_nodes(asked, funded) & asked.axis.leaves)
    return list_openings(asked, places)[:24]


def list_openings(
    asked: Asked, places: Sequence[int], readings: Sequence[Reading] = URGENT
) -> list[Opening]:
    """The cells of these rows that say one of these things, the most urgent first."""
    codes = [code for code, _name in asked.economies]
    matrix = count(
        asked.cube, asked.visible, asked.axis, asked.filters, economies=codes, rows=places
    )
    query = replace(asked.question, economies=(), within="").to_query()
    address = reverse("mapping:coverage_cell")
    found = [
        (
            list(Reading).index(cell.reading),
            -cell.numbers.needs,
            Opening(
                economy=name,
                node=matrix.get_row(number).name,
                reading=str(cell.reading.label),
                sign=pictures.SIGNS[cell.reading],
                css=f"is-{cell.reading.value}",
                sentence=words.say_numbers(cell.numbers),
                url=f"{address}?{query}&economy={code}&node={matrix.get_row(number).slug}",
            ),
        )
        for number, line in enumerate(matrix.cells)
        for (code, name), cell in zip(asked.economies, line, strict=True)
        if cell.reading in readings
    ]
    return [opening for _urgency, _needs, opening in sorted(found, key=lambda row: row[:2])]


def show_economy(viewer: Viewer, code: str, *, language: str, today: date) -> dict[str, Any]:
    """The economy's three mappings, and what its cells say."""
    question = read_question({}, [code], today=today)
    asked = prepare(question, viewer=viewer, language=language, today=today)
    groups = []
    for kind in MODELS:
        rows = only_for_lists(list_mapped(viewer, kind).filter(economies=code))
        number = rows.count()
        found = list(rows.order_by("-updated_at", "-pk")[:MOST])
        groups.append(Part(kind, show_rows(found, language, on=today), max(0, number - MOST)))
    leaves = sorted(asked.axis.leaves)
    return {
        "code": code,
        "name": dict(asked.economies).get(code, code),
        "groups": groups,
        "openings": list_openings(asked, leaves)[:40],
        "coverage_url": f"{reverse('mapping:coverage')}?{question.to_query()}",
        "period": question.period_name,
    }


def list_donors(viewer: Viewer, *, language: str, today: date) -> list[tuple[Organisation, Link]]:
    """Every organisation that pays for something the viewer sees, with how many initiatives."""
    asked = prepare(read_question({}, today=today), viewer=viewer, language=language, today=today)
    counts: Counter[int] = Counter()
    kind = asked.cube.columns["kind"] == KINDS.index(INITIATIVE)
    for number in asked.cube.columns["funders"][asked.visible & kind].tolist():
        counts.update(asked.cube.names["funders"].names[number])
    known = Organisation.objects.in_bulk(list(counts))
    rows = [
        (row, Link(str(row), reverse("mapping:organisation", args=[row.reference]), count=n))
        for pk, n in counts.items()
        if (row := known.get(pk)) is not None
    ]
    return sorted(rows, key=lambda row: (-(row[1].count or 0), row[0].name.casefold()))
