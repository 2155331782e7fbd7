"""Changing the vocabulary: loading the data files, and concepts brought in from outside.

Each change is one transaction that ends with a fresh version token. Loading twice changes
nothing. What a person wrote or imported here stays; what the files no longer name is retired,
never deleted, because facts point to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from focal.kernel.errors import BadInput
from focal.kernel.ids import new_reference
from focal.outbox.services import emit
from focal.vocabulary import files
from focal.vocabulary.files import ConceptRow, LabelRow
from focal.vocabulary.models import (
    Concept,
    ConceptLabel,
    Economy,
    EconomyGroup,
    EconomyGroupMember,
    EconomyGroupName,
    EconomyName,
    Language,
    LanguageName,
    Origin,
    Scheme,
    VocabularyVersion,
)
from focal.vocabulary.snapshot import ConceptEntry, get_vocabulary, reset

Key = tuple[Any, ...]


@dataclass(slots=True)
class Changes:
    """What a load or an import did (or, in a trial, would do), counted by list."""

    new: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    retired: dict[str, int] = field(default_factory=dict)

    def add(self, what: str, name: str, count: int) -> None:
        """Count `count` more rows of list `name` as new, changed, removed or retired."""
        if count:
            counts = getattr(self, what)
            counts[name] = counts.get(name, 0) + count

    @property
    def total(self) -> int:
        """How many rows were touched."""
        return sum(
            sum(counts.values()) for counts in (self.new, self.changed, self.removed, self.retired)
        )


@transaction.atomic
def load_vocabulary(at: datetime) -> Changes:
    """Bring the rows in line with the data files; the second run in a row changes nothing."""
    changes = Changes()
    _load_economies(changes, at)
    _load_groups(changes)
    _load_languages(changes)
    for scheme in Scheme.values:
        _load_concepts(changes, scheme, files.read_concepts(scheme), at)
    if changes.total:
        mark_changed(at)
    return changes


def mark_changed(at: datetime) -> None:
    """A fresh version: every process reads the vocabulary again, and consumers are told."""
    token = new_reference()
    VocabularyVersion.objects.update_or_create(pk=1, defaults={"token": token, "changed_at": at})
    emit(topic="vocabulary", keys=[token], at=at)
    reset()
    transaction.on_commit(reset)


def _load_economies(changes: Changes, at: datetime) -> None:
    rows = files.read_economies()
    _sync(
        changes,
        Economy,
        ("code",),
        {
            (row.code,): {"asterisk": row.asterisk, "position": place, "retired_at": None}
            for place, row in enumerate(rows)
        },
        missing=_retire(at),
    )
    wanted = {
        (row.economy, row.language, row.name): {
            "is_display": row.is_display,
            "since": row.since,
            "until": row.until,
            "note": row.note,
        }
        for row in files.read_economy_names()
    }
    _sync(changes, EconomyName, ("economy_id", "language", "name"), wanted, replace=True)


def _load_groups(changes: Changes) -> None:
    names = files.read_group_names()
    members = files.read_group_members()
    codes = dict.fromkeys(row.group for row in names)
    _sync(
        changes,
        EconomyGroup,
        ("code",),
        {(code,): {"position": place} for place, code in enumerate(codes)},
    )
    _sync(
        changes,
        EconomyGroupName,
        ("group_id", "language"),
        {(row.group, row.language): {"name": row.name} for row in names},
    )
    _sync(
        changes,
        EconomyGroupMember,
        ("group_id", "economy_id"),
        {(row.group, row.economy): {"since": row.since, "until": row.until} for row in members},
    )


def _load_languages(changes: Changes) -> None:
    rows = files.read_languages()
    _sync(
        changes,
        Language,
        ("code",),
        {
            (row.code,): {
                "endonym": row.endonym,
                "script": row.script,
                "found_together": row.found_together,
                "position": place,
            }
            for place, row in enumerate(rows)
        },
    )
    _sync(
        changes,
        LanguageName,
        ("subject_id", "language"),
        {
            (row.code, language): {"name": name}
            for row in rows
            for language, name in row.names.items()
        },
    )


def _retire(at: datetime) -> Callable[[list[Any]], str]:
    def retire(rows: list[Any]) -> str:
        for row in rows:
            row.retired_at = at
            row.save(update_fields=("retired_at",))
        return "retired"

    return retire


def _delete(rows: list[Any]) -> str:
    for row in rows:
        row.delete()
    return "removed"


def _sync(
    changes: Changes,
    model: type[models.Model],
    key: tuple[str, ...],
    wanted: Mapping[Key, Mapping[str, Any]],
    *,
    among: models.QuerySet[Any] | None = None,
    missing: Callable[[list[Any]], str] = _delete,
    replace: bool = False,
) -> None:
    """Make the rows (of `among`) those that are wanted, and count what that took.

    `replace` writes changed rows anew instead of in place: two names may then change
    roles although only one of them may be the one that is shown.
    """
    name = model._meta.model_name or ""
    rows = model._base_manager.all() if among is None else among
    present = {tuple(getattr(row, part) for part in key): row for row in rows}
    gone = [row for at, row in present.items() if at not in wanted and not _is_retired(row)]
    if gone:
        changes.add(missing(gone), name, len(gone))
    changed = [
        at
        for at, values in wanted.items()
        if at in present and any(getattr(present[at], n) != v for n, v in values.items())
    ]
    if replace:
        model._base_manager.filter(pk__in=[present.pop(at).pk for at in changed]).delete()
    else:
        _update(model, [(present[at], wanted[at]) for at in changed])
    new = [
        model(**dict(zip(key, at, strict=True)), **values)
        for at, values in wanted.items()
        if at not in present
    ]
    model._base_manager.bulk_create(new)
    changes.add("changed", name, len(changed))
    changes.add("new", name, len(new) - (len(changed) if replace else 0))


def _update(model: type[models.Model], rows: list[tuple[Any, Mapping[str, Any]]]) -> None:
    for row, values in rows:
        for name, value in values.items():
            setattr(row, name, value)
    if rows:
        model._base_manager.bulk_update([row for row, _ in rows], sorted(rows[0][1]))


def _is_retired(row: Any) -> bool:
    return getattr(row, "retired_at", None) is not None


def _load_concepts(changes: Changes, scheme: str, rows: list[ConceptRow], at: datetime) -> None:
    """One list from its file. What was touched by hand (`origin` is 'hand') is left alone."""
    by_hand = set(
        Concept.objects.filter(key__in=[row.key for row in rows], origin=Origin.HAND).values_list(
            "key", flat=True
        )
    )
    ours = [row for row in rows if row.key not in by_hand]
    _sync(
        changes,
        Concept,
        ("key",),
        {
            (row.key,): {
                "scheme": scheme,
                "position": place,
                "origin": Origin.FILE,
                "note": row.note,
                "retired_at": None,
            }
            for place, row in enumerate(rows)
            if row.key not in by_hand
        },
        among=Concept.objects.filter(
            Q(scheme=scheme) | Q(key__in=[row.key for row in rows]), origin=Origin.FILE
        ),
        missing=_retire(at),
    )
    concepts = {concept.key: concept for concept in Concept.objects.filter(scheme=scheme)}
    _set_broader(changes, concepts, {row.key: row.broader for row in ours})
    _load_labels(changes, concepts, ours)


def _set_broader(
    changes: Changes, concepts: Mapping[str, Concept], wanted: Mapping[str, str]
) -> None:
    changed = []
    for key, broader in wanted.items():
        broader_id = concepts[broader].pk if broader else None
        if concepts[key].broader_id != broader_id:
            concepts[key].broader_id = broader_id
            changed.append(concepts[key])
    Concept.objects.bulk_update(changed, ["broader"])
    changes.add("changed", "place in the tree", len(changed))


def _load_labels(
    changes: Changes, concepts: Mapping[str, Concept], rows: Iterable[ConceptRow]
) -> None:
    ids = {concepts[row.key].pk for row in rows}
    by_hand = ConceptLabel.objects.filter(concept_id__in=ids, origin=Origin.HAND)
    held = {(row.concept_id, row.language, row.label) for row in by_hand}
    settled = {
        (row.concept_id, row.language) for row in by_hand if row.kind == ConceptLabel.Kind.PREFERRED
    }
    wanted: dict[Key, dict[str, Any]] = {}
    for concept in rows:
        for label in concept.labels:
            at = (concepts[concept.key].pk, label.language, label.label)
            if at not in held and at not in wanted:
                wanted[at] = _label_values(label, is_settled=at[:2] in settled)
    _sync(
        changes,
        ConceptLabel,
        ("concept_id", "language", "label"),
        wanted,
        among=ConceptLabel.objects.filter(concept_id__in=ids, origin=Origin.FILE),
        replace=True,
    )


def _label_values(label: LabelRow, *, is_settled: bool) -> dict[str, Any]:
    """The file's label as values; where a person chose the preferred one, it steps back."""
    kind = label.kind
    if is_settled and kind == ConceptLabel.Kind.PREFERRED:
        kind = ConceptLabel.Kind.ALTERNATIVE
    return {
        "kind": kind,
        "needs_check": label.needs_check,
        "note": label.note,
        "origin": Origin.FILE,
    }


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """The keys that an import brings, changes and retires, each in the order of the list."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    retired: tuple[str, ...]
    unchanged: int


@transaction.atomic
def import_concepts(
    *,
    scheme: str,
    rows: list[ConceptRow],
    at: datetime,
    dry_run: bool = False,
    partial: bool = False,
) -> ImportSummary:
    """Bring one list in line with rows from outside; with `dry_run` only say what would happen.

    Concepts that the rows do not name are retired, unless the rows are only a part of the
    list. What was imported counts as written by hand: loading the files leaves it alone.
    """
    reset()
    present = get_vocabulary().concepts
    _refuse_unknown_places(rows, present, scheme)
    named = {row.key for row in rows}
    new = [row for row in rows if row.key not in present]
    changed = [row for row in rows if row.key in present and _differs(row, present[row.key])]
    retired = [
        entry.key
        for entry in get_vocabulary().get_concepts(scheme)
        if not partial and not entry.is_retired and entry.key not in named
    ]
    if not dry_run:
        _write_concepts(scheme, [*new, *changed])
        _place_concepts(scheme, rows)
        Concept.objects.filter(key__in=retired).update(retired_at=at, origin=Origin.HAND)
        if new or changed or retired:
            mark_changed(at)
    return ImportSummary(
        new=tuple(row.key for row in new),
        changed=tuple(row.key for row in changed),
        retired=tuple(retired),
        unchanged=len(rows) - len(new) - len(changed),
    )


def _refuse_unknown_places(
    rows: list[ConceptRow], present: Mapping[str, ConceptEntry], scheme: str
) -> None:
    known = {row.key for row in rows} | {k for k, e in present.items() if e.scheme == scheme}
    for row in rows:
        if row.broader and row.broader not in known:
            raise BadInput(
                _("'%(key)s' stands below '%(broader)s', which is not in the list.")
                % {"key": row.key, "broader": row.broader}
            )
        if row.key in present and present[row.key].scheme != scheme:
            raise BadInput(
                _("'%(key)s' already stands in another list (%(scheme)s).")
                % {"key": row.key, "scheme": present[row.key].scheme}
            )


def _differs(row: ConceptRow, entry: ConceptEntry) -> bool:
    mine = {(label.language, label.label, label.kind, label.needs_check) for label in row.labels}
    theirs = {
        (label.language, label.label, label.kind, label.needs_check) for label in entry.labels
    }
    return (
        entry.is_retired
        or mine != theirs
        or (row.broader, row.note) != (entry.broader or "", entry.note)
    )


def _write_concepts(scheme: str, rows: list[ConceptRow]) -> None:
    """Write concepts and their labels as made by hand; their places come afterwards."""
    for row in rows:
        concept, _created = Concept.objects.update_or_create(
            key=row.key,
            defaults={
                "scheme": scheme,
                "note": row.note,
                "origin": Origin.HAND,
                "retired_at": None,
            },
        )
        ConceptLabel.objects.filter(concept=concept).delete()
        ConceptLabel.objects.bulk_create(
            ConceptLabel(
                concept=concept,
                language=label.language,
                label=label.label,
                kind=label.kind,
                needs_check=label.needs_check,
                note=label.note,
                origin=Origin.HAND,
            )
            for label in row.labels
        )


def _place_concepts(scheme: str, rows: list[ConceptRow]) -> None:
    concepts = {row.key: row for row in Concept.objects.filter(scheme=scheme)}
    for place, row in enumerate(rows):
        concepts[row.key].position = place
        concepts[row.key].broader = concepts[row.broader] if row.broader else None
    moved = [concepts[row.key] for row in rows]
    Concept.objects.bulk_update(moved, ["position", "broader"])
