"""One organisation for each organisation: proposals, merging, and the way back.

A merge moves whatever points to the absorbed organisation, in every app, and keeps its names,
so that it is recognised from then on. It never moves sight: an organisation that has members
or owns something, or that something is released to, is not absorbed, because the members of
the other would see what was not meant for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core import serializers
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from focal.audit.services import write_entry
from focal.directory.matching import LIKELY, Candidate, Match, Matcher
from focal.directory.models import (
    Organisation,
    OrganisationMerge,
    OrganisationName,
    OrganisationVerdict,
)
from focal.kernel.decision import YES, Decision, no
from focal.kernel.errors import BadInput, Refused

# Told after a merge or its undoing, with the organisation that things point to now.
Listener = Callable[[int, datetime], None]
_listeners: list[Listener] = []


def register_listener(listener: Listener) -> None:
    """Apps that derive something from the organisations of their rows want to hear of merges."""
    if listener not in _listeners:
        _listeners.append(listener)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two organisations that seem to be one; `absorbed` is the one that fewer things point to."""

    kept: Organisation
    absorbed: Organisation
    match: Match
    decision: Decision


def make_matcher() -> Matcher:
    """All organisations with all their names. Two queries."""
    names: dict[int, list[str]] = {}
    for key, name in OrganisationName.objects.values_list("organisation_id", "name"):
        names.setdefault(key, []).append(name)
    return Matcher.from_candidates(
        Candidate(key, (name, *names.get(key, ())), acronym, economy or "")
        for key, name, acronym, economy in Organisation.objects.order_by("pk").values_list(
            "pk", "name", "acronym", "economy_id"
        )
    )


def list_proposals(limit: int = 50) -> list[Proposal]:
    """Pairs that seem to be one organisation, the surest first; refused pairs are left out."""
    matcher = make_matcher()
    refused = set(OrganisationVerdict.objects.values_list("first_id", "second_id"))
    found: dict[tuple[int, int], Match] = {}
    for key, candidate in matcher.candidates.items():
        for name in candidate.names:
            for match in matcher.find(name, economy=candidate.economy, limit=6):
                pair = (min(key, match.key), max(key, match.key))
                if match.key == key or pair in refused or match.score < LIKELY:
                    continue
                if pair not in found or found[pair].score < match.score:
                    found[pair] = match
    pairs = sorted(found.items(), key=lambda item: (-item[1].score, item[0]))[:limit]
    rows = Organisation.objects.select_related("economy", "kind").in_bulk(
        {key for pair, _match in pairs for key in pair}
    )
    return [_propose(rows[one], rows[other], match) for (one, other), match in pairs]


def _propose(one: Organisation, other: Organisation, match: Match) -> Proposal:
    first, second = may_absorb(one), may_absorb(other)
    swap = bool(first) and (not second or other.is_secretariat)
    kept, absorbed = (other, one) if swap else (one, other)
    return Proposal(kept, absorbed, match, first if swap else second)


def may_absorb(organisation: Organisation) -> Decision:
    """Whether nobody sees anything through this organisation; if not, why it stays."""
    if organisation.is_secretariat:
        return no(_("The secretariat is not taken for another organisation."))
    for model, field in _list_pointers():
        if field.name == "owner_organisation" and _rows(model, field, organisation).exists():
            return no(_("%s owns records: they would change hands.") % organisation)
        if model._meta.label == "directory.Membership" and _rows(model, field, organisation):
            return no(_("%s has members: they would see what is another's.") % organisation)
    tokens = (f"org:{organisation.pk}", f"desk:{organisation.pk}")
    for model in apps.get_models():
        names = {field.name for field in model._meta.concrete_fields}
        if "token" in names and model._base_manager.filter(token__in=tokens).exists():
            return no(_("Something is released to %s by name.") % organisation)
    return YES


def is_used(organisation: Organisation) -> bool:
    """Whether anything points to it."""
    return any(_rows(model, field, organisation).exists() for model, field in _list_pointers())


@transaction.atomic
def merge_organisations(
    *,
    kept: Organisation,
    absorbed: Organisation,
    reason: str,
    by_person_id: int | None,
    actor_key: str,
    at: datetime,
) -> OrganisationMerge:
    """Take `absorbed` for `kept`. Refused where somebody's sight would change."""
    if kept.pk == absorbed.pk:
        raise BadInput(_("An organisation cannot be merged with itself."))
    decision = may_absorb(absorbed)
    if not decision:
        raise Refused(decision.reason)
    plain = serializers.serialize("json", [absorbed])
    names = list(
        OrganisationName.objects.filter(organisation=absorbed).values_list("language", "name")
    )
    moved, dropped = _move(absorbed, kept)
    known = [*names, ("und", absorbed.name)]
    known += [("und", absorbed.acronym)] if absorbed.acronym else []
    added = []
    for language, name in known:
        row, is_new = OrganisationName.objects.get_or_create(
            organisation=kept, language=language, name=name
        )
        added += [row.pk] if is_new else []
    absorbed_name = absorbed.name
    OrganisationName.objects.filter(organisation=absorbed).delete()
    Organisation.objects.filter(pk=absorbed.pk).delete()
    merge = OrganisationMerge.objects.create(
        kept=kept,
        absorbed_name=absorbed_name,
        absorbed={"row": plain, "names": names},
        moved={"rows": moved, "dropped": dropped, "names_added": added},
        reason=reason[:300],
        merged_at=at,
        merged_by_id=by_person_id,
    )
    _tell("organisation.merged", kept, actor_key, at, {"absorbed": absorbed_name})
    return merge


