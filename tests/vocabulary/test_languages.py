"""One spelling of language codes, and words in the nearest language."""

import pytest

from focal.vocabulary.languages import canonical_language, django_language, get_fallbacks


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("sr", "sr-Cyrl"),
        ("sr-latn", "sr-Latn"),
        ("sr_Latn", "sr-Latn"),
        ("SR-CYRL", "sr-Cyrl"),
        ("sr-Latn-ME", "cnr"),
        ("bs-Latn", "bs"),
        ("bs_Cyrl", "bs-Cyrl"),
        ("en-GB", "en"),
        ("ro-MD", "ro"),
        ("mo", "ro"),
        ("gag", "gag"),
        ("", "en"),
    ],
)
def test_canonical_language_is_one_spelling(written, meant):
    assert canonical_language(written) == meant


@pytest.mark.parametrize(
    ("code", "django"), [("sr-Cyrl", "sr"), ("sr-Latn", "sr-latn"), ("mk", "mk"), ("en", "en")]
)
def test_django_language_is_what_django_translates(code, django):
    assert django_language(code) == django


@pytest.mark.parametrize(
    ("language", "chain"),
    [
        ("sr-latn", ["sr-Latn", "sr-Cyrl", "en"]),
        ("cnr", ["cnr", "cnr-Cyrl", "bs", "en"]),
        ("cnr-Cyrl", ["cnr-Cyrl", "cnr", "bs", "en"]),
        ("sq", ["sq", "en"]),
    ],
)
def test_fallbacks_go_by_the_nearest_readership(language, chain):
    assert [code for code, _rewrite in get_fallbacks(language)] == chain
