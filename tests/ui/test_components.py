"""The components: what they are given is what stands on the page, and nothing can break out."""

import re

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

from focal.ui.components import (
    Cell,
    Column,
    DiffPart,
    Facet,
    FacetValue,
    Figure,
    Table,
    Teaser,
    compare_texts,
)
from focal.ui.templatetags.ui import file_size


def draw(text: str, **context: object) -> str:
    drawn = Template("{% load ui %}" + text).render(Context(context))
    return re.sub(r"\s+", " ", drawn).strip()


class SampleForm(forms.Form):
    title = forms.CharField(label="Title", help_text="Short.", max_length=10)
    note = forms.CharField(required=False)
    topics = forms.MultipleChoiceField(choices=[("a", "Aa"), ("b", "Bb")])
    kind = forms.ChoiceField(choices=[("x", "X"), ("y", "Y")], widget=forms.RadioSelect)

    def clean(self):
        raise forms.ValidationError("Together they make no sense.")


@pytest.mark.parametrize(
    ("marking", "drawn"),
    [
        ("CLEAR", '<span class="marking marking-clear">TLP:CLEAR</span>'),
        ("AMBER+STRICT", '<span class="marking marking-amber">TLP:AMBER+STRICT</span>'),
        ("RED", '<span class="marking marking-red">TLP:RED</span>'),
        ("", ""),
        ("<b>", ""),
    ],
)
def test_marking_is_drawn_as_tlp_names_it(marking, drawn):
    assert draw("{% marking_badge marking %}", marking=marking) == drawn


def test_field_ties_label_help_and_error_to_its_control():
    form = SampleForm({"title": "much too long a title"})

    drawn = draw("{% field form.title %}", form=form)

    assert '<label for="id_title">Title</label>' in drawn
    assert 'aria-describedby="id_title_helptext id_title_error"' in drawn
    assert 'aria-invalid="true"' in drawn
    assert '<span class="help" id="id_title_helptext">Short.</span>' in drawn
    assert re.search(r'<span class="error" id="id_title_error">.*at most 10 characters', drawn)


def test_field_that_may_stay_empty_says_so_and_has_no_error():
    drawn = draw("{% field form.note %}", form=SampleForm())

    assert "(optional)" in drawn
    assert "aria-invalid" not in drawn
    assert 'class="error"' not in drawn


def test_field_takes_further_attributes_and_escapes_them():
    drawn = draw(
        "{% field form.note placeholder=words data_x='1' %}", form=SampleForm(), words='"><b>'
    )

    assert 'placeholder="&quot;&gt;&lt;b&gt;"' in drawn
    assert 'data-x="1"' in drawn


def test_several_of_many_become_a_chooser_unless_told_otherwise():
    assert "data-chooser" in draw("{% field form.topics %}", form=SampleForm())
    assert "data-chooser" not in draw("{% field form.topics chooser=False %}", form=SampleForm())


def test_group_of_choices_is_a_fieldset_with_a_label_for_each():
    drawn = draw("{% field form.kind %}", form=SampleForm())

    assert '<fieldset class="field" id="id_kind" tabindex="-1">' in drawn
    assert "<legend>Kind</legend>" in drawn
    assert drawn.count('<label for="id_kind_') == 2


def test_error_summary_leads_to_each_field():
    form = SampleForm({"title": ""})

    drawn = draw("{% error_summary form %}", form=form)

    assert re.findall(r"<li>(.*?)</li>", drawn) == [
        "Together they make no sense.",
        '<a href="#id_title">Title: This field is required.</a>',
        '<a href="#id_topics">Topics: This field is required.</a>',
        '<a href="#id_kind">Kind: This field is required.</a>',
    ]


def test_error_summary_says_of_a_box_to_tick_what_is_wrong_and_not_its_label():
    class Agreement(forms.Form):
        agreed = forms.BooleanField(label="Yes", error_messages={"required": "Confirm it."})

    drawn = draw("{% error_summary form %}", form=Agreement({}))

    assert '<a href="#id_agreed">Confirm it.</a>' in drawn


def test_a_placeholder_that_repeats_the_label_is_left_out():
    class Address(forms.Form):
        city = forms.CharField(label="City", widget=forms.TextInput({"placeholder": "City"}))

    assert 'placeholder=""' in draw("{% field form.city %}", form=Address())


