"""The statements of the starter content: each stands on the about page with its source."""

import pytest

from focal.web.statements import get_statements


def test_statements_are_there_and_each_names_its_source():
    sections = get_statements()

    assert sections
    assert [s.text for section in sections for s in section.statements if not s.source] == []


@pytest.mark.django_db
def test_about_page_says_every_statement(client):
    from django.utils.html import escape

    page = client.get("/about").content.decode()

    statements = [s for section in get_statements() for s in section.statements]
    assert [s.text for s in statements if escape(s.text) not in page] == []
