"""Spellings that a reader takes for the same word fold to the same."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from focal.search.folding import (
    clean,
    fold,
    fold_words,
    has_stemmer,
    possible_stems,
    stem,
    stem_words,
)

SAME = [
    ("strucnjak", "stručnjak", "стручњак", "STRUČNJAK", "СТРУЧЊАК"),
    ("şcoală", "școală", "scoala", "ȘCOALĂ"),
    ("istanbul", "İstanbul", "ıstanbul", "ISTANBUL"),
    ("οδος", "οδοσ", "ΟΔΟΣ", "ὁδός"),
    ("ћуприја", "ćuprija", "cuprija"),
    ("ќерка", "Ќерка", "kjerka"),
    ("ѓорѓи", "Ѓорѓи", "gjorgji"),
    ("ђак", "đak", "djak"),
    ("џеп", "džep", "ǆep", "dzep"),
    ("любов", "Любов", "ljubov"),
    ("защита", "zastita"),
    ("мой", "moj", "мој"),
    ("qëndresë", "qendrese"),
    ("straße", "strasse"),
]


@pytest.mark.parametrize("spellings", SAME, ids=lambda spellings: spellings[0])
def test_fold_makes_the_spellings_of_a_word_one(spellings):
    assert {fold(spelling) for spelling in spellings} == {fold(spellings[0])}


@pytest.mark.parametrize("spellings", SAME, ids=lambda spellings: spellings[0])
def test_fold_takes_composed_and_decomposed_letters_for_the_same(spellings):
    decomposed = [unicodedata.normalize("NFD", spelling) for spelling in spellings]

    assert [fold(spelling) for spelling in decomposed] == [fold(s) for s in spellings]


@pytest.mark.parametrize(
    ("one", "other"), [("ќе", "ке"), ("ѓон", "гон"), ("љуто", "луто"), ("đak", "dak")]
)
def test_fold_keeps_different_letters_apart(one, other):
    assert fold(one) != fold(other)


@pytest.mark.parametrize("apostrophe", ["'", "\u2019", "\u02bc", "`", "\u2018"])
def test_apostrophes_part_words_whichever_is_written(apostrophe):
    assert fold_words(clean(f"l{apostrophe}école")) == ["l", "ecole"]


@given(st.text())
def test_fold_is_settled_after_once(text):
    for word in fold_words(clean(text)):
        assert fold(word) == word


@given(st.text(alphabet=st.characters()))
def test_clean_text_can_be_encoded_and_stays_as_it_is(text):
    cleaned = clean(text)

    cleaned.encode()
    assert "\x00" not in cleaned
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("en", ("mentor", "mentors")),
        ("sq", ("burg", "burgu", "burgje", "burgjet")),
        ("sq", ("radikalizim", "radikalizimi", "radikalizimit")),
        ("mk", ("затвор", "затвори", "затворите", "затворот")),
        ("bg", ("програма", "програмата", "програми")),
        ("sr", ("škola", "škole", "школама")),
        ("ro", ("școală", "școala")),
        ("tr", ("okul", "okullar")),
        ("el", ("σχολείο", "σχολεία")),
    ],
)
def test_stem_brings_the_forms_of_a_word_together(language, forms):
    assert {stem(form, language) for form in forms} == {stem(forms[0], language)}


def test_stem_leaves_words_of_languages_without_a_stemmer():
    assert stem("Házak", "hu") == "hazak"
    assert stem_words("Házak", "hu") == []
    assert not has_stemmer("hu")


def test_possible_stems_have_the_stem_of_every_language():
    stems = possible_stems("mentors")

    assert {stem("mentors", language) for language in ("en", "sq", "sr", "mk")} <= stems
