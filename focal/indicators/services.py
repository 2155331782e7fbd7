"""Changes of series and their observations: with their log and outbox entries, or not at all.

A figure that was published is never overwritten: a correction is a new observation that
supersedes the old one, and whoever quotes the old one is told (topic OBSERVATIONS).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from focal.audit.services import write_entry
from focal.directory.models import Organisation
from focal.indicators.models import FiguresVersion, Observation, Preference, Series
from focal.indicators.reading import (
    FIELDS,
    adds_margin,
    describe_plainly,
    get_said,
    get_sameness,
    read_figures,
)
from focal.kernel.errors import BadInput
from focal.kernel.ids import new_reference
from focal.outbox.services import emit
from focal.records import services as records
from focal.records.content import clean_line, clean_text
from focal.records.second_eyes import may_change_at_once
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer

KIND = "indicator"
OBSERVATIONS = "observation"  # keys: references of figures that were superseded or taken back


class FiguresChangedMeanwhile(BadInput):
    """Somebody saved the figures meanwhile. Nothing was written."""


@transaction.atomic
def create_series(
    *,
    key: str,
    content: Mapping[str, Any],
    observations: Sequence[Mapping[str, Any]],
    owner_organisation: Organisation,
    by: Viewer,
    at: datetime,
    marking: str = Marking.CLEAR,
    releases: Collection[str] = (),
    reference: str | None = None,
) -> Series:
    """A new series with its observations, as a draft. BadInput when the key is taken."""
    if find_series(key) is not None:
        raise BadInput(_("There is a series '%s' already.") % key)
    record = records.create_record(
        kind=KIND,
        content=dict(content),
        owner_organisation=owner_organisation,
        by=by,
        at=at,
        marking=marking,
        releases=releases,
        reference=reference,
    )
    Series._base_manager.filter(pk=record.pk).update(key=key)
    series = _lock(record.pk)
    set_observations(series=series, observations=observations, by=by, at=at)
    return series


@transaction.atomic
def update_series(
    *,
    key: str,
    content: Mapping[str, Any],
    observations: Sequence[Mapping[str, Any]],
    by: Viewer,
    at: datetime,
) -> Series:
    """Bring a series in line with what is given. What is the same already is left alone."""
    series = find_series(key)
    if series is None:
        raise BadInput(_("There is no series '%s'.") % key)
    records.edit_record(record=series, content=content, base_version=series.version, by=by, at=at)
    set_observations(series=series, observations=observations, by=by, at=at)
    return _lock(series.pk)


@transaction.atomic
def set_observations(
    *,
    series: Series,
    observations: Sequence[Mapping[str, Any]],
    by: Viewer,
    at: datetime,
    base_version: int | None = None,
    note: str = "",
) -> bool:
    """Let these figures stand from now on, in this order; false when they stand already.

    What may be given: see `reading.read_figures`. A figure is recognised by its `reference`,
    else by what it covers, when and who says so. In a series that was once published a figure
    that says something else is superseded by the new one, one that is left out is taken
    back, and both stay in the history; before that, figures are simply changed. Raises
    BadFigures, Refused, and FiguresChangedMeanwhile when `base_version` is no longer the newest.
    The log keeps how many there were, not what they say: it is read by people whom the
    series may not be for.
    """
    series = _lock(series.pk)
    records.require(may_change_at_once(by, series))
    if base_version is not None and base_version != series.figures_version:
        raise FiguresChangedMeanwhile(
            _("Somebody else saved these figures while you were editing them.")
        )
    rows = read_figures(series, observations)
    before = _get_standing(series)
    pairs = _match(before + _get_withdrawn(series, rows), rows)
    if _describe(before) == _describe(rows):
        return False
    superseded = _write(series, before, rows, pairs, at=at)
    series.figures_version += 1
    Series._base_manager.filter(pk=series.pk).update(
        updated_at=at, figures_version=series.figures_version
    )
    _keep_version(series, by=by, at=at, note=note)
    write_entry(
        action="series.observed",
        target_kind="record",
        target_key=series.reference,
        actor_key=by.actor_key,
        at=at,
        detail={"figures_before": len(before), "figures_after": len(rows)},
    )
    # What stands no more is not to be found: search leaves the series out until it has read it.
    emit(topic=records.TOPIC, keys=[series.reference], at=at, revokes=bool(superseded))
    if superseded:
        emit(topic=OBSERVATIONS, keys=superseded, at=at)
    return True


@transaction.atomic
def restore_figures(
    *, series: Series, number: int, by: Viewer, at: datetime, base_version: int | None = None
) -> bool:
    """Let the figures of an earlier version stand again; nothing in between is lost."""
    version = FiguresVersion.objects.filter(series_id=series.pk, number=number).first()
    if version is None:
        raise BadInput(_("There is no version %s.") % number)
    return set_observations(
        series=series,
        observations=version.content,
        by=by,
        at=at,
        base_version=base_version,
        note=_("Version %s restored") % number,
    )


@transaction.atomic
def prefer(
    *, series: Series, observation: Observation, purpose: str, reason: str, by: Viewer, at: datetime
) -> Preference:
    """Mark a figure among rivals as the one to use for a purpose; the reason is shown with it."""
    series = _lock(series.pk)
    records.require(may_change_at_once(by, series))
    purpose, reason = clean_line(purpose)[:200], clean_text(reason)
    if not purpose:
        raise BadInput(_("Say for what it is preferred."))
    if not reason:
        raise BadInput(_("Say why this one."))
    if observation.series_id != series.pk or not observation.is_standing:
        raise BadInput(_("This figure does not stand in the series any more."))
    Preference.objects.filter(
        series_id=series.pk, purpose=purpose, observation__area=observation.area
    ).delete()
    preference = Preference.objects.create(
        series_id=series.pk,
        observation=observation,
        purpose=purpose,
        reason=reason,
        by_id=by.person_id,
        at=at,
    )
    _tell(series, "series.preferred", by=by, at=at)
    return preference


@transaction.atomic
def stop_preferring(*, preference: Preference, by: Viewer, at: datetime) -> None:
    """Take a preference back."""
    series = _lock(preference.series_id)
    records.require(may_change_at_once(by, series))
    preference.delete()
    _tell(series, "series.unpreferred", by=by, at=at)


def publish_series(*, series: Series, by: Viewer, at: datetime) -> None:
    """Let readers see a series."""
    records.take_step(record=series, step="publish", by=by, at=at)


def find_series(key: str) -> Series | None:
    """The series of that key, for code that keeps series in line with a file."""
    return Series.objects.for_system("keys are unique over all series").filter(key=key).first()


def _lock(pk: int) -> Series:
    return Series._base_manager.select_for_update(of=("self",)).get(pk=pk)


def _tell(series: Series, action: str, *, by: Viewer, at: datetime) -> None:
    write_entry(
        action=action,
        target_kind="record",
        target_key=series.reference,
        actor_key=by.actor_key,
        at=at,
    )
    emit(topic=records.TOPIC, keys=[series.reference], at=at)


def _get_standing(series: Series) -> list[Observation]:
    return list(Observation.objects.standing().filter(series_id=series.pk).in_order())


def _get_withdrawn(series: Series, rows: Sequence[Observation]) -> list[Observation]:
    """Figures that were taken back and are named again: they come back as themselves."""
    named = [row.reference for row in rows if row.reference]
    return list(
        Observation.objects.filter(
            series_id=series.pk, reference__in=named, withdrawn_at__isnull=False
        )
    )


def _match(before: Sequence[Observation], rows: Sequence[Observation]) -> dict[int, Observation]:
    """Which old figure each new one (by its place) is: by reference, else by what it covers."""
    by_reference = {row.reference: row for row in before}
    pairs: dict[int, Observation] = {}
    for row in rows:
        if (old := by_reference.pop(row.reference, None)) is not None:
            pairs[row.position] = old
    waiting: dict[tuple[Any, ...], list[Observation]] = defaultdict(list)
    for old in by_reference.values():
        waiting[get_sameness(old)].append(old)
    unnamed = [row for row in rows if row.position not in pairs]
    # First those that say the same to the letter, so that rivals do not change places.
    for is_strict in (True, False):
        for row in unnamed:
            olds = waiting[get_sameness(row)]
            found = next(
                (old for old in olds if not is_strict or get_said(old) == get_said(row)), None
            )
            if row.position not in pairs and found is not None:
                olds.remove(found)
                pairs[row.position] = found
    for row in rows:
        row.reference = pairs[row.position].reference if row.position in pairs else ""
    return pairs


def _write(
    series: Series,
    before: Sequence[Observation],
    rows: Sequence[Observation],
    pairs: Mapping[int, Observation],
    *,
    at: datetime,
) -> list[str]:
    """Make the rows stand; returns the references of those that no longer do."""
    was_published = series.published_at is not None
    gone: list[str] = []
    for row in rows:
        old = pairs.get(row.position)
        is_same = old is None or get_said(old) == get_said(row) or adds_margin(old, row)
        if old is not None and was_published and not is_same:
            gone.append(old.reference)
            _supersede(old, _add(series, row, at=at), at=at)
        elif old is not None:
            _mend(old, row)
        else:
            _add(series, row, at=at)
    kept = {old.pk for old in pairs.values()}
    left_out = [old for old in before if old.pk not in kept]
    if was_published:
        gone += [old.reference for old in left_out]
        Observation.objects.filter(pk__in=[old.pk for old in left_out]).update(withdrawn_at=at)
    else:
        Observation.objects.filter(pk__in=[old.pk for old in left_out]).delete()
    return gone


def _add(series: Series, row: Observation, *, at: datetime) -> Observation:
    row.series_id, row.added_at, row.reference = series.pk, at, new_reference()
    row.save(force_insert=True)
    return row


def _supersede(old: Observation, new: Observation, *, at: datetime) -> None:
    old.superseded_by, old.superseded_at, old.is_headline = new, at, False
    old.save(update_fields=("superseded_by", "superseded_at", "is_headline"))
    Preference.objects.filter(observation_id=old.pk).update(observation=new)


def _mend(old: Observation, row: Observation) -> None:
    changed = [name for name in (*FIELDS, "position") if getattr(old, name) != getattr(row, name)]
    for name in changed:
        setattr(old, name, getattr(row, name))
    if old.withdrawn_at is not None:
        old.withdrawn_at = None
        changed.append("withdrawn_at")
    if changed:
        old.save(update_fields=changed)


def _describe(rows: Sequence[Observation]) -> list[dict[str, Any]]:
    return [describe_plainly(row) for row in rows]


def _keep_version(series: Series, *, by: Viewer, at: datetime, note: str) -> None:
    FiguresVersion.objects.create(
        series_id=series.pk,
        number=series.figures_version,
        content=_describe(_get_standing(series)),
        by_id=by.person_id,
        at=at,
        note=note[:300],
    )
