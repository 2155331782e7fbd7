"""What identifies a person is found, wherever it hides; what does not is left alone."""

import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.identities import HEADED, HEADS, MAKERS, NAMED, draw_digits, make_harmless
from focal.safety.persons import KINDS, find_persons
from focal.safety.persons.folding import fold
from focal.safety.persons.schemes import check_jmbg, check_nid

TODAY = date(2026, 11, 26)


def found(text, **more):
    return [(find.kind, text[find.start : find.end]) for find in find_persons(text, **more)]


def test_the_kinds_cover_the_thirteen_economies_and_papers():
    draw = random.Random(1)
    economies = set()
    for kind, make in MAKERS.items():
        for template in NAMED[kind]:
            for _ in range(12):
                (find,) = find_persons(template.format(make(draw)))
                assert find.kind in KINDS
                economies |= set(find.economies)

    assert {"AL", "BA", "BG", "GR", "HR", "MD", "ME", "MK", "RO", "RS", "SI", "TR"} <= economies
    assert "XK" in economies


@pytest.mark.parametrize("kind", MAKERS)
def test_numbers_are_found_where_their_name_stands(kind):
    draw = random.Random(kind)
    missed = [
        text
        for template in NAMED[kind]
        for _ in range(10)
        if found(text := template.format(value := MAKERS[kind](draw))) != [(kind, value)]
    ]
    in_tables = [
        HEADED.format(HEADS[kind], MAKERS[kind](draw), MAKERS[kind](draw)) for _ in range(10)
    ]

    assert missed == []
    assert [len(found(text)) for text in in_tables] == [2] * 10


@pytest.mark.parametrize(
    "write",
    [
        lambda n: f"{n[:7]} {n[7:]}",
        lambda n: f"{n[:7]}-{n[7:9]}-{n[9:]}",
        lambda n: f"{n[:7]}\u00a0{n[7:]}",
        lambda n: f"{n[:2]}.{n[2:4]}.{n[4:7]}.{n[7:9]}.{n[9:12]}.{n[12:]}",
        "\u200b".join,
        lambda n: "\u00ad".join((n[:6], n[6:])),
        lambda n: n.translate({ord("0") + d: 0xFF10 + d for d in range(10)}),
        lambda n: n.translate({ord("0") + d: 0x0660 + d for d in range(10)}),
        lambda n: f"({n})",
        lambda n: f"JMBG{n}",
        lambda n: f"{n[:7]}\n{n[7:]}",
    ],
    ids=["space", "hyphens", "fixed space", "dots", "unseen", "soft", "wide", "arabic", "brackets",
         "stuck", "broken line"],
)  # fmt: skip
def test_numbers_are_found_however_they_are_written(write):
    written = write(MAKERS["jmbg"](random.Random(3)))

    (find,) = find_persons(f"Marko Marković, {written}, iz Tuzle")

    assert find.kind == "jmbg"


def test_the_number_itself_is_nowhere_in_a_find():
    draw = random.Random(5)
    first, second = MAKERS["jmbg"](draw), MAKERS["jmbg"](draw)

    finds = find_persons(f"JMBG {first}, {second} i tel. 0{draw_digits(draw, 8)}")

    assert len(finds) == 2
    for find in finds:
        assert first not in repr(find)
        assert second not in repr(find)
        assert not any(first[i : i + 4] in find.context for i in range(8))
    assert finds[0].context == f"JMBG •••••••••••{first[-2:]}, ••••••••••••• i tel. •••••••••"
    assert finds[0].key != finds[1].key
    assert finds[0].key == find_persons(f"again: {first}")[0].key


@pytest.mark.parametrize(
    "text",
    [
        "Passport No. AB1234567 was issued to him",
        "pasaportë nr. BA1234567",
        "pasoš broj 012345678",
        "пасош бр. A1234567",
        "putovnica 123456789",
        "паспорт № 384712905",
        "številka potnega lista PB1234567",
        "pașaport seria 05 nr. 1234567".replace("seria 05 ", ""),
        "αριθμός διαβατηρίου ΑΕ1234567",
        "pasaport numarası U12345678",
        "P<ALBHOXHA<<ARBEN<<<<<<<<<<<<<<<<<<<<<<<<<<<",
    ],
)
def test_passports_are_found_in_every_language(text):
    assert [find.kind for find in find_persons(text)] == ["passport"]


