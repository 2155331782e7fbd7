"""Fields that keep what was typed and say clearly what is wrong with it."""

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict

from focal.records.forms.editing_fields import (
    Column,
    RowsField,
    TolerantDateField,
    change_rows,
    make_rich,
)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("3.5.2026", "2026-05-03"),
        ("03. 05. 2026.", "2026-05-03"),
        ("3/5/2026", "2026-05-03"),
        ("2026-05-03", "2026-05-03"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_date_is_read_as_people_write_it(typed, day):
    assert TolerantDateField(required=False).clean(typed) == day


@pytest.mark.parametrize("typed", ["31.2.2026", "2026-13-01", "29.2.2025"])
def test_date_that_does_not_exist_is_called_that(typed):
    with pytest.raises(ValidationError, match="does not exist"):
        TolerantDateField().clean(typed)


@pytest.mark.parametrize("typed", ["May 2026", "5.2026", "2026", "٣.٥.2026x", "3.5.26"])
def test_date_that_cannot_be_read_says_how_to_write_it(typed):
    with pytest.raises(ValidationError, match=r"3\.5\.2026"):
        TolerantDateField().clean(typed)


def test_date_is_shown_as_people_write_it_and_wrong_ones_as_they_were_typed():
    field = TolerantDateField()

    assert field.prepare_value("2026-05-03") == "3.5.2026"
    assert field.prepare_value("May 2026") == "May 2026"


@pytest.mark.parametrize(
    ("typed", "html"),
    [
        ("One.\n\nTwo,\nthree.", "<p>One.</p><p>Two,<br>three.</p>"),
        ("5 < 7 & 8", "<p>5 &lt; 7 &amp; 8</p>"),
        ("<p>Rich <strong>text</strong></p>", "<p>Rich <strong>text</strong></p>"),
        ("Fish &amp; chips", "<p>Fish &amp; chips</p>"),
        ("<p></p>", ""),
        ("<p> &nbsp;</p>", ""),
        ("", ""),
        ("<p>x</p><script>alert(1)</script>", "<p>x</p>"),
        ('<p onclick="x()">x</p>', "<p>x</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
    ],
)
def test_make_rich_keeps_rich_text_and_makes_paragraphs_of_plain_text(typed, html):
    assert make_rich(typed) == html


def rows_field():
    return RowsField(
        columns=(Column("title", "Title"), Column("url", "Address", "url", 100)),
        needs="title",
        add_label="Add",
    )


def test_rows_leave_empty_ones_out_and_mend_addresses():
    rows = [["A study", "www.example.org/a"], ["", " "], ["B", ""]]

    assert rows_field().clean(rows) == [["A study", "https://www.example.org/a"], ["B", ""]]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["A", "javascript:alert(1)"], "not an address"),
        (["A", "ftp://example.org"], "not an address"),
        (["", "https://example.org"], "missing"),
        (["A", "https://example.org/" + "a" * 100], "too long"),
    ],
)
def test_rows_say_which_row_is_wrong_and_why(row, message):
    field = rows_field()

    with pytest.raises(ValidationError, match=message):
        field.clean([["Fine", ""], row])
    assert list(field.row_errors) == [1]


def test_rows_are_read_from_a_form_however_many_boxes_are_missing():
    data = QueryDict("s-title=A&s-title=B&s-url=x")

    rows = rows_field().widget.value_from_datadict(data, {}, "s")

    assert rows == [["A", "x"], ["B", ""]]


@pytest.mark.parametrize(
    ("command", "at", "after"),
    [
        ("add", -1, [["a"], ["b"], [""]]),
        ("remove", 0, [["b"]]),
        ("remove", 9, [["a"], ["b"]]),
        ("up", 1, [["b"], ["a"]]),
        ("up", 0, [["a"], ["b"]]),
        ("down", 0, [["b"], ["a"]]),
        ("down", 1, [["a"], ["b"]]),
        ("nonsense", 0, [["a"], ["b"]]),
    ],
)
def test_change_rows(command, at, after):
    assert change_rows([["a"], ["b"]], 1, command, at) == after
