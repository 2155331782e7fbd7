"""Which economies does a text speak of? A proposal for whoever files the text, no more.

Names are compared word by word, without case and diacritics, in all languages at once, former
names and common inflected forms among them. The longest name that fits wins, so that
'Central Macedonia' is Greece and 'North Macedonia' is not also plain 'Macedonia'.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from focal.vocabulary.snapshot import Vocabulary, get_vocabulary
from focal.vocabulary.transliterate import to_cyrillic

_WORD = re.compile(r"[^\W_]+")
_LETTERS = str.maketrans({"đ": "d", "ı": "i", "ł": "l", "ς": "σ", "ø": "o"})

# Endings by language: (ending of the name, endings it takes in sentences). Only nouns whose
# forms cannot be taken for another word.
Rules = tuple[tuple[str, tuple[str, ...]], ...]
_ENDINGS: dict[str, Rules] = {
    "bs": (("ija", ("ije", "iji", "iju", "ijo", "ijom")), ("ska", ("ske", "sku", "skoj")),
           ("cka", ("cke", "cku", "ckoj")), ("cna", ("cne", "cnu", "cnoj", "cnom")),
           ("rna", ("rne", "rnu", "rnoj", "rnom")), ("ora", ("ore", "oru", "ori", "orom")),
           ("ovo", ("ova", "ovu", "ovom")), ("ina", ("ine", "inu", "ini", "inom")),
           ("osna", ("osne", "osnu", "osni", "osnom")), ("nska", ("nske", "nsku", "nskoj")),
           ("erna", ("erne", "ernu", "ernoj", "ernom"))),
    "sl": (("ija", ("ije", "iji", "ijo")), ("ska", ("ske", "ski", "sko")),
           ("vaška", ("vaske", "vasko")), ("rna", ("rne", "rni", "rno")),
           ("ora", ("ore", "ori", "oro")), ("ovo", ("ova", "ovu", "ovem", "ovom")),
           ("ina", ("ine", "ini", "ino")), ("osna", ("osne", "osni", "osno")),
           ("erna", ("erne", "erni", "erno"))),
    "sq": (("i", ("ia", "ise", "ine")), ("e", ("es", "en")), ("a", ("es", "en"))),
    "el": (("α", ("ας",)), ("ο", ("ου",)), ("ία", ("ίας",)), ("ος", ("ου",))),
    "ro": (("ia", ("iei",)), ("ova", ("ovei",)), ("ica", ("icii",)), ("egru", ("egrului",))),
}  # fmt: skip
_ENDINGS["sr-Cyrl"] = tuple(
    (to_cyrillic(ending), tuple(to_cyrillic(other) for other in others))
    for ending, others in _ENDINGS["bs"]
)
_SAME_ENDINGS = {"hr": "bs", "cnr": "bs", "sr-Latn": "bs", "bs-Cyrl": "sr-Cyrl"}

# Forms that no rule makes, and regions whose names contain another economy's name.
_MORE = {
    "AL": ("shqiperise", "shqiperine"),
    "BA": ("bosnje hercegovines", "bosnje hercegovinen", "bosnjes dhe hercegovines",
           "bosnia herzegovina", "bosna i hercegovine"),
    "GR": ("central macedonia", "western macedonia", "eastern macedonia", "aegean macedonia",
           "greek macedonia", "egejska makedonija", "егејска македонија", "ελλαδος"),
    "HR": ("na hrvaskem",),
    "ME": ("malit te zi", "malin e zi", "malit zi"),
    "MK": ("maqedonise se veriut", "maqedonine e veriut", "βορειας μακεδονιας",
           "republikes se maqedonise se veriut", "macedoniei de nord"),
    "RO": ("romaniei",),
    "XK": ("kosoves", "kosoven", "κοσσυφοπεδιου", "κοσοβου"),
}  # fmt: skip


def fold(text: str) -> str:
    """Lower case without diacritics; Turkish ı and final sigma like their plain letters."""
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_LETTERS)


def find_economies(text: str) -> set[str]:
    """Codes of the economies that a text names, in any language, by any name they had."""
    forms, starts, longest = _get_forms(get_vocabulary())
    words = _WORD.findall(fold(text))
    found: set[str] = set()
    place = 0
    while place < len(words):
        step = 1
        if words[place] in starts:
            for length in range(min(longest, len(words) - place), 0, -1):
                codes = forms.get(tuple(words[place : place + length]))
                if codes:
                    found |= codes
                    step = length
                    break
        place += step
    return found


Forms = tuple[dict[tuple[str, ...], frozenset[str]], frozenset[str], int]
_held: tuple[Vocabulary, Forms] | None = None


def _get_forms(vocabulary: Vocabulary) -> Forms:
    global _held  # noqa: PLW0603 -- made once for each snapshot
    if _held is None or _held[0] is not vocabulary:
        _held = (vocabulary, _make_forms(vocabulary))
    return _held[1]


def _make_forms(vocabulary: Vocabulary) -> Forms:
    gathered: dict[tuple[str, ...], set[str]] = {}
    for code, entry in vocabulary.economies.items():
        for name in entry.names:
            for form in _inflect(name.name, name.language):
                gathered.setdefault(form, set()).add(code)
        for more in _MORE.get(code, ()):
            gathered.setdefault(tuple(_WORD.findall(fold(more))), set()).add(code)
    forms = {form: frozenset(codes) for form, codes in gathered.items() if form}
    starts = frozenset(form[0] for form in forms)
    return forms, starts, max((len(form) for form in forms), default=0)


def _inflect(name: str, language: str) -> Iterator[tuple[str, ...]]:
    """The name's words as they are, and with the same case ending on each that takes one."""
    words = tuple(_WORD.findall(fold(name)))
    yield words
    if name.isupper() or (len(name) <= 4 and not name.istitle()):  # acronyms do not bend
        return
    rules = _ENDINGS.get(_SAME_ENDINGS.get(language, language), ())
    choices = [list(dict.fromkeys((word, *_bend(word, rules)))) for word in words]
    yield from _combine(choices)


def _bend(word: str, rules: Rules) -> Iterator[str]:
    for ending, others in rules:
        bare = fold(ending)
        if word.endswith(bare) and len(word) > len(bare):
            for other in others:
                yield word[: -len(bare)] + fold(other)


def _combine(choices: list[list[str]]) -> Iterator[tuple[str, ...]]:
    combined: list[tuple[str, ...]] = [()]
    for options in choices:
        combined = [(*start, option) for start in combined for option in options]
        if len(combined) > 400:  # long official names: the plain form is enough
            return
    yield from combined
