"""The thirteen: their names in every language, the asterisk, former names, groups."""

from datetime import date

import pytest

from focal.vocabulary.files import LANGUAGES
from focal.vocabulary.models import Economy, EconomyName
from focal.vocabulary.names import FOOTNOTES, economy_name, get_footnote

THIRTEEN = ["AL", "BA", "BG", "HR", "GR", "XK", "MD", "ME", "MK", "RO", "RS", "SI", "TR"]


def test_there_are_thirteen(vocabulary):
    assert list(vocabulary.economies) == THIRTEEN


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_economy_has_a_name_of_its_own_in_every_language(vocabulary, language):
    shown = [
        [name.name for name in entry.names if name.is_display and name.language == language]
        for entry in vocabulary.economies.values()
    ]

    assert [len(names) for names in shown] == [1] * 13


@pytest.mark.parametrize("language", [*LANGUAGES, "sr", "sr-latn", "bs-cyrl", "cnr-cyrl", "xx"])
def test_kosovo_always_carries_the_asterisk_and_nobody_else_does(vocabulary, language):
    names = {code: economy_name(code, language) for code in THIRTEEN}

    assert [code for code, name in names.items() if name.endswith("*")] == ["XK"]


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("XK", "en", "Kosovo*"),
        ("XK", "tr", "Kosova*"),
        ("XK", "cnr-Cyrl", "Косово*"),
        ("MK", "en", "North Macedonia"),
        ("TR", "en", "Türkiye"),
        ("BA", "en", "Bosnia and Herzegovina"),
        ("MK", "sr", "Северна Македонија"),
        ("MK", "cnr", "Sjeverna Makedonija"),
        ("RO", "ro", "România"),
        ("GR", "xx", "Greece"),
    ],
)
def test_economy_name_in_a_language(vocabulary, code, language, name):
    assert economy_name(code, language) == name


@pytest.mark.django_db
def test_kosovo_has_its_asterisk_even_before_anything_is_loaded():
    assert economy_name("XK", "en") == "XK*"


def test_an_economy_says_its_name_without_a_query(stored, django_assert_num_queries):
    kosovo = Economy.objects.get(pk="XK")

    with django_assert_num_queries(0):
        assert (str(kosovo), kosovo.get_name("sq")) == ("Kosovo*", "Kosovë*")


def test_former_names_hold_until_the_day_they_changed(stored):
    rows = EconomyName.objects.filter(
        language="en",
        name__in=["The former Yugoslav Republic of Macedonia", "Turkey", "Serbia and Montenegro"],
    ).order_by("economy_id")

    assert [(row.economy_id, row.name, row.since, row.until) for row in rows] == [
        ("ME", "Serbia and Montenegro", date(2003, 2, 4), date(2006, 6, 3)),
        ("MK", "The former Yugoslav Republic of Macedonia", date(1993, 4, 8), date(2019, 2, 12)),
        ("RS", "Serbia and Montenegro", date(2003, 2, 4), date(2006, 6, 5)),
        ("TR", "Turkey", None, date(2022, 6, 1)),
    ]


def test_choices_stand_in_the_alphabet_of_the_reader(vocabulary):
    assert [code for code, _ in vocabulary.economy_choices("hr")] == [
        "AL", "BA", "BG", "ME", "GR", "HR", "XK", "MD", "RO", "MK", "SI", "RS", "TR",
    ]  # fmt: skip
    assert [name for _, name in vocabulary.economy_choices("en")] == [
        "Albania", "Bosnia and Herzegovina", "Bulgaria", "Croatia", "Greece", "Kosovo*",
        "Moldova", "Montenegro", "North Macedonia", "Romania", "Serbia", "Slovenia", "Türkiye",
    ]  # fmt: skip


def test_groups_have_their_members(vocabulary):
    assert {code: group.get_members() for code, group in vocabulary.groups.items()} == {
        "SEE": tuple(THIRTEEN),
        "WB6": ("AL", "BA", "XK", "ME", "MK", "RS"),
        "EU": ("BG", "HR", "GR", "RO", "SI"),
    }


def test_membership_of_a_group_goes_by_the_day(vocabulary):
    assert vocabulary.groups["EU"].get_members(date(2007, 1, 1)) == ("BG", "GR", "RO", "SI")
    assert vocabulary.groups["EU"].get_members(date(2006, 12, 31)) == ("GR", "SI")


def test_an_area_is_an_economy_or_a_group(vocabulary):
    assert [vocabulary.area_name(code, "sl") for code in ("WB6", "XK", "??")] == [
        "Zahodni Balkan",
        "Kosovo*",
        "??",
    ]


@pytest.mark.parametrize("language", [*LANGUAGES, "sr", "cnr-cyrl"])
def test_the_footnote_begins_with_the_asterisk_and_names_both_texts(language):
    footnote = get_footnote(language)

    assert footnote.startswith("* ")
    assert "1244" in footnote


def test_the_english_footnote_is_the_agreed_wording():
    assert FOOTNOTES["en"] == (
        "* This designation is without prejudice to positions on status, and is in line with"
        " UNSCR 1244/1999 and the ICJ Opinion on the Kosovo declaration of independence."
    )


def test_serbian_footnote_stands_in_the_readers_alphabet():
    assert get_footnote("sr").startswith("* Овај назив не прејудицира")
