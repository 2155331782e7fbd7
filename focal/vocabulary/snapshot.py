"""The whole vocabulary as one frozen object, read once in a process.

Every page shows economies, topics and languages; none of that may cost a query. The
snapshot is read again when the version row has changed, which is looked at no more than
every `CHECK_SECONDS`. It stands below `models`, so that a row can say its own name.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.apps import apps

from focal.vocabulary.collation import get_sort_key
from focal.vocabulary.languages import canonical_language, get_fallbacks

CHECK_SECONDS = 30.0
ALWAYS_WITH_ASTERISK = frozenset({"XK"})  # also when the rows are not there yet
INDENT = "\u2003"  # an em space for each level of a tree in a list of choices


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a language and the days it held; `is_display` is the one that is shown."""

    language: str
    name: str
    since: date | None = None
    until: date | None = None
    is_display: bool = False


@dataclass(frozen=True, slots=True)
class EconomyEntry:
    code: str
    asterisk: bool
    names: tuple[Name, ...] = ()
    shown: Mapping[str, str] = field(default_factory=dict)

    def get_name(self, language: str) -> str:
        """The name shown in a language, with the asterisk where there must be one."""
        return _find(self.shown, language, self.code) + ("*" if self.asterisk else "")


@dataclass(frozen=True, slots=True)
class GroupEntry:
    code: str
    names: Mapping[str, str]
    members: tuple[tuple[str, date | None, date | None], ...]

    def get_name(self, language: str) -> str:
        """Its name in a language; its code when nobody has named it."""
        return _find(self.names, language, self.code)

    def get_members(self, on: date | None = None) -> tuple[str, ...]:
        """Codes of the economies that belong to it on a day (without one: at present)."""
        if on is None:
            return tuple(code for code, _since, until in self.members if until is None)
        return tuple(
            code
            for code, since, until in self.members
            if (since is None or since <= on) and (until is None or on < until)
        )


@dataclass(frozen=True, slots=True)
class LanguageEntry:
    code: str
    endonym: str
    script: str
    found_together: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Label:
    language: str
    label: str
    kind: str
    needs_check: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class ConceptEntry:
    key: str
    scheme: str
    broader: str | None
    position: int
    is_retired: bool
    note: str
    labels: tuple[Label, ...]
    preferred: Mapping[str, str] = field(default_factory=dict)

    def get_label(self, language: str) -> str:
        """Its preferred label in a language, or in the nearest one that has it."""
        return _find(self.preferred, language, self.key)

    def needs_check(self, language: str) -> bool:
        """Whether the label shown in a language still waits for a native reader."""
        for code, _rewrite in get_fallbacks(language):
            for row in self.labels:
                if row.language == code and row.kind == "preferred":
                    return row.needs_check
        return False


def _find(words: Mapping[str, str], language: str, otherwise: str) -> str:
    for code, rewrite in get_fallbacks(language):
        if code in words:
            return rewrite(words[code])
    return otherwise


