"""Words beside a number that say what it is, in the region's languages and in English.

All are folded (small letters, no accents) and stems, because the words are declined.
"""

from __future__ import annotations

import re


def _any(*stems: str) -> re.Pattern[str]:
    return re.compile(r"(?<![^\W\d_])(?:" + "|".join(stems) + ")")


# Any personal number, in whatever language.
PERSONAL = _any(
    r"personal (?:identification |identity |id |citizen )?(?:number|no\b|code)",
    r"national (?:id\b|identity|identification)", r"(?:identity|id|citizen'?s?) (?:number|no\b)",
    r"unique (?:master )?citizen", r"social security (?:number|no\b)",
    r"j\.?m\.?b\.?g?\b", r"ј\.?м\.?б\.?г?\b", r"emb?g\b", r"ембг\b", r"emso\b",
    r"maticn\w+ br", r"матичн\w+ бр", r"матичен бр", r"maticna stevilka", r"stevilk\w+ obcana",
    r"licn\w+ br", r"лични бр", r"личен (?:идентификациски )?(?:бр|ном)",
    r"osobn\w+ (?:identifikacijsk\w+ )?br",
    r"egn\b", r"егн\b", r"единен граждански ном", r"лнч\b", r"личен номер на чужденец",
    r"cnp\b", r"c\.n\.p", r"cod(?:ul)? (?:numeric )?personal", r"idnp\b", r"numar\w* personal",
    r"t\.? ?c\.? ?(?:kimlik|no\b)", r"kimlik n", r"tckn\b", r"vatandaslik n",
    r"oib\b", r"o\.i\.b", r"amka\b", r"α\.?μ\.?κ\.?α", r"μητρωου κοινωνικησ ασφαλισησ",
    r"αριθμο\w+ ταυτοτητα",

    r"(?:numri|numrin|numrit|numer|numrat|nr\.?)(?: i)? (?:personal|identi\w+it\b|id\b)",
    r"nid\b", r"nish\b",
    r"leternjoftim",
)  # fmt: skip
# The number's own name: without it a bare one of these kinds means nothing.
OWN = {
    "oib": _any(r"oib\b", r"o\.i\.b", r"osobn\w+ identifikacijsk", r"personal identification n"),
    "afm": _any(
        r"α\.?φ\.?μ", r"a\.?f\.?m\.?\b", r"φορολογικου μητρωου",
        r"tax (?:identification |registration )?(?:number|no\b)", r"\btin\b",
    ),
    "kosovo": _any(
        r"personal (?:identification |id )?(?:number|no\b)",
        r"(?:numri|numrin|numrit|numer|nr\.?)(?: i)? personal",
        r"licn\w+ br", r"лични бр", r"(?:identity|id) (?:number|no\b)",
    ),
    "lnch": _any(
        r"лнч\b", r"lnch\b", r"личен номер на чужденец",
        r"personal (?:number|no) of (?:a )?foreigner",
    ),
}  # fmt: skip
# What each kind alone is called: beside another kind's name a number is not of this one.
CALLED = {
    "jmbg": _any(r"j\.?m\.?b\.?g?\b", r"ј\.?м\.?б\.?г?\b", r"emb?g\b", r"ембг\b", r"emso\b"),
    "egn": _any(r"egn\b", r"егн\b"),
    "cnp": _any(r"cnp\b", r"c\.n\.p"),
    "idnp": _any(r"idnp\b"),
    "tckn": _any(r"t\.? ?c\.? ?(?:kimlik|no\b)", r"kimlik", r"tckn\b"),
    "amka": _any(r"amka\b", r"α\.?μ\.?κ\.?α"),
    "nid": _any(r"nid\b", r"nish\b"),
    "oib": OWN["oib"],
    "afm": _any(r"α\.?φ\.?μ"),
    "lnch": _any(r"лнч\b", r"lnch\b"),
}
# What else a long number is.
OTHER = _any(
    r"tel\b", r"tel[.:]", r"telefon", r"phone", r"fax", r"faks", r"факс", r"тел\b", r"тел[.:]",
    r"телефон", r"τηλ", r"φαξ", r"gsm\b",
    r"mob(?:il|itel|\.|:|\b)", r"моб", r"κιν(?:ητο|\.)", r"viber", r"whatsapp", r"isbn", r"issn",
    r"doi\b", r"ean\b", r"barcode", r"cobiss",
    r"invoice", r"fatur", r"faktur", r"фактур", r"protocol", r"protokol", r"протокол", r"πρωτ",
    r"dosje", r"case (?:no|number)", r"predmet",
    r"предмет", r"grant", r"contract", r"ugovor", r"договор", r"kontrat", r"official gazette",
    r"sluzben\w+ (?:list|glasnik)", r"службен\w+ (?:весник|гласник|лист)",
    r"фек\b", r"φεκ\b", r"procurement", r"tender", r"lot\b", r"ref\b", r"ref[.:]", r"orcid",
    r"nipt\b", r"nuis\b", r"idno\b", r"pib\b", r"пиб\b", r"edb\b", r"едб\b",
    r"eik\b", r"еик\b", r"bulstat", r"vkn\b", r"vergi", r"vat\b", r"pdv\b", r"swift", r"budget",
    r"buxhet", r"budzet", r"буџет", r"бюджет",
)  # fmt: skip
ORGANISATION = _any(
    r"d\.?o\.?o\b", r"д\.?о\.?о", r"d\.d\.", r"s\.?r\.?l\b", r"sh\.?p\.?k", r"ltd\b", r"gmbh\b",
    r"ооd\b", r"еоод", r"оод\b", r"a\.s\b", r"α\.?ε\b",
    r"ministar", r"министар", r"министер", r"ministr", r"ministe?r", r"υπουργ", r"bakanlig",
    r"udruzenj", r"udrug", r"здружен", r"fondac", r"фонд", r"foundation",
    r"association", r"shoqat", r"ιδρυμα", r"dernek", r"asociat", r"institut", r"институт",
    r"univer", r"универ", r"πανεπ", r"agenc", r"агенци", r"company", r"organi[sz]",
)  # fmt: skip

