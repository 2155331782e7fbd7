"""What search reads of a series: the figures that stand, as every reader of it sees them."""

import pytest

from focal.indicators.indexing import read_pages, tell_relatives
from focal.indicators.services import set_observations
from focal.outbox.models import Entry
from focal.search.registry import REREAD
from tests.factories import NOON
from tests.indicators.making import FIGURES, make_series

pytestmark = pytest.mark.django_db


def read(series):
    return "\n".join(page.text for page in read_pages([series.pk])[series.pk])


def test_figures_are_read_with_title_qualifier_and_source(editor):
    series = make_series(editor)

    assert read(series) == (
        "Who left.\n\n"
        "People who left: more than 875 people, South East Europe, 2012–2016. An office.\n\n"
        "People who left: about 1,000 people, South East Europe, as of May 2016. A study."
        " Counts who came back as well. [1000]"
    )


def test_figures_are_read_in_the_language_of_the_series(editor):
    series = make_series(editor, observations=FIGURES[1:], language="de")

    assert "1.000" in read(series)


def test_corrected_figure_is_read_by_its_new_value_and_left_out_until_then(editor):
    series = make_series(editor)
    Entry.objects.all().delete()

    set_observations(
        series=series, observations=[{**FIGURES[0], "value": 888}, FIGURES[1]], by=editor, at=NOON
    )

    assert "888" in read(series)
    assert "875" not in read(series)
    words = Entry.objects.get(consumer="words")
    assert (words.key, words.revokes) == (series.reference, True)


def test_small_count_is_in_no_index_and_relatives_are_read_again(editor):
    row = {**FIGURES[0], "qualifier": "exact", "area": "AL"}
    whole = make_series(editor, key="left", observations=[{**row, "value": 30}])
    part = make_series(
        editor, key="back", title="Came back", part_of="left", observations=[{**row, "value": 3}]
    )
    rest = make_series(
        editor, key="stayed", title="Stayed", part_of="left", observations=[{**row, "value": 27}]
    )
    Entry.objects.all().delete()

    tell_relatives([part.reference])

    assert "3 people" not in read(part)
    assert "27" not in read(rest)
    assert "30 people" in read(whole)
    told = Entry.objects.filter(topic=REREAD, consumer="words").values_list("key", "revokes")
    assert sorted(told) == sorted([(whole.reference, True), (rest.reference, True)])
