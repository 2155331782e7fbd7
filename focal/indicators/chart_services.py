"""Charts that editors make and keep: with their log and outbox entries, or not at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from focal.directory.models import Organisation
from focal.indicators.models import Chart, Series
from focal.kernel.errors import BadInput
from focal.records import services as records
from focal.records.models import Record
from focal.sharing.markings import Marking, is_narrower
from focal.sharing.viewer import Viewer

KIND = "chart"


def create_chart(
    *,
    content: Mapping[str, Any],
    owner_organisation: Organisation,
    by: Viewer,
    at: datetime,
    marking: str = Marking.CLEAR,
    releases: Collection[str] = (),
) -> Chart:
    """A new chart, as a draft. BadInput when it would show more than its series may show."""
    _check(content, marking, by)
    record = records.create_record(
        kind=KIND,
        content=dict(content),
        owner_organisation=owner_organisation,
        by=by,
        at=at,
        marking=marking,
        releases=releases,
    )
    return _reload(record)


def edit_chart(
    *, chart: Chart, content: Mapping[str, Any], base_version: int, by: Viewer, at: datetime
) -> Chart:
    """Change a chart. EditConflict when somebody saved in between."""
    _check(content, chart.marking, by)
    record = records.edit_record(
        record=chart, content=content, base_version=base_version, by=by, at=at
    )
    return _reload(record)


def _reload(record: Record) -> Chart:
    return Chart._base_manager.get(pk=record.pk)


def list_forcing(chart: Chart, viewer: Viewer) -> list[str]:
    """The series that ask for a narrower marking than the chart has, in sentences."""
    return _find_narrower(chart.series_list, chart.marking, viewer)


def _check(content: Mapping[str, Any], marking: str, by: Viewer) -> None:
    """A chart is not for more people than what it shows. Readers are checked once more
    whenever it is drawn; here the editor is told in time."""
    if found := _find_narrower(str(content.get("series_list", "")), marking, by):
        raise BadInput(found[0])


def _find_narrower(names: str, marking: str, viewer: Viewer) -> list[str]:
    drawn = Series.objects.visible_to(viewer).filter(reference__in=names.split()).order_by("pk")
    return [
        _("The series '%(title)s' is marked TLP:%(marking)s: mark the chart so as well.")
        % {"title": series.title, "marking": series.marking}
        for series in drawn
        if is_narrower(series.marking, marking)
    ]
