"""Figures: each as what it is, rivals side by side, changes logged, nothing for the wrong eyes."""

import csv
import io

import pytest

from focal.audit.models import Entry
from focal.indicators import selectors, services
from focal.indicators.models import Observation
from focal.kernel.errors import BadInput, Refused
from focal.sharing.markings import Marking
from tests.factories import NOON, OrganisationFactory, make_viewer
from tests.indicators.making import FIGURES, make_series

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_list_shows_headline_figures_with_their_words(client, editor):
    series = make_series(editor)

    response = client.get("/figures/")

    row = response.context["rows"][0]
    assert [figure.whole for figure in row.figures] == ["more than 875 people"]
    assert (row.count, row.shown.url) == (2, f"/figures/{series.reference}/")
    assert [figure.period for figure in row.figures] == ["2012–2016"]


def test_list_shows_the_newest_figure_where_none_is_marked(editor):
    years = ("2022", "2024", "2023")
    make_series(
        editor,
        observations=[
            {"area": area, "value": 40 + place, "as_of": year, "source_title": "A survey"}
            for area in ("AL", "XK")
            for place, year in enumerate(years)
        ],
    )

    [row] = selectors.list_series(editor, "en")

    assert [(f.area, f.period) for f in row.figures] == [("Albania", "as of 2024")]


def test_series_page_shows_rivals_and_says_that_they_differ(client, editor):
    series = make_series(editor)

    response = client.get(f"/figures/{series.reference}/")

    figures = response.context["figures"]
    assert [figure.whole for figure in figures] == ["more than 875 people", "about 1,000 people"]
    assert [figure.period for figure in figures] == ["2012–2016", "as of May 2016"]
    text = response.content.decode()
    assert "The sources differ." in text
    assert "Counts who came back as well." in text
    assert 'class="chart-drawing has-narrow"' in text


def test_record_page_of_a_series_leads_to_its_figures(client, editor):
    series = make_series(editor)

    response = client.get(f"/records/{series.reference}/")

    assert (response.status_code, response["Location"]) == (302, f"/figures/{series.reference}/")


def test_restricted_series_is_not_there_for_others(client, editor):
    series = make_series(editor, marking=Marking.GREEN)

    for address in (f"/figures/{series.reference}/", f"/figures/{series.reference}/data.csv"):
        assert client.get(address).status_code == 404
    assert client.get("/figures/").context["rows"] == []


def test_data_holds_each_figure_and_the_footnote(client, editor):
    series = make_series(
        editor, observations=[{"area": "XK", "value": "12.50", "source_title": "=EVIL()"}]
    )

    response = client.get(f"/figures/{series.reference}/data.csv")

    head, row, foot = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    found = dict(zip(head, row, strict=True))
    assert (found["area_name"], found["value"], found["source_title"], found["marking"]) == (
        "Kosovo*",
        "12.5",
        "'=EVIL()",
        "CLEAR",
    )
    assert foot[0].startswith("* This designation")


def test_chart_of_a_series_comes_with_its_data(client, editor):
    """As it is drawn and told, and as numbers for programs."""
    margin = {"margin_low": 10, "margin_high": 15, "margin_level": 95}
    series = make_series(
        editor,
        observations=[
            {"area": "AL", "value": "12.5", "as_of": "2024", "source_title": "=EVIL()", **margin},
            {"area": "BA", "value": 40, "upper": 60, "as_of": "2024", "source_title": "Office"},
            {"area": "XK", "value": 3, "as_of": "2024", "source_title": "Office"},
        ],
    )

    page = client.get(f"/figures/{series.reference}/").content.decode()
    answer = client.get(f"/figures/{series.reference}/chart.csv")

    assert f'href="/figures/{series.reference}/chart.csv" download>CSV' in page
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head == ["Where", "When", "Figure", "Source", "value", "low", "high", "low_and_high_are"]
    assert [row[2:] for row in rows[:3]] == [
        ["12.5 (10–15)", "'=EVIL()", "12.5", "10.0", "15.0", "uncertainty"],
        ["40–60", "Office", "40.0", "40.0", "60.0", "interval"],
        ["fewer than 5", "Office", "", "", "", ""],
    ]


def test_set_observations_is_logged_and_the_same_figures_are_no_event(editor):
    series = make_series(editor)
    entries = Entry.objects.count()

    again = services.set_observations(series=series, observations=FIGURES, by=editor, at=NOON)
    changed = services.set_observations(series=series, observations=FIGURES[:1], by=editor, at=NOON)

    entry = Entry.objects.order_by("-number").first()
    assert (again, changed, Entry.objects.count()) == (False, True, entries + 1)
    assert entry.action == "series.observed"
    assert entry.detail == {"figures_before": 2, "figures_after": 1}
    assert [row.value for row in Observation.objects.standing()] == [875]


def test_update_series_brings_it_in_line_by_its_key(editor):
    make_series(editor)

    for _twice in range(2):
        series = services.update_series(
            key="people-who-left",
            content={"title": "Who left"},
            observations=FIGURES,
            by=editor,
            at=NOON,
        )

    assert (series.title, series.version) == ("Who left", 2)
    with pytest.raises(BadInput, match="There is no series 'nothing'."):
        services.update_series(key="nothing", content={}, observations=[], by=editor, at=NOON)
    with pytest.raises(BadInput, match="There is a series 'people-who-left' already."):
        make_series(editor)


def test_stranger_cannot_change_figures(editor):
    series = make_series(editor)
    stranger = make_viewer(organisation=OrganisationFactory())

    with pytest.raises(Refused, match="Only the organisation that owns it can change it."):
        services.set_observations(series=series, observations=[], by=stranger, at=NOON)
    assert Observation.objects.count() == 2


NO_NUMBER = "is not a number that can be kept. Write it as 1234.5."


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"area": "ZZ"}, "Figure 1: 'ZZ' is neither an economy nor a group of economies."),
        (
            {"value": "many"},
            f"Figure 1: 'many' {NO_NUMBER}",
        ),
        ({"value": "NaN"}, f"Figure 1: 'NaN' {NO_NUMBER}"),
        (
            {"value": "0.00004"},
            "Figure 1: '0.00004' is too small to be kept: take a smaller unit.",
        ),
        ({"upper": "1"}, "Figure 1: the upper end is below the value."),
        ({"source_title": " "}, "Figure 1: say where it comes from."),
        ({"as_of": "2016-13"}, "Figure 1: '2016-13' is not a day, a month (2024-05) or a year."),
        ({"qualifier": "maybe"}, "Figure 1: 'maybe' is not one of the choices."),
        ({"source_url": "javascript:x"}, "Figure 1: 'javascript:x' is not an address on the web."),
        ({"colour": "red"}, "Figure 1: It has no field 'colour'."),
    ],
)
def test_figure_that_cannot_be_kept_is_refused_with_its_number(editor, given, sentence):
    with pytest.raises(BadInput) as refusal:
        make_series(editor, observations=[{**FIGURES[0], **given}])

    assert str(refusal.value) == sentence


@pytest.mark.parametrize("count", [1, 50])
def test_pages_of_figures_cost_the_same_for_any_number(
    client, editor, count, django_assert_max_num_queries
):
    for number in range(count):
        figures = [{**FIGURES[0], "value": 875 + place} for place in range(count)]
        series = make_series(editor, key=f"series-{number}", observations=figures)
    client.get("/figures/")

    with django_assert_max_num_queries(8):
        client.get("/figures/")
    with django_assert_max_num_queries(14):
        client.get(f"/figures/{series.reference}/")
