"""Words in the order of each language's alphabet."""

import pytest

from focal.vocabulary.collation import get_sort_key


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("hr", ["cesta", "čelo", "ćup", "dan", "džep", "đak", "luk", "ljeto", "nos", "njiva"]),
        ("sq", ["çaj", "dem", "dhomë", "emër", "ëndërr", "gur", "gjak", "xixë", "xham"]),
        ("tr", ["cam", "çam", "ılık", "İpek", "ot", "öz", "su", "şap"]),
        ("ro", ["apă", "ăla", "sare", "șarpe", "tare", "țară"]),
        ("mk", ["град", "ѓавол", "ена", "ѕвезда", "куќа", "љубов", "шума"]),
        ("sr-Cyrl", ["дан", "ђак", "жена", "јагода", "љубав", "њива", "ћуп", "чело", "џеп"]),
        ("el", ["άλφα", "βήτα", "Γάμμα", "ωμέγα"]),
        ("bg", ["икона", "иск", "йод", "къща", "щит", "ъгъл"]),
        ("en", ["Åland", "apple", "Bosnia"]),
    ],
)
def test_words_stand_in_the_order_of_the_alphabet(language, words):
    mixed = words[::-1]

    assert sorted(mixed, key=lambda word: get_sort_key(word, language)) == words
