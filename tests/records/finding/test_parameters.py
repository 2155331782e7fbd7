"""Whatever stands in an address, something can be made of it."""

from datetime import date

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from focal.records.finding.search import MAX_TEXT, Wish
from focal.records.views.finding import parameters


def read(query: str = "", **given_values: object) -> parameters.Asked:
    return parameters.read(RequestFactory().get("/search" + query, given_values))


def test_nothing_asked_for_is_the_empty_wish():
    assert read() == parameters.Asked(Wish())


def test_address_is_understood_whole():
    asked = read(
        "?q=school&kind=news&kind=practice&economy=XK&from=2019&to=2020-02&sort=newest"
        "&meaning=0&page=3"
    )

    assert asked.notes == ()
    assert asked.wish == Wish(
        text="school",
        filters={"kind": ("news", "practice"), "economy": ("XK",)},
        date_from=date(2019, 1, 1),
        date_to=date(2020, 2, 29),
        sort="newest",
        meaning=False,
        page=3,
    )


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?page=abc", "There is no page 'abc'; this is the first one."),
        ("?page=0", "There is no page '0'; this is the first one."),
        ("?page=-1", "There is no page '-1'; this is the first one."),
        ("?page=٣", "There is no page '٣'; this is the first one."),
        (
            "?from=31.02.",
            "'31.02.' is not a day, so it was left out. Write it as 2024-05-31.",
        ),
        (
            "?to=2024-02-31",
            "'2024-02-31' is not a day, so it was left out. Write it as 2024-05-31.",
        ),
        ("?sort=best", "Results cannot be sorted by 'best'; the best come first."),
    ],
)
def test_what_cannot_be_used_is_left_out_with_a_sentence(query, sentence):
    asked = read(query)

    assert asked.notes == (sentence,)
    assert asked.wish == Wish()


def test_days_in_the_wrong_order_are_exchanged():
    asked = read("?from=2021-05-01&to=2019-01-01")

    assert (asked.wish.date_from, asked.wish.date_to) == (date(2019, 1, 1), date(2021, 5, 1))
    assert asked.notes == ("The first day comes after the last one, so the two were exchanged.",)


def test_day_is_read_as_people_write_it():
    assert read("?from=1.5.2021").wish.date_from == date(2021, 5, 1)
    assert read("?from=01/05/2021").wish.date_from == date(2021, 5, 1)


def test_long_text_is_cut_with_a_sentence():
    asked = read(q="a" * 10_000)

    assert asked.wish.text == "a" * MAX_TEXT
    assert asked.notes == (
        f"Your text is long: the first {MAX_TEXT} characters were searched for.",
    )


values = st.text(max_size=60)
wishes = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        (
            "q",
            "kind",
            "economy",
            "topic",
            "year",
            "from",
            "to",
            "sort",
            "page",
            "all",
            "words",
            "meaning",
        ),
        values,
    ),
)


@given(wishes)
def test_any_address_is_understood_and_written_back_the_same(given_values):
    encodable = {
        name: value.encode("utf-8", "replace").decode() for name, value in given_values.items()
    }
    asked = read(**encodable)

    again = read(asked.address())

    assert again == parameters.Asked(asked.wish, (), asked.opened)
