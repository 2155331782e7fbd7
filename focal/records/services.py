"""Changes of records. Each is one transaction: the fact, its log entry, its outbox entry."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from types import EllipsisType
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from focal.audit.services import write_entry
from focal.directory.models import Organisation
from focal.kernel.decision import Decision
from focal.kernel.errors import BadInput, Refused
from focal.outbox.services import emit
from focal.records import audience, notices, persons, portions, second_eyes
from focal.records.content import (
    Content,
    clean_html,
    clean_line,
    clean_text,
    compare,
    read_content,
    set_plain_fields,
    set_related,
)
from focal.records.kinds import get_kind
from focal.records.models import (
    PastRelease,
    Portion,
    Record,
    RecordAudience,
    Release,
    State,
    Transition,
    Translation,
    Version,
    WorkingCopy,
)
from focal.sharing import policy
from focal.sharing.markings import Marking, is_narrower
from focal.sharing.tokens import may_release_to
from focal.sharing.viewer import Viewer

TOPIC = "record"


class EditConflict(Exception):
    """Somebody saved the record meanwhile. Nothing was written; the other text is kept too."""

    def __init__(self, *, record: Record, base_version: int) -> None:
        super().__init__(_("Somebody else saved this record while you were editing it."))
        self.record = record
        self.base_version = base_version


def require(decision: Decision) -> None:
    """Raise Refused with the decision's reason unless it is a yes."""
    if not decision:
        raise Refused(decision.reason)


@transaction.atomic
def create_record(
    *,
    kind: str,
    content: Content,
    owner_organisation: Organisation,
    by: Viewer,
    at: datetime,
    marking: str = Marking.CLEAR,
    releases: Collection[str] = (),
    reference: str | None = None,
) -> Record:
    """A new draft. Its marking says who will see it once it is published."""
    require(policy.may_create(by, owner_organisation.pk))
    has_portions = portions.has_portions(clean_html(str(content.get("body") or "")))
    require(may_release_to(marking, releases, has_portions=has_portions))
    model = get_kind(kind).model
    record = model(
        kind=kind,
        marking=marking,
        owner_organisation=owner_organisation,
        owner_person_id=by.person_id,
        created_at=at,
        updated_at=at,
    )
    if reference:
        record.reference = reference
    set_plain_fields(record, content)
    whole = record.body
    record.body = portions.trim(whole, ())
    record.save(force_insert=True)
    set_related(record, content)
    _add_releases(record, dict.fromkeys(releases), by=by, at=at)
    portions.check(record, whole, by)
    portions.keep(record, "", whole)
    audience.write(record, at=at)
    _keep_version(record, by=by, at=at, note=_("Created"))
    Transition.objects.create(record_id=record.pk, to_state=State.DRAFT, by_id=by.person_id, at=at)
    _forget_copies(by, record_id=None, place="", kind=kind)
    _tell(record, "record.created", by=by, at=at, detail={"marking": marking})
    return record


@transaction.atomic
def edit_record(
    *,
    record: Record,
    content: Mapping[str, Any],
    base_version: int,
    by: Viewer,
    at: datetime,
    note: str = "",
    not_persons: str = "",
    confirmed_by: Viewer | None = None,
) -> Record:
    """Change what the editor changed since `base_version`.

    Raises EditConflict when somebody saved in between, Refused, BadInput, and HoldsPersons when
    readers would see what seems to identify somebody and `not_persons` does not say why it does
    not. SecondEyesNeeded when a contributor changes what is published and nobody has confirmed
    it (`changes.ask_for_change` asks). Saving without a change is not an event.
    """
    record = _lock(record)
    require(portions.may_edit(by, record))
    if confirmed_by is None:
        second_eyes.require_reviewer(record, by=by)
    if record.version != base_version:
        raise EditConflict(record=record, base_version=base_version)
    before, forced = read_content(record), _list_forcing(record, by)
    set_plain_fields(record, content)
    if "body" in content:
        portions.check(record, record.body, by)
        record.body = portions.keep(record, "", record.body)
    set_related(record, content)
    after = read_content(record)
    changed = compare(before, after)
    if record.is_out:
        _require_none_forcing(record, by, known=forced)
        found = persons.check_content(record, {name: after[name] for name in changed})
        persons.require_none(found, record=record, by=by, at=at, reason=not_persons)
    if confirmed_by is None:
        _forget_copies(by, record_id=record.pk, place="", language="")
    if not changed:
        return record
    record.version += 1
    record.updated_at = at
    record.save()
    _keep_version(record, by=by, at=at, note=note)
    detail = {"fields": changed} | name_confirmer(confirmed_by)
    _tell(record, "record.edited", by=by, at=at, detail=detail)
    return record


