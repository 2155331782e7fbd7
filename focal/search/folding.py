"""One shape for words that readers take for the same: letters, scripts, accents, stems.

Everything becomes lower-case Latin (or Greek) letters without marks, so that `strucnjak`
finds `stručnjak` and `стручњак`. What looks the same to a reader of the region must fold to
the same; what differs in meaning by an accent alone is found together, and ranked by the rest.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import Stemmer

LONGEST = 60  # characters of a token that count
TOKEN = re.compile(r"[^\W_]+")

CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "ђ": "dj", "ѓ": "gj", "е": "e", "ж": "z",
    "з": "z", "ѕ": "dz", "и": "i", "ј": "j", "й": "j", "к": "k", "л": "l", "љ": "lj", "м": "m",
    "н": "n", "њ": "nj", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "ћ": "c", "ќ": "kj",
    "у": "u", "ф": "f", "х": "h", "ц": "c", "ч": "c", "џ": "dz", "ш": "s", "щ": "st", "ъ": "a",
    "ь": "", "ю": "ju", "я": "ja", "ы": "i", "э": "e", "ё": "e", "і": "i", "є": "e", "ї": "i",
    "ґ": "g",
}  # fmt: skip
# fmt: off
LETTERS = str.maketrans(
    {
        **CYRILLIC,
        "đ": "dj", "ð": "d", "ı": "i", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "ß": "ss",
        "þ": "th", "ς": "σ", "ħ": "h",
    }
)
# fmt: on
# Letters whose mark is part of the letter: they must be told from й = и + breve first.
WHOLE = str.maketrans({"й": "ј", "ѓ": "ѓ", "ќ": "ќ", "Й": "ј", "Ѓ": "ѓ", "Ќ": "ќ", "İ": "i"})

STEMMERS = {
    "en": "english",
    "ro": "romanian",
    "tr": "turkish",
    "el": "greek",
    "sr": "serbian",
    "bs": "serbian",
    "hr": "serbian",
    "cnr": "serbian",
}
# Languages without a good stemmer: the commonest endings (articles, cases, plurals), longest
# first, taken off the folded word once. A stem weighs less than the word itself.
ENDINGS = {
    "sq": "jeve eve ave jet je ve es et it in en ja at ta se te i e a u n t",
    "mk": "ovite evite ata ite ota iot ovi evi ot ta to te oj i a e o",
    "bg": "ovete evete iata ijat ata ite ove eve jat at ta to te ja i a e o",
    "sl": "skega skemu ega emu imi ami ama oma ema ost ih im om em ov ev ah eh a e i o u",
}
LIGHT = {language: tuple(endings.split()) for language, endings in ENDINGS.items()}
SHORTEST_STEM = 4
_local = threading.local()


@lru_cache(maxsize=100_000)
def fold(token: str) -> str:
    """A word's folded form; the same for every spelling a reader takes for the same word."""
    token = unicodedata.normalize("NFC", token[:LONGEST])
    protected = token.translate(WHOLE).lower()
    # ѓ and ќ would lose their mark in the next step and become г and к.
    protected = protected.replace("ѓ", "gj").replace("ќ", "kj")
    bare = "".join(c for c in unicodedata.normalize("NFKD", protected) if not _is_mark(c))
    return bare.translate(LETTERS).casefold().translate(LETTERS)


@lru_cache(maxsize=5_000)
def fold_letter(letter: str) -> str:
    """What a word that begins with this letter begins with when folded; empty if that hangs on."""
    return fold(letter)[:1]


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) == "Mn"


def clean(text: str) -> str:
    """Text that every library takes: composed letters, no lone surrogates, no NUL.

    The apostrophe that counts as a letter becomes one that parts words, as all others do.
    """
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\x00", " ")
    return unicodedata.normalize("NFC", text).replace("\u02bc", "\u2019")


def tokenize(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and folded form of every word. Apostrophes and hyphens part words."""
    for match in TOKEN.finditer(text):
        folded = fold(match.group())
        if folded:
            yield match.start(), match.end(), folded


def fold_words(text: str) -> list[str]:
    """The folded words of a text, in their order."""
    return [folded for _start, _end, folded in tokenize(text)]


def as_written(text: str) -> list[str]:
    """The words of a text with their own letters and accents, small and great taken for one."""
    return [match.group().lower() for match in TOKEN.finditer(text)]


def has_stemmer(language: str) -> bool:
    """Whether words of a language have stems here."""
    return _base(language) in STEMMERS or _base(language) in LIGHT


def _base(language: str) -> str:
    return language.partition("-")[0].lower()


@lru_cache(maxsize=100_000)
def stem(token: str, language: str) -> str:
    """The folded stem of a word in a language that has one, else its folded form."""
    if _base(language) in LIGHT:
        return _strip_ending(fold(token), LIGHT[_base(language)])
    name = STEMMERS.get(_base(language))
    if name is None:
        return fold(token)
    if not hasattr(_local, "stemmers"):
        _local.stemmers = {}
    stemmer = _local.stemmers.setdefault(name, Stemmer.Stemmer(name))
    word = token[:LONGEST].replace("İ", "i").lower()
    return fold(stemmer.stemWord(word)) or fold(token)


def _strip_ending(word: str, endings: tuple[str, ...]) -> str:
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word[: -len(ending)]
    return word


@lru_cache(maxsize=200_000)
def get_forms(token: str, language: str) -> tuple[str, str]:
    """A word's folded form and its stem; no stem in a language without a stemmer."""
    return fold(token), stem(token, language) if has_stemmer(language) else ""


def stem_words(text: str, language: str) -> list[str]:
    """Stems of a text's words that differ from their folded form."""
    if not has_stemmer(language):
        return []
    stems = []
    for match in TOKEN.finditer(text):
        found = stem(match.group(), language)
        if found:
            stems.append(found)
    return stems


@lru_cache(maxsize=5_000)
def possible_stems(token: str) -> frozenset[str]:
    """Stems of a word of unknown language, in every language that has a stemmer."""
    return frozenset(
        found
        for language in ("en", "ro", "tr", "el", "sr", *LIGHT)
        if (found := stem(token, language))
    )