def test_error_summary_of_a_good_form_is_empty():
    assert draw("{% error_summary form %}", form=forms.Form({})) == ""


def test_figure_says_qualifier_period_source_and_page():
    figure = Figure(
        "1,000",
        "people counted",
        "about",
        period="2012–2017",
        source="A study",
        source_url="https://example.org/a",
        page="7",
        beside=["Elsewhere: 3"],
    )

    drawn = re.sub(r"<[^>]+>", "", draw("{% figure figure %}", figure=figure))

    assert " ".join(drawn.split()) == (
        "about 1,000 people countedElsewhere: 3 2012–2017 · Source: A study, p. 7"
    )


def test_table_puts_numbers_to_the_right_and_heads_each_row():
    table = Table(
        "Counts", (Column("Name"), Column("Count", is_number=True)), [(Cell("A", "/a"), 0)]
    )

    drawn = draw("{% data_table table %}", table=table)

    assert '<th scope="row"><a href="/a">A</a></th><td class="num">0</td>' in drawn
    assert "<caption>Counts</caption>" in drawn


def test_table_refuses_a_row_of_another_length():
    table = Table("Counts", (Column("Name"), Column("Count")), [("A",)])

    with pytest.raises(ValueError, match="zip"):
        draw("{% data_table table %}", table=table)


def test_teaser_escapes_what_it_is_given():
    drawn = draw("{% teaser item %}", item=Teaser("<script>x</script>", "/a", summary="<b>"))

    assert "<script>" not in drawn
    assert "&lt;script&gt;x&lt;/script&gt;" in drawn
    assert "&lt;b&gt;" in drawn


def test_facet_value_that_is_chosen_says_so():
    facet = Facet("Language", (FacetValue("Albanian", "?a", 2, is_selected=True),))

    drawn = draw("{% facet_group facet %}", facet=facet)

    assert 'href="?a" rel="nofollow" aria-current="true"' in drawn
    assert '<span class="count">2</span>' in drawn


def test_pages_keep_the_rest_of_the_address():
    request = RequestFactory().get("/search", {"q": "a&b", "economy": ["AL", "XK"], "page": "2"})
    page = Paginator(range(100), 10).page(2)

    drawn = draw("{% pagination page %}", request=request, page=page)

    assert 'href="?q=a%26b&amp;economy=AL&amp;economy=XK&amp;page=3" rel="next"' in drawn
    assert 'aria-current="page"><span class="visually-hidden">Page </span>2' in drawn


def test_one_page_needs_no_pages():
    assert draw("{% pagination page %}", page=Paginator([1], 10).page(1)) == ""


def test_compared_texts_say_what_came_and_went_and_lose_nothing():
    parts = compare_texts("The plan was old.\nIt stood.", "The plan is new.\nIt stood.")

    assert "".join(p.text for p in parts if p.kind != "added") == "The plan was old.\nIt stood."
    assert "".join(p.text for p in parts if p.kind != "removed") == "The plan is new.\nIt stood."
    assert parts[0] == DiffPart("same", "The plan ")


def test_difference_is_said_and_not_only_coloured():
    drawn = draw("{% diff parts %}", parts=[DiffPart("removed", "<old>"), DiffPart("added", "new")])

    assert drawn == (
        '<div class="diff"><del><span class="visually-hidden">removed: </span>&lt;old&gt;</del>'
        '<ins><span class="visually-hidden">added: </span>new</ins></div>'
    )


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1_430_000, "1.4 MB"), (5 * 10**12, "5000.0 GB")],
)
def test_file_size_is_said_as_people_say_it(size, text):
    assert file_size(size) == text.replace(" ", "\N{NO-BREAK SPACE}")


def test_block_is_repeated_as_text_that_fits_an_attribute():
    base = Template(
        "{% load ui %}<title>{% block title %}{% endblock %}</title>"
        '<meta content="{% block_text "title" %}">'
    )
    page = Template("{% extends base %}{% block title %}<em>{{ name }}</em>  it{% endblock %}")

    drawn = page.render(Context({"base": base, "name": 'A "heron" & <b>'}))

    assert drawn.endswith('<meta content="A &quot;heron&quot; &amp; &lt;b&gt; it">')