@transaction.atomic
def restore_version(
    *,
    record: Record,
    number: int,
    base_version: int,
    by: Viewer,
    at: datetime,
    not_persons: str = "",
) -> Record:
    """Make an earlier version the newest one; nothing in between is lost."""
    return edit_record(
        record=record,
        content=read_version(record=record, number=number, by=by),
        base_version=base_version,
        by=by,
        at=at,
        note=say_restored(number),
        not_persons=not_persons,
    )


def say_restored(number: int) -> str:
    """What the history says of a version that was brought back."""
    return _("Version %s restored") % number


def read_version(*, record: Record, number: int, by: Viewer) -> Content:
    """The whole content of an earlier version; Refused when `by` may not read all of it."""
    version = Version.objects.filter(record_id=record.pk, number=number).first()
    if version is None:
        raise BadInput(_("There is no version %s.") % number)
    if portions.trim_content(by, record, version.content) != version.content:
        raise Refused(_("That version has paragraphs that are marked for others than you."))
    return version.content


# The life cycle: from which states a deed may start, where it leads, and who may do it.
STEPS = {
    "submit": ({State.DRAFT}, State.IN_REVIEW, policy.may_submit),
    "return": ({State.IN_REVIEW}, State.DRAFT, policy.may_return),
    "publish": (
        {State.DRAFT, State.IN_REVIEW, State.ARCHIVED},
        State.PUBLISHED,
        policy.may_publish,
    ),
    "archive": ({State.PUBLISHED}, State.ARCHIVED, policy.may_archive),
    "withdraw": ({State.PUBLISHED, State.ARCHIVED}, State.WITHDRAWN, policy.may_withdraw),
    "reopen": ({State.WITHDRAWN}, State.DRAFT, policy.may_submit),
}


def may_take_step(viewer: Viewer, record: Record, step: str) -> Decision:
    """Whether a deed of the life cycle can be done now, by this viewer; if not, why."""
    start, _end, rule = STEPS[step]
    if record.state not in start:
        return Decision(
            allowed=False,
            reason=_("This cannot be done: it is '%s' now.") % State(record.state).label,
        )
    if step == "publish" and get_kind(record.kind).is_published_by_writers:
        rule = policy.may_submit
    return rule(viewer, record)


@transaction.atomic
def take_step(
    *,
    record: Record,
    step: str,
    by: Viewer,
    at: datetime,
    reason: str = "",
    not_persons: str = "",
    confirmed_by: Viewer | None = None,
) -> Record:
    """Submit, return, publish, archive, withdraw or reopen. Withdrawing needs a reason.

    Publishing raises HoldsPersons when the record seems to identify somebody, unless
    `not_persons` says why it does not. It may need a second person as well: then
    SecondEyesNeeded, unless one has confirmed.
    """
    record = _lock(record)
    require(may_take_step(by, record, step))
    if step == "withdraw" and not reason.strip():
        raise BadInput(_("Say why it is withdrawn."))
    if step == "publish":
        _require_none_forcing(record, by)
        found = persons.check_record(record)
        persons.require_none(found, record=record, by=by, at=at, reason=not_persons)
    before, record.state = record.state, STEPS[step][1]
    if confirmed_by is None and record.state == State.PUBLISHED:
        second_eyes.require_none(record, reached=audience.compute(record, at=at), at=at)
    if record.state == State.PUBLISHED and record.published_at is None:
        record.published_at = at
    record.updated_at = at
    record.save(update_fields=("state", "published_at", "updated_at"))
    narrowed = audience.write(record, at=at)
    if step == "withdraw":
        notices.tell_readers(record, notices.WITHDRAWN, by=by, at=at)
    Transition.objects.create(
        record_id=record.pk,
        from_state=before,
        to_state=record.state,
        by_id=by.person_id,
        at=at,
        reason=clean_text(reason),
    )
    detail = {"from": before} | name_confirmer(confirmed_by)
    _tell(record, f"record.{step}", by=by, at=at, detail=detail, revokes=narrowed)
    return record


