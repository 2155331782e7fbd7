"""Which figures stand in a chart, and what it must not make of them."""

import pytest

from focal.directory.models import Organisation
from focal.indicators import charts, selectors
from focal.indicators.chart_services import create_chart, edit_chart
from focal.indicators.charting import Choice, gather, suggest
from focal.indicators.services import set_observations
from focal.kernel.errors import BadInput, Refused
from focal.records.services import set_sharing, take_step
from focal.sharing.markings import Marking
from focal.sharing.viewer import ANONYMOUS
from focal.ui.charts import build_spec, summarise
from tests.factories import NOON, make_viewer
from tests.indicators.making import make_series

pytestmark = pytest.mark.django_db


def figure(area, value, year, source="A survey", **more):
    return {"area": area, "value": value, "as_of": str(year), "source_title": source, **more}


def test_rivals_are_never_joined_by_a_line(editor):
    series = make_series(
        editor, observations=[figure("BA", 40 + n, 2015 + n, f"Source {n}") for n in range(4)]
    )

    assert suggest(selectors.list_figures(series, "en"), [series]).form == "dot"


def test_one_source_over_years_is_a_line_and_another_source_cuts_it(editor):
    series = make_series(
        editor,
        observations=[
            *(figure("BA", 40 + n, 2015 + n) for n in range(3)),
            figure("BA", 90, 2018, "Others"),
        ],
        unit="%",
    )

    data = gather(ANONYMOUS, Choice("line", (series.reference,)), "en")

    assert [point.is_break for point in data.points] == [False, False, False, True]


def test_bars_show_the_newest_of_each_place_and_say_what_is_left_out(editor):
    series = make_series(
        editor,
        observations=[figure("AL", 10, 2020), figure("AL", 12, 2024), figure("BA", 9, 2023)],
        unit="%",
    )

    data = gather(ANONYMOUS, Choice("bar", (series.reference,), time="all"), "en")

    assert [(point.category, point.value) for point in data.points] == [
        ("Albania", 12),
        ("Bosnia and Herzegovina", 9),
    ]
    assert data.notes == ["Shown is the newest figure of each (2023–2024)."]


def test_rivals_of_one_place_and_time_stand_in_rows_of_their_own(editor):
    """Also where they say the same: then the row says so twice, with who says it."""
    series = make_series(
        editor,
        observations=[
            figure("BA", 49, 2019, "An agency"),
            figure("BA", 49, 2019, "A ministry"),
            figure("BA", 49, 2019, "A ministry", edition="second"),
            figure("AL", 70, 2019),
        ],
    )

    data = gather(ANONYMOUS, Choice("dot", (series.reference,), time="all"), "en")

    assert [(point.category, point.value) for point in data.points] == [
        ("Bosnia and Herzegovina, as of 2019, An agency", 49),
        ("Bosnia and Herzegovina, as of 2019, A ministry", 49),
        ("Bosnia and Herzegovina, as of 2019, A ministry (2)", 49),
        ("Albania, as of 2019", 70),
    ]
    assert summarise("dot", data).startswith(
        "Highest: Albania, as of 2019 (70). Lowest: Bosnia and Herzegovina, as of 2019, An agency;"
        " Bosnia and Herzegovina, as of 2019, A ministry"
    )


def test_uncertainty_of_an_estimate_is_drawn_and_told(editor):
    margin = {"margin_low": 38, "margin_high": 43.5, "margin_level": 95}
    series = make_series(
        editor,
        observations=[
            figure("AL", 41, 2024, **margin),
            figure("BA", 40, 2024, upper=60),
            figure("XK", 3, 2024, **margin | {"margin_low": 1}),
        ],
    )

    data = gather(ANONYMOUS, Choice("bar", (series.reference,)), "en")

    assert [(p.low, p.high, p.margin, p.said) for p in data.points] == [
        (38, 43.5, "38.0–43.5", "41 (38.0–43.5)"),
        (40, 60, "", "40–60"),
        (None, None, "", "fewer than 5"),
    ]
    assert data.notes[0] == "In brackets: 95 % confidence interval."


