"""Two changes of the same text, put together."""

import pytest

from focal.records.merging import BOTH, MINE, THEIRS, merge


def put_together(base, mine, theirs, **choices):
    return merge(base=base, mine=mine, theirs=theirs, choices=choices)


def test_each_ones_own_change_stands():
    merged = put_together(
        {"title": "a", "summary": "s"},
        {"title": "b", "summary": "s"},
        {"title": "a", "summary": "t"},
    )

    assert merged.content == {"title": "b", "summary": "t"}
    assert (merged.mine, merged.theirs, merged.disputed) == (("title",), ("summary",), ())


def test_the_same_change_by_both_is_no_dispute():
    merged = put_together({"title": "a"}, {"title": "b"}, {"title": "b"})

    assert merged.content == {"title": "b"}
    assert merged.disputed == ()


@pytest.mark.parametrize(
    ("choice", "title"), [(MINE, "mine"), (THEIRS, "theirs"), (BOTH, "theirs\n\nmine")]
)
def test_what_both_changed_differently_is_chosen(choice, title):
    merged = put_together(
        {"summary": "a"}, {"summary": "mine"}, {"summary": "theirs"}, summary=choice
    )

    assert merged.content == {"summary": title}
    assert merged.disputed == ("summary",)


def test_lists_of_chosen_things_are_put_together_entry_by_entry():
    merged = put_together(
        {"economies": ["AL", "BA"]}, {"economies": ["BA", "MK"]}, {"economies": ["AL", "BA", "XK"]}
    )

    assert merged.content == {"economies": ["BA", "MK", "XK"]}
    assert (merged.together, merged.disputed) == (("economies",), ())


def test_rows_of_both_are_kept_once_each():
    merged = put_together(
        {"sources": [["a"]]}, {"sources": [["a"], ["b"]]}, {"sources": [["a"], ["c"]]}, sources=BOTH
    )

    assert merged.content == {"sources": [["a"], ["c"], ["b"]]}


def test_empty_and_missing_are_the_same():
    merged = put_together({}, {"note": ""}, {"note": "t"})

    assert merged.content == {"note": "t"}