@dataclass(frozen=True)
class Vocabulary:
    """Everything the shared lists say, at one version. Nothing here asks a query."""

    version: str = ""
    economies: Mapping[str, EconomyEntry] = field(default_factory=dict)
    groups: Mapping[str, GroupEntry] = field(default_factory=dict)
    languages: Mapping[str, LanguageEntry] = field(default_factory=dict)
    concepts: Mapping[str, ConceptEntry] = field(default_factory=dict)

    def economy_name(self, code: str, language: str) -> str:
        """An economy's name, 'Kosovo*' with its asterisk; the code when it is not known."""
        entry = self.economies.get(code)
        if entry is not None:
            return entry.get_name(language)
        return code + ("*" if code in ALWAYS_WITH_ASTERISK else "")

    def economy_choices(self, language: str) -> list[tuple[str, str]]:
        """(code, name) of each economy, in the alphabet of the language."""
        choices = [(code, entry.get_name(language)) for code, entry in self.economies.items()]
        return sorted(choices, key=lambda choice: (get_sort_key(choice[1], language), choice[0]))

    def group_name(self, code: str, language: str) -> str:
        """A group's name; the code when it is not known."""
        entry = self.groups.get(code)
        return entry.get_name(language) if entry else code

    def area_name(self, code: str, language: str) -> str:
        """The name of an economy or a group of economies."""
        if code in self.groups:
            return self.group_name(code, language)
        return self.economy_name(code, language)

    def language_name(self, code: str, language: str) -> str:
        """A language's name in another; its own name for itself when there is none."""
        entry = self.languages.get(canonical_language(code))
        if entry is None:
            return code
        return _find(entry.names, language, entry.endonym)

    def language_choices(self, language: str) -> list[tuple[str, str]]:
        """(code, name) of each language, in the order of the list."""
        return [(code, self.language_name(code, language)) for code in self.languages]

    def get_found_together(self, code: str) -> frozenset[str]:
        """The languages whose readers read this one too, itself among them."""
        canonical = canonical_language(code)
        entry = self.languages.get(canonical)
        if entry is None or not entry.found_together:
            return frozenset({canonical})
        return frozenset(
            other.code
            for other in self.languages.values()
            if other.found_together == entry.found_together
        )

    def label(self, scheme: str, key: str, language: str) -> str:
        """A concept's label; the key when the list has no such concept."""
        entry = self.concepts.get(key)
        return entry.get_label(language) if entry and entry.scheme == scheme else key

    def choices(self, scheme: str, language: str) -> list[tuple[str, str]]:
        """(key, label) in the order of the tree, narrower ones indented; no retired ones."""
        return [
            (key, INDENT * depth + self.concepts[key].get_label(language))
            for key, depth in self.get_tree(scheme)
        ]

    def get_tree(self, scheme: str) -> tuple[tuple[str, int], ...]:
        """(key, depth) of each concept in use, broader before narrower."""
        return self._trees.get(scheme, ())

    def get_concepts(self, scheme: str) -> tuple[ConceptEntry, ...]:
        """All concepts of a list by their position, retired ones among them."""
        rows = (entry for entry in self.concepts.values() if entry.scheme == scheme)
        return tuple(sorted(rows, key=lambda entry: (entry.position, entry.key)))

    def narrower(self, key: str) -> frozenset[str]:
        """All concepts below one, however deep; without itself."""
        return self._below.get(key, frozenset())

    def with_narrower(self, key: str) -> frozenset[str]:
        """A concept and all below it: what a filter by a broad topic has to accept."""
        return self.narrower(key) | {key}

    def get_path(self, key: str) -> tuple[str, ...]:
        """The concepts above one, the broadest first; without itself."""
        path: list[str] = []
        entry = self.concepts.get(key)
        while entry and entry.broader and entry.broader not in path:
            path.insert(0, entry.broader)
            entry = self.concepts.get(entry.broader)
        return tuple(path)

    @cached_property
    def _children(self) -> dict[str | None, list[ConceptEntry]]:
        children: dict[str | None, list[ConceptEntry]] = {}
        for entry in sorted(self.concepts.values(), key=lambda row: (row.position, row.key)):
            children.setdefault(entry.broader, []).append(entry)
        return children

    @cached_property
    def _below(self) -> dict[str, frozenset[str]]:
        below: dict[str, set[str]] = {}
        for key in self.concepts:
            for above in self.get_path(key):
                below.setdefault(above, set()).add(key)
        return {key: frozenset(keys) for key, keys in below.items()}

    @cached_property
    def _trees(self) -> dict[str, tuple[tuple[str, int], ...]]:
        trees: dict[str, list[tuple[str, int]]] = {}
        waiting = [(entry, 0) for entry in reversed(self._children.get(None, []))]
        while waiting:
            entry, depth = waiting.pop()
            below = reversed(self._children.get(entry.key, []))
            if entry.is_retired:  # what stands below a retired concept moves up in its place
                waiting.extend((child, depth) for child in below)
                continue
            trees.setdefault(entry.scheme, []).append((entry.key, depth))
            waiting.extend((child, depth + 1) for child in below)
        return {scheme: tuple(rows) for scheme, rows in trees.items()}


