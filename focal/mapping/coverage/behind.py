"""What stands behind a cell: the records counted in it, and the organisations to turn to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from focal.directory.models import Organisation
from focal.mapping.coverage import pictures, words
from focal.mapping.coverage.matrix import Cell, get_grid, tell_codes
from focal.mapping.coverage.question import Asked
from focal.mapping.coverage.rules import RULES
from focal.mapping.models import InitiativeFunding, InitiativePartner
from focal.mapping.selectors import MODELS, MappedRow, list_mapped, show_rows
from focal.records.finding.shown import only_for_lists
from focal.sharing.viewer import ANONYMOUS, Viewer

MOST = 100  # records of a kind that a page lists


@dataclass(frozen=True, slots=True)
class Group:
    """The records of one kind in a cell."""

    kind: str
    rows: Sequence[MappedRow]
    more: int


@dataclass(slots=True)
class Contact:
    """An organisation behind the records, what it is there, and how it can be reached."""

    organisation: Organisation
    roles: list[str] = field(default_factory=list)
    records: list[MappedRow] = field(default_factory=list)
    offices: list[str] = field(default_factory=list)


def find_references(asked: Asked, place: int, economy: str) -> list[str]:
    """References of the records that count in a cell, in no order that tells anything."""
    codes = tell_codes(asked.cube, asked.visible, asked.filters)
    grid = get_grid(asked.cube, asked.axis)
    number = asked.cube.names["economy"].find(economy)
    there = (grid.economy == number) & (grid.node == place) & (codes[grid.record] > 0)
    return sorted(asked.cube.columns["reference"][np.unique(grid.record[there])].tolist())


def show_cell(viewer: Viewer, asked: Asked, place: int, language: str) -> dict[str, Any]:
    """The records behind a cell, as the viewer may see them now, and their organisations."""
    code, name = asked.economies[0]
    eyes = ANONYMOUS if asked.question.public else viewer
    references = find_references(asked, place, code)
    groups = [_list_group(eyes, kind, references, language, asked) for kind in MODELS]
    cell = _find_cell(asked, place)
    rule = next(rule for rule in RULES if rule.reading == cell.reading)
    return {
        "cell": cell,
        "sentence": words.say_numbers(cell.numbers),
        "money": words.say_euro(cell.euro),
        "sign": pictures.SIGNS[cell.reading],
        "css": f"is-{cell.reading.value}",
        "rule": rule,
        "economy_code": code,
        "economy_name": name,
        "node": asked.axis.rows[place],
        "above": [asked.axis.rows[upper] for upper in asked.axis.rows[place].above],
        "groups": groups,
        "contacts": _list_contacts([row for group in groups for row in group.rows]),
    }


def _find_cell(asked: Asked, place: int) -> Cell:
    matrix = asked.count()
    if place in matrix.rows:
        return matrix.cells[matrix.rows.index(place)][0]
    return replace(asked, rows=tuple(range(len(asked.axis.rows)))).count().cells[place][0]


def _list_group(
    viewer: Viewer, kind: str, references: Sequence[str], language: str, asked: Asked
) -> Group:
    # An index holds a few thousand references at most; a cell never holds more than it shows.
    rows = only_for_lists(list_mapped(viewer, kind).filter(reference__in=references[:5000]))
    found = list(
        rows.select_related("owner_organisation").order_by("-updated_at", "-pk")[: MOST + 1]
    )
    more = rows.count() - MOST if len(found) > MOST else 0
    shown = show_rows(found[:MOST], language, on=asked.filters.today)
    return Group(kind, shown, more)


def _list_contacts(rows: Sequence[MappedRow]) -> list[Contact]:
    """Who stands behind these records and as what; who is named most often first."""
    contacts: dict[int, Contact] = {}
    by_record = {row.record.pk: row for row in rows}
    named: dict[int, list[tuple[Organisation, str]]] = defaultdict(list)
    for partner in (
        InitiativePartner.objects.filter(initiative_id__in=by_record)
        .select_related("organisation")
        .order_by("pk")
    ):
        named[partner.initiative_id].append(
            (partner.organisation, str(InitiativePartner.Role(partner.role).label))
        )
    donor = str(InitiativePartner.Role.DONOR.label)
    for funding in (
        InitiativeFunding.objects.filter(initiative_id__in=by_record, donor__isnull=False)
        .select_related("donor")
        .order_by("pk")
    ):
        if funding.donor is not None:
            named[funding.initiative_id].append((funding.donor, donor))
    for pk, row in by_record.items():
        for organisation, role in [(row.record.owner_organisation, ""), *named[pk]]:
            contact = contacts.setdefault(organisation.pk, Contact(organisation))
            if role and role not in contact.roles:
                contact.roles.append(role)
            if row not in contact.records:
                contact.records.append(row)
            office = getattr(row.record, "contact_point", "")
            is_its_own = not role or role == str(InitiativePartner.Role.LEAD.label)
            if office and is_its_own and office not in contact.offices:
                contact.offices.append(office)
    return sorted(
        contacts.values(), key=lambda c: (-len(c.records), c.organisation.name.casefold())
    )
