"""Series for tests, brought to a state through the services."""

from focal.indicators.models import Series
from focal.indicators.services import create_series
from focal.records.services import take_step
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer
from tests.factories import NOON, STEPS_TO, OrganisationFactory, make_viewer

FIGURE = {
    "area": "WB6",
    "value": "1000",
    "qualifier": "about",
    "period_start": "2012",
    "period_end": "2017",
    "edition": "first edition",
    "is_headline": True,
    "source_title": "A study",
    "source_url": "https://example.org/study",
    "source_page": "7",
}


def make_series(
    key: str,
    observations: list[dict],
    *,
    unit: str = "people",
    marking: str = Marking.CLEAR,
    state: str = "published",
    organisation=None,
    by: Viewer | None = None,
) -> Series:
    """A series with its figures."""
    organisation = organisation or OrganisationFactory()
    by = by or make_viewer(organisation=organisation)
    series = create_series(
        key=key,
        content={
            "title": "People who travelled",
            "language": "en",
            "unit": unit,
            "counted": "What is counted, in full",
        },
        observations=observations,
        owner_organisation=organisation,
        by=by,
        at=NOON,
        marking=marking,
    )
    for step in STEPS_TO[state]:
        take_step(record=series, step=step, by=by, at=NOON, reason="Because.")
    return series
