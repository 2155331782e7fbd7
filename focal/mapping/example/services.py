"""Putting the example in, and taking all of it out again."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from focal.audit.services import write_entry
from focal.directory.models import Organisation, OrganisationName
from focal.kernel.errors import BadInput
from focal.mapping import services
from focal.mapping.frames import NodeRow, add_frame
from focal.mapping.models import Frame, Initiative, Need, Response
from focal.outbox.services import emit
from focal.records.models import Record
from focal.records.services import TOPIC, save_translation
from focal.sharing.viewer import Viewer
from focal.vocabulary.models import Concept

FOLDER = Path(__file__).parent
REFERENCE = "examp2erg"  # how the references of the example's organisations begin
FRAME = "example-plan"
MARK = {
    "en": "example", "sq": "shembull", "bs": "primjer", "cnr": "primjer", "hr": "primjer",
    "sr-Latn": "primer", "sr-Cyrl": "пример", "mk": "пример", "bg": "пример", "el": "παράδειγμα",
    "ro": "exemplu", "sl": "primer", "tr": "örnek",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Added:
    """How much was put in, or taken out."""

    organisations: int = 0
    needs: int = 0
    responses: int = 0
    initiatives: int = 0


@transaction.atomic
def add_example(*, at: datetime) -> Added:
    """Put the example in, its days counted from today. BadInput when it is there already."""
    if Frame.objects.filter(key=FRAME).exists():
        raise BadInput(_("The example is there already. Take it out first."))
    organisations = _add_organisations()
    measures = _add_frame(at)
    made: dict[str, str] = {}
    for row in _read("needs"):
        _add(row, "need", _read_need(row), organisations["io"], measures, at)
    for row in _read("responses"):
        _add(row, "response", _read_response(row, at), organisations["io"], measures, at)
    for row in _read("initiatives"):
        content = _read_initiative(row, organisations, made, at)
        owner = organisations[row["lead"]]
        made[row["key"]] = _add(row, "initiative", content, owner, measures, at)
    return count_example()


def count_example() -> Added:
    """How much of the example is there."""
    return Added(
        organisations=Organisation.objects.filter(reference__startswith=REFERENCE).count(),
        needs=_mine(Need).count(),
        responses=_mine(Response).count(),
        initiatives=_mine(Initiative).count(),
    )


@transaction.atomic
def remove_example(*, at: datetime) -> tuple[Added, list[str]]:
    """Take all of it out: what was there, and a sentence for each thing that had to stay."""
    found, kept = count_example(), []
    references = [
        reference
        for model in (Initiative, Need, Response)
        for reference in _mine(model).values_list("reference", flat=True)
    ]
    Initiative._base_manager.filter(is_example=True).update(parent=None)
    Record._base_manager.filter(reference__in=references).delete()
    for reference in references:
        write_entry(
            action="record.deleted",
            target_kind="record",
            target_key=reference,
            actor_key="system:example",
            at=at,
        )
    emit(topic=TOPIC, keys=references, at=at, revokes=True)
    for frame in Frame.objects.filter(is_example=True):
        frame.delete()
    for organisation in Organisation.objects.filter(reference__startswith=REFERENCE):
        try:
            with transaction.atomic():
                organisation.delete()
        except ProtectedError:
            kept.append(_("%s stays: something that is no example belongs to it.") % organisation)
    return found, kept


def _mine(model: type[Any]) -> Any:
    return model.objects.for_system("the example is taken out whole").filter(is_example=True)


def _read(name: str) -> Iterable[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="|", quoting=csv.QUOTE_NONE)


def _add_organisations() -> dict[str, Organisation]:
    kinds = {row.key: row for row in Concept.objects.filter(scheme="organisation-kinds")}
    made = {}
    for number, row in enumerate(_read("organisations")):
        organisation = Organisation.objects.create(
            reference=f"{REFERENCE}{number + 22222}",
            name=row["name"],
            acronym=row["acronym"],
            kind=kinds.get(row["kind"]),
            economy_id=row["economy"] or None,
            description="Example",
        )
        for entry in filter(None, row["other_names"].split(";")):
            language, _colon, name = entry.partition(":")
            OrganisationName.objects.create(organisation=organisation, language=language, name=name)
        made[row["key"]] = organisation
    return made


def _add_frame(at: datetime) -> dict[str, str]:
    rows = [
        NodeRow(
            code=row["code"],
            level=row["level"],
            titles={code: row[code] for code in ("en", "sq", "bs", "mk") if row[code]},
            topics=tuple(row["topics"].split()),
        )
        for row in _read("frame")
    ]
    frame = add_frame(
        key=FRAME,
        edition=str(at.year),
        title="Regional plan of an example",
        acronym="",
        rows=rows,
        actor_key="system:example",
        at=at,
        is_example=True,
    )
    return {node.code: node.reference for node in frame.list_nodes()}


def _add(
    row: dict[str, str],
    kind: str,
    content: dict[str, Any],
    owner: Organisation,
    measures: dict[str, str],
    at: datetime,
) -> str:
    by = Viewer.for_organisation(owner, name="example")
    language = row["language"]
    record = services.create_mapped(
        kind=kind,
        content={
            "title": f"{row['title']} ({MARK[language]})",
            "language": language,
            "economies": row["economies"].split(),
            "topics": row["topics"].split(),
            "target_groups": row["groups"].split(),
            "measures": [measures[code] for code in row["measures"].split()],
            "organisations": [owner.reference],
            "sources": [["Example data of this platform", "", ""]],
            **content,
        },
        owner_organisation=owner,
        by=by,
        at=at,
        marking=row.get("marking", "CLEAR"),
        confirmed=at.date() - timedelta(days=int(row["confirmed"])),
        is_example=True,
        publish=True,
    )
    if row["en"]:
        save_translation(
            record=record,
            language="en",
            title=f"{row['en']} (example)",
            summary="",
            body="",
            by=by,
            at=at,
        )
    return record.reference


def _read_need(row: dict[str, str]) -> dict[str, Any]:
    return {
        "need_type": row["type"],
        "view": row["view"],
        "priority": row["priority"],
        "status": row["status"],
    }


def _read_response(row: dict[str, str], at: datetime) -> dict[str, Any]:
    return {
        "response_type": row["type"],
        "status": row["status"],
        "start_date": _count_months(at, row["start"]),
        "end_date": _count_months(at, row["end"]),
    }


def _read_initiative(
    row: dict[str, str],
    organisations: dict[str, Organisation],
    made: dict[str, str],
    at: datetime,
) -> dict[str, Any]:
    donors = [organisations[key].reference for key in row["donors"].split()]
    start = _count_months(at, row["start"])
    return {
        "summary": row["summary"],
        "prevention_levels": [row["level"]],
        "status": row["status"],
        "start_date": start,
        "end_date": _count_months(at, row["end"]),
        "partners": [
            [organisations[row["lead"]].reference, "lead"],
            *([donor, "donor"] for donor in donors),
        ],
        "funding": _read_money(row["money"], donors, start),
        "economy_shares": _read_pairs(row["shares"]),
        "places": _read_pairs(row["places"]),
        "parent": [made[row["parent"]]] if row["parent"] else [],
        "contact_point": "Example office, prevention@example.org",
    }


def _read_pairs(text: str) -> list[list[str]]:
    return [entry.split(":", 1) for entry in text.split(";") if entry]


def _read_money(text: str, donors: list[str], day: str) -> list[list[str]]:
    """'budget 240000 EUR' shared by the donors, or 'band to_250k'."""
    parts = text.split()
    if parts[0] == "band":
        return [[donors[0], "budget", "", "", parts[1], day]]
    stage, amount, currency = parts
    share = f"{int(amount) / len(donors):.2f}"
    return [[donor, stage, share, currency, "", day] for donor in donors]


def _count_months(at: datetime, offset: str) -> str:
    if not offset:
        return ""
    months = at.year * 12 + at.month - 1 + int(offset)
    return date(months // 12, months % 12 + 1, 1).isoformat()