@transaction.atomic
def undo_merge(*, merge: OrganisationMerge, actor_key: str, at: datetime) -> Organisation:
    """Bring the absorbed organisation back, with all that pointed to it and still exists."""
    merge = OrganisationMerge.objects.select_for_update().get(pk=merge.pk)
    if merge.undone_at is not None:
        raise Refused(_("This merge has been undone already."))
    if Organisation.objects.filter(name=merge.absorbed_name).exists():
        raise Refused(_("There is another organisation of that name by now."))
    restored = next(iter(serializers.deserialize("json", merge.absorbed["row"])))
    restored.save()
    organisation = Organisation.objects.get(pk=restored.object.pk)
    for language, name in merge.absorbed["names"]:
        OrganisationName.objects.create(organisation=organisation, language=language, name=name)
    OrganisationName.objects.filter(pk__in=merge.moved["names_added"]).delete()
    for label, name, keys in merge.moved["rows"]:
        model = apps.get_model(label)
        rows = model._base_manager.filter(pk__in=keys, **{f"{name}_id": merge.kept_id})
        rows.update(**{f"{name}_id": organisation.pk})
    for plain in merge.moved["dropped"]:
        for row in serializers.deserialize("json", plain, ignorenonexistent=True):
            _restore(row)
    merge.undone_at = at
    merge.save(update_fields=("undone_at",))
    _tell("organisation.merge_undone", organisation, actor_key, at, {"from": str(merge.kept)})
    _hear(merge.kept_id, at)
    return organisation


def _restore(row: Any) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return  # what it hung on has gone meanwhile


@transaction.atomic
def keep_apart(
    *,
    one: Organisation,
    other: Organisation,
    by_person_id: int | None,
    actor_key: str,
    at: datetime,
) -> None:
    """Say that two organisations are not the same; they are not proposed again."""
    first, second = sorted((one, other), key=lambda row: row.pk)
    _row, is_new = OrganisationVerdict.objects.get_or_create(
        first=first, second=second, defaults={"by_id": by_person_id, "at": at}
    )
    if is_new:
        _tell("organisation.kept_apart", first, actor_key, at, {"other": second.reference})


def list_merges(limit: int = 20) -> list[OrganisationMerge]:
    """The last merges, those undone among them."""
    return list(
        OrganisationMerge.objects.select_related("kept", "merged_by").order_by("-pk")[:limit]
    )


# What points to an organisation


def _list_pointers() -> Iterator[tuple[type[models.Model], Any]]:
    for model in apps.get_models(include_auto_created=True):
        if model in (OrganisationMerge, OrganisationVerdict, OrganisationName):
            continue
        for field in model._meta.concrete_fields:
            if (
                field.is_relation
                and field.related_model is Organisation
                and field.model is model
                and not field.primary_key
            ):
                yield model, field


def _rows(model: type[models.Model], field: Any, organisation: Organisation) -> Any:
    return model._base_manager.filter(**{f"{field.name}_id": organisation.pk})


def _move(
    absorbed: Organisation, kept: Organisation
) -> tuple[list[tuple[str, str, list[Any]]], list[str]]:
    """Point every row to the one that is kept; rows that it has already are laid aside."""
    moved, dropped = [], []
    for model, field in _list_pointers():
        keys = []
        for row in _rows(model, field, absorbed):
            try:
                with transaction.atomic():
                    model._base_manager.filter(pk=row.pk).update(**{f"{field.name}_id": kept.pk})
                keys.append(row.pk)
            except IntegrityError:
                dropped.append(serializers.serialize("json", [row]))
                model._base_manager.filter(pk=row.pk).delete()
        if keys:
            moved.append((model._meta.label, field.name, keys))
    return moved, dropped


def _tell(
    action: str, organisation: Organisation, actor_key: str, at: datetime, detail: dict[str, Any]
) -> None:
    write_entry(
        action=action,
        target_kind="organisation",
        target_key=organisation.reference,
        actor_key=actor_key,
        at=at,
        detail=detail,
    )
    _hear(organisation.pk, at)


def _hear(key: int, at: datetime) -> None:
    for listener in _listeners:
        listener(key, at)
