"""Starter content: what a fresh installation shows, brought in from the data files.

It can run any number of times. What is there already is left as it is, so that what people
have changed here stays.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from focal.briefings.starter import load_first_briefing
from focal.directory.models import (
    Format,
    FormatChair,
    FormatMember,
    Organisation,
    OrganisationName,
)
from focal.indicators import services as indicators
from focal.kernel.ids import ALPHABET, LENGTH
from focal.records import services as records
from focal.records.models import Record
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer
from focal.vocabulary.models import Concept
from focal.vocabulary.services import load_vocabulary
from focal.web.statements import get_statements

STARTER = Path(__file__).parent / "starter"


def load_starter(*, at: datetime) -> None:
    """Load vocabulary, organisations, formats, figures and records that are not there yet."""
    load_vocabulary(at)
    with transaction.atomic():
        known = load_organisations()
        load_formats(known)
    secretariat = Organisation.objects.filter(is_secretariat=True).order_by("pk").first()
    if secretariat is None:
        return
    by = Viewer.for_organisation(secretariat, name="starter")
    for row in _read("figures")["series"]:
        load_series(row, owner=secretariat, by=by, at=at)
    for row in sorted(_read("records")["records"], key=lambda row: row["kind"] == "toolkit"):
        load_record(row, known=known, owner=secretariat, by=by, at=at)
    load_first_briefing(
        _read("briefing"),
        statements={
            section.key: (section.title, [statement.text for statement in section.statements])
            for section in get_statements()
        },
        owner=secretariat,
        by=by,
        at=at,
        make_reference=make_reference,
    )


def _read(name: str) -> dict[str, Any]:
    return json.loads((STARTER / f"{name}.json").read_text())


def make_reference(key: str) -> str:
    """The reference of a starter record: the same in every installation."""
    number = int.from_bytes(hashlib.sha256(f"starter:{key}".encode()).digest(), "big")
    letters = []
    for _place in range(LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[rest])
    return "".join(letters)


def load_organisations() -> dict[str, Organisation]:
    """Organisations by acronym and by name, after adding those that are missing."""
    known: dict[str, Organisation] = {}
    kinds = {c.key: c for c in Concept.objects.filter(scheme="organisation-kinds")}
    for row in _read("organisations")["organisations"]:
        organisation, is_new = Organisation.objects.get_or_create(
            name=row["name"],
            defaults={
                "reference": make_reference(f"organisation:{row['name']}"),
                "acronym": row["acronym"],
                "kind": kinds.get(row["kind"]),
                "economy_id": row["economy"] or None,
                "description": row["description"],
                "website": row["website"],
                "source_url": row["source_url"],
                "is_secretariat": row["is_secretariat"],
            },
        )
        if is_new:
            OrganisationName.objects.bulk_create(
                OrganisationName(organisation=organisation, language=language, name=name)
                for language, name in row["names"].items()
            )
        known[row["name"]] = organisation
        if row["acronym"]:
            known.setdefault(row["acronym"], organisation)
    return known


def load_formats(known: dict[str, Organisation]) -> None:
    """Formats with their members and chairs, those that are missing."""
    for row in _read("formats")["formats"]:
        body, is_new = Format.objects.get_or_create(
            slug=row["slug"],
            defaults={
                "name": row["name"],
                "acronym": row["acronym"],
                "description": row["description"],
                "rhythm": row["rhythm"],
                "website": row["website"],
                "sources": row["sources"],
            },
        )
        if not is_new:
            continue
        FormatMember.objects.bulk_create(
            FormatMember(
                format=body, other=member["other"], status=member["status"], **_party(member, known)
            )
            for member in row["members"]
        )
        FormatChair.objects.bulk_create(
            FormatChair(format=body, note=chair.get("note", ""), **_party(chair, known))
            for chair in row["chairs"]
        )


def _party(row: dict[str, str], known: dict[str, Organisation]) -> dict[str, Any]:
    return {
        "economy_id": row.get("economy") or None,
        "organisation": known[row["organisation"]] if row.get("organisation") else None,
        "since": _read_day(row.get("since", "")),
        "until": _read_day(row.get("until", "")),
    }


def _read_day(text: str) -> date | None:
    """A day; a year alone stands for its first day."""
    if not text:
        return None
    return date.fromisoformat(text if len(text) == 10 else f"{text}-01-01"[:10])


@transaction.atomic
def load_series(row: dict[str, Any], *, owner: Organisation, by: Viewer, at: datetime) -> None:
    """A series of figures, published, unless it is there."""
    if indicators.find_series(row["key"]) is not None:
        return
    observations = [
        {
            **{name: value for name, value in observation.items() if name != "source"},
            "source_title": _name_source(observation["source"]),
            "source_url": observation["source"]["url"],
            "source_page": observation["source"]["page"],
        }
        for observation in row["observations"]
    ]
    content = {
        name: row[name]
        for name in (
            "language",
            "title",
            "summary",
            "unit",
            "counted",
            "population",
            "method",
            "issued_date",
            "economies",
            "topics",
        )
    }
    series = indicators.create_series(
        key=row["key"],
        content=content,
        observations=observations,
        owner_organisation=owner,
        by=by,
        at=at,
        marking=Marking.CLEAR,
        reference=make_reference(f"series:{row['key']}"),
    )
    records.take_step(record=series, step="publish", by=by, at=at)


def _name_source(source: dict[str, Any]) -> str:
    parts = (source["publisher"], source["title"], str(source["year"] or ""))
    return ", ".join(part for part in parts if part)


@transaction.atomic
def load_record(
    row: dict[str, Any],
    *,
    known: dict[str, Organisation],
    owner: Organisation,
    by: Viewer,
    at: datetime,
) -> None:
    """A record with its translations, published, unless it is there or was withdrawn."""
    reference = make_reference(f"record:{row['key']}")
    everything = Record.objects.for_system("starter content is not brought in twice")
    if everything.filter(reference=reference).exists():
        return
    content = {
        **row["fields"],
        "language": row["language"],
        "title": row["title"],
        "summary": row["summary"],
        "body": row["body"],
        "issued_date": row["issued_date"],
        "economies": row["economies"],
        "topics": row["topics"],
        "target_groups": row["target_groups"],
        "organisations": [known[name].reference for name in row["organisations"]],
        "sources": [[s["title"], s["url"], s["note"]] for s in row["sources"]],
        "items": [
            [make_reference(f"record:{item['record']}"), item["note"]] for item in row["items"]
        ],
    }
    record = records.create_record(
        kind=row["kind"],
        content=content,
        owner_organisation=owner,
        by=by,
        at=at,
        reference=reference,
    )
    for translation in row["translations"]:
        records.save_translation(record=record, by=by, at=at, **translation)
    records.take_step(record=record, step="publish", by=by, at=at)
