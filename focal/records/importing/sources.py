"""The files of a folder, and which of them are one document in several languages."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from focal.vocabulary.languages import canonical_language

_NOT_DOCUMENTS = {"thumbs.db", "desktop.ini"}

# What people write into file names: two letters, three letters, or an economy's habit.
LANGUAGE_TAGS = {
    **dict.fromkeys(("en", "eng"), "en"),
    **dict.fromkeys(("sq", "sqi", "alb", "als", "aln", "al"), "sq"),
    **dict.fromkeys(("bs", "bos"), "bs"),
    **dict.fromkeys(("cnr", "mne", "cg"), "cnr"),
    **dict.fromkeys(("hr", "hrv"), "hr"),
    **dict.fromkeys(("sr", "srp", "scc"), "sr"),
    **dict.fromkeys(("mk", "mkd", "mac"), "mk"),
    **dict.fromkeys(("bg", "bul"), "bg"),
    **dict.fromkeys(("el", "ell", "gre", "gr"), "el"),
    **dict.fromkeys(("ro", "ron", "rum"), "ro"),
    **dict.fromkeys(("sl", "slv", "slo"), "sl"),
    **dict.fromkeys(("tr", "tur"), "tr"),
    **dict.fromkeys(("rmn", "rom"), "rmn"),
    "rmy": "rmy",
    "rup": "rup",
    "gag": "gag",
    **dict.fromkeys(("hu", "hun"), "hu"),
    **dict.fromkeys(("de", "deu", "ger"), "de"),
    **dict.fromkeys(("fr", "fra", "fre"), "fr"),
    **dict.fromkeys(("it", "ita"), "it"),
    **dict.fromkeys(("ru", "rus"), "ru"),
}
_SCRIPTS = {
    **dict.fromkeys(("latn", "latin", "lat", "latinica"), "Latn"),
    **dict.fromkeys(("cyrl", "cyrillic", "cyr", "cir", "cirilica"), "Cyrl"),
}
_VARIANTS = {"monotonic", "polytonic", "final", "fin", "web", "print", "clean"}
_SPLIT = re.compile(r"[\s_.\-()\[\],]+")


@dataclass(frozen=True, slots=True)
class Source:
    """A file to take in: where it is, and its path as whoever brought it knows it."""

    path: Path
    name: str

    @property
    def folder(self) -> str:
        return str(PurePosixPath(self.name).parent)

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem


@dataclass(frozen=True, slots=True)
class NameParts:
    """What a file's name says: the document, the language, and a number after it."""

    base: str
    language: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The files of one record; `base` is what their names have in common."""

    sources: tuple[Source, ...]
    base: str = ""

    @property
    def is_one_file(self) -> bool:
        return len(self.sources) == 1


def collect(folder: Path, *, leave_out: Iterable[Path] = ()) -> list[Source]:
    """The files of a folder and its folders, in steady order; hidden and lock files are passed."""
    left_out = {path.resolve() for path in leave_out}
    found = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        for name in sorted(names):
            path = Path(root, name)
            if is_document_name(name) and path.resolve() not in left_out:
                found.append(Source(path, path.relative_to(folder).as_posix()))
    return sorted(found, key=lambda source: source.name)


def is_document_name(name: str) -> bool:
    """Whether somebody put the file there, and not their computer."""
    return not name.startswith((".", "~$")) and name.lower() not in _NOT_DOCUMENTS


def parse_name(stem: str) -> NameParts:
    """'report_MK' is 'report' in Macedonian; 'udhr_srp_latn' 'udhr' in Serbian Latin."""
    words = [word for word in _SPLIT.split(stem) if word]
    end, number, script = len(words), "", ""
    while end > 0:
        word = words[end - 1].lower()
        if word in LANGUAGE_TAGS:
            code = LANGUAGE_TAGS[word] + (f"-{script}" if script else "")
            base = " ".join(words[: end - 1])
            return NameParts(base, canonical_language(code), number)
        if word in _SCRIPTS and not script:
            script = _SCRIPTS[word]
        elif word.isdecimal() and not number:
            number = word
        elif word not in _VARIANTS:
            break
        end -= 1
    return _parse_start(words)


def _parse_start(words: Sequence[str]) -> NameParts:
    """'EN - Annual report' and 'mk_report': the language in front, as a word of its own."""
    if len(words) > 1 and words[0].lower() in LANGUAGE_TAGS and len(words[0]) == 2:
        return NameParts(" ".join(words[1:]), canonical_language(LANGUAGE_TAGS[words[0].lower()]))
    return NameParts(" ".join(words))


def group_sources(sources: Sequence[Source]) -> list[Group]:
    """Each document once: files of one folder whose names differ in the language alone.

    A name may end in a number after the language ('article_en_1'): then the number belongs
    to the document if other languages have it too, and is a variant if not.
    """
    parts = {source: parse_name(source.stem) for source in sources}
    numbered: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for source, part in parts.items():
        if part.language:
            numbered[source.folder, part.base.lower(), part.number].add(part.language)
    gathered: dict[tuple[str, ...], list[Source]] = {}
    for source, part in parts.items():
        base, number = part.base.lower(), part.number
        if not part.language:
            key: tuple[str, ...] = (source.folder, source.name)
        elif number and len(numbered[source.folder, base, number]) > 1:
            key = (source.folder, base, number)
        else:
            key = (source.folder, base, "")
        gathered.setdefault(key, []).append(source)
    groups = []
    for members in gathered.values():
        if len({parts[source].language for source in members}) > 1:
            groups.append(Group(tuple(members), parts[members[0]].base))
        else:
            groups += [Group((source,)) for source in members]
    return groups
