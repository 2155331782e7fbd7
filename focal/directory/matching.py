"""Is it the same organisation? Names compared however they are written, with the reason said.

Letters of two alphabets in one word, case, accents, script, word order, legal forms, acronyms
and the commonest words of institutions in the region's languages count for nothing. What
names a place, a number or a subject does: 'Municipality of Tetovo' is not that of Bitola.
A match is a proposal with its reason; a person decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.translation import gettext as _
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from focal.search.folding import fold, fold_words
from focal.vocabulary.matching import find_economies
from focal.vocabulary.selectors import get_version

SURE, LIKELY = 0.9, 0.8
# Letters that look the same in Latin and Cyrillic, and in Latin and Greek.
_CYRILLIC_TWINS = ("aeopcxyijsABEKMHOPCTXYIJS", "аеорсхуіјѕАВЕКМНОРСТХУІЈЅ")
_GREEK_TWINS = ("ovABEZHIKMNOPTYX", "ονΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")
_TO_CYRILLIC = dict(zip(*_CYRILLIC_TWINS, strict=True))
_TO_GREEK = dict(zip(*_GREEK_TWINS, strict=True))
_TO_LATIN = {twin: latin for table in (_TO_CYRILLIC, _TO_GREEK) for latin, twin in table.items()}

_LEGAL_WORDS = """
doo dooel ad aad ltd llc inc plc gmbh ev ag sa sarl srl spa shpk sha nvo ngo ojq nvu ngos ogs oj
og eood ood ead as aps zu dd jp kdoo udruga udruzenje udruzenja zdruzenie zdruzenje shoqata
shoqate organizata asociatia association verein dernegi dernek somateio cso ong npo corp
foundation fondacija fondacioni fondatsija fondacia fundatia vakfi vakif zaklada ustanova
"""
_SMALL_WORDS = """
of the for and in on at to de des du la le les et und der die das fur i za u na e te dhe per ne
si a al ale cu pentru din ve icin o od iz kod pri kao tis tou kai gia τησ του και για των
poslova poslove puneve afacerilor isleri raboti affairs works dela el los d l
"""
_LEGAL = frozenset(_LEGAL_WORDS.split())
_SMALL = frozenset(_SMALL_WORDS.split())
# The commonest words of institutions, as stems of folded words.
_TERMS = {
    "ministry": "minist ypourgei υπουργει bakanlig",
    "interior": "interior unutrasnj notranj vnatresn vatresn brendsh vnutresn icisler εσωτερικ",
    "justice": "justic justit pravd pravos pravosud drejtesi spravedliv adalet δικαιοσυν",
    "education": "educat obrazov prosvjet prosvet arsim izobraz egitim παιδει invatam",
    "health": "health zdrav shendet sanatat saglik υγει",
    "university": "universi univerzitet univerz sveucilist πανεπιστημι",
    "institute": "institut enstitu ινστιτουτ",
    "faculty": "facult fakult facultat σχολη",
    "police": "polic αστυνομ",
    "municipality": "municip opstin opcin bashki komun obsht obcin primari belediye δημ",
    "agency": "agenc agens ajans υπηρεσι",
    "directorate": "directorat direkcij drejtori direktsi directi mudurluk διευθυνσ uprav",
    "centre": "cent qend centar center centr tsentar kentr κεντρ merkez",
    "council": "counc vijec savet savjet keshill svet consiliu konsey συμβουλι sovet",
    "government": "govern vlada qeveri pravitelstv guvern hukumet κυβερνηση",
    "youth": "youth mlad rinis rinor mladin omladin tineret genclik νεολαι",
    "women": "women zen grave gruas femei kadin γυναικ zhen",
    "prison": "prison zatvor burg inchisoar cezaev φυλακ",
    "security": "secur bezbed sigurn sigur varn guvenlik ασφαλει sigurimi",
    "national": "nation nacional kombetar drzavn ulusal εθνικ",
    "international": "internation medunarod megunarod nderkombetar mednarod uluslararas διεθν",
    "academy": "academ akadem ακαδημι",
    "school": "school skol shkoll scoal okul σχολει",
    "office": "office kancelarij zyra zyre ured pisarn birou ofis γραφει",
    "commission": "commiss komisij komision komisyon επιτροπ",
}  # fmt: skip
_STEMS = sorted(
    ((stem, term) for term, stems in _TERMS.items() for stem in stems.split()),
    key=lambda pair: -len(pair[0]),
)
_WORD = re.compile(r"[^\W_]+")
_BRACKETS = re.compile(r"^(.*?)\s*[(\[]\s*([^()\[\]]{2,20})\s*[)\]]\s*$")
_LEADING = re.compile(r"^([A-ZА-ЯΑ-ΩČĆŽŠĐ][A-ZА-ЯΑ-ΩČĆŽŠĐ.]{1,9})\s*(?:\s[-–—/]|[|:])\s*(.{5,})$")
_DASHED = re.compile(r"^(.{5,}?)\s+[-–—/]\s+([A-ZА-ЯΑ-ΩČĆŽŠĐ][A-ZА-ЯΑ-ΩČĆŽŠĐ.&-]{1,9})$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An organisation as matching needs it: every name it is known by."""

    key: int
    names: tuple[str, ...]
    acronym: str = ""
    economy: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Which organisation it seems to be, how sure (0 to 1), and why: a sentence."""

    key: int
    score: float
    reason: str

    @property
    def percent(self) -> int:
        return round(self.score * 100)


@dataclass(frozen=True, slots=True)
class Shape:
    """What is compared of a name; `terms` leave out the economy, which is compared apart."""

    words: tuple[str, ...]
    terms: tuple[str, ...]
    acronym: str
    economies: frozenset[str]
    is_mended: bool = False

    @property
    def line(self) -> str:
        return " ".join(self.terms)

    @property
    def is_common(self) -> bool:
        """Made of words that institutions of every economy have in their names."""
        return all(term.startswith("#") for term in self.terms)


def mend_alphabets(name: str) -> str:
    """The name with each word in one alphabet, where letters of another only look the same."""
    return _WORD.sub(lambda found: _mend_word(found[0]), unicodedata.normalize("NFC", name))


def has_mixed_alphabets(name: str) -> bool:
    """Whether a word is written with letters of two alphabets."""
    return mend_alphabets(name) != unicodedata.normalize("NFC", name)


def _script(character: str) -> str:
    if not character.isalpha():
        return ""
    return unicodedata.name(character, "").partition(" ")[0]


def _mend_word(word: str) -> str:
    scripts = [_script(character) for character in word]
    present = {script for script in scripts if script in ("LATIN", "CYRILLIC", "GREEK")}
    if len(present) < 2:
        return word
    main = max(sorted(present), key=scripts.count)
    table = {"LATIN": _TO_LATIN, "CYRILLIC": _TO_CYRILLIC, "GREEK": _TO_GREEK}[main]
    return "".join(
        character if script in ("", main) else table.get(character, character)
        for character, script in zip(word, scripts, strict=True)
    )


def split_acronym(name: str) -> tuple[str, str]:
    """'Youth House (YHE)' and 'Youth House - YHE' as name and acronym."""
    for pattern in (_BRACKETS, _DASHED):
        if found := pattern.match(name.strip()):
            long, short = found[1].strip(), found[2].strip()
            if long and short.replace(".", "").replace("-", "").isalnum() and " " not in short:
                return long, short
    if found := _LEADING.match(name.strip()):
        return found[2].strip(), found[1]
    return name.strip(), ""


def get_shape(name: str) -> Shape:
    """What counts of a name. Kept, as long as the economies are called what they are."""
    return _make_shape(name, get_version())


@lru_cache(maxsize=50_000)
def _make_shape(name: str, _version: str) -> Shape:
    mended = mend_alphabets(name)
    long, short = split_acronym(mended)
    folded = fold_words(long)
    # 'd.o.o.' and 'e.V.' fall apart into letters: together again they are a legal form.
    words = tuple(word for word in _join_letters(folded) if word not in _SMALL)
    plain = tuple(word for word in words if word not in _LEGAL) or words
    if not short and len(plain) == 1 and long.isupper() and 2 <= len(long) <= 10:
        short = long
    economies = frozenset(find_economies(long))
    return Shape(
        words=plain,
        terms=tuple(sorted(_find_term(word) for word in _drop_economies(plain, economies))),
        acronym=fold(short.replace(".", "").replace("-", "")),
        economies=economies,
        is_mended=mended != unicodedata.normalize("NFC", name),
    )


def _drop_economies(words: tuple[str, ...], economies: frozenset[str]) -> tuple[str, ...]:
    """The words without those that name an economy, unless nothing would be left."""
    if not economies:
        return words
    kept = list(words)
    for length in range(4, 0, -1):
        for start in range(len(kept) - length, -1, -1):
            if find_economies(" ".join(kept[start : start + length])):
                smaller = any(
                    find_economies(" ".join(kept[start + cut : start + length - 1 + cut]))
                    for cut in (0, 1)
                )
                if length == 1 or not smaller:
                    del kept[start : start + length]
    return tuple(kept) or words


def _join_letters(words: list[str]) -> list[str]:
    joined: list[str] = []
    letters = ""
    for word in words:
        if len(word) == 1 and not word.isdecimal():
            letters += word
            continue
        if letters:
            joined.append(letters)
            letters = ""
        joined.append(word)
    return [*joined, letters] if letters else joined


@lru_cache(maxsize=50_000)
def _find_term(word: str) -> str:
    if len(word) < 4:
        return word
    return next((f"#{term}" for stem, term in _STEMS if word.startswith(stem)), word)


@dataclass(slots=True)
class Matcher:
    """All organisations, ready to be asked for many names."""

    candidates: Mapping[int, Candidate]
    _by_words: dict[tuple[str, ...], set[int]] = field(default_factory=lambda: defaultdict(set))
    _by_terms: dict[tuple[str, ...], set[int]] = field(default_factory=lambda: defaultdict(set))
    _by_acronym: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _lines: list[tuple[str, int, Shape]] = field(default_factory=list)
    _known: dict[tuple[str, str], list[Match]] = field(default_factory=dict)

    @classmethod
    def from_candidates(cls, candidates: Iterable[Candidate]) -> Matcher:
        """A matcher over these organisations."""
        rows = list(candidates)
        matcher = cls({row.key: row for row in rows})
        for row in rows:
            matcher._take(row)
        return matcher

    def add(self, candidate: Candidate) -> None:
        """One more organisation, such as one that an import is about to make."""
        self.candidates = {**self.candidates, candidate.key: candidate}
        self._take(candidate)
        self._known.clear()

    def _take(self, row: Candidate) -> None:
        if row.acronym:
            self._by_acronym[fold(mend_alphabets(row.acronym).replace(".", ""))].add(row.key)
        for name in row.names:
            shape = get_shape(name)
            self._by_words[tuple(sorted(shape.words))].add(row.key)
            self._by_terms[shape.terms].add(row.key)
            if shape.acronym:
                self._by_acronym[shape.acronym].add(row.key)
            self._lines.append((shape.line, row.key, shape))

    def find(self, name: str, *, economy: str = "", limit: int = 3) -> list[Match]:
        """Organisations that a name may mean, the likeliest first. Each key once."""
        if (name, economy) not in self._known:
            self._known[name, economy] = self._find(name, economy)
        return self._known[name, economy][:limit]

    def find_sure(self, name: str, *, economy: str = "") -> Match | None:
        """The one organisation a name surely means; None when two are as likely."""
        matches = self.find(name, economy=economy)
        sure = [match for match in matches if match.score >= SURE]
        if not sure or (len(sure) > 1 and sure[1].score >= sure[0].score):
            return None
        return sure[0]

    def _find(self, name: str, economy: str) -> list[Match]:
        shape = get_shape(name)
        if not shape.words:
            return []
        found: dict[int, Match] = {}
        for key, score, reason in self._offer(shape, economy):
            if key not in found or found[key].score < score:
                found[key] = Match(key, round(score, 3), reason)
        return sorted(found.values(), key=lambda match: (-match.score, match.key))

    def _offer(self, shape: Shape, economy: str) -> Iterator[tuple[int, float, str]]:
        """Organisations that come into question, with how sure and why; some more than once."""
        said = _("the same name, whatever the case, accents, script and legal form")
        if shape.is_mended:
            said = _("the same name; letters of two alphabets were mixed in it")
        for key in self._by_words.get(tuple(sorted(shape.words)), ()):
            yield key, 1.0 if self._agree(shape, key, economy) else 0.85, said
        for key in self._by_terms.get(shape.terms, ()):
            if self._agree(shape, key, economy):
                yield key, 0.93, _("the same words in another language or order")
        yield from self._offer_acronyms(shape)
        lines = [line for line, _key, _shape in self._lines]
        for _line, ratio, place in process.extract(
            shape.line, lines, scorer=fuzz.ratio, score_cutoff=70, limit=20
        ):
            _text, key, other = self._lines[place]
            if (value := _compare(shape, other, ratio)) and self._agree(shape, key, economy):
                yield key, value, _("written almost the same")

    def _agree(self, shape: Shape, key: int, economy: str) -> bool:
        """Whether the economies fit. 'Ministry of Justice' exists in each: there they must."""
        candidate = self.candidates[key]
        one = shape.economies or frozenset({economy} - {""})
        named = [get_shape(name).economies for name in candidate.names]
        other = frozenset({candidate.economy} - {""}).union(*named)
        if one and other:
            return bool(one & other)
        return not one and not other if shape.is_common else True

    def _offer_acronyms(self, shape: Shape) -> Iterator[tuple[int, float, str]]:
        is_alone = len(shape.words) == 1
        wanted = {shape.acronym} - {""}
        if is_alone and 2 <= len(shape.words[0]) <= 10:
            wanted.add(shape.words[0])
        for acronym in wanted:
            keys = self._by_acronym.get(acronym, set())
            for key in keys:
                if is_alone:
                    is_sure = len(keys) == 1 and len(acronym) >= 3
                    yield key, 0.92 if is_sure else 0.82, _("its acronym")
                elif self._is_near(shape, key):
                    yield key, 0.92, _("its acronym, beside a name that is alike")

    def _is_near(self, shape: Shape, key: int) -> bool:
        return any(
            fuzz.token_set_ratio(shape.line, get_shape(name).line) >= 60
            for name in self.candidates[key].names
        )


def _compare(one: Shape, other: Shape, ratio: float) -> float:
    """How alike two shapes are, once all that must not differ is the same; 0 for not alike."""
    if _numbers(one) != _numbers(other):
        return 0.0
    left, right = _pair(one.terms, other.terms)
    if not left and not right:
        return 0.93
    if left and right:
        return 0.0  # each has a word that the other lacks
    rest = left or right
    return 0.82 if ratio >= 88 and len(rest) == 1 and len(one.terms) > 2 else 0.0


def _numbers(shape: Shape) -> list[str]:
    return sorted(word for word in shape.words if any(c.isdecimal() for c in word))


def _pair(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The words of each that have no counterpart: the same, or one slip of the pen away."""
    rest, left = list(other), []
    for word in one:
        near = next((each for each in rest if _is_same_word(word, each)), None)
        if near is None:
            left.append(word)
        else:
            rest.remove(near)
    return left, rest


@lru_cache(maxsize=100_000)
def _is_same_word(one: str, other: str) -> bool:
    if one == other:
        return True
    if one.startswith("#") or other.startswith("#"):
        return False
    short, long = sorted((one, other), key=len)
    if len(short) >= 3 and long.startswith(short) and len(long) - len(short) <= 2:
        return True  # Sad, Sadu
    if len(short) == 4 and len(long) <= 5 and short[:3] == long[:3]:
        return True  # Novi, Novom
    longest = max(len(one), len(other))
    if min(len(one), len(other)) >= 5 and one[:4] == other[:4] and longest - 4 <= 4:
        # Endings differ from case to case: Tetova, Tetovë, Tetovës.
        return Levenshtein.distance(one, other) <= 2
    return longest >= 6 and Levenshtein.distance(one, other) <= 1
