"""Which place a name means, also an old one or one as other bodies write it."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from focal.indicators.models import WORLD
from focal.vocabulary.models import EconomyName
from focal.vocabulary.selectors import get_version, get_vocabulary

# Codes and names that other bodies use in their files.
FOREIGN = MappingProxyType(
    {
        "alb": "AL", "bih": "BA", "bgr": "BG", "hrv": "HR", "grc": "GR", "xkx": "XK", "xkv": "XK",
        "unk": "XK", "kos": "XK", "ksv": "XK", "el": "GR", "mda": "MD", "mne": "ME", "mkd": "MK",
        "rou": "RO", "rom": "RO", "srb": "RS", "svn": "SI", "tur": "TR", "wld": WORLD,
        "world": WORLD, "wb": "WB6", "western balkans": "WB6", "western balkans 6": "WB6",
        "south east europe": "SEE", "south-east europe": "SEE", "southeast europe": "SEE",
        "kosovo": "XK", "slovak republic": "", "czech republic": "",
        "macedonia, the former yugoslav republic of": "MK",
        "the former yugoslav republic of macedonia": "MK", "macedonia, fyr": "MK",
        "former yugoslav republic of macedonia": "MK", "fyr macedonia": "MK", "fyrom": "MK",
        "macedonia": "MK", "republic of macedonia": "MK", "macedonia (fyrom)": "MK",
        "bosnia-herzegovina": "BA", "bosnia & herzegovina": "BA", "bosnia": "BA",
        "moldova, republic of": "MD", "republic of moldova": "MD", "turkey": "TR",
        "türkiye": "TR", "turkiye": "TR", "states ex-yugoslavia unspecified": "",
        "serbia and montenegro": "", "yugoslavia": "", "fr yugoslavia": "",
    }
)  # fmt: skip
# Names of former days: whoever finds one is told, and nothing is changed for them.
FORMER = MappingProxyType(
    {
        "macedonia, the former yugoslav republic of": "MK",
        "the former yugoslav republic of macedonia": "MK",
        "former yugoslav republic of macedonia": "MK",
        "macedonia, fyr": "MK",
        "fyr macedonia": "MK",
        "fyrom": "MK",
        "republic of macedonia": "MK",
        "turkey": "TR",
        "serbia and montenegro": "",
        "yugoslavia": "",
    }
)


def find_area(name: str) -> str:
    """The code of an economy, a group or the world that a name or code means; '' when unknown."""
    text = name.strip()
    words = get_vocabulary()
    if text in words.economies or text in words.groups or text == WORLD:
        return text
    if text.upper() in words.economies or text.upper() in words.groups:
        return text.upper()
    folded = fold(text)
    return FOREIGN.get(folded) or _read_names(get_version()).get(folded, "")


def find_former(text: str) -> list[tuple[str, str]]:
    """Former names in a text, each with the code of what it is called today."""
    folded = fold(text)
    found = [
        (name, code)
        for name, code in FORMER.items()
        if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", folded)
    ]
    return [
        (name, code)
        for name, code in found
        if not any(name != other and name in other for other, _code in found)
    ]


def fold(text: str) -> str:
    """A name to compare: lower case, no asterisk, one space between words."""
    text = unicodedata.normalize("NFC", text).replace("*", "").casefold()
    return " ".join(text.split())


@functools.lru_cache(maxsize=2)
def _read_names(_version: str) -> Mapping[str, str]:
    """Every name of an economy or a group in every language."""
    names = {
        fold(name): code
        for name, code in EconomyName.objects.order_by("pk").values_list("name", "economy_id")
    }
    words = get_vocabulary()
    for code, group in words.groups.items():
        names |= {fold(name): code for name in group.names.values()}
    return names
