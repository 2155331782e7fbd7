"""The small words of each language: what a text is full of if it is written in that language."""

from __future__ import annotations

from collections.abc import Sequence

# Romani ("rom") is here so that it is not taken for a neighbour. Bosnian, Croatian, Montenegrin
# and Serbian in Latin letters share their small words ("sh").
SMALL_WORDS = {
    "en": (
        "the of and to in a is that for on with as by are be this from or at it an not was "
        "which have has their its will can all they more other between been also these who "
        "our may such should"
    ),
    "sq": (
        "të e në dhe për i me nga që një si është janë së u do kanë ka të nuk por ose më ky "
        "kjo këto duhet tyre gjatë mund ndaj pas tek edhe sipas të cilat cilat cili nëse"
    ),
    "sh": (
        "i u je na se da za su od sa koji koje koja o kao ili s iz do ne te bi po što sve "
        "može pri prema ali biti nije kako treba ovaj ovo ove ima bilo samo između kojima "
        "njihov njihova ako"
    ),
    "sr-Cyrl": (
        "и у је на се да за су од са који које која о као или с из до не те би по што све "
        "може при према али бити није како треба овај ово ове има само између којима ако"
    ),
    "mk": (
        "на и во за да се од со е што ќе не како кои која кој по или до ги ја го ги им а дека "
        "има може треба преку при овој оваа ова овие сите меѓу во бидат биде исто така "
        "нивните"
    ),
    "bg": (
        "на и за в от да се с е по не като със които който която или до при са към че това "
        "тази този тези си ще трябва между чрез има може бъде в както след през също"
    ),
    "el": (
        "και το της του να η την των με για που τα σε από στο στην ο είναι οι τις τους στη "
        "στα ένα μια δεν ή ως θα κατά αυτό μεταξύ έχει όλα τη τον στον έχουν μπορεί πρέπει "
        "προς"
    ),
    "ro": (
        "de în și şi la a cu să pe care din pentru al o este ale nu un mai prin ca se sau "
        "sunt fi cele lor unei unui după între dar acest această fost are trebuie către "
        "asupra ai"
    ),
    "sl": (
        "in v je na se za da so ki s z pri ali kot o tudi od po do iz ne bi ter lahko med sta "
        "kar pa vse to biti njihovo morajo mora ima tega teh zaradi če kjer katerih"
    ),
    "tr": (
        "ve bir bu için ile de da olarak olan en gibi daha ya veya her çok kadar sonra ise "
        "değil tarafından göre bütün hakkı şey o ne ki hak herkes herkesin diğer arasında "
        "üzere hiç hiçbir"
    ),
    "rom": (
        "thaj taj tay hem si sas e o le la te kaj ka ko ki pe pi katar savo savi savore sako "
        "svako manuś manuša manuš manusha manuśa čačipe čačipen ni naj nane lenqe vaś vash "
        "vasho opral tal maškar so sar jekh jek ame tume von ov oj pesko pesi lesko phuv them "
        "themesqe hakaj hakaja xakaj avri ano ani an and sarre kodo kodea akava"
    ),
    "hu": (
        "a az és hogy nem is egy ez meg vagy mint csak de van minden ki el már azt ezt kell "
        "lehet szerint által között valamint illetve volt"
    ),
    "de": (
        "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als "
        "auch es an werden aus er hat dass sie nach bei oder wird sind über einer um"
    ),
    "fr": (
        "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se "
        "ce avec aux sont ou leur être cette ont son il"
    ),
    "it": (
        "di e il la che in a per un del è una con non i le si da dei della sono al come nel "
        "alla delle gli o più anche essere ha"
    ),
    "ru": (
        "и в не на что с по как это все из к у о от за для так или при если его их был также "
        "может которые который быть мы они но только"
    ),
}
WORDS = {language: frozenset(text.split()) for language, text in SMALL_WORDS.items()}

# Letters beyond ASCII that the region's languages (and their neighbours) are written with.
LETTERS = frozenset(
    "čćžšđČĆŽŠĐśźŚŹëçËÇăâîșțşţĂÂÎȘȚŞŢğıİöüĞÖÜőűáéíóúŐŰÁÉÍÓÚàèìòùêôûÀÈß"
    "абвгдежзийклмнопрстуфхцчшщъыьэюяѓѕјљњќџђћёѐѝ"
    "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЃЅЈЉЊЌЏЂЋЁЀЍ"
    "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆΈΉΊΌΎΏΪΫ"
)


def measure(tokens: Sequence[str]) -> dict[str, float]:
    """For each language, the share of the words that are its small words."""
    folded = [token.lower() for token in tokens]
    total = max(1, len(folded))
    return {
        language: sum(token in known for token in folded) / total
        for language, known in WORDS.items()
    }
