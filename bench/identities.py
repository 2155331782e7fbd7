"""Numbers that identify nobody: made by rule for measuring the check of persons.

Each passes the check digits of its scheme. Dates, areas and serial numbers are drawn at random.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from datetime import date, timedelta

from stdnum import luhn
from stdnum.bg import egn, pnf
from stdnum.gr import vat as greek_vat
from stdnum.hr import oib
from stdnum.iso7064 import mod_97_10
from stdnum.md import idno
from stdnum.ro import cnp
from stdnum.si import emso
from stdnum.tr import tckimlik

from focal.safety.persons.schemes import get_kosovo_digit, get_nid_letter

Draw = random.Random


def draw_birth(draw: Draw) -> date:
    """A day of somebody between ten and eighty years old."""
    return date(2015, 1, 1) - timedelta(days=draw.randrange(1, 70 * 365))


def draw_digits(draw: Draw, count: int) -> str:
    """That many digits."""
    return "".join(draw.choices(string.digits, k=count))


def make_jmbg(draw: Draw, areas: tuple[int, ...] = (10, 18, 21, 41, 45, 50, 71, 80, 91)) -> str:
    """JMBG, EMBG, EMŠO."""
    born = draw_birth(draw)
    start = f"{born:%d%m}{born.year % 1000:03}{draw.choice(areas):02}{draw_digits(draw, 3)}"
    return start + emso.calc_check_digit(start)


def make_egn(draw: Draw) -> str:
    """Bulgaria."""
    born = draw_birth(draw)
    month = born.month + (40 if born.year >= 2000 else 0)
    start = f"{born.year % 100:02}{month:02}{born.day:02}{draw_digits(draw, 3)}"
    return start + egn.calc_check_digit(start)


def make_lnch(draw: Draw) -> str:
    """A foreigner in Bulgaria."""
    start = draw_digits(draw, 9)
    return start + pnf.calc_check_digit(start)


def make_cnp(draw: Draw) -> str:
    """Romania."""
    born = draw_birth(draw)
    first = draw.choice((1, 2)) + (4 if born.year >= 2000 else 0)
    start = f"{first}{born:%y%m%d}{draw.randrange(1, 47):02}{draw.randrange(1, 1000):03}"
    return start + cnp.calc_check_digit(start)


def make_idnp(draw: Draw) -> str:
    """Moldova."""
    start = f"2{draw.randrange(1995, 2026) % 1000:03}{draw_digits(draw, 8)}"
    return start + idno.calc_check_digit(start)


def make_tckn(draw: Draw) -> str:
    """Türkiye."""
    start = draw.choice("123456789") + draw_digits(draw, 8)
    return start + tckimlik.calc_check_digits(start)


def make_oib(draw: Draw) -> str:
    """Croatia."""
    from stdnum.iso7064 import mod_11_10

    start = draw_digits(draw, 10)
    number = start + mod_11_10.calc_check_digit(start)
    return oib.validate(number)


def make_amka(draw: Draw) -> str:
    """Greece, social security."""
    start = f"{draw_birth(draw):%d%m%y}{draw_digits(draw, 4)}"
    return start + luhn.calc_check_digit(start)


def make_afm(draw: Draw) -> str:
    """Greece, tax."""
    start = draw_digits(draw, 8)
    return start + greek_vat.calc_check_digit(start)


def make_kosovo(draw: Draw) -> str:
    """Kosovo*."""
    start = "1" + draw_digits(draw, 8)
    return start + get_kosovo_digit(start)


def make_nid(draw: Draw) -> str:
    """Albania."""
    born = draw_birth(draw)
    decade = string.ascii_uppercase[(born.year - 1900) // 10]
    month = born.month + draw.choice((0, 50))
    start = f"{decade}{born.year % 10}{month:02}{born.day:02}{draw.randrange(1, 1000):03}"
    return start + get_nid_letter(start)


_ACCOUNTS = {
    "AL": (8, 16), "BA": (16, 0), "HR": (17, 0), "ME": (18, 0), "MK": (3, 12), "RS": (18, 0),
    "SI": (15, 0), "TR": (22, 0), "XK": (16, 0), "GR": (23, 0),
}  # fmt: skip


def make_iban(draw: Draw) -> str:
    """A bank account of the region, whose national check digits are not looked at."""
    economy = draw.choice(sorted(_ACCOUNTS))
    account = draw_digits(draw, sum(_ACCOUNTS[economy]))
    check = mod_97_10.calc_check_digits(account + economy)
    return f"{economy}{check}{account}"


MAKERS: dict[str, Callable[[Draw], str]] = {
    "jmbg": make_jmbg,
    "egn": make_egn,
    "lnch": make_lnch,
    "cnp": make_cnp,
    "idnp": make_idnp,
    "tckn": make_tckn,
    "oib": make_oib,
    "amka": make_amka,
    "afm": make_afm,
    "kosovo": make_kosovo,
    "nid": make_nid,
    "iban": make_iban,
}

# A sentence of a case file in the language of the number, with the number's name in it.
NAMED: dict[str, tuple[str, ...]] = {
    "jmbg": (
        "Osuđeni Marko Marković, JMBG {}, upućen je u program.",
        "Осудениот Марко Марковски (ЕМБГ {}) беше упатен во програмата.",
        "Марко Марковић, матични број {}, из Новог Пазара",
        "Novak Janez, EMŠO: {}, Ljubljana",
        "The returnee's unique citizen number is {}.",
    ),
    "egn": ("Иван Иванов, ЕГН {}, от Пловдив", "Personal number: {} (Bulgaria)"),
    "lnch": ("Ахмад К., ЛНЧ {}, с разрешение за пребиваване",),
    "cnp": ("Popescu Ion, CNP {}, domiciliat în Iași", "având codul numeric personal {}"),
    "idnp": ("Rusu Ion, IDNP {}, mun. Chișinău", "numărul personal {} al beneficiarului"),
    "tckn": ("Ahmet Yılmaz, T.C. Kimlik No: {}", "kimlik numarası {} olan kişi"),
    "oib": ("Ivan Horvat, OIB: {}, Zagreb", "osobni identifikacijski broj {}"),
    "amka": ("Γιώργος Παπαδόπουλος, ΑΜΚΑ {}", "AMKA: {}"),
    "afm": ("Γιώργος Παπαδόπουλος, ΑΦΜ {}", "με Α.Φ.Μ. {}, κάτοικος Αθηνών"),
    "kosovo": ("Arben Krasniqi, numri personal {}, Prishtinë", "Lični broj: {}, Mitrovica"),
    "nid": ("Arben Hoxha, numri i identitetit {}, Tiranë", "me nr. personal {}"),
    "iban": ("Uplata na račun {} na ime Marko Marković", "IBAN: {}"),
}
BARE = "Marko Marković, {}, came back in the spring of that year."
HEADED = (
    "Списък / List / Lista\nName and surname | {} | municipality | status\n"
    "Marko Marković | {} | north | enrolled\nAna Anić | {} | south | left\n"
)
HEADS = {
    "jmbg": "JMBG", "egn": "ЕГН", "lnch": "ЛНЧ", "cnp": "CNP", "idnp": "IDNP", "tckn": "TC No",
    "oib": "OIB", "amka": "ΑΜΚΑ", "afm": "ΑΦΜ", "kosovo": "Numri personal", "nid": "NID",
    "iban": "IBAN",
}  # fmt: skip
TABLE = "No.   Name   Status\n1   Marko Marković   {}   enrolled\n2   Ana Anić   {}   left\n"

# Long numbers that identify nobody, as reports have them.
HARMLESS: tuple[str, ...] = (
    "Tel: +389 {d2} {d3} {d3}", "tel. 0{d2}/{d3}-{d3}", "Phone: 00381{d2}{d7}", "Τηλ. 210{d7}",
    "fax {d10}", "mob. 0{d9}", "ISBN 978-{d1}-{d4}-{d4}-{d1}", "ISBN 978{d10}", "ISSN {d4}-{d4}",
    "DOI 10.{d4}/{d10}", "Official Gazette no. {d2}/{d4}", "case no. {d4}/{d6}",
    "EUR {d1} {d3} {d3}", "{d1},{d3},{d3}.00 denars", "contract 2023/{d6}", "no. 08-{d4}/1 of 2021",
    "population {d1} {d3} {d3}", "{d2}.{d2}% of {d4} answered", "0.{d10}", "https://x.org/a/{d11}",
    "protocol {d10}", "budget line {d2} {d2} {d2} {d2}", "pp. {d3}-{d3}", "ref. {d12}",
    "{d4} {d4} {d4} {d4}", "2016 2017 2018 2019 2020", "12 15 18 21 24 27 30", "grant {d11}",
)  # fmt: skip


def make_harmless(draw: Draw) -> str:
    """One of them with digits drawn."""
    pattern = draw.choice(HARMLESS)
    return pattern.format(**{f"d{n}": draw_digits(draw, n) for n in range(1, 13)})
