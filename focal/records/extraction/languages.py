"""Which language a text is written in, from its words.

Lingua tells the languages apart by groups of letters. It always names one, also for Romani
or nonsense, so its answer counts only when the language's small words are there too; else
the language stays open. Bosnian, Croatian, Montenegrin and Serbian differ in too little for
statistics: script and telling words decide, and what the file itself says.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from focal.records.extraction import words
from focal.vocabulary.languages import canonical_language

_LINGUA = {
    "ALBANIAN": "sq",
    "BOSNIAN": "sh",
    "BULGARIAN": "bg",
    "CROATIAN": "sh",
    "ENGLISH": "en",
    "FRENCH": "fr",
    "GERMAN": "de",
    "GREEK": "el",
    "HUNGARIAN": "hu",
    "ITALIAN": "it",
    "MACEDONIAN": "mk",
    "ROMANIAN": "ro",
    "RUSSIAN": "ru",
    "SERBIAN": "sr-Cyrl",
    "SLOVENE": "sl",
    "TURKISH": "tr",
}
KIN = frozenset({"bs", "hr", "cnr", "sr-Latn"})
CYRILLIC_KIN = frozenset({"sr-Cyrl", "bs-Cyrl", "cnr-Cyrl"})
NEAR = {"tr": frozenset({"gag"}), "ro": frozenset({"rmy", "rmn"})}
MIN_COVERAGE = 0.06  # share of small words below which the answer is not believed
_SAMPLE = 6_000
_WORD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"\S*(?:@|://|www\.)\S*")

# What some of the four write and the others do not: words, or their beginnings (hyphen).
_TELLING: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("tko netko svatko nitko itko", ("hr",)),
    ("ko neko svako niko iko", ("bs", "sr-Latn", "cnr")),
    ("također", ("bs", "hr")),
    ("takođe", ("sr-Latn", "cnr")),
    ("opći opća opće općeg općih općin- općen-", ("bs", "hr")),
    ("opšt- uopšt-", ("sr-Latn", "cnr")),
    (
        "obitelj- europ- suradnj- surađ- sustav- izvješć- promicanj- tijekom uporab- "
        "tisuć- tjed- glede gospodarstv- ravnatelj- sveučiliš- udrug- povjerenstv- "
        "neovisn- županij- priopć- stožer- sigurnosn- siječnj- veljač- ožujk- travnj- "
        "svibnj- lipnj- srpnj- kolovoz- rujn- listopad- studenog- prosin- odgoj- pučanst- "
        "samouprav- nazočn- skrb- glazb- točn-",
        ("hr",),
    ),
    (
        "porodic- evrop- saradnj- sarađ- uslov- sistem- finansij- januar- februar- "
        "avgust- hiljad- univerzitet- tačn-",
        ("bs", "sr-Latn", "cnr"),
    ),
    (
        "historij- lahk- mehk- hefta- sedmic- uposleni- kantona- kantonaln- entitet- "
        "općinsk- bosansk- obezbjeđ- sarajev-",
        ("bs",),
    ),
    ("uvjet- organizir- informir- financir- izvještaj-", ("bs", "hr")),
    (
        "bezbedn- bezbjedn- nedelj- izveštaj- sprovođ- sprovod- obaveštav- učešć- spreč-",
        ("sr-Latn",),
    ),
    (
        "nijesam nijesu nijesmo nijeste nijesi śever- śutra đe đec- ovđe crnogorsk- "
        "podgoric- bezbjedn-",
        ("cnr",),
    ),
)
_IJEKAVIAN = re.compile(
    r"\b\w*(?:ijed|ijes|ijep|ijel|ijet|ijen|ijem|ijer|ijev|vjet|vjer|mjer|mjes|bjed|bjeđ|djec|djel|"
    r"sjed|tjel|vjes|cjel|ljed|uvjer|čovjek|ovdje|gdje|uvijek|poslije|prije)\w*",
    re.IGNORECASE,
)
_EKAVIAN = re.compile(
    r"\b(?:\w*(?:bezbed|vred|vrem|čovek|izvešt|zahtev|promen|primen)\w*|mer[aeiou]|dec[aeiou]|del[ao]|"
    r"delov\w*|deluj\w*|vest[i]?|rešenj\w*|rešav\w*|uvek|gde|posle|ovde|celo|mest[aou]|svet[au]?|svest|"
    r"sredstv\w*)\b",
    re.IGNORECASE,
)


def detect_language(text: str, hint: str = "") -> str:
    """The language's code, or nothing when the words do not tell.

    `hint` is what the file or its name says: it decides among languages that can hardly be
    told apart, and for those that cannot be recognised at all.
    """
    hint = canonical_language(hint) if hint.strip() else ""
    sample = _take_sample(text)
    tokens = _WORD.findall(sample)
    found = _recognise(sample, tokens)
    if found == "sh":
        return hint if hint in KIN else _tell_kin_apart(tokens)
    if found == "sr-Cyrl":
        return hint if hint in CYRILLIC_KIN else "sr-Cyrl"
    if hint and (not found or hint in NEAR.get(found, ())):
        return hint
    return found


def _take_sample(text: str) -> str:
    """From the beginning and the middle: title pages alone may be in another language."""
    if len(text) > 2 * _SAMPLE:
        middle = len(text) // 2
        text = text[:_SAMPLE] + " " + text[middle : middle + _SAMPLE]
    return _ADDRESS.sub(" ", text)


def _recognise(sample: str, tokens: list[str]) -> str:
    if sum(map(len, tokens)) < 12:
        return ""
    best = _get_detector().compute_language_confidence_values(sample)[0]
    language = _LINGUA[best.language.name]
    coverage = words.measure(tokens)
    if len(tokens) < 12:  # a line or two: small words may be missing by chance
        return language if best.value > 0.9 or coverage[language] > 0 else ""
    likeliest = max(coverage, key=lambda name: coverage[name])
    if coverage[language] >= max(MIN_COVERAGE, 0.8 * coverage[likeliest]):
        return language
    return ""


@cache
def _get_detector() -> Any:
    from lingua import Language, LanguageDetectorBuilder  # noqa: PLC0415 -- 30 MB, only when asked

    languages = [getattr(Language, name) for name in _LINGUA]
    return (
        LanguageDetectorBuilder.from_languages(*languages)
        .with_low_accuracy_mode()  # 30 MB instead of 400; as good from a sentence upwards
        .build()
    )


def _tell_kin_apart(tokens: list[str]) -> str:
    folded = [token.lower() for token in tokens]
    text = " ".join(folded)
    scores = dict.fromkeys(("bs", "hr", "sr-Latn", "cnr"), 0)
    for forms, codes in _TELLING:
        count = _count_forms(folded, forms)
        for code in codes:
            scores[code] += count
    scores["sr-Latn"] += 2 * (len(_EKAVIAN.findall(text)) - len(_IJEKAVIAN.findall(text)))
    if not _count_forms(folded, _TELLING[-1][0]):
        scores["cnr"] = -1  # nothing Montenegrin alone in it
    return max(scores, key=lambda code: scores[code])


def _count_forms(tokens: list[str], forms: str) -> int:
    whole = {form for form in forms.split() if not form.endswith("-")}
    starts = tuple(form[:-1] for form in forms.split() if form.endswith("-"))
    return sum(token in whole or (bool(starts) and token.startswith(starts)) for token in tokens)
