"""Translations say what the original says: the same placeholders, the same tags, compiled."""

import re
from pathlib import Path

import polib
import pytest
from django.conf import settings

LOCALES = Path(settings.CODE) / "locale"
CATALOGUES = sorted(LOCALES.glob("*/LC_MESSAGES/django.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?\w+[^>]*>")


def placeholders(text):
    return sorted(PLACEHOLDER.findall(text))


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_translations_keep_every_placeholder_and_tag(path):
    wrong = [
        entry.msgid
        for entry in polib.pofile(path)
        for original, translated in _pairs(entry)
        if translated and placeholders(translated) != placeholders(original)
    ]

    assert wrong == []


def _pairs(entry):
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    # A form for exactly one may leave the number out.
    return [
        (entry.msgid_plural, text)
        for text in entry.msgstr_plural.values()
        if "%(" in text or "%s" in text or "%d" in text
    ]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_translations_are_compiled(path):
    def read(entries):
        return {
            (entry.msgctxt, entry.msgid): entry.msgstr or sorted(entry.msgstr_plural.items())
            for entry in entries
        }

    compiled = polib.mofile(str(path.with_suffix(".mo")))

    assert read(polib.pofile(path).translated_entries()) == read(compiled)


def test_every_offered_language_has_a_catalogue():
    offered = {code for code, _name in settings.LANGUAGES} - {"en"}

    assert {path.parts[-3].replace("sr_Latn", "sr-latn") for path in CATALOGUES} == offered
