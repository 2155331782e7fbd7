"""Units as a number takes them: '1 person', '21 osoba', '2 osobi', '875 de persoane'.

The common units have their forms here, by language; any other is said as its series writes it.
Forms stand in the order of the languages' plural rules (Unicode CLDR): one, two where there is a
dual, few, many; those of Bosnian serve Montenegrin.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from focal.vocabulary.languages import get_fallbacks

Rule = Callable[[Decimal], int]


def _one_or_more(number: Decimal) -> int:
    return int(number != 1)


def _macedonian(number: Decimal) -> int:
    return int(not (number % 10 == 1 and number % 100 != 11))


def _south_slavic(number: Decimal) -> int:
    """One, few, many; a fraction is as few."""
    if number != int(number):
        return 1
    if number % 10 == 1 and number % 100 != 11:
        return 0
    return 1 if 2 <= number % 10 <= 4 and not 12 <= number % 100 <= 14 else 2


def _slovene(number: Decimal) -> int:
    """One, two, few, many; a fraction is as few."""
    if number != int(number):
        return 2
    return {1: 0, 2: 1, 3: 2, 4: 2}.get(int(number % 100), 3)


def _romanian(number: Decimal) -> int:
    """One; few, up to nineteen; and many, with 'de'."""
    if number == 1:
        return 0
    is_few = number != int(number) or number == 0 or 1 <= number % 100 <= 19
    return 1 if is_few else 2


RULES: dict[str, Rule] = {
    "en": _one_or_more,
    "sq": _one_or_more,
    "el": _one_or_more,
    "bg": _one_or_more,
    "tr": _one_or_more,
    "mk": _macedonian,
    "bs": _south_slavic,
    "hr": _south_slavic,
    "sr-Latn": _south_slavic,
    "sl": _slovene,
    "ro": _romanian,
}
# The words a series may give its unit by, and the forms that stand for them.
SAME = {"persons": "people"}
FORMS: dict[str, dict[str, str]] = {
    "people": {
        "en": "person|people",
        "sq": "person|persona",
        "el": "άτομο|άτομα",
        "bg": "човек|души",
        "tr": "kişi|kişi",
        "mk": "лице|лица",
        "bs": "osoba|osobe|osoba",
        "hr": "osoba|osobe|osoba",
        "sr-Latn": "osoba|osobe|osoba",
        "sl": "oseba|osebi|osebe|oseb",
        "ro": "persoană|persoane|de persoane",
    },
    "women": {
        "en": "woman|women",
        "sq": "grua|gra",
        "el": "γυναίκα|γυναίκες",
        "bg": "жена|жени",
        "tr": "kadın|kadın",
        "mk": "жена|жени",
        "bs": "žena|žene|žena",
        "hr": "žena|žene|žena",
        "sr-Latn": "žena|žene|žena",
        "sl": "ženska|ženski|ženske|žensk",
        "ro": "femeie|femei|de femei",
    },
    "men": {
        "en": "man|men",
        "sq": "burrë|burra",
        "el": "άνδρας|άνδρες",
        "bg": "мъж|мъже",
        "tr": "erkek|erkek",
        "mk": "маж|мажи",
        "bs": "muškarac|muškarca|muškaraca",
        "hr": "muškarac|muškarca|muškaraca",
        "sr-Latn": "muškarac|muškarca|muškaraca",
        "sl": "moški|moška|moški|moških",
        "ro": "bărbat|bărbați|de bărbați",
    },
    "children": {
        "en": "child|children",
        "sq": "fëmijë|fëmijë",
        "el": "παιδί|παιδιά",
        "bg": "дете|деца",
        "tr": "çocuk|çocuk",
        "mk": "дете|деца",
        "bs": "dijete|djeteta|djece",
        "hr": "dijete|djeteta|djece",
        "sr-Latn": "dete|deteta|dece",
        "sl": "otrok|otroka|otroci|otrok",
        "ro": "copil|copii|de copii",
    },
    "years": {
        "en": "year|years",
        "sq": "vit|vjet",
        "el": "έτος|έτη",
        "bg": "година|години",
        "tr": "yıl|yıl",
        "mk": "година|години",
        "bs": "godina|godine|godina",
        "hr": "godina|godine|godina",
        "sr-Latn": "godina|godine|godina",
        "sl": "leto|leti|leta|let",
        "ro": "an|ani|de ani",
    },
    "years of prison": {
        "en": "year of prison|years of prison",
        "sq": "vit burgim|vjet burgim",
        "el": "έτος φυλάκισης|έτη φυλάκισης",
        "bg": "година затвор|години затвор",
        "tr": "yıl hapis|yıl hapis",
        "mk": "година затвор|години затвор",
        "bs": "godina zatvora|godine zatvora|godina zatvora",
        "hr": "godina zatvora|godine zatvora|godina zatvora",
        "sr-Latn": "godina zatvora|godine zatvora|godina zatvora",
        "sl": "leto zapora|leti zapora|leta zapora|let zapora",
        "ro": "an de închisoare|ani de închisoare|de ani de închisoare",
    },
    "notices": {
        "en": "notice|notices",
        "sq": "njoftim|njoftime",
        "el": "αγγελία|αγγελίες",
        "bg": "бюлетин|бюлетина",
        "tr": "bülten|bülten",
        "mk": "потерница|потерници",
        "bs": "potjernica|potjernice|potjernica",
        "hr": "tjeralica|tjeralice|tjeralica",
        "sr-Latn": "poternica|poternice|poternica",
        "sl": "tiralica|tiralici|tiralice|tiralic",
        "ro": "notificare|notificări|de notificări",
    },
    "organisations": {
        "en": "organisation|organisations",
        "sq": "organizatë|organizata",
        "el": "οργανισμός|οργανισμοί",
        "bg": "организация|организации",
        "tr": "kuruluş|kuruluş",
        "mk": "организација|организации",
        "bs": "organizacija|organizacije|organizacija",
        "hr": "organizacija|organizacije|organizacija",
        "sr-Latn": "organizacija|organizacije|organizacija",
        "sl": "organizacija|organizaciji|organizacije|organizacij",
        "ro": "organizație|organizații|de organizații",
    },
    "companies": {
        "en": "company|companies",
        "sq": "kompani|kompani",
        "el": "εταιρεία|εταιρείες",
        "bg": "дружество|дружества",
        "tr": "şirket|şirket",
        "mk": "компанија|компании",
        "bs": "kompanija|kompanije|kompanija",
        "hr": "tvrtka|tvrtke|tvrtki",
        "sr-Latn": "kompanija|kompanije|kompanija",
        "sl": "podjetje|podjetji|podjetja|podjetij",
        "ro": "companie|companii|de companii",
    },
    "projects": {
        "en": "project|projects",
        "sq": "projekt|projekte",
        "el": "έργο|έργα",
        "bg": "проект|проекта",
        "tr": "proje|proje",
        "mk": "проект|проекти",
        "bs": "projekat|projekta|projekata",
        "hr": "projekt|projekta|projekata",
        "sr-Latn": "projekat|projekta|projekata",
        "sl": "projekt|projekta|projekti|projektov",
        "ro": "proiect|proiecte|de proiecte",
    },
    "events": {
        "en": "event|events",
        "sq": "veprimtari|veprimtari",
        "el": "εκδήλωση|εκδηλώσεις",
        "bg": "събитие|събития",
        "tr": "etkinlik|etkinlik",
        "mk": "настан|настани",
        "bs": "događaj|događaja|događaja",
        "hr": "događaj|događaja|događaja",
        "sr-Latn": "događaj|događaja|događaja",
        "sl": "dogodek|dogodka|dogodki|dogodkov",
        "ro": "eveniment|evenimente|de evenimente",
    },
    "economies": {
        "en": "economy|economies",
        "sq": "ekonomi|ekonomi",
        "el": "οικονομία|οικονομίες",
        "bg": "икономика|икономики",
        "tr": "ekonomi|ekonomi",
        "mk": "економија|економии",
        "bs": "ekonomija|ekonomije|ekonomija",
        "hr": "gospodarstvo|gospodarstva|gospodarstava",
        "sr-Latn": "ekonomija|ekonomije|ekonomija",
        "sl": "gospodarstvo|gospodarstvi|gospodarstva|gospodarstev",
        "ro": "economie|economii|de economii",
    },
}


def count_unit(unit: str, number: Decimal | None, language: str) -> str:
    """A unit as it stands behind a number in a language, or in the nearest that has it.

    Without a number, or where the unit is not known, it is the unit as it is given.
    """
    forms = FORMS.get(SAME.get(unit, unit))
    if forms is None or number is None:
        return unit
    for code, rewrite in get_fallbacks(language):
        if code in forms:
            return rewrite(forms[code].split("|")[RULES[code](abs(number))])
    return unit
