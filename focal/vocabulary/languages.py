"""Codes of languages: one spelling (BCP 47), whatever Django, a file or a browser wrote.

Bosnian, Croatian, Montenegrin and Serbian are four languages with one readership; Serbian
Latin and Cyrillic are two entries, and `sr` without a script is Cyrillic, as in CLDR and Django.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from focal.vocabulary.transliterate import to_cyrillic, to_latin

# What other systems write, in lower case with hyphens, and what is meant.
_MEANT = {
    "sr": "sr-Cyrl",
    "sr-cyrl": "sr-Cyrl",
    "sr-latn": "sr-Latn",
    "sr-rs": "sr-Cyrl",
    "sr-xk": "sr-Cyrl",
    "sr-me": "cnr",
    "sr-latn-me": "cnr",
    "sr-cyrl-me": "cnr-Cyrl",
    "sr-cyrl-rs": "sr-Cyrl",
    "sr-latn-rs": "sr-Latn",
    "bs-latn": "bs",
    "bs-cyrl": "bs-Cyrl",
    "cnr-latn": "cnr",
    "cnr-cyrl": "cnr-Cyrl",
    "sh": "sr-Latn",
    "mo": "ro",
    "gr": "el",
    "al": "sq",
    "rom": "rmn",
}
# Those that it has no catalogue of speak with their nearest neighbour's words.
_DJANGO = {
    "sr-Cyrl": "sr",
    "sr-Latn": "sr-latn",
    "cnr": "bs",
    "cnr-Cyrl": "sr",
    "bs-Cyrl": "sr",
}


def _same(text: str) -> str:
    return text


# Where a label is looked for when a language has none of its own, and how it is rewritten.
_NEAREST: dict[str, tuple[tuple[str, Callable[[str], str]], ...]] = {
    "sr-Latn": (("sr-Cyrl", to_latin),),
    "sr-Cyrl": (("sr-Latn", to_cyrillic),),
    "bs": (("bs-Cyrl", to_latin),),
    "bs-Cyrl": (("bs", to_cyrillic),),
    "cnr": (("cnr-Cyrl", to_latin), ("bs", _same)),
    "cnr-Cyrl": (("cnr", to_cyrillic), ("bs", to_cyrillic)),
}


def canonical_language(code: str) -> str:
    """The vocabulary's code: 'sr' is 'sr-Cyrl', 'sr_Latn' and 'sr-latn' are 'sr-Latn'."""
    plain = code.strip().replace("_", "-").lower()
    if plain in _MEANT:
        return _MEANT[plain]
    return plain.split("-")[0] if plain else "en"


def django_language(code: str) -> str:
    """The code that Django's translations use for a language of the vocabulary."""
    canonical = canonical_language(code)
    return _DJANGO.get(canonical, canonical)


@lru_cache(maxsize=256)
def get_fallbacks(language: str) -> tuple[tuple[str, Callable[[str], str]], ...]:
    """Where to look for a word, in order, each with the rewriting it then needs."""
    own = canonical_language(language)
    return ((own, _same), *_NEAREST.get(own, ()), ("en", _same))
