"""A series of figures to try things on."""

from focal.directory.models import Organisation
from focal.indicators import services
from focal.records.services import take_step
from focal.sharing.markings import Marking
from tests.factories import NOON

OFFICE = {"source_title": "An office", "source_url": "https://example.org/a", "source_page": "4"}
FIGURES = [
    {
        "area": "SEE",
        "value": 875,
        "qualifier": "more_than",
        "period_start": "2012",
        "period_end": "2016",
        "is_headline": True,
        **OFFICE,
    },
    {
        "area": "SEE",
        "value": "1000",
        "qualifier": "about",
        "as_of": "2016-05",
        "source_title": "A study",
        "note": "Counts who came back as well.",
    },
]


def make_series(
    editor, *, key="people-who-left", marking=Marking.CLEAR, observations=FIGURES, **more
):
    series = services.create_series(
        key=key,
        content={"title": "People who left", "unit": "people", "counted": "Who left", **more},
        observations=observations,
        owner_organisation=Organisation.objects.get(pk=min(editor.writes_for)),
        by=editor,
        at=NOON,
        marking=marking,
    )
    take_step(record=series, step="publish", by=editor, at=NOON)
    series.refresh_from_db()
    return series
