"""Economies found in texts."""

import pytest

from focal.vocabulary.matching import find_economies


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Izvještaj o Bosni i Hercegovini, Srbiji i Crnoj Gori", {"BA", "RS", "ME"}),
        ("U HRVATSKOJ i sjevernoj makedoniji", {"HR", "MK"}),
        ("У Србији и Босни и Херцеговини, на Косову", {"RS", "BA", "XK"}),
        ("Në Shqipëri dhe në Kosovë; Malit të Zi", {"AL", "XK", "ME"}),
        ("Republika e Maqedonisë së Veriut", {"MK"}),
        ("Во Северна Македонија и Бугарија", {"MK", "BG"}),
        ("Албания и Гърция", {"AL", "GR"}),
        ("της Βόρειας Μακεδονίας, ΕΛΛΑΔΑ, του Κοσόβου", {"MK", "GR", "XK"}),
        ("Republicii Moldova; Bosniei și Herţegovinei", {"MD", "BA"}),
        ("na Hrvaškem, v Črni gori", {"HR", "ME"}),
        ("Türkiye'de ve Sırbistan'da", {"TR", "RS"}),
        ("Kosovo* and BiH", {"XK", "BA"}),
    ],
)
def test_names_are_found_in_all_languages_and_cases(vocabulary, text, codes):
    assert find_economies(text) == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("the former Yugoslav Republic of Macedonia, March 2017", {"MK"}),
        ("Turkey, 2015", {"TR"}),
        ("Serbia and Montenegro", {"RS", "ME"}),
        ("the Federal Republic of Yugoslavia", {"RS", "ME"}),
        ("БЮРМ", {"MK"}),
    ],
)
def test_former_names_are_found(vocabulary, text, codes):
    assert find_economies(text) == codes


@pytest.mark.parametrize(
    "text",
    [
        "na bugarskom jeziku",
        "the Romani people",
        "Serbian language",
        "Yugoslavia",
        "",
        "\x00\ud800",
    ],
)
def test_what_only_looks_like_a_name_is_not_found(vocabulary, text):
    assert find_economies(text) == set()


def test_the_longest_name_wins(vocabulary):
    assert find_economies("Region of Central Macedonia") == {"GR"}


@pytest.mark.shared_data
def test_the_economy_of_a_real_text_is_found(vocabulary, shared_data):
    folder = shared_data / "osce" / "survey-on-decentralization-2008"
    text = "\n".join(path.read_text("utf-8") for path in sorted(folder.glob("*.t*")))

    assert "MK" in find_economies(text)