PASSPORT = _any(
    r"passport", r"travel document", r"pasaport", r"pasosh", r"pasos", r"пасош", r"putovnic",
    r"putn\w+ isprav", r"путн\w+ исправ", r"паспорт",
    r"potn\w+ list", r"διαβατηρι",
)  # fmt: skip
IDENTITY_CARD = _any(
    r"(?:identity|id|identification) card", r"licn\w+ kart", r"личн\w+ карт",
    r"osobn\w+ iskaznic", r"osebn\w+ izkaznic", r"carte de identitate", r"cart\w+ d\w+ identit",
    r"buletin\w* de identitate", r"kimlik kart", r"nufus cuzdan", r"leternjoftim",
    r"δελτιο\w* ταυτοτητα", r"αστυνομικ\w+ ταυτοτητα", r"αριθμο\w+ ταυτοτητα", r"α\.?δ\.?τ\b",
)  # fmt: skip
NUMBER = re.compile(
    r"\b(?:no|nr|number|br|broj\w*|бр|број\w*|номер|n°|numar\w*|numri|numer\w*|seri\w*|сери\w*"
    r"|αριθ\w*|αρ|stevilk\w*|st|sayi\w*)\b|№|#"
)

BIRTH = _any(
    r"born\b", r"(?:date|day) of birth", r"birth ?date", r"birthday", r"d\.?o\.?b\b",
    r"lindur", r"lindi\b", r"datelindj", r"ditelindj", r"dat\w+ e lindjes", r"dtl\b", r"i lindur",
    r"e lindur",
    r"rodj?en", r"datum\w* rod", r"rojen", r"datum\w* rojstva", r"roj\.",
    r"рођен", r"роден", r"датум\w* рођ", r"датум\w* на раѓањ", r"дата на раждане", r"род\.",
    r"nascut", r"data nasterii", r"n\. la\b",
    r"γεννηθ", r"γεννημεν", r"ημερομηνια γεννησ", r"ημ\. ?γεν", r"γεν\.",
    r"dogum", r"d\. ?t\.",
)  # fmt: skip
# Month names by their first letters, folded; in the genitive as well, because they are stems.
MONTHS = (
    (r"jan", r"ian", r"јан", r"ян", r"ιαν", r"ocak", r"sijec", r"gennar"),
    (r"feb", r"shk", r"феб", r"фев", r"φεβ", r"subat", r"veljac", r"fevr"),
    (r"mar", r"мар", r"μαρ", r"ozuj"),
    (r"apr", r"pri", r"апр", r"απρ", r"nisan", r"travnj"),
    (r"may", r"maj", r"mai", r"мај", r"май", r"μαι", r"svibnj"),
    (r"jun", r"iun", r"qer", r"јун", r"юни", r"ιουν", r"haz", r"lipnj"),
    (r"jul", r"iul", r"korr", r"јул", r"юли", r"ιουλ", r"tem", r"srpnj"),
    (r"aug", r"avg", r"gush", r"авг", r"αυγ", r"agu", r"kolovoz"),
    (r"sep", r"sht", r"сеп", r"σεπ", r"eyl", r"ruj"),
    (r"oct", r"okt", r"tet", r"окт", r"οκτ", r"eki", r"listopad"),
    (r"nov", r"nen", r"noi", r"ное", r"νοε", r"kas", r"studen"),
    (r"dec", r"dhj", r"дец", r"дек", r"δεκ", r"ara", r"prosin"),
)
