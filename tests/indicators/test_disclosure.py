"""Small counts of persons stay out of every page and file, and so does what gives them away."""

from datetime import timedelta

import pytest

from focal.indicators import selectors, services
from focal.indicators.checking import check_series
from focal.indicators.disclosure import find_given_away, find_hidden_figures
from focal.indicators.models import Observation
from focal.sharing.markings import Marking
from focal.sharing.viewer import ANONYMOUS
from tests.factories import NOON
from tests.indicators.making import make_series

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def count(area, value, **more):
    return {"area": area, "value": value, "source_title": "An office", "as_of": "2024", **more}


def shown(series):
    return [figure.whole for figure in selectors.list_figures(series, "en")]


def test_lone_small_count_is_told_as_fewer_than_the_threshold(editor):
    series = make_series(editor, observations=[count("AL", 3), count("BA", 40)])

    assert shown(series) == ["fewer than 5 people", "40 people"]


def test_small_count_in_a_sum_takes_another_with_it_and_neither_says_which_it_is(editor):
    series = make_series(
        editor,
        observations=[
            count("AL", 60),
            count("AL", 3, sex="F"),
            count("AL", 57, sex="M"),
            count("BA", 20),
        ],
    )

    assert shown(series) == ["60 people", "not shown", "not shown", "20 people"]


def test_parts_that_overlap_do_not_give_a_count_away(editor):
    """Ages that hold one another are more than the whole together; each adds up all the same."""
    series = make_series(
        editor,
        observations=[
            count("AL", 100),
            count("AL", 3, age="18-24"),
            count("AL", 37, age="25-34"),
            count("AL", 40, age="18-34"),
            count("AL", 60, age="35+"),
        ],
    )

    said = {f.observation.age: f.whole for f in selectors.list_figures(series, "en")}
    assert said["18-24"] == "not shown"
    assert "not shown" in (said["25-34"], said["18-34"])
    assert said[""] == "100 people"


def test_total_of_a_group_of_economies_does_not_give_a_count_away(editor):
    codes = ("AL", "BA", "XK", "ME", "MK", "RS")
    counts = (30, 25, 40, 4, 12, 50)
    series = make_series(
        editor,
        observations=[
            count("WB6", 161),
            *(count(c, n) for c, n in zip(codes, counts, strict=True)),
        ],
    )

    hidden = [figure.area for figure in selectors.list_figures(series, "en") if figure.is_hidden]
    assert hidden == ["Montenegro", "North Macedonia"]


def test_parts_kept_in_other_series_do_not_give_a_count_away(editor):
    whole = make_series(editor, key="travelled", observations=[count("AL", 30)])
    parts = [
        make_series(editor, key=key, observations=[count("AL", value)], part_of="travelled")
        for key, value in (("returned", 20), ("killed", 8), ("missing", 2))
    ]

    assert shown(whole) == ["30 people"]
    assert [shown(part) for part in parts] == [["20 people"], ["not shown"], ["not shown"]]
    assert selectors.list_series(ANONYMOUS, "en")[0].figures[0].is_hidden in (True, False)
    assert [
        figure.whole for row in selectors.list_series(ANONYMOUS, "en") for figure in row.figures
    ].count("not shown") == 2


def test_parts_for_other_readers_change_nothing_that_is_seen(editor):
    """What somebody may not see must not show in what they do."""
    whole = make_series(editor, key="travelled", observations=[count("AL", 30)])
    open_part = make_series(
        editor, key="returned", observations=[count("AL", 28)], part_of="travelled"
    )
    before = [shown(whole), shown(open_part)]

    make_series(
        editor, key="killed", observations=[count("AL", 2)], part_of="travelled",
        marking=Marking.GREEN,
    )  # fmt: skip

    # The two that nobody wrote down are protected as well.
    assert [shown(whole), shown(open_part)] == before == [["30 people"], ["not shown"]]


def test_wider_series_give_no_count_of_a_narrower_one_away(editor):
    """30 - 20 leaves ten for members: eight and two; the two would follow."""
    make_series(editor, key="travelled", observations=[count("AL", 30)])
    open_part = make_series(
        editor, key="returned", observations=[count("AL", 20)], part_of="travelled"
    )
    members = {"part_of": "travelled", "marking": Marking.GREEN}
    small = make_series(editor, key="killed", observations=[count("AL", 2)], **members)
    other = make_series(editor, key="there", observations=[count("AL", 8)], **members)

    assert [shown(small), shown(other)] == [["not shown"], ["not shown"]]
    assert shown(open_part) == ["20 people"]
    assert find_given_away([small, other, open_part]) == []