@transaction.atomic
def set_sharing(
    *,
    record: Record,
    marking: str,
    releases: Collection[str],
    by: Viewer,
    at: datetime,
    ends: Mapping[str, datetime] | None = None,
    second_eyes_over: int | EllipsisType | None = ...,
    confirmed_by: Viewer | None = None,
) -> Record:
    """Change marking and release list; whoever lost sight of it loses it at this commit.

    `ends` gives tokens an end; those without one keep the end they have. `second_eyes_over`
    changes when a second person is asked. SecondEyesNeeded when one has to confirm this: by the
    record's own rule, or because a contributor shows more people what is published.
    """
    record = _lock(record)
    require(policy.may_share(by, record))
    has_portions = bool(portions.read_markings(record))
    require(may_release_to(marking, releases, has_portions=has_portions))
    before, standing = _read_sharing(record), audience.read_releases(record, at=at)
    wanted = {token: (ends or {}).get(token, standing.get(token)) for token in releases}
    _require_ends_ahead(wanted.values(), at)
    rule, marking_before = record.second_eyes_over, record.marking
    if second_eyes_over is not ...:
        record.second_eyes_over = second_eyes_over
    if marking == Marking.RED and record.owner_person_id is None:
        record.owner_person_id = by.person_id
    forced = [] if is_narrower(record.marking, marking) else _list_forcing(record, by)
    record.marking = marking
    _require_none_forcing(record, by, known=forced)
    record.updated_at = at
    record.save(update_fields=("marking", "owner_person", "updated_at", "second_eyes_over"))
    _end_releases(record, set(standing) - set(wanted), by=by, at=at)
    _add_releases(record, wanted, by=by, at=at)
    after = _read_sharing(record)
    if before == after:
        return record
    if confirmed_by is None:
        reached = audience.compute(record, at=at) if record.is_out else {}
        second_eyes.require_publisher(
            record,
            by=by,
            reached=reached,
            at=at,
            marking_before=marking_before,
            releases_added=has_portions and audience.adds_somebody(standing, wanted),
        )
        second_eyes.require_none(record, reached=reached, at=at, rule=rule)
    narrowed = audience.write(record, at=at)
    if narrowed:
        notices.tell_readers(record, notices.NARROWED, by=by, at=at)
    detail = {"before": before, "after": after} | name_confirmer(confirmed_by)
    _tell(record, "record.shared", by=by, at=at, detail=detail, revokes=narrowed)
    return record


def _list_forcing(record: Record, by: Viewer) -> list[str]:
    list_forcing = get_kind(record.kind).list_forcing
    return list_forcing(record, by) if list_forcing else []


def _require_none_forcing(record: Record, by: Viewer, known: Collection[str] = ()) -> None:
    """Raise Refused when something asks for a narrower marking, save for what is known of."""
    new = [sentence for sentence in _list_forcing(record, by) if sentence not in known]
    if new:
        raise Refused(" ".join(new))


def _read_sharing(record: Record) -> dict[str, Any]:
    """Marking, release list and rule as plain values, for the log and to see what changed."""
    rows = Release.objects.filter(record_id=record.pk).order_by("token")
    pairs = list(rows.values_list("token", "ends_at"))
    ends = {token: end.isoformat() for token, end in pairs if end}
    return {
        "marking": str(record.marking),
        "releases": [token for token, _end in pairs],
        **({"ends": ends} if ends else {}),
        **({"second_eyes_over": record.second_eyes_over} if record.second_eyes_over else {}),
    }


def _require_ends_ahead(ends: Iterable[datetime | None], at: datetime) -> None:
    if any(end is not None and end <= at for end in ends):
        raise BadInput(_("A release cannot end in the past. To end it now, recall it."))


def _add_releases(
    record: Record, wanted: Mapping[str, datetime | None], *, by: Viewer, at: datetime
) -> None:
    """Put these on the release list; those that stand already only take their end."""
    standing = {
        row.token: row for row in Release.objects.filter(record_id=record.pk).order_by("token")
    }
    for token, end in sorted(wanted.items()):
        row = standing.get(token)
        if row is None:
            Release.objects.create(
                record_id=record.pk,
                token=token,
                ends_at=end,
                added_at=at,
                added_by_id=by.person_id,
            )
        elif row.ends_at != end:
            Release.objects.filter(pk=row.pk).update(ends_at=end)


