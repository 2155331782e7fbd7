"""The national identity numbers of the thirteen economies: how each is built and checked.

Check digits come from python-stdnum where it knows the number. Own rules, with their source:

- NID of Albania: Decision 827 of the Council of Ministers, 11 December 2003, as laid out in
  https://en.wikipedia.org/wiki/National_identification_number#Albania and in the library nidx
  (https://github.com/dedal-io/nidx). The first letter is the decade (A = 1900), the month
  carries 30, 50 or 80 more for foreigners and women, the last letter is a sum modulo 23.
- Personal number of Kosovo*: ten digits, weights 4 3 2 7 6 5 4 3 2, modulo 11 (nidx).
- IDNP of Moldova: thirteen digits, a 2 and the last three digits of the year it was given, or
  an older form that begins with 0; weights 7 3 1, modulo 10 (Government Decision 333 of 2023;
  python-stdnum has the same sum for the IDNO of companies).
- Registry areas of the JMBG: https://en.wikipedia.org/wiki/Unique_Master_Citizen_Number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from stdnum import luhn
from stdnum.bg import egn, pnf
from stdnum.exceptions import ValidationError
from stdnum.gr import vat as greek_vat
from stdnum.hr import oib
from stdnum.md import idno
from stdnum.ro import cnp
from stdnum.si import emso
from stdnum.tr import tckimlik

OLDEST = 115  # years; nobody older is written about as a person of today

# What a check leaves of random numbers, turned into how sure a bare number is.
Verdict = tuple[float, tuple[str, ...]] | None


@dataclass(frozen=True, slots=True)
class Scheme:
    """A number of digits: its length, in which groups it is written, and its check.

    `check` answers with how sure a number without any words around it is, and whose it would
    be; None when it is no such number.
    """

    kind: str
    length: int
    shapes: frozenset[tuple[int, ...]]
    check: Callable[[str, date], Verdict]


def _holds(check: Callable[[str], object], number: str) -> bool:
    try:
        check(number)
    except ValidationError:
        return False
    return True


def is_plausible(year: int, month: int, day: int, today: date) -> bool:
    """Whether somebody alive can have been born then."""
    try:
        born = date(year, month, day)
    except ValueError:
        return False
    return born <= today and today.year - year <= OLDEST


_AREAS = (
    (range(10, 20), ("BA",)),
    (range(21, 30), ("ME",)),
    (range(30, 40), ("HR",)),
    (range(41, 50), ("MK",)),
    (range(50, 60), ("SI",)),
    (range(70, 90), ("RS",)),
    (range(91, 97), ("XK", "RS")),
)
_ABROAD = (*range(1, 10), *range(60, 70))  # foreigners, and those registered abroad


def check_jmbg(number: str, today: date) -> Verdict:
    """Day, month, last three digits of the year, area, serial number, check digit."""
    if not _holds(emso.validate, number):
        return None
    born = emso.get_birth_date(number)
    if not is_plausible(born.year, born.month, born.day, today):
        return None
    area = int(number[7:9])
    for areas, economies in _AREAS:
        if area in areas:
            return 0.8, economies
    everywhere = ("BA", "ME", "MK", "RS", "SI", "XK")
    return (0.7 if area in _ABROAD else 0.55), everywhere


def check_egn(number: str, today: date) -> Verdict:
    """Year, month (plus 20 or 40 for other centuries), day, serial number, check digit."""
    if not _holds(egn.validate, number):
        return None
    born = egn.get_birth_date(number)
    return (0.4, ("BG",)) if is_plausible(born.year, born.month, born.day, today) else None


def check_lnch(number: str, _today: date) -> Verdict:
    """Ten digits that say nothing, and a check digit."""
    return (0.1, ("BG",)) if _holds(pnf.validate, number) else None


def check_cnp(number: str, today: date) -> Verdict:
    """Sex and century, date of birth, county, serial number, check digit."""
    if not _holds(cnp.validate, number):
        return None
    born = cnp.get_birth_date(number)
    return (0.8, ("RO",)) if is_plausible(born.year, born.month, born.day, today) else None


def check_idnp(number: str, today: date) -> Verdict:
    """A 2 and the year it was given, or the older form that begins with 0."""
    if number[0] not in "02" or not _holds(idno.validate, number):
        return None
    if number[0] == "0":
        return (0.4 if number[1] == "9" else 0.2), ("MD",)
    given = int(number[1:4])
    given += 1000 if given > 900 else 2000
    return (0.7, ("MD",)) if 1992 <= given <= today.year else None


def check_tckn(number: str, _today: date) -> Verdict:
    """Eleven digits, the first no zero, the last two check digits."""
    return (0.45, ("TR",)) if _holds(tckimlik.validate, number) else None


def check_oib(number: str, _today: date) -> Verdict:
    """Eleven digits with a check digit; organisations have one as well."""
    return (0.15, ("HR",)) if _holds(oib.validate, number) else None


def check_amka(number: str, today: date) -> Verdict:
    """Date of birth with two digits of the year, serial number, check digit after Luhn."""
    day, month, year = int(number[:2]), int(number[2:4]), int(number[4:6])
    centuries = (1900, 2000)
    if not any(is_plausible(each + year, month, day, today) for each in centuries):
        return None
    return (0.6, ("GR",)) if luhn.is_valid(number) else None


def check_afm(number: str, _today: date) -> Verdict:
    """Nine digits with a check digit; organisations have one as well."""
    return (0.05, ("GR",)) if _holds(greek_vat.validate, number) else None


_KOSOVO_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2)


def get_kosovo_digit(number: str) -> str:
    """The check digit over the first nine."""
    total = sum(weight * int(digit) for weight, digit in zip(_KOSOVO_WEIGHTS, number, strict=False))
    return str((11 - total % 11) % 11 % 10)


def check_kosovo(number: str, _today: date) -> Verdict:
    """Nine digits and a check digit; those that begin with 1 are persons born there."""
    if number[9] != get_kosovo_digit(number) or number[0] not in "12":
        return None
    return 0.2, ("XK",)


def _shapes(*shapes: tuple[int, ...]) -> frozenset[tuple[int, ...]]:
    return frozenset(shapes)


_OF_13 = _shapes(
    (13,), (7, 6), (7, 2, 4), (7, 2, 3, 1), (7, 3, 3), (2, 2, 3, 6), (2, 2, 3, 2, 4),
    (2, 2, 3, 2, 3, 1), (7, 5, 1), (4, 3, 6),
)  # fmt: skip
SCHEMES = (
    Scheme("jmbg", 13, _OF_13, check_jmbg),
    Scheme("cnp", 13, _shapes((13,), (1, 6, 6), (7, 6), (1, 6, 2, 3, 1), (7, 2, 3, 1)), check_cnp),
    Scheme("idnp", 13, _shapes((13,), (1, 3, 9), (4, 9), (1, 3, 3, 5, 1)), check_idnp),
    Scheme("tckn", 11, _shapes((11,), (3, 3, 3, 2), (3, 3, 5), (1, 3, 3, 3, 1)), check_tckn),
    Scheme("oib", 11, _shapes((11,), (3, 3, 5), (2, 3, 3, 3)), check_oib),
    Scheme("amka", 11, _shapes((11,), (6, 5), (6, 4, 1), (2, 2, 2, 5), (6, 2, 3)), check_amka),
    Scheme("egn", 10, _shapes((10,), (6, 4), (6, 3, 1)), check_egn),
    Scheme("lnch", 10, _shapes((10,)), check_lnch),
    Scheme("kosovo", 10, _shapes((10,), (3, 3, 4), (4, 3, 3), (9, 1)), check_kosovo),
    Scheme("afm", 9, _shapes((9,), (3, 3, 3)), check_afm),
)

NID = re.compile(r"(?<![0-9a-z])[a-t]\d{8}[a-w](?![0-9a-z])")
_NID_VALUES = "WABCDEFGHIJKLMNOPQRSTUV"
_NID_MONTHS = (0, 30, 50, 80)


def get_nid_letter(number: str) -> str:
    """The check letter over the first nine characters."""
    values = (
        int(each) if each.isdecimal() else _NID_VALUES.index(each.upper()) for each in number[:9]
    )
    total = sum(max(place, 1) * value for place, value in enumerate(values))
    return _NID_VALUES[total % 23]


def check_nid(number: str, today: date) -> Verdict:
    """Decade letter, year, month, day, serial number, check letter."""
    number = number.upper()
    year = 1900 + 10 * (ord(number[0]) - ord("A")) + int(number[1])
    months = [int(number[2:4]) - more for more in _NID_MONTHS]
    day = int(number[4:6])
    if not any(is_plausible(year, month, day, today) for month in months):
        return None
    return (0.85 if number[9] == get_nid_letter(number) else 0.3), ("AL",)
