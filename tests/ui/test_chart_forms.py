"""The forms of charts: nothing is hidden, nothing is made up, words stand behind each."""

import re

import pytest

from focal.kernel.errors import BadInput
from focal.ui.charts import (
    FORMS,
    NARROW,
    WIDE,
    ChartData,
    Point,
    build_spec,
    draw_svg,
    make_table,
    summarise,
)
from focal.ui.charts.forms.shared import spread
from focal.ui.charts.forms.times import _cut
from focal.ui.charts.shapes import load_shapes

PLACES = ("AL", "BA", "XK")
POINTS = [
    Point(
        value=value,
        text=f"{value} %",
        category=place,
        code=place,
        line="",
        time=time,
        time_text=str(time),
        is_rough=place == "BA",
        bound="above" if place == "XK" else "",
        low=value - 2,
        high=value + 2,
    )
    for place, start in zip(PLACES, (60, 30, 45), strict=True)
    for time, value in ((2023, start), (2024, start + 5), (2025, start + 1))
]
ANSWERS = [
    Point(value, f"{value} %", category=place, line=answer)
    for place in PLACES
    for answer, value in (("yes", 40), ("no", 50), ("do not know", 10))
]
LATEST = [point for point in POINTS if point.time == 2025]


def make(form):
    points = {"stack": ANSWERS, "bar": LATEST, "dot": LATEST, "map": LATEST}.get(form, POINTS)
    if form == "line":
        points = [Point(p.value, p.text, line=p.category, time=p.time) for p in points]
    return ChartData(
        "Who agrees", points, unit="%", shapes=load_shapes(), ends=("yes", "no"), is_share=True,
        aside=("do not know",),
    )  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_can_be_drawn_for_desk_and_telephone(form):
    for width in (WIDE, NARROW):
        svg = draw_svg(build_spec(form, make(form), width=width), locale="en", title="x")

        drawn = float(svg.split('width="')[1].split('"')[0])
        assert drawn == pytest.approx(width, abs=60)


def test_missing_is_a_word_and_never_zero():
    data = ChartData(
        "t",
        [Point(3, "3", category="A"), Point(None, "not shown", category="B")],
        categories=("A", "B", "C"),
    )

    spec = build_spec("bar", data)

    rows = {row["category"]: (row["value"], row["text"]) for row in spec["data"]["values"]}
    assert rows == {"A": (3, "3"), "B": (None, "not shown"), "C": (None, "no figure")}
    assert "not shown" in draw_svg(spec, locale="en")


def test_bounds_point_on_and_stay_inside_the_drawing():
    points = [
        Point(875, "more than 875", category="A", bound="above"),
        Point(10, "less than 10", category="B", bound="below"),
    ]

    rows = build_spec("dot", ChartData("t", points))["data"]["values"]

    assert rows[0]["arrow"] > 875
    assert rows[1]["arrow"] == 0


def test_line_is_cut_at_a_break_and_dotted_over_a_gap():
    points = [
        Point(value, str(value), time=time, is_break=time == 2018)
        for time, value in ((2015, 1), (2016, 2), (2018, 5), (2019, 6), (2023, 7))
    ]

    rows, links, breaks = _cut(points)

    assert [row["segment"] for row in rows] == ["0-0", "0-0", "0-1", "0-1", "0-2"]
    assert [link["time"] for link in links] == [2019, 2023]
    assert [row["time"] for row in breaks] == [2017]


def test_figure_that_is_not_known_cuts_the_line_without_a_link():
    points = [
        Point(1, "1", time=2020),
        Point(None, "not shown", time=2021),
        Point(3, "3", time=2022),
    ]

    rows, links, breaks = _cut(points)

    assert [row["segment"] for row in rows] == ["0-0", "0-1", "0-2"]
    assert (links, breaks) == ([], [])


def test_shares_that_do_not_make_a_whole_are_not_stretched():
    points = [Point(30, "30", category="A", line="yes"), Point(40, "40", category="A", line="no")]

    rows = build_spec("stack", ChartData("t", points))["data"]["values"]

    assert [(row["start"], row["end"]) for row in rows] == [(0, 30), (30, 70)]


def test_change_within_its_uncertainty_is_drawn_as_no_clear_change():
    points = [
        Point(50, "50 %", category="A", time=2024, time_text="2024"),
        Point(51, "51 %", category="A", time=2025, time_text="2025", is_steady=True),
    ]
    data = ChartData("t", points)

    assert {row["way"] for row in build_spec("slope", data)["data"]["values"]} == {"steady"}
    assert summarise("slope", data) == "No clear change: A."


def estimate(value, half, time, **more):
    ends = f"{value - half}–{value + half}"
    return Point(
        value, f"{value} %", time=time, time_text=str(time), low=value - half, high=value + half,
        margin=ends, **more,
    )  # fmt: skip


