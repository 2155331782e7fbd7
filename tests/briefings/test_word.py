"""Word files: every kind of block, with alternative texts, Word's own structure and languages."""

import io

import pytest
from docx import Document

from tests.briefings.conftest import text
from tests.briefings.making import make_every_block

pytestmark = pytest.mark.django_db

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def open_word(client, briefing, language="en"):
    said = client.get(f"{briefing.get_absolute_url()}{language}/docx")
    assert said.status_code == 200
    return Document(io.BytesIO(said.content))


def test_every_kind_of_block_is_there(client, make, figures):
    word = open_word(client, make(*make_every_block(figures)))

    said = "\n".join(line.text for line in word.paragraphs)
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    assert [line.text for line in word.paragraphs if line.style.name == "Heading 1"] == [
        "Where it stands"
    ]
    for words in (
        "They were more than 875 people, not fewer.", "more than 875 people: 2012–2016 · An office",
        "Said so.", "A paper", "In short", "Newest", "Whom to ask", "office@example.org",
        "By nobody", "A chart",
    ):  # fmt: skip
        assert words in said, words
    assert "more than 875 people\nPeople, World\n2012–2016 · An office, p. 4" in cells
    assert {"Here", "This"} <= set(cells)
    assert [shape._inline.docPr.get("descr")[:7] for shape in word.inline_shapes] == [
        "People ", "White",
    ]  # fmt: skip
    links = [row.target_ref for row in word.part.rels.values() if row.is_external]
    assert {"https://example.org/paper", "mailto:office@example.org"} <= set(links)


def test_it_is_on_a4_marked_on_each_page_and_says_its_language(client, make, figures):
    word = open_word(client, make(*make_every_block(figures)), "el")

    section = word.sections[0]
    assert (round(section.page_width.cm, 1), round(section.page_height.cm, 1)) == (21.0, 29.7)
    assert section.header.paragraphs[0].text == section.footer.paragraphs[0].text == "TLP:CLEAR"
    languages = [e.get(f"{W}val") for e in word.styles["Normal"].element.iter(f"{W}lang")]
    assert languages == ["el"]


def test_words_in_another_language_say_so(client, make):
    word = open_word(client, make(text("<p>Only English.</p>")), "el")

    line = next(line for line in word.paragraphs if line.text == "Only English.")
    assert [e.get(f"{W}val") for e in line._p.iter(f"{W}lang")] == ["en"]


def test_each_numbered_list_begins_with_one(client, make):
    word = open_word(client, make(text("<ol><li>a</li></ol><p>x</p><ol><li>b</li></ol>")))

    numbers = [
        line._p.pPr.numPr.numId.val for line in word.paragraphs if line.style.name == "List Number"
    ]
    assert len(set(numbers)) == 2


def test_heads_of_tables_are_heads(client, make, figures):
    word = open_word(client, make({"kind": "chart", "record": figures[0].series.reference}))

    assert word.tables[0].rows[0]._tr.trPr.find(f"{W}tblHeader") is not None
