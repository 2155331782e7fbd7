"""Finding across languages: a sentence asks, its translation among thousands of others answers.

The texts are the given ones (FOCAL_SHARED_DATA, see docs/testing.md): OSCE documents aligned
sentence by sentence, and the articles of the Universal Declaration. For each language that
asks, the pool holds every text once, in one random other language.

Runs in a process of its own: `python -m bench.language`. With FOCAL_BENCH_FOLDER the vectors
are kept there for the next run; else a run embeds some 7,000 passages first.
"""

from __future__ import annotations

import os
import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from bench.apart import SHARED, run_apart

OSCE = ("en", "mk", "sq")
DECLARATION = {
    "sq": "als", "bs": "bos_latn", "bg": "bul", "el": "ell_monotonic", "en": "eng", "hr": "hrv",
    "mk": "mkd", "ro": "ron_2006", "sl": "slv", "sr": "srp_cyrl", "tr": "tur",
}  # fmt: skip
QUESTIONS = 100  # sentences that ask, for each language; of the articles all ask
SHORT = 20  # characters: shorter lines are headings and dates, which many texts share
SHOWN = 50  # a text beyond that place counts as not found
WAYS = {
    "words": {"words": True, "meaning": False},
    "meaning": {"words": False, "meaning": True},
    "both": {"words": True, "meaning": True},
}


@dataclass(frozen=True)
class Aligned:
    """One text in several languages."""

    key: str
    source: str
    by_language: dict[str, str]


def run() -> dict[str, object]:
    """Mean reciprocal rank and recall@10 of words alone, meaning alone and both."""
    return run_apart(
        measure, folder=Path(kept) if (kept := os.environ.get("FOCAL_BENCH_FOLDER")) else None
    )


def measure() -> dict[str, object]:
    """Everything, in this process."""
    texts = read_texts()
    if not texts:
        return {"left_out": "The given texts are not there; set FOCAL_SHARED_DATA."}
    pools = open_pools()
    ranks: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for language in DECLARATION:
        pools.fill(texts, language)
        for text in choose_questions(texts, language):
            for way in WAYS:
                rank = pools.ask(text, language, way)
                groups = [text.source, "all lines"]
                if len(text.by_language[language]) >= SHORT:
                    groups += ["all", f"from {language}"]
                for group in groups:
                    ranks[group][way].append(rank)
    return {
        "pool": len(texts),
        **{group: summarise(ways) for group, ways in sorted(ranks.items())},
    }


def summarise(ways: dict[str, list[int]]) -> dict[str, object]:
    """Figures of a group of questions; rank 0 is 'not found'."""
    figures: dict[str, object] = {"questions": len(next(iter(ways.values())))}
    for way, ranks in ways.items():
        figures[way] = {
            "mrr": round(sum(1 / rank for rank in ranks if rank) / len(ranks), 4),
            "recall@10": round(sum(0 < rank <= 10 for rank in ranks) / len(ranks), 4),
        }
    return figures


# Texts


def read_texts() -> list[Aligned]:
    """All aligned texts; none when the folder is not there."""
    folder = SHARED
    if not folder.is_dir():
        return []
    limit = int(os.environ.get("FOCAL_BENCH_TEXTS", "0"))
    sentences = [text for path in sorted((folder / "osce").iterdir()) for text in _read_osce(path)]
    if limit:
        sentences = random.Random(1).sample(sentences, limit)
    return _without_doubles([*sentences, *_read_declaration(folder / "texts" / "udhr")])


def _read_osce(folder: Path) -> list[Aligned]:
    if not folder.is_dir():
        return []
    files = [(folder / f"{language}.txt").read_text().split("\n") for language in OSCE]
    return [
        Aligned(f"{folder.name}-{n}", "osce", dict(zip(OSCE, lines, strict=True)))
        for n, lines in enumerate(zip(*files, strict=False))
        if all(any(c.isalpha() for c in line) for line in lines)
    ]


def _read_declaration(folder: Path) -> list[Aligned]:
    articles: dict[str, dict[str, str]] = defaultdict(dict)
    for language, name in DECLARATION.items():
        root = ElementTree.parse(folder / f"udhr_{name}.xml").getroot()
        for element in root:
            if element.tag.endswith("article"):
                paragraphs = [
                    " ".join("".join(part.itertext()).split())
                    for part in element.iter()
                    if part.tag.endswith("para")
                ]
                articles[element.get("number", "")][language] = " ".join(paragraphs)
    return [
        Aligned(f"article-{number}", "udhr", by_language)
        for number, by_language in articles.items()
        if len(by_language) == len(DECLARATION)
    ]


def _without_doubles(texts: list[Aligned]) -> list[Aligned]:
    """Texts that share no line with an earlier one: else two answers would be right."""
    seen: set[tuple[str, str]] = set()
    single = []
    for text in texts:
        lines = {(language, line.casefold()) for language, line in text.by_language.items()}
        if not lines & seen:
            single.append(text)
        seen |= lines
    return single


def choose_questions(texts: list[Aligned], language: str) -> list[Aligned]:
    """Texts that ask in a language: some of the sentences, all articles."""
    able = [text for text in texts if language in text.by_language]
    sentences = [text for text in able if text.source == "osce"]
    chosen = random.Random(f"ask {language}").sample(sentences, min(QUESTIONS, len(sentences)))
    return [*chosen, *(text for text in able if text.source == "udhr")]


# Pools


def open_pools():
    """The platform's own index, filled through the outbox, asked through its one interface."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from django.utils import timezone

    from focal.vocabulary.services import load_vocabulary

    load_vocabulary(timezone.now())
    return Pools()


class Pools:
    """One pool at a time."""

    def __init__(self) -> None:
        from focal.search import nearness, registry

        self.documents: dict = {}
        registry.register_source(
            topic="record",
            load=lambda keys: [self.documents[key] for key in keys if key in self.documents],
            all_keys=lambda: list(self.documents),
        )
        nearness.load_model()

    def fill(self, texts: list[Aligned], language: str) -> None:
        """Every text once, in one random language that is not the one that asks."""
        from django.db import transaction
        from django.utils import timezone

        from focal.outbox.services import deliver_all, emit

        before = set(self.documents)
        self.documents = {
            text.key: self._make_document(text, language) for text in texts
        }  # fmt: skip
        with transaction.atomic():
            keys = sorted(before | set(self.documents))
            emit(topic="record", keys=keys, at=timezone.now())
        deliver_all("words", "meaning", "embeddings")

    def _make_document(self, text: Aligned, asking: str):
        from focal.search.documents import SearchDocument, Text

        others = sorted(set(text.by_language) - {asking})
        # Languages that do not ask of these sentences share one pool of them.
        seed = f"{text.key} {asking if asking in text.by_language else OSCE[0]}"
        if asking not in text.by_language:
            others = sorted(set(text.by_language) - {OSCE[0]})
        language = random.Random(seed).choice(others)
        return SearchDocument(
            key=text.key,
            kind="publication",
            audience=frozenset({"public"}),
            texts=(Text(language, "", "", text.by_language[language]),),
        )

    def ask(self, text: Aligned, language: str, way: str) -> int:
        """The place of the translation in the answer, 0 when it is not there."""
        from focal.search.queries import Query
        from focal.search.services import search

        question = Query(text=text.by_language[language], limit=SHOWN, **WAYS[way])
        keys = [hit.key for hit in search(question, frozenset({"public"})).hits]
        return keys.index(text.key) + 1 if text.key in keys else 0