_held: Vocabulary | None = None
_looked_at = 0.0


def get_vocabulary() -> Vocabulary:
    """The vocabulary as it stands, at most `CHECK_SECONDS` old."""
    global _held, _looked_at  # noqa: PLW0603 -- one snapshot for the whole process
    now = time.monotonic()
    if _held is not None and now - _looked_at < CHECK_SECONDS:
        return _held
    version = _read_version()
    if _held is None or _held.version != version:
        _held = _read_all(version)
    _looked_at = now
    return _held


def reset() -> None:
    """Forget the snapshot: the next reader reads the rows again."""
    global _held  # noqa: PLW0603 -- as above
    _held = None


def _model(name: str) -> Any:
    return apps.get_model("vocabulary", name)


def _read_version() -> str:
    token = _model("VocabularyVersion").objects.order_by("pk").values_list("token", flat=True)
    return token.first() or ""


def _read_all(version: str) -> Vocabulary:
    return Vocabulary(
        version=version,
        economies=_read_economies(),
        groups=_read_groups(),
        languages=_read_languages(),
        concepts=_read_concepts(),
    )


def _gather(rows: Iterable[tuple[Any, ...]]) -> dict[Any, list[tuple[Any, ...]]]:
    """Rows by their first value, which is left out of them."""
    gathered: dict[Any, list[tuple[Any, ...]]] = {}
    for first, *rest in rows:
        gathered.setdefault(first, []).append(tuple(rest))
    return gathered


def _read_economies() -> dict[str, EconomyEntry]:
    names = _gather(
        _model("EconomyName")
        .objects.order_by("pk")
        .values_list("economy_id", "language", "name", "since", "until", "is_display")
    )
    rows = _model("Economy").objects.filter(retired_at=None).order_by("position", "code")
    return {
        row.code: EconomyEntry(
            code=row.code,
            asterisk=row.asterisk,
            names=(own := tuple(Name(*values) for values in names.get(row.code, ()))),
            shown={name.language: name.name for name in own if name.is_display},
        )
        for row in rows
    }


def _read_groups() -> dict[str, GroupEntry]:
    names = _gather(
        _model("EconomyGroupName")
        .objects.order_by("pk")
        .values_list("group_id", "language", "name")
    )
    members = _gather(
        _model("EconomyGroupMember")
        .objects.order_by("group_id", "economy__position", "economy_id")
        .values_list("group_id", "economy_id", "since", "until")
    )
    return {
        row.code: GroupEntry(
            code=row.code,
            names=dict(names.get(row.code, ())),
            members=tuple(members.get(row.code, ())),
        )
        for row in _model("EconomyGroup").objects.order_by("position", "code")
    }


def _read_languages() -> dict[str, LanguageEntry]:
    names = _gather(
        _model("LanguageName").objects.order_by("pk").values_list("subject_id", "language", "name")
    )
    return {
        row.code: LanguageEntry(
            code=row.code,
            endonym=row.endonym,
            script=row.script,
            found_together=row.found_together,
            names=dict(names.get(row.code, ())),
        )
        for row in _model("Language").objects.order_by("position", "code")
    }


def _read_concepts() -> dict[str, ConceptEntry]:
    labels = _gather(
        _model("ConceptLabel")
        .objects.order_by("pk")
        .values_list("concept_id", "language", "label", "kind", "needs_check", "note")
    )
    rows = list(_model("Concept").objects.order_by("position", "key"))
    keys = {row.pk: row.key for row in rows}
    return {
        row.key: ConceptEntry(
            key=row.key,
            scheme=row.scheme,
            broader=keys.get(row.broader_id),
            position=row.position,
            is_retired=row.retired_at is not None,
            note=row.note,
            labels=(own := tuple(Label(*values) for values in labels.get(row.pk, ()))),
            preferred={label.language: label.label for label in own if label.kind == "preferred"},
        )
        for row in rows
    }
