"""Numbers and what they count, as each language of the platform writes them."""

from decimal import Decimal

import pytest
from django.conf import settings
from django.utils import translation

from focal.indicators.selectors import format_number
from focal.indicators.units import FORMS, RULES, count_unit
from focal.vocabulary.languages import canonical_language, django_language

NUMBERS = [Decimal(text) for text in ("1", "2", "5", "21", "2.5", "7500")]
SAID = {
    "en": "1 person, 2 people, 5 people, 21 people, 2.5 people, 7,500 people",
    "sq": "1 person, 2 persona, 5 persona, 21 persona, 2,5 persona, 7.500 persona",
    "bs": "1 osoba, 2 osobe, 5 osoba, 21 osoba, 2,5 osobe, 7.500 osoba",
    "hr": "1 osoba, 2 osobe, 5 osoba, 21 osoba, 2,5 osobe, 7.500 osoba",
    "sr": "1 особа, 2 особе, 5 особа, 21 особа, 2,5 особе, 7.500 особа",
    "sr-latn": "1 osoba, 2 osobe, 5 osoba, 21 osoba, 2,5 osobe, 7.500 osoba",
    "mk": "1 лице, 2 лица, 5 лица, 21 лице, 2,5 лица, 7.500 лица",
    "bg": "1 човек, 2 души, 5 души, 21 души, 2,5 души, 7 500 души",
    "el": "1 άτομο, 2 άτομα, 5 άτομα, 21 άτομα, 2,5 άτομα, 7.500 άτομα",
    "ro": "1 persoană, 2 persoane, 5 persoane, 21 de persoane, 2,5 persoane, 7.500 de persoane",
    "sl": "1 oseba, 2 osebi, 5 oseb, 21 oseb, 2,5 osebe, 7.500 oseb",
    "tr": "1 kişi, 2 kişi, 5 kişi, 21 kişi, 2,5 kişi, 7.500 kişi",
}


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_every_language_counts_as_it_should(language):
    with translation.override(language):
        said = ", ".join(
            f"{format_number(number)} {count_unit('people', number, language)}"
            for number in NUMBERS
        )

    assert said.replace("\u00a0", " ").replace("\u202f", " ") == SAID[language]


def test_every_unit_has_all_forms_of_every_language():
    needed = {code: 1 + max(RULES[code](Decimal(n)) for n in range(200)) for code in RULES}

    for unit, forms in FORMS.items():
        counted = {code: len(said.split("|")) for code, said in forms.items()}
        assert counted == needed, unit


def test_what_is_not_known_is_said_as_it_is_given():
    assert count_unit("%", Decimal(73), "sr") == "%"
    assert count_unit("people", None, "sr") == "people"
    assert count_unit("persons", Decimal(1), "en") == "person"
    assert count_unit("people", Decimal(3), "cnr") == "osobe"


@pytest.mark.parametrize("code", ["cnr", "cnr-Cyrl", "bs-Cyrl", "sr", "sr-Latn"])
def test_readers_of_one_tongue_are_answered_in_it(code):
    known = {name for name, _label in settings.LANGUAGES}

    assert django_language(canonical_language(code)) in known