def _end_releases(
    record: Record,
    tokens: Collection[str],
    *,
    by: Viewer | None,
    at: datetime,
    end: str = PastRelease.End.REMOVED,
) -> None:
    """Take these off the release list and keep that they were on it."""
    rows = Release.objects.filter(record_id=record.pk, token__in=tokens).order_by("token")
    PastRelease.objects.bulk_create(
        PastRelease(
            record_id=record.pk,
            token=row.token,
            added_at=row.added_at,
            ended_at=row.ends_at if end == PastRelease.End.LAPSED and row.ends_at else at,
            ended_by_id=by.person_id if by else None,
            end=end,
        )
        for row in rows
    )
    rows.delete()


@transaction.atomic
def recall_releases(
    *, record: Record, tokens: Collection[str], by: Viewer, at: datetime, reason: str = ""
) -> Record:
    """Take releases back: access ends at this commit, and those who had opened it are told."""
    record = _lock(record)
    require(policy.may_share(by, record))
    gone = set(tokens) & set(audience.read_releases(record, at=at))
    if not gone:
        return record
    _end_releases(record, gone, by=by, at=at, end=PastRelease.End.RECALLED)
    record.updated_at = at
    record.save(update_fields=("updated_at",))
    narrowed = audience.write(record, at=at)
    reason = clean_text(reason)
    notices.tell_readers(record, notices.RECALLED, by=by, at=at, reason=reason)
    detail = {"tokens": sorted(gone), "reason": reason}
    _tell(record, "record.recalled", by=by, at=at, detail=detail, revokes=narrowed)
    return record


@transaction.atomic
def end_lapsed(at: datetime) -> int:
    """Sweep away what came to its end: releases, and break-glass reading. Returns how many records.

    Access ended by itself at that moment; this lets lists, log and index say the same.
    """
    ids = sorted(
        RecordAudience.objects.filter(until__lte=at).values_list("record_id", flat=True).distinct()
    )
    ids += sorted(
        set(
            Release.objects.filter(ends_at__lte=at).values_list("record_id", flat=True).distinct()
        ).difference(ids)
    )
    for row in Record.objects.for_system("what has ended is swept away").filter(pk__in=ids):
        record = _lock(row)
        tokens = set(
            Release.objects.filter(record_id=record.pk, ends_at__lte=at).values_list(
                "token", flat=True
            )
        )
        _end_releases(record, tokens, by=None, at=at, end=PastRelease.End.LAPSED)
        audience.write(record, at=at)
        _tell(
            record,
            "record.release_ended",
            by=None,
            at=at,
            detail={"tokens": sorted(tokens)},
            revokes=True,
        )
    return len(ids)


def name_confirmer(confirmed_by: Viewer | None) -> dict[str, str]:
    return {"confirmed_by": confirmed_by.actor_key} if confirmed_by else {}


@transaction.atomic
def save_translation(
    *,
    record: Record,
    language: str,
    title: str,
    summary: str,
    body: str,
    by: Viewer,
    at: datetime,
    base_version: int = 0,
    origin: str = Translation.Origin.HUMAN,
    needs_check: bool = False,
    not_persons: str = "",
    confirmed_by: Viewer | None = None,
) -> Translation:
    """Write the record's text in one more language.

    `base_version` is the translation's version the editor started from (0: there was
    none); EditConflict when somebody saved in between, HoldsPersons and SecondEyesNeeded as in
    `edit_record`.
    """
    record = _lock(record)
    require(portions.may_edit(by, record))
    if confirmed_by is None:
        second_eyes.require_reviewer(record, by=by)
    if language == record.language:
        raise BadInput(_("This is the language of the original: edit the record itself."))
    title = clean_line(title)
    if not title:
        raise BadInput(_("Give the translation a title."))
    existing = Translation.objects.filter(record_id=record.pk, language=language).first()
    if (existing.version if existing else 0) != base_version:
        raise EditConflict(record=record, base_version=base_version)
    translation = existing or Translation(record_id=record.pk, language=language, version=0)
    translation.title, translation.summary = title[:400], clean_text(summary)
    whole = clean_html(body)
    portions.check(record, whole, by)
    translation.body = portions.keep(record, language, whole)
    translation.origin, translation.needs_check = origin, needs_check
    translation.of_version, translation.updated_at = record.version, at
    translation.updated_by_id = by.person_id
    translation.version += 1
    if record.is_out:
        texts = (translation.title, translation.summary, whole)
        found = persons.check_translation(language, *texts)
        persons.require_none(found, record=record, by=by, at=at, reason=not_persons)
    translation.save()
    if confirmed_by is None:
        _forget_copies(by, record_id=record.pk, place="", language=language)
    detail = {"language": language} | name_confirmer(confirmed_by)
    _tell(record, "record.translated", by=by, at=at, detail=detail)
    return translation


