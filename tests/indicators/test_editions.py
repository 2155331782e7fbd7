"""A figure keeps its name for life; a correction supersedes it, and whoever quotes it is told."""

from datetime import timedelta

import pytest

from focal.indicators import selectors, services
from focal.indicators.models import FiguresVersion, Observation
from focal.indicators.reading import BadFigures
from focal.outbox import registry
from focal.outbox.models import Entry
from focal.sharing.markings import Marking
from focal.sharing.viewer import ANONYMOUS
from tests.factories import NOON
from tests.indicators.making import FIGURES, make_series

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=1)


@pytest.fixture
def told(monkeypatch):
    """A consumer of corrected figures, and the keys that wait for it."""
    monkeypatch.setattr(registry, "_consumers", dict(registry._consumers))
    registry.register(
        registry.Consumer("quoting", frozenset({services.OBSERVATIONS}), lambda keys: None)
    )
    return lambda: list(
        Entry.objects.filter(consumer="quoting").order_by("id").values_list("key", flat=True)
    )


def read(series):
    return [
        {"reference": row.reference, **services.describe_plainly(row)}
        for row in Observation.objects.standing().filter(series_id=series.pk).in_order()
    ]


def test_mended_note_keeps_the_figure_and_tells_nobody(editor, told):
    series = make_series(editor)
    figures = read(series)
    figures[0]["note"] = "Counted by the police."

    services.set_observations(series=series, observations=figures, by=editor, at=LATER)

    assert [row["reference"] for row in read(series)] == [row["reference"] for row in figures]
    assert Observation.objects.count() == 2
    assert told() == []


def test_corrected_value_supersedes_the_old_figure_and_tells_who_quotes_it(editor, told):
    series = make_series(editor)
    figures = read(series)
    old = figures[0]["reference"]
    figures[0]["value"] = 890

    services.set_observations(series=series, observations=figures, by=editor, at=LATER)

    before = selectors.get_observation(ANONYMOUS, old)
    after = selectors.get_latest(before)
    assert (before.value, before.superseded_at, before.is_standing) == (875, LATER, False)
    assert (after.value, after.is_standing, after.is_headline) == (890, True, True)
    assert [row["value"] for row in read(series)] == ["890", "1000"]
    assert told() == [old]
    described = selectors.describe(before, "en")
    assert (described.whole, described.superseded_by) == ("more than 875 people", after.reference)


def test_figure_that_is_left_out_is_taken_back_and_can_come_back_as_itself(editor, told):
    series = make_series(editor)
    figures = read(series)

    services.set_observations(series=series, observations=figures[:1], by=editor, at=LATER)
    gone = selectors.get_observation(ANONYMOUS, figures[1]["reference"])
    services.set_observations(series=series, observations=figures, by=editor, at=LATER)

    assert selectors.describe(gone, "en").is_withdrawn
    assert [row["reference"] for row in read(series)] == [row["reference"] for row in figures]
    assert told() == [figures[1]["reference"]]


def test_figures_of_a_draft_are_simply_changed(editor):
    from focal.directory.models import Organisation

    series = services.create_series(
        key="draft",
        content={"title": "A draft", "unit": "people", "counted": "x"},
        observations=FIGURES,
        owner_organisation=Organisation.objects.get(pk=min(editor.writes_for)),
        by=editor,
        at=NOON,
    )
    reference = read(series)[0]["reference"]

    services.set_observations(
        series=series,
        observations=[{**FIGURES[0], "value": 5, "reference": reference}],
        by=editor,
        at=LATER,
    )

    assert [(row.reference, row.value) for row in Observation.objects.all()] == [(reference, 5)]


def test_rivals_keep_their_names_when_one_is_corrected_without_naming_it(editor):
    rivals = [{**FIGURES[1], "value": value, "note": ""} for value in (1000, 1100)]
    series = make_series(editor, observations=rivals)
    kept = read(series)[1]["reference"]

    services.set_observations(
        series=series, observations=[{**rivals[0], "value": 990}, rivals[1]], by=editor, at=LATER
    )

    assert [row["value"] for row in read(series)] == ["990", "1100"]
    assert read(series)[1]["reference"] == kept


def test_every_version_can_be_restored(editor):
    series = make_series(editor)
    services.set_observations(series=series, observations=FIGURES[:1], by=editor, at=LATER)
    assert [version.number for version in FiguresVersion.objects.order_by("number")] == [1, 2]

    services.restore_figures(series=series, number=1, by=editor, at=LATER)

    assert [row["value"] for row in read(series)] == ["875", "1000"]
    assert FiguresVersion.objects.get(number=3).note == "Version 1 restored"


def test_two_editors_do_not_overwrite_each_other(editor):
    series = make_series(editor)
    services.set_observations(
        series=series, observations=FIGURES[:1], by=editor, at=LATER, base_version=1
    )

    with pytest.raises(services.FiguresChangedMeanwhile, match="Somebody else saved"):
        services.set_observations(
            series=series, observations=[], by=editor, at=LATER, base_version=1
        )
    assert [row["value"] for row in read(series)] == ["875"]


def test_all_cells_that_cannot_be_used_are_named_at_once(editor):
    with pytest.raises(BadFigures) as refusal:
        make_series(
            editor,
            observations=[
                {"area": "AL", "value": "101", "source_title": "A"},
                {"area": "ZZ", "value": "many", "source_title": ""},
                {"area": "AL", "value": "101", "source_title": "A"},
            ],
            unit="%",
            measure="share",
        )

    assert [(problem.row, problem.field) for problem in refusal.value.problems] == [
        (0, "value"),
        (1, "area"),
        (1, "value"),
        (1, "source_title"),
        (2, "value"),
        (2, "area"),
    ]
    assert Observation.objects.count() == 0


def test_figure_of_a_restricted_series_is_not_there_for_others(editor):
    series = make_series(editor, marking=Marking.GREEN)
    reference = read(series)[0]["reference"]

    assert selectors.get_observation(ANONYMOUS, reference) is None
    assert selectors.get_observation(editor, reference).value == 875


def test_description_says_everything_that_must_come_along(editor):
    series = make_series(editor)
    figure = selectors.get_observation(ANONYMOUS, read(series)[0]["reference"])

    described = selectors.describe(figure, "en")

    assert (described.whole, described.period, described.as_of) == (
        "more than 875 people",
        "2012–2016",
        "2016",
    )
    assert (described.source_title, described.source_page, described.area) == (
        "An office",
        "4",
        "South East Europe",
    )
    assert described.url == f"/figures/{series.reference}/"
