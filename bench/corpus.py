"""Records that nobody wrote: word frequencies, lengths, tags and audiences as in a real library.

Words are shapes made of syllables of several languages and scripts, drawn by Zipf's law, so that
a few words stand in nearly every record and most in hardly any. Topics bring a label of the
thesaurus into the text. 15 in 100 records are restricted, most of them to one or two organisations.
"""

from __future__ import annotations

import datetime
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from focal.search.documents import SearchDocument, Text

WORDS = 12_000  # different words of a language
EXPONENT = 1.05  # of Zipf's law
TITLE, SUMMARY, BODY = 7, 30, 120  # words
RESTRICTED = 0.15
SYLLABLES = {
    "en": "the ment con tion ing pro er re com tor ex ter is un per in val str out chil",
    "sq": "një për shk ë dhe im bash ko ri të zh gj qe ndi ve ro ll rr the min",
    "bs": "pre ško la raz voj nik stv ost sa rad nje ći đa po li ti ka mla di za",
    "mk": "пре шко ла раз вој ник ств ост со раб ње ќе ѓа по ли ти ка мла ди за",
    "sr": "пре шко ла раз вој ник ств ост са рад ње ћи ђа по ли ти ка мла ди за",
    "bg": "пре шко ла раз вит ник ств ост съ раб не щи я по ли ти ка мла ди за",
    "ro": "pre șco la dez vol tare și comu nit ăți ră în țe ție un iu ne tin eri al",
    "tr": "ok ul gen ç lik ön le me ış ma cı lar eğ it im yö net üst ün ge",
    "el": "σχο λεί ο νέ οι πρό λη ψη κοι νό τη τα εκ παί δευ ση για μα θη της",
}
SHARES = {"en": 30, "sq": 14, "bs": 12, "mk": 11, "sr": 11, "bg": 6, "ro": 6, "tr": 5, "el": 5}
KINDS = {"publication": 55, "news": 25, "practice": 14, "toolkit": 6}
ECONOMIES = ("AL", "BA", "XK", "MK", "RS", "ME", "BG", "RO", "HR", "SI", "GR", "TR", "MD")
TARGETS = tuple(f"target-{n}" for n in range(15))
ORGANISATIONS = tuple(f"org-{n}" for n in range(300))
YEARS = tuple(str(year) for year in range(2005, 2027))
TOKENS = (
    "community",
    *(f"economy:{code}" for code in ECONOMIES),
    *(f"format:{n}" for n in range(1, 13)),
    *(f"org:{n}" for n in range(1, 201)),
    *(f"person:{n}" for n in range(1, 301)),
)


@dataclass(frozen=True)
class Tables:
    """What is drawn from, with cumulated weights."""

    words: dict[str, Sequence[str]]
    weights: np.ndarray
    topics: Sequence[str]
    labels: dict[tuple[str, str], str]


def make_tables(seed: int, terms: Sequence[tuple[str, str, str]] = ()) -> Tables:
    """The words of each language, and the thesaurus' terms (concept, language, label)."""
    dice = random.Random(seed)
    words = {language: _make_words(dice, text.split()) for language, text in SYLLABLES.items()}
    weights = np.cumsum(1 / np.arange(1, WORDS + 1) ** EXPONENT)
    topics = sorted({concept for concept, _language, _label in terms}) or ["topic"]
    dice.shuffle(topics)
    labels = {(concept, language): label for concept, language, label in terms}
    return Tables(words, weights / weights[-1], topics[:120], labels)


def _make_words(dice: random.Random, syllables: Sequence[str]) -> list[str]:
    # The commonest words are the short ones.
    found = dict.fromkeys([*syllables, *(a + b for a in syllables for b in syllables)][:150])
    while len(found) < WORDS:
        found["".join(dice.choices(syllables, k=dice.choice((2, 3, 3, 4, 4, 5))))[:24]] = None
    return list(found)


def make_documents(count: int, tables: Tables, seed: int) -> Iterator[SearchDocument]:
    """`count` records, the same for the same seed."""
    dice = random.Random(seed)
    numbers = np.random.default_rng(seed)
    languages = dice.choices(list(SHARES), list(SHARES.values()), k=count)
    for start in range(0, count, 5_000):
        some = languages[start : start + 5_000]
        drawn = np.searchsorted(tables.weights, numbers.random((len(some), TITLE + SUMMARY + BODY)))
        for place, language in enumerate(some):
            row = [tables.words[language][number] for number in drawn[place]]
            yield _make_document(f"r{start + place:06}", language, row, tables, dice)


