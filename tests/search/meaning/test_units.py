from hypothesis import given
from hypothesis import strategies as st

from focal.search.documents import Page, SearchDocument, Text
from focal.search.meaning import units
from focal.search.meaning.units import Unit, make_units, split_text


def make_document(*texts: Text, pages: tuple[Page, ...] = ()) -> SearchDocument:
    return SearchDocument("k", "news", frozenset({"public"}), texts, pages)


def test_document_has_a_unit_for_each_text_and_page():
    document = make_document(
        Text("sq", "Titulli", "Përmbledhja.", "Fillimi i tekstit."),
        Text("en", "Title"),
        pages=(Page("att", 1, "mk", "Прва страница."), Page("att", 2, "mk", "Втора страница.")),
    )

    assert make_units(document) == [
        Unit("k", 0, "sq", None, None, "Titulli Përmbledhja. Fillimi i tekstit."),
        Unit("k", 1, "en", None, None, "Title"),
        Unit("k", 2, "mk", "att", 1, "Прва страница."),
        Unit("k", 3, "mk", "att", 2, "Втора страница."),
    ]


def test_text_without_a_letter_or_figure_has_no_unit():
    document = make_document(
        Text("en", " "), pages=(Page("a", 1, "en", ""), Page("a", 2, "en", "... \x00 — * ☂"))
    )

    assert make_units(document) == []


def test_long_text_is_cut_between_sentences():
    sentence = "Schools that talk about it early lose fewer pupils to it. "

    passages = split_text(sentence * 40)

    assert len(passages) == 3
    assert all(passage.endswith("to it.") for passage in passages)
    assert " ".join(passages) == (sentence * 40).strip()


def test_long_record_ends_at_the_stated_number_of_units(monkeypatch):
    monkeypatch.setattr(units, "PER_RECORD", 5)
    pages = tuple(Page("a", number, "en", f"Page {number}.") for number in range(1, 20))

    made = make_units(make_document(Text("en", "Title"), pages=pages))

    assert [unit.page for unit in made] == [None, 1, 2, 3, 4]


def test_long_page_ends_at_the_stated_number_of_passages():
    page = Page("a", 1, "en", "word " * 100_000)

    assert len(make_units(make_document(Text("en", "T"), pages=(page,)))) == 1 + units.PER_PAGE


@given(st.text(max_size=4_000))
def test_any_text_is_cut_into_clean_short_passages(text):
    passages = split_text(text)

    assert all(len(passage) <= units.LONGEST + units.SHORTEST for passage in passages)
    assert all("\x00" not in passage for passage in passages)
    for passage in passages:
        passage.encode()


@given(st.text(alphabet="ab .\n", max_size=6_000))
def test_no_word_is_lost_or_cut(text):
    short = " ".join(word[:50] for word in text.split(" "))

    assert " ".join(split_text(short)).split() == short.split()
