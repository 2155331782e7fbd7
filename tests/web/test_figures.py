"""Figures on the pages of the roof: what they are called, and to whom they are shown."""

import pytest

from focal.sharing.markings import Marking
from focal.sharing.viewer import ANONYMOUS
from focal.ui.components import Cell, Figure
from focal.web.selectors.figures import get_figures_of, get_headline_figures
from tests.factories import OrganisationFactory, make_viewer
from tests.web.series import FIGURE, make_series

pytestmark = pytest.mark.usefixtures("loaded")


def test_headline_figure_says_all_that_makes_it_honest():
    series = make_series("travelled", [FIGURE])

    assert get_headline_figures(ANONYMOUS) == [
        Figure(
            value="1,000",
            what="People who travelled",
            qualifier="about",
            period="Western Balkans, 2012–2017",
            source="A study, first edition, p. 7",
            source_url="https://example.org/study",
            url=f"/figures/{series.reference}/",
            beside=[],
        )
    ]


def test_further_headline_figures_of_a_series_stand_beside_its_first():
    shares = [
        FIGURE | {"area": "SEE", "value": "16", "qualifier": "exact"},
        FIGURE | {"area": "EU", "value": "11", "qualifier": "less_than"},
        FIGURE | {"area": "AL", "value": "9", "is_headline": False},
    ]
    make_series("crime", shares, unit="%")

    (figure,) = get_headline_figures(ANONYMOUS)

    assert (figure.value, figure.unit, figure.qualifier) == ("16", "%", "")
    assert figure.what == "What is counted, in full"
    assert figure.beside == ["European Union: less than 11 %"]


def test_figures_of_an_economy_stand_in_a_table_with_period_and_source():
    series = make_series("travelled", [FIGURE, FIGURE | {"area": "XK", "upper": "1200"}])

    table = get_figures_of(ANONYMOUS, "XK")

    assert table is not None
    assert table.rows == [
        [
            Cell("People who travelled", f"/figures/{series.reference}/"),
            "about 1,000–1,200",
            "2012–2017",
            Cell("A study, p. 7", "https://example.org/study"),
        ]
    ]


@pytest.mark.parametrize(("page", "said"), [("", "A study"), ("note 4", "A study, note 4")])
def test_place_in_a_source_that_is_no_page_number_is_told_as_it_is(page, said):
    make_series("travelled", [FIGURE | {"area": "XK", "source_page": page}])

    table = get_figures_of(ANONYMOUS, "XK")

    assert table is not None
    assert table.rows[0][3] == Cell(said, "https://example.org/study")


def test_economy_without_figures_has_no_table():
    make_series("travelled", [FIGURE])

    assert get_figures_of(ANONYMOUS, "AL") is None


@pytest.mark.parametrize("change", [{"marking": Marking.GREEN}, {"state": "draft"}])
def test_figures_of_a_series_that_visitors_may_not_see_are_not_there(change):
    organisation = OrganisationFactory()
    editor = make_viewer(organisation=organisation)
    make_series("hidden", [FIGURE], organisation=organisation, by=editor, **change)

    assert get_headline_figures(ANONYMOUS) == []
    assert get_figures_of(ANONYMOUS, "WB6") is None