@transaction.atomic
def remove_translation(
    *,
    record: Record,
    language: str,
    by: Viewer,
    at: datetime,
    confirmed_by: Viewer | None = None,
) -> None:
    """Take a translation away. SecondEyesNeeded as in `edit_record`."""
    record = _lock(record)
    require(portions.may_edit(by, record))
    if confirmed_by is None:
        second_eyes.require_reviewer(record, by=by)
    Portion.objects.filter(record_id=record.pk, language=language).delete()
    removed, _rows = Translation.objects.filter(record_id=record.pk, language=language).delete()
    if removed:
        detail = {"language": language} | name_confirmer(confirmed_by)
        _tell(record, "record.translation_removed", by=by, at=at, detail=detail, revokes=True)


def save_working_copy(
    *,
    record: Record | None,
    kind: str,
    language: str,
    base_version: int,
    fields: dict[str, Any],
    by: Viewer,
    at: datetime,
) -> WorkingCopy:
    """Keep what somebody has typed so far. It is theirs alone and changes nothing else."""
    require(policy.may_create(by) if record is None else portions.may_edit(by, record))
    copy, _created = WorkingCopy.objects.update_or_create(
        record=record,
        kind=kind,
        person_id=by.person_id or 0,
        language=language,
        place="",
        defaults={"base_version": base_version, "fields": fields, "saved_at": at},
    )
    return copy


def keep_words(
    *, record: Record | None, place: str, fields: dict[str, Any], by: Viewer, at: datetime
) -> WorkingCopy:
    """Keep what somebody is about to say at a place that they were found to see, sent or not.

    Whether they may say it there is decided when they send it.
    """
    copy, _created = WorkingCopy.objects.update_or_create(
        record=record,
        kind="",
        person_id=by.person_id or 0,
        language="",
        place=place,
        defaults={"fields": fields, "saved_at": at},
    )
    return copy


def forget_words(*, record: Record | None, place: str, by: Viewer) -> None:
    """What was kept of these words is no longer needed: they were said."""
    _forget_copies(by, record_id=record.pk if record else None, place=place)


@transaction.atomic
def delete_draft(*, record: Record, by: Viewer, at: datetime) -> None:
    """Delete a draft that was never published. What was once out is withdrawn instead."""
    record = _lock(record)
    require(policy.may_submit(by, record))
    if record.state != State.DRAFT or record.published_at is not None:
        raise Refused(_("Only a draft that was never published can be deleted."))
    _tell(record, "record.deleted", by=by, at=at, revokes=True)
    record.delete()


def tell_of_organisation(organisation_id: int, at: datetime) -> None:
    """Whatever is derived from the records of an organisation hears that it has changed."""
    references = list(
        Record._base_manager.filter(organisations=organisation_id).values_list(
            "reference", flat=True
        )
    )
    if references:
        emit(topic=TOPIC, keys=references, at=at)


def _forget_copies(by: Viewer, *, record_id: int | None, **which: Any) -> None:
    """Delete what the viewer had typed, now that it is saved. A service types nothing."""
    if by.person_id is not None:
        which |= {"record__isnull": True} if record_id is None else {"record_id": record_id}
        WorkingCopy.objects.filter(person_id=by.person_id, **which).delete()


def _lock(record: Record) -> Record:
    """The row as it is now, held until the transaction ends."""
    Record._base_manager.select_for_update().get(pk=record.pk)
    return get_kind(record.kind).model._base_manager.get(pk=record.pk)


def _keep_version(record: Record, *, by: Viewer, at: datetime, note: str) -> None:
    Version.objects.create(
        record_id=record.pk,
        number=record.version,
        content=read_content(record),
        by_id=by.person_id,
        at=at,
        note=note[:300],
    )


def _tell(
    record: Record,
    action: str,
    *,
    by: Viewer | None,
    at: datetime,
    detail: dict[str, Any] | None = None,
    revokes: bool = False,
) -> None:
    write_entry(
        action=action,
        target_kind="record",
        target_key=record.reference,
        actor_key=by.actor_key if by else "system:clock",
        at=at,
        detail=detail,
    )
    emit(topic=TOPIC, keys=[record.reference], at=at, revokes=revokes)