def test_estimates_are_said_to_change_only_beyond_their_uncertainty():
    points = [
        *(estimate(*one, category="A") for one in ((50, 3, 2024), (53, 3, 2025))),
        *(estimate(*one, category="B") for one in ((50, 3, 2024), (58, 3, 2025))),
        estimate(50, 1, 2024, category="C"),
        estimate(70, 1, 2025, category="C", is_break=True),
    ]
    data = ChartData("t", points)

    drawn = build_spec("slope", data)["data"]["values"]

    assert {(row["category"], row["way"]) for row in drawn} == {
        ("A", "steady"), ("B", "up"), ("C", "broken"),
    }  # fmt: skip
    assert summarise("slope", data) == (
        "Higher than before: B. No clear change: A. Not comparable with what came before: 2025."
    )
    assert summarise("line", ChartData("t", points[:2])) == (
        "A: from 50 % (47–53) (2024) to 53 % (50–56) (2025). No clear change: A."
    )


def test_uncertainty_over_time_is_a_band_and_alone_an_upright():
    points = [estimate(50, 3, 2024), estimate(53, 3, 2025), estimate(60, 3, 2026, is_break=True)]

    rows, _links, _breaks = _cut(points)

    assert [row["band"] for row in rows] == [True, True, False]


def test_what_lies_between_two_ends_is_no_dot_and_an_estimate_is_one():
    points = [
        Point(40, "40–60", category="said so", low=40, high=60),
        estimate(50, 10, 2024, category="estimated"),
    ]

    svg = draw_svg(build_spec("dot", ChartData("t", points)), locale="en")

    assert [row[-1] for row in make_table(ChartData("t", points)).rows] == ["40–60", "50 % (40–60)"]
    assert svg.count('aria-label=""') == 0
    assert len(re.findall(r"<path[^>]+stroke-width=\"2.5\"", svg)) == 1


def test_years_are_told_once_and_moments_of_one_year_by_their_words():
    years = [Point(n, str(n), time=2022 + n / 2, time_text=f"y{n}", line="A") for n in range(5)]
    months = [Point(n, str(n), time=2024 + n / 12, time_text=f"m{n}") for n in range(3)]

    axes = [
        build_spec("line", ChartData("t", points), width=NARROW)["layer"][0]["encoding"]["x"][
            "axis"
        ]
        for points in (years, months)
    ]

    assert axes[0]["values"] == [2022, 2023, 2024]
    assert [f"'m{n}'" in axes[1]["labelExpr"] for n in range(3)] == [True] * 3


def test_lines_have_their_names_on_a_telephone_too():
    points = [Point(n, str(n), time=n, line=line) for line in "AB" for n in range(2020, 2024)]

    svg = draw_svg(build_spec("line", ChartData("t", points), width=NARROW), locale="en")

    assert [svg.count(f">{line}<") for line in "AB"] == [1, 1]


def test_names_that_begin_alike_do_not_become_one_row():
    names = [f"A long name of a place, as of the {n}th of the month" for n in (1, 2)]
    points = [Point(5, "5", category=name) for name in names]

    rows = build_spec("dot", ChartData("t", points), width=NARROW)["data"]["values"]

    assert len({row["category"] for row in rows}) == 2


def test_labels_at_line_ends_do_not_cover_each_other():
    placed = spread([10, 10.1, 30], 2)

    assert placed[1] - placed[0] == pytest.approx(2)
    assert placed[2] == 30


@pytest.mark.parametrize(
    ("form", "points", "sentence"),
    [
        ("bar", [Point(None, "no figure", category="A")], "There is no figure to draw."),
        ("line", [Point(1, "1", category="A")], "These figures have no time"),
        ("slope", [Point(1, "1", category="A", time=2024)], "A slope needs two moments"),
        ("map", [Point(1, "1", category="Atlantis", code="QQ")], "None of these places"),
        ("line", [Point(1, "1", line=str(n), time=1) for n in range(7)], "cannot be told apart"),
    ],
)
def test_what_cannot_be_drawn_is_said_with_advice(form, points, sentence):
    with pytest.raises(BadInput, match=sentence):
        build_spec(form, ChartData("t", points, shapes=load_shapes()))


def test_summary_names_ends_and_what_is_missing():
    data = ChartData(
        "t",
        [
            *(
                Point(n, f"{n} %", category=name)
                for name, n in zip("ABCD", (5, 9, 1, 3), strict=True)
            ),
            Point(None, "not shown", category="E"),
        ],
        categories=("A", "F"),
    )

    assert summarise("bar", data) == (
        "Highest: B (9 %). Lowest: C (1 %). Not shown: E. No figure: F."
    )


def test_summary_of_lines_says_from_what_to_what():
    points = [
        Point(value, f"{value} %", line="A", time=time, time_text=str(time), is_break=time == 2021)
        for time, value in ((2020, 30), (2021, 35))
    ]

    assert summarise("line", ChartData("t", points)) == (
        "A: from 30 % (2020) to 35 % (2021). Not comparable with what came before: 2021."
    )


def test_table_holds_every_value_and_every_gap():
    data = ChartData("t", [Point(3, "3", category="A", detail="Police")], categories=("A", "B"))

    table = make_table(data)

    assert [column.label for column in table.columns] == ["Where", "Figure", "Source"]
    assert table.rows == [["A", "3", "Police"], ["B", "no figure", ""]]
