"""Currencies by ISO 4217, and bands where an amount is not told."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from focal.kernel.errors import BadInput

_CODES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN
BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD
FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD
JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT
MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG
QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SYP SZL THB TJS
TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR
ZMW ZWL
"""
CURRENCIES = frozenset(_CODES.split())
LIMIT = Decimal(10) ** 15
# What people write, as far as it can mean one thing in this region only.
_SIGNS = {
    "€": "EUR", "EURO": "EUR", "EUROS": "EUR", "£": "GBP", "US$": "USD", "КМ": "BAM", "KM": "BAM",
    "ЛВ": "BGN", "ЛВ.": "BGN", "ДЕН": "MKD", "DEN": "MKD", "₺": "TRY", "LEK": "ALL",
    "LEKË": "ALL", "KN": "HRK", "ДИН": "RSD",
}  # fmt: skip


def read_currency(text: str) -> str:
    """A currency's code. BadInput for one that does not exist, or '$', which several have."""
    wanted = text.strip().upper()
    code = _SIGNS.get(wanted, wanted)
    if code not in CURRENCIES:
        raise BadInput(
            _("'%s' is not a currency. Use its three letters, such as EUR or RSD.") % text.strip()
        )
    return code


def read_amount(value: object) -> Decimal:
    """An amount of money, 1.234,50 and 1,234.50 alike. BadInput when it is below zero."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        text = str(value)
    else:
        text = str(value).strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
        text = _plain_number(text.replace("'", ""))
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise BadInput(_("'%s' is not an amount of money.") % value)
    if amount < 0:
        raise BadInput(_("An amount cannot be below zero (%s).") % value)
    if amount >= LIMIT:
        raise BadInput(_("'%s' is more money than there is.") % value)
    return round(amount, 2)


def _plain_number(text: str) -> str:
    """Thousands and decimals told apart: the last mark parts decimals unless 3 digits follow."""
    marks = [character for character in text if character in ".,"]
    if not marks:
        return text
    last = marks[-1]
    whole, _mark, decimals = text.rpartition(last)
    other = "," if last == "." else "."
    is_thousands = marks.count(last) > 1 or (len(decimals) == 3 and other not in whole)
    if is_thousands and whole.strip("-0"):
        return text.replace(last, "").replace(other, "." if marks.count(other) else "")
    return whole.replace(other, "").replace(last, "") + "." + decimals