def _make_document(
    key: str, language: str, words: list[str], tables: Tables, dice: random.Random
) -> SearchDocument:
    topics = _draw_skewed(dice, tables.topics, dice.randint(1, 3))
    for topic in topics:
        if label := tables.labels.get((topic, language)):
            words[dice.randrange(TITLE, len(words))] = label
    length = dice.randint(3, TITLE)
    end = TITLE + SUMMARY + dice.randint(BODY // 2, BODY)
    facets = {
        "economy": tuple(_draw_skewed(dice, ECONOMIES, dice.choice((0, 1, 1, 1, 2, 3)))),
        "topic": tuple(topics),
        "target_group": tuple(_draw_skewed(dice, TARGETS, dice.choice((0, 1, 1, 2)))),
        "language": (language,),
        "year": (YEARS[int(dice.betavariate(4, 1.5) * len(YEARS))],),
        "organisation": tuple(_draw_skewed(dice, ORGANISATIONS, 1)),
        "state": ("published",),
    }
    day = datetime.date(int(facets["year"][0]), dice.randint(1, 12), dice.randint(1, 28))
    summary = " ".join(words[TITLE : TITLE + SUMMARY]).capitalize() + "."
    body = _in_sentences(words[TITLE + SUMMARY : end])
    return SearchDocument(
        key=key,
        kind=dice.choices(list(KINDS), list(KINDS.values()))[0],
        audience=draw_audience(dice),
        texts=(Text(language, " ".join(words[:length]).capitalize(), summary, body),),
        facets=facets,
        date=day,
    )


def _in_sentences(words: Sequence[str]) -> str:
    return " ".join(
        " ".join(words[start : start + 14]).capitalize() + "." for start in range(0, len(words), 14)
    )


def _draw_skewed(dice: random.Random, values: Sequence[str], count: int) -> list[str]:
    """Different values, the first ones far oftener than the last ones."""
    return list({values[int(len(values) * dice.random() ** 2.2)]: None for _ in range(count)})


def draw_audience(dice: random.Random) -> frozenset[str]:
    """Everybody, or a few tokens."""
    if dice.random() >= RESTRICTED:
        return frozenset({"public"})
    if dice.random() < 0.25:
        return frozenset({"community"})
    return frozenset(_draw_skewed(dice, TOKENS[1:], dice.choice((1, 1, 2, 3))))


def draw_viewer(dice: random.Random, tokens: int = 20) -> frozenset[str]:
    """A member with so many tokens."""
    return frozenset({"public", "community", *dice.sample(TOKENS[1:], tokens - 2)})


def draw_question(dice: random.Random, documents: Sequence[SearchDocument]) -> str:
    """One to four words of some record, common and rare as they come; now and then a phrase."""
    text = dice.choice(documents).texts[0]
    words = [word.strip(".").lower() for word in f"{text.title} {text.summary} {text.body}".split()]
    if dice.random() < 0.12:
        start = dice.randrange(len(words) - 2)
        return '"' + " ".join(words[start : start + 2]) + '"'
    return " ".join(dice.sample(words, dice.choice((1, 1, 2, 2, 2, 3, 3, 4))))


def draw_filters(dice: random.Random) -> dict[str, frozenset[str]]:
    """None mostly; a kind, economies or a language in every fourth question."""
    if dice.random() < 0.75:
        return {}
    return dice.choice(
        (
            {"kind": frozenset({"news"})},
            {"economy": frozenset(dice.sample(ECONOMIES, 2))},
            {"language": frozenset({"sq"})},
            {"kind": frozenset({"publication"}), "year": frozenset({"2021", "2022"})},
        )
    )


def count_words(documents: Sequence[SearchDocument]) -> dict[str, int]:
    """How many records have each word; for looking at the distribution."""
    counts: dict[str, int] = defaultdict(int)
    for document in documents:
        for word in set(document.texts[0].body.lower().split()):
            counts[word] += 1
    return counts
