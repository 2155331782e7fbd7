"""The alphabets of the region, so that a list stands in the order its readers expect."""

from __future__ import annotations

import unicodedata

from focal.vocabulary.languages import canonical_language

_LATIN = "a b c č ć d dž đ e f g h i j k l lj m n nj o p q r s š t u v w x y z ž"
_SERBIAN = "а б в г д ђ е ж з и ј к л љ м н њ о п р с т ћ у ф х ц ч џ ш"
_ALPHABETS = {
    "sq": "a b c ç d dh e ë f g gj h i j k l ll m n nj o p q r rr s sh t th u v w x xh y z zh",
    "bs": _LATIN,
    "hr": _LATIN,
    "cnr": "a b c č ć d dž đ e f g h i j k l lj m n nj o p q r s š ś t u v w x y z ž ź",
    "sr-Latn": _LATIN,
    "bs-Cyrl": _SERBIAN,
    "cnr-Cyrl": _SERBIAN,
    "sr-Cyrl": _SERBIAN,
    "mk": "а б в г д ѓ е ж з ѕ и ј к л љ м н њ о п р с т ќ у ф х ц ч џ ш",
    "bg": "а б в г д е ж з и й к л м н о п р с т у ф х ц ч ш щ ъ ь ю я",
    "sl": "a b c č d e f g h i j k l m n o p q r s š t u v w x y z ž",
    "ro": "a ă â b c d e f g h i î j k l m n o p q r s ș t ț u v w x y z",
    "tr": "a b c ç d e f g ğ h ı i j k l m n o ö p q r s ş t u ü v w x y z",
}
_PLACES = {
    language: {letter: place for place, letter in enumerate(alphabet.split())}
    for language, alphabet in _ALPHABETS.items()
}


Key = tuple[tuple[tuple[int, int], ...], str]


def get_sort_key(text: str, language: str) -> Key:
    """A key that sorts words as the language's alphabet does.

    A letter of another alphabet stands with its plain letter; accents decide only between
    words that are otherwise the same.
    """
    canonical = canonical_language(language)
    places = _PLACES.get(canonical, {})
    if canonical == "tr":
        text = text.replace("I", "ı").replace("İ", "i")
    letters = text.lower().replace("ς", "σ")
    ranks: list[tuple[int, int]] = []
    at = 0
    while at < len(letters):
        pair = letters[at : at + 2]
        letter = pair if len(pair) == 2 and pair in places else letters[at]
        ranks.append(_rank(letter, places))
        at += len(letter)
    return tuple(ranks), letters


def _rank(letter: str, places: dict[str, int]) -> tuple[int, int]:
    if letter not in places:
        letter = unicodedata.normalize("NFKD", letter)[0]
    if letter in places:
        return (1, places[letter])
    return (2 if letter.isalpha() else 0, ord(letter))
