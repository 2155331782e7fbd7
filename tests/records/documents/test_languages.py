"""Which language a text is told to be in, and when nobody can tell."""

import pytest

from focal.records.extraction.languages import detect_language
from focal.records.extraction.titles import find_heading, read_date
from tests.records.documents import files

EKAVIAN = (
    "Opštinsko veće se dogovorilo sa školama o programu za decu i mlade. Uvek je bilo vreme da se "
    "razgovara o bezbednosti, a posle sastanka su nastavnici promenili plan rada."
)
CROATIAN = (
    "Općinsko vijeće dogovorilo je sa školama program za mlade i njihove obitelji. Tijekom tjedna "
    "svatko tko želi može sudjelovati, a suradnju podupire europski sustav."
)
MONTENEGRIN = (
    "Opštinsko vijeće u Podgorici dogovorilo je program za mlade i đecu. Crnogorske škole nijesu "
    "same, a saradnju podržavaju roditelji i evropske organizacije."
)
SERBIAN = "Општинско веће се договорило са школама о програму за младе и њихове породице у граду."
ROMANI = (
    "Sa e manuśa bijandon tromane thaj jekhutne ko demnipen thaj ko hakaja. Von si len godi thaj "
    "konsciencia thaj musaj te phiraven pen jekh avresa ande duxo phralipnasko."
)


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        (files.ENGLISH, "", "en"),
        (files.ALBANIAN, "", "sq"),
        (files.MACEDONIAN, "", "mk"),
        (files.BOSNIAN, "", "bs"),
        (EKAVIAN, "", "sr-Latn"),
        (CROATIAN, "", "hr"),
        (MONTENEGRIN, "", "cnr"),
        (SERBIAN, "", "sr-Cyrl"),
        (SERBIAN, "bs-Cyrl", "bs-Cyrl"),
        (files.BOSNIAN, "hr", "hr"),  # near kin: what the file says decides
        (files.ALBANIAN, "en", "sq"),  # no kin: the words decide
        (ROMANI, "", ""),
        (ROMANI, "rmy", "rmy"),
        ("", "", ""),
        ("2021 – 17 % – 300", "", ""),
        ("12", "mk", "mk"),
    ],
)
def test_language_is_told_by_the_words(text, hint, language):
    assert detect_language(text, hint) == language


def test_heading_is_the_first_line_that_reads_like_one():
    text = "12\nwww.example.org\noffice@example.org\nA programme for schools\nmore"

    assert find_heading(text) == "A programme for schools"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("D:20210930120000Z", "2021-09-30"),
        ("2021-09-30T12:00:00", "2021-09-30"),
        ("D:00000000", None),
        ("D:19040101", None),
        ("D:20990101", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_date_counts_when_it_can_be_a_documents(text, day):
    from datetime import date

    found = read_date(text, today=date(2026, 3, 2))

    assert (found.isoformat() if found else None) == day
