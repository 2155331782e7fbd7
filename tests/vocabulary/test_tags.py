"""Words of the vocabulary in templates."""

import pytest
from django.template import Context, Template
from django.utils import translation


@pytest.mark.parametrize(
    ("source", "language", "text"),
    [
        ("{% economy_name 'XK' %}", "sr-latn", "Kosovo*"),
        ("{% area_name 'WB6' %}", "bg", "Западни Балкани"),
        ("{% concept_label 'topics' 'prison' %}", "sq", "burg"),
        ("{% language_name 'mk' %}", "tr", "Makedonca"),
        ("{% economy_footnote %}", "en", "* This designation is without prejudice"),
        ("{{ 'sr'|language_tag }}", "en", "sr-Cyrl"),
    ],
)
def test_tags_speak_the_language_of_the_page(
    vocabulary, django_assert_num_queries, source, language, text
):
    template = Template("{% load vocabulary %}" + source)

    with translation.override(language), django_assert_num_queries(0):
        assert template.render(Context())[: len(text)] == text


def test_tags_escape_what_they_show(vocabulary):
    template = Template("{% load vocabulary %}{% concept_label 'topics' key %}")

    assert template.render(Context({"key": "<b>"})) == "&lt;b&gt;"