def test_editor_is_warned_of_a_count_that_wider_series_give_away(editor, settings):
    """Where the public threshold is lower, nothing can be hidden there for the members' sake."""
    settings.SMALL_COUNTS = {**settings.SMALL_COUNTS, "CLEAR": 0}
    whole = make_series(editor, key="travelled", title="Left", observations=[count("AL", 30)])
    make_series(
        editor, key="returned", title="Back", observations=[count("AL", 28)], part_of="travelled"
    )
    small = make_series(
        editor, key="killed", title="Killed", observations=[count("AL", 2)], part_of="travelled",
        marking=Marking.GREEN,
    )  # fmt: skip

    said = [w.sentence for w in check_series(editor, whole) if w.rule == "given_away"]

    assert shown(small) == ["not shown"]
    assert said == [
        "Albania, as of 2024, 2 is not shown, because it is small; but who sees 'Left' / 'Back'"
        " beside it can work it out. Give them the same readers, or take one of the figures out."
    ]
    assert [w for w in check_series(ANONYMOUS, whole) if w.rule == "given_away"] == []


def test_same_count_of_another_source_is_hidden_as_well(editor):
    series = make_series(
        editor,
        observations=[
            count("AL", 60),
            count("AL", 3, sex="F"),
            count("AL", 57, sex="M"),
            count("AL", 57, sex="M", source_title="A newspaper"),
        ],
    )

    assert shown(series) == ["60 people", "not shown", "not shown", "not shown"]


def test_earlier_edition_does_not_give_a_count_away(editor):
    series = make_series(editor, observations=[count("AL", 9), count("BA", 30)])
    reference = Observation.objects.get(value=9).reference
    changed = [count("AL", 2), count("BA", 30)]
    services.set_observations(
        series=series, observations=changed, by=editor, at=NOON + timedelta(days=1)
    )

    old = selectors.describe(selectors.get_observation(ANONYMOUS, reference), "en")

    assert (old.whole, old.number) == ("not shown", None)


def test_zero_is_told(editor):
    assert shown(make_series(editor, observations=[count("AL", 0)])) == ["0 people"]


@pytest.mark.parametrize(
    "more",
    [{"unit": "%"}, {"unit": "people", "measure": "count"}, {"unit": "projects"}],
)
def test_numbers_that_count_no_persons_are_told(editor, more):
    series = make_series(editor, observations=[count("AL", 3)], **more)

    assert find_hidden_figures([series]) == {}


def test_threshold_follows_the_marking(editor, settings):
    settings.SMALL_COUNTS = {**settings.SMALL_COUNTS, "GREEN": 0, "CLEAR": 10}
    green = make_series(editor, key="a", observations=[count("AL", 3)], marking=Marking.GREEN)
    clear = make_series(editor, key="b", observations=[count("AL", 8)])

    assert (shown(green), shown(clear)) == (["3 people"], ["fewer than 10 people"])


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/figures/",
        "/figures/{reference}/",
        "/figures/{reference}/data.csv",
        "/figures/{reference}/data.sdmx.xml",
        "/figures/{reference}/chart.csv",
        "/figures/{reference}/chart.json",
        "/economies/AL/",
        "/search/?q=left",
        "/feed/",
        "/records/{reference}/",
    ],
)
def test_no_door_tells_what_is_hidden(client, editor, settings, address):
    """With a threshold so high that the hidden number is a word that stands nowhere else."""
    settings.SMALL_COUNTS = {**settings.SMALL_COUNTS, "CLEAR": 5000}
    series = make_series(
        editor,
        observations=[
            count("AL", 9711, is_headline=True),
            count("AL", 4711, sex="F", is_headline=True),
            count("AL", 5000, sex="M", is_headline=True),
        ],
    )

    response = client.get(address.format(reference=series.reference), follow=True)

    text = response.content.decode()
    assert [number for number in ("4711", "4,711", "5000<", "5,000 people") if number in text] == []
