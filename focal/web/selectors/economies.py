"""What the page of an economy shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from focal.directory.models import FocalPoint, Format, FormatMember, Organisation
from focal.sharing.viewer import Viewer
from focal.ui.components import Link, Table, Teaser
from focal.vocabulary.selectors import get_vocabulary
from focal.web.selectors.figures import get_figures_of
from focal.web.selectors.language import get_interface_language, make_search_address
from focal.web.selectors.places import Place, name_organisations
from focal.web.selectors.records import about_economy, get_latest_records


@dataclass(frozen=True, slots=True)
class NameRow:
    """A name in a language, perhaps one that no longer holds."""

    language: str
    code: str
    name: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class EconomyPage:
    """What an economy's page shows."""

    code: str
    name: str
    groups: Sequence[str]
    names: Sequence[NameRow]
    former_names: Sequence[NameRow]
    places: Sequence[Place]
    institutions: Sequence[Link]
    organisations: Sequence[Link]
    records: Sequence[Teaser]
    figures: Table | None
    search_url: str


def list_economies() -> list[Link]:
    """All economies by name, each with its page. Asks no query."""
    language = get_interface_language()
    return [
        Link(name, reverse("web:economy", args=[code]))
        for code, name in get_vocabulary().economy_choices(language)
    ]


def get_economy_page(viewer: Viewer, code: str, *, on: date) -> EconomyPage | None:
    """One economy; None when there is none of that code."""
    vocabulary = get_vocabulary()
    entry = vocabulary.economies.get(code)
    if entry is None:
        return None
    language = get_interface_language()
    organisations = list(Organisation.objects.filter(economy_id=code).order_by("name"))
    links = name_organisations(organisations, language)
    speaking = set(
        FocalPoint.objects.current(on)
        .filter(economy_id=code)
        .values_list("person__memberships__organisation_id", flat=True)
    )
    return EconomyPage(
        code=code,
        name=vocabulary.economy_name(code, language),
        groups=[
            group.get_name(language)
            for group in vocabulary.groups.values()
            if code in group.get_members(on)
        ],
        names=_list_names(code, shown=True),
        former_names=_list_names(code, shown=False),
        places=_list_places_of(viewer, code, on=on),
        institutions=[links[item.pk] for item in organisations if item.pk in speaking],
        organisations=[links[item.pk] for item in organisations if item.pk not in speaking],
        records=get_latest_records(viewer, about=about_economy(code), limit=8),
        figures=get_figures_of(viewer, code),
        search_url=make_search_address(economy=code),
    )


def _list_names(code: str, *, shown: bool) -> list[NameRow]:
    vocabulary, language = get_vocabulary(), get_interface_language()
    entry = vocabulary.economies[code]
    star = "*" if entry.asterisk else ""
    return [
        NameRow(
            vocabulary.language_name(name.language, language),
            name.language,
            name.name + star,
            name.until,
        )
        for name in entry.names
        if (name.is_display if shown else name.until is not None)
    ]


def _list_places_of(viewer: Viewer, code: str, *, on: date) -> list[Place]:
    shown = Format.objects.with_members_known_to(viewer.person_id, on=on)
    rows = (
        FormatMember.objects.filter(economy_id=code, format__in=shown)
        .select_related("format")
        .order_by("format__name", "since", "pk")
    )
    return [
        Place(
            label=f"{row.format.name} ({row.format.acronym})"
            if row.format.acronym
            else row.format.name,
            url=reverse("web:format", args=[row.format.slug]),
            status=row.get_status_display(),
            since=row.since,
            until=row.until,
            is_current=row.is_current(on),
        )
        for row in rows
    ]
