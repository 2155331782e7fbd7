"""An editor, a published series, and a briefing that quotes it."""

import pytest

from focal.briefings import services
from focal.records.services import take_step
from focal.sharing.markings import Marking
from tests.factories import NOON, OrganisationFactory, make_viewer
from tests.indicators.making import FIGURES as EXAMPLES
from tests.indicators.making import make_series

# The whole world needs no vocabulary.
FIGURES = [{**row, "area": "world"} for row in EXAMPLES]


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def organisation(db):
    return OrganisationFactory(name="Council of the region")


@pytest.fixture
def editor(organisation):
    return make_viewer(organisation=organisation)


@pytest.fixture
def figures(editor):
    """The series' figures: more than 875 people, about 1,000 people."""
    from focal.indicators.models import Observation

    series = make_series(editor, observations=FIGURES)
    return list(Observation.objects.filter(series_id=series.pk).order_by("position"))


@pytest.fixture
def make(editor, organisation):
    """Makes a published briefing of these blocks."""

    def make_briefing(*blocks, marking=Marking.CLEAR, language="en", **more):
        made = services.create_briefing(
            title="A briefing",
            summary="What it says.",
            template="factsheet",
            language=language,
            owner_organisation=organisation,
            by=editor,
            at=NOON,
            marking=marking,
            blocks=blocks,
            **more,
        )
        take_step(record=made, step="publish", by=editor, at=NOON)
        made.refresh_from_db()
        return made

    return make_briefing


def text(words, marking="", **others):
    """A block of text, in English and whatever else is given."""
    return {
        "kind": "text",
        "marking": marking,
        "texts": {"en": {"text": words}, **{code: {"text": t} for code, t in others.items()}},
    }
