"""Names to show: economies with their asterisk and its footnote, languages."""

from __future__ import annotations

from focal.vocabulary.languages import get_fallbacks
from focal.vocabulary.snapshot import get_vocabulary

# The agreed wording in English; the others follow the wording used in EU and regional texts
# in those languages, and those in NEEDS_CHECK still wait for a native reader.
FOOTNOTES = {
    "en": "* This designation is without prejudice to positions on status, and is in line with"
    " UNSCR 1244/1999 and the ICJ Opinion on the Kosovo declaration of independence.",
    "sq": "* Ky emërtim nuk paragjykon qëndrimet mbi statusin dhe është në përputhje me Rezolutën"
    " 1244/1999 të KSOKB-së dhe me Opinionin e GJND-së për shpalljen e pavarësisë së Kosovës.",
    "bs": "* Ovaj naziv ne prejudicira stavove o statusu i u skladu je s Rezolucijom 1244/1999"
    " Vijeća sigurnosti UN-a i mišljenjem Međunarodnog suda pravde o proglašenju nezavisnosti"
    " Kosova.",
    "cnr": "* Ovaj naziv ne prejudicira stavove o statusu i u skladu je s Rezolucijom 1244/1999"
    " Savjeta bezbjednosti UN i mišljenjem Međunarodnog suda pravde o proglašenju nezavisnosti"
    " Kosova.",
    "hr": "* Ovim se nazivom ne dovode u pitanje stajališta o statusu te je on u skladu s"
    " Rezolucijom Vijeća sigurnosti UN-a 1244/1999 i mišljenjem Međunarodnog suda o proglašenju"
    " neovisnosti Kosova.",
    "sr-Latn": "* Ovaj naziv ne prejudicira stavove o statusu i u skladu je s Rezolucijom"
    " Saveta bezbednosti UN 1244/1999 i mišljenjem Međunarodnog suda pravde o deklaraciji o"
    " nezavisnosti Kosova.",
    "mk": "* Оваа ознака не ги доведува во прашање ставовите за статусот и е во согласност со"
    " Резолуцијата 1244/1999 на СБ на ОН и со Мислењето на МСП за декларацијата за независност"
    " на Косово.",
    "bg": "* Това название не засяга позициите по отношение на статута и е съобразено с Резолюция"
    " 1244/1999 на Съвета за сигурност на ООН и становището на Международния съд относно"
    " обявяването на независимост от страна на Косово.",
    "el": "* Η ονομασία αυτή χρησιμοποιείται με την επιφύλαξη των θέσεων όσον αφορά το καθεστώς"
    " και είναι σύμφωνη με την απόφαση 1244/1999 του Συμβουλίου Ασφαλείας των Ηνωμένων Εθνών και"
    " τη γνωμοδότηση του Διεθνούς Δικαστηρίου σχετικά με τη διακήρυξη ανεξαρτησίας του Κοσόβου.",
    "ro": "* Această denumire nu aduce atingere pozițiilor privind statutul și este conformă cu"
    " RCSONU 1244/1999 și cu Avizul CIJ privind declarația de independență a Kosovo.",
    "sl": "* To poimenovanje ne posega v stališča o statusu ter je v skladu z RVSZN 1244/1999 in"
    " mnenjem Meddržavnega sodišča o razglasitvi neodvisnosti Kosova.",
    "tr": "* Bu adlandırma, statüye ilişkin tutumlara halel getirmez ve BMGK'nin 1244/1999 sayılı"
    " kararı ile UAD'nin Kosova'nın bağımsızlık ilanına ilişkin görüşüne uygundur.",
}
NEEDS_CHECK = frozenset({"sq", "bs", "cnr", "sr-Latn", "sr-Cyrl", "mk", "tr"})


def economy_name(code: str, language: str) -> str:
    """An economy's name in a language ('Kosovo*'), without a query."""
    return get_vocabulary().economy_name(code, language)


def language_name(code: str, language: str) -> str:
    """A language's name in another, without a query."""
    return get_vocabulary().language_name(code, language)


def get_footnote(language: str) -> str:
    """The sentence behind the asterisk, beginning with it."""
    for code, rewrite in get_fallbacks(language):
        if code in FOOTNOTES:
            return rewrite(FOOTNOTES[code])
    return FOOTNOTES["en"]