def test_rivals_that_give_way_in_bars_are_told_of(editor):
    series = make_series(
        editor, observations=[figure("BA", 40, 2023), figure("BA", 90, 2023, "Others")], unit="%"
    )

    data = gather(ANONYMOUS, Choice("bar", (series.reference,)), "en")

    assert data.notes[-1].startswith("1 other figure for the same is left out here")


def test_many_groups_of_one_place_are_no_tangle_of_lines(editor):
    series = make_series(
        editor,
        observations=[
            figure("BA", 40 + n, year, group=f"group {n}")
            for n in range(9)
            for year in (2020, 2021, 2022)
        ],
    )
    figures = selectors.list_figures(series, "en")

    assert charts.draw_series(series, figures, "Title") is not None


def test_small_counts_are_hidden_in_charts(editor):
    series = make_series(editor, observations=[figure("AL", 3, 2024), figure("BA", 60, 2024)])

    data = gather(ANONYMOUS, Choice("bar", (series.reference,)), "en")

    assert [(point.value, point.text) for point in data.points] == [
        (None, "fewer than 5"),
        (60, "60"),
    ]


def test_part_of_a_scale_is_drawn_as_no_whole(editor):
    rows = [figure("AL", n, 2024, group=name) for name, n in (("Yes", 28), ("No", 60))]
    whole = make_series(editor, observations=rows, unit="%", scale="Yes\nNo")
    part = make_series(editor, key="b", observations=rows[:1], unit="%", scale="Yes\nNo")

    forms = [suggest(selectors.list_figures(one, "en"), [one]).form for one in (whole, part)]
    said = summarise("stack", gather(ANONYMOUS, Choice("stack", (part.reference,)), "en"))

    assert forms == ["stack", "dot"]
    assert said == ""


def test_shares_and_counts_do_not_share_an_axis(editor):
    shares = make_series(editor, observations=[figure("AL", 60, 2024)], unit="%")
    counts = make_series(editor, key="b", observations=[figure("AL", 60, 2024)])
    choice = Choice("bar", (shares.reference, counts.reference))

    with pytest.raises(BadInput, match=r"different units \(%, people\)"):
        build_spec("bar", gather(ANONYMOUS, choice, "en"))


def test_chart_shows_each_viewer_only_series_they_may_see(editor):
    hidden = make_series(editor, observations=[figure("AL", 60, 2024)], marking=Marking.GREEN)

    choice = Choice("bar", (hidden.reference,))

    assert len(gather(editor, choice, "en").points) == 1
    assert gather(ANONYMOUS, choice, "en").points == []
    assert charts.render_chart(ANONYMOUS, hidden.reference) is None


def test_chart_is_never_for_more_people_than_its_series(editor):
    series = make_series(editor, marking=Marking.GREEN)
    given = {
        "content": {"title": "Drawn", "form": "bar", "series_list": series.reference},
        "owner_organisation": Organisation.objects.get(pk=min(editor.writes_for)),
        "by": editor,
        "at": NOON,
    }

    with pytest.raises(BadInput, match="is marked TLP:GREEN: mark the chart so as well"):
        create_chart(**given)
    chart = create_chart(**given, marking=Marking.GREEN)
    with pytest.raises(Refused, match="is marked TLP:GREEN: mark the chart so as well"):
        set_sharing(record=chart, marking=Marking.CLEAR, releases=[], by=editor, at=NOON)

    assert charts.get_chart(editor, chart.reference).marking == Marking.GREEN


def test_what_is_out_is_changed_by_those_who_may_publish(editor):
    series = make_series(editor, observations=[figure("AL", 60, 2024)])
    con = make_viewer(organisation=series.owner_organisation, role="contributor")
    chart = create_chart(
        content={"title": "A chart", "language": "en", "series_list": series.reference},
        owner_organisation=series.owner_organisation,
        by=editor,
        at=NOON,
    )
    take_step(record=chart, step="publish", by=editor, at=NOON)

    with pytest.raises(Refused, match="send what they change to review"):
        edit_chart(chart=chart, content={"title": "Mine"}, base_version=1, by=con, at=NOON)
    with pytest.raises(Refused, match="an editor of the organisation has to change it"):
        set_observations(series=series, observations=[], by=con, at=NOON)
