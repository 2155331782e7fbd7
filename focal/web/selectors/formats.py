"""What the page of a format shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F, QuerySet

from focal.directory.models import Format, FormatChair, FormatMember
from focal.sharing.viewer import Viewer
from focal.ui.components import Link
from focal.vocabulary.collation import get_sort_key
from focal.web.selectors.language import get_interface_language
from focal.web.selectors.places import Place, make_place, name_organisations


@dataclass(frozen=True, slots=True)
class FormatPage:
    """What a format's page shows."""

    format: Format
    members: Sequence[tuple[str, Sequence[Place]]]
    former: Sequence[Place]
    chairs: Sequence[Place]
    current_chair: str
    hides_members: bool
    sources: Sequence[Link]


def get_leading_formats(viewer: Viewer, *, on: date, limit: int = 6) -> QuerySet[Format]:
    """Those entered first: the starter content begins with the ones of this field."""
    return list_formats(viewer, on=on).order_by("pk")[:limit]


def list_formats(viewer: Viewer, *, on: date) -> QuerySet[Format]:
    """The formats that the viewer may know of, by name."""
    return Format.objects.known_to(viewer.person_id, on=on).order_by("name", "pk")


def get_format_page(viewer: Viewer, slug: str, *, on: date) -> FormatPage | None:
    """One format with its dated members and chairs; None when there is none for the viewer."""
    body = Format.objects.known_to(viewer.person_id, on=on).filter(slug=slug).first()
    if body is None:
        return None
    shown = Format.objects.with_members_known_to(viewer.person_id, on=on).filter(pk=body.pk)
    members: list[FormatMember] = list(
        FormatMember.objects.filter(format__in=shown).select_related("organisation").order_by("pk")
    )
    chairmanships: list[FormatChair] = list(
        FormatChair.objects.filter(format__in=shown)
        .select_related("organisation")
        .order_by(F("since").desc(nulls_last=True), "-pk")
    )
    organisations = [row.organisation for row in members if row.organisation]
    organisations += [row.organisation for row in chairmanships if row.organisation]
    language = get_interface_language()
    names = name_organisations(organisations, language)
    places = [make_place(row, names, on=on) for row in members]
    current = sorted(
        (place for place in places if place.is_current),
        key=lambda place: get_sort_key(place.label, language),
    )
    chairs = [make_place(row, names, on=on) for row in chairmanships]
    statuses = [str(label) for label in FormatMember.Status.labels]
    return FormatPage(
        format=body,
        members=[
            (status, [place for place in current if place.status == status])
            for status in statuses
            if any(place.status == status for place in current)
        ],
        former=[place for place in places if not place.is_current],
        chairs=chairs,
        current_chair=next((chair.label for chair in chairs if chair.is_current), ""),
        hides_members=body.hides_members,
        sources=[_make_source(source) for source in body.sources],
    )


def _make_source(source: object) -> Link:
    if isinstance(source, dict):
        url = str(source.get("url", ""))
        return Link(str(source.get("title") or url), url)
    return Link(str(source), str(source) if str(source).startswith("http") else "")