@pytest.mark.parametrize(
    "text",
    [
        "identity card no. 0123456",
        "lična karta br. 123456789",
        "лична карта бр. 1234567",
        "osobna iskaznica broj 123456789",
        "osebna izkaznica št. 001234567",
        "carte de identitate seria MX nr. 123456",
        "letërnjoftim nr. 025678901",
        "δελτίο ταυτότητας ΑΒ 123456",
        "kimlik kartı no A12345678",
    ],
)
def test_identity_cards_are_found_in_every_language(text):
    assert [find.kind for find in find_persons(text)] == ["identity_card"]


@pytest.mark.parametrize(
    "text",
    [
        "Arben Hoxha, born on 12 March 1987 in Tirana",
        "Name: Arben Hoxha; date of birth: 12/03/1987",
        "Arben Hoxha (DOB 1987-03-12)",
        "Arben Hoxha, i lindur më 12 mars 1987",
        "Marko Marković, rođen 12. ožujka 1987.",
        "Марко Марковић, рођен 12. марта 1987. године",
        "Марко Марковски, роден на 12.03.1987",
        "Иван Иванов, роден на 12 март 1987 г.",
        "Janez Novak, rojen 12. marca 1987",
        "Ion Popescu, născut la 12 martie 1987",
        "Γιώργος Παπαδόπουλος, γεννήθηκε στις 12 Μαρτίου 1987",
        "Ahmet Yılmaz, doğum tarihi 12.03.1987",
        "Ahmet Yılmaz, 12 Mart 1987 doğumlu",
    ],
)
def test_dates_of_birth_beside_names_are_found_in_every_language(text):
    (find,) = find_persons(text)

    assert find.kind == "birth"
    assert "1987" not in find.context


HARMLESS = [
    "The programme was born on 12 March 2017 in Skopje.",
    "The Regional Cooperation Council was founded on 27 February 2008.",
    "Adopted on 12.03.1987 by the Assembly of the Republic",
    "children born after 1 January 2015 are not counted",
    "Passport controls were strengthened in 2019 at 12 crossings.",
    "5,678 passports and 123456 identity cards were issued in 2021",
    "Tel. +389 70 358 031, fax +355 4 2222 999",
    "ISBN 978-92-9234-567-8, ISSN 1234-5678",
    "EUR 1 234 567 890 123 over ten years",
    "in 2015, 2016, 2017, 2018, 2019 and 2020: 120 130 140 150 160 170",
    "case no. 0101990/710006-2 of the Basic Court",
    "1111111111111 and 00000000000 and 12121212121",
    "https://doi.org/10.1234/01019907100068 is the address",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_identifies_nobody_is_left_alone(text):
    assert find_persons(text) == []


def test_a_telephone_list_is_no_list_of_persons():
    draw = random.Random(2)
    lines = "\n".join(f"Tel. 0{draw_digits(draw, 9)}" for _ in range(200))
    others = [f"See {make_harmless(draw)} for more." for _ in range(1500)]

    assert find_persons(lines) == []
    assert [text for text in others if find_persons(text)] == []


def test_an_organisation_number_of_croatia_is_weighed_by_who_has_it():
    oib = MAKERS["oib"](random.Random(4))

    assert found(f"Ivan Horvat, OIB {oib}") == [("oib", oib)]
    assert find_persons(f"{oib} je broj odluke") == []


def test_dates_nobody_alive_was_born_on_are_no_persons():
    assert check_jmbg("0101850710002", TODAY) is None
    assert find_persons("Gavrilo Princip, born 25 July 1894", today=TODAY) == []
    assert find_persons("Ana Anić, born 25 July 2094", today=TODAY) == []


def test_the_check_letter_of_albania_is_that_of_published_examples():
    assert check_nid("I90308094A", TODAY) == (0.85, ("AL",))
    assert check_nid("J00101999W", TODAY) == (0.85, ("AL",))
    assert check_nid("J00101999V", TODAY) == (0.3, ("AL",))
    assert check_nid("J01301999W", TODAY) is None


@settings(max_examples=40, deadline=None)
@given(st.text("0123456789 .-/\n<ABjmbg бΩı\u200b\u0661\U0001d7d8", max_size=120))
def test_any_text_is_read_and_its_places_are_within_it(text):
    assert len(fold(text)) == len(text)
    for find in find_persons(text, minimum=0):
        assert 0 <= find.start < find.end <= len(text)


@pytest.mark.slow
def test_the_given_documents_name_nobody_by_number(shared_data):
    import pypdfium2 as pdfium

    alarms = []
    for path in sorted((shared_data / "osce").glob("*/*.pdf")):
        with pdfium.PdfDocument(path) as document:
            for number, page in enumerate(document, start=1):
                text = page.get_textpage().get_text_bounded(errors="ignore")
                alarms += [(path.name, number, find.kind) for find in find_persons(text)]

    assert alarms == []
