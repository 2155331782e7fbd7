"""Who sits where: the places of economies and organisations in formats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from focal.directory.models import FormatChair, FormatMember, Organisation, OrganisationName
from focal.ui.components import Link
from focal.vocabulary.selectors import get_vocabulary
from focal.web.selectors.language import get_interface_language


@dataclass(frozen=True, slots=True)
class Place:
    """An economy's or organisation's place in a format, or a format's with it."""

    label: str
    url: str
    status: str
    since: date | None = None
    until: date | None = None
    is_current: bool = True
    note: str = ""


def name_organisations(organisations: Iterable[Organisation], language: str) -> dict[int, Link]:
    """Organisations by their names in a language, each with its page. One query."""
    found = {item.pk: item for item in organisations}
    names = dict(
        OrganisationName.objects.filter(organisation_id__in=found, language=language)
        .order_by("-pk")
        .values_list("organisation_id", "name")
    )
    return {
        pk: Link(
            names.get(pk) or str(item), reverse("directory:organisation", args=[item.reference])
        )
        for pk, item in found.items()
    }


def make_place(row: FormatMember | FormatChair, names: Mapping[int, Link], *, on: date) -> Place:
    if row.economy_id:
        label = get_vocabulary().economy_name(row.economy_id, get_interface_language())
        link = Link(label, reverse("web:economy", args=[row.economy_id]))
    elif row.organisation_id:
        link = names[row.organisation_id]
    else:
        link = Link(getattr(row, "other", ""), "")
    return Place(
        label=link.label,
        url=link.url,
        status=str(row.get_status_display()) if isinstance(row, FormatMember) else "",
        since=row.since,
        until=row.until,
        is_current=row.is_current(on),
        note=getattr(row, "note", ""),
    )
