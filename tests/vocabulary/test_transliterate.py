"""Serbian in its two alphabets."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from focal.vocabulary.files import FOLDER
from focal.vocabulary.transliterate import to_cyrillic, to_latin

PAIRS = [
    ("Људска права и ђаци", "Ljudska prava i đaci"),
    ("ЊЕГОВА ЉУБАВ", "NJEGOVA LJUBAV"),
    ("Његова Џунгла", "Njegova Džungla"),
    ("инјекција, конјунктура, Танјуг", "injekcija, konjunktura, Tanjug"),
    ("надживети, поджанр, оџак", "nadživeti, podžanr, odžak"),
    ("с\u0301екира, из\u0301ести", "śekira, iźesti"),
]


@pytest.mark.parametrize(("cyrillic", "latin"), PAIRS)
def test_to_latin_and_back(cyrillic, latin):
    assert to_latin(cyrillic) == latin
    assert to_cyrillic(latin) == cyrillic


def test_capital_digraph_alone_goes_by_its_neighbours():
    assert to_latin("Љ. Њ") == "Lj. Nj"
    assert to_latin("СЉ, Љ") == "SLJ, Lj"


def test_single_code_point_digraphs_are_read():
    assert to_cyrillic("ǌegov ǈudski ǆep") == "његов Људски џеп"


def test_other_alphabets_are_left_alone():
    assert to_latin("P/CVE ελληνικά ğ") == "P/CVE ελληνικά ğ"


@given(st.text(alphabet="абвгдђежзијклмнопрстћуфхцчш љњџ.,", max_size=60))
def test_latin_of_serbian_words_has_no_cyrillic_left(text):
    assert not [letter for letter in to_latin(text) if "\u0400" <= letter <= "\u04ff"]


@pytest.mark.parametrize(
    "name",
    ["topics", "target-groups", "organisation-kinds", "prevention-levels", "extremism-kinds"],
)
def test_serbian_columns_of_the_data_files_say_the_same(name):
    with (FOLDER / f"{name}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    assert [to_cyrillic(row["sr-Latn"]) for row in rows] == [row["sr-Cyrl"] for row in rows]
    assert [to_latin(row["sr-Cyrl"]) for row in rows] == [row["sr-Latn"] for row in rows]
