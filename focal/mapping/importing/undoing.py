"""Taking an import back: what it made goes, what it changed becomes what it was."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from focal.audit.services import write_entry
from focal.directory.merging import is_used
from focal.directory.models import Organisation
from focal.kernel.errors import BadInput, Refused
from focal.mapping.importing.applying import ImportState, Progress
from focal.mapping.models import Identifier, ImportedState, MappingImport, MappingImportRow
from focal.mapping.selectors import get_mapped
from focal.records import services as records
from focal.records.models import State, Version
from focal.sharing.viewer import Viewer


def undo(
    job: MappingImport,
    *,
    by: Viewer,
    at: datetime,
    progress: Progress = lambda done, total: None,
) -> list[str]:
    """Take the whole import back: what it made goes, what it changed becomes what it was.

    Returns, and keeps as notes, a sentence for each thing that stays because somebody has
    changed it since.
    """
    rows = MappingImportRow.objects.filter(batch=job, is_done=True)
    total, kept = rows.count(), []
    keys = list(rows.order_by("-level", "-row", "-pk").values_list("pk", flat=True))
    for done, key in enumerate(keys, start=1):
        row = MappingImportRow.objects.get(pk=key)
        try:
            with transaction.atomic():
                _undo_row(row, by, at)
        except (BadInput, Refused, records.EditConflict) as problem:
            kept.append(f"{row.title}: {problem}")
        if done % 25 == 0 or done == total:
            MappingImport.objects.filter(pk=job.pk).update(done=done, total=total)
            progress(done, total)
    _remove_organisations(job, by, at)
    job.refresh_from_db()
    job.state, job.undone_at, job.notes = ImportState.UNDONE, at, kept
    with transaction.atomic():
        job.save(update_fields=("state", "undone_at", "notes"))
        write_entry(
            action="mapping.import_undone",
            target_kind="import",
            target_key=job.reference,
            actor_key=by.actor_key,
            at=at,
            detail={"kept": len(kept)},
        )
    return kept


def _undo_row(row: MappingImportRow, by: Viewer, at: datetime) -> None:
    record = get_mapped(by, row.record_reference)
    if record is None:
        return  # gone already, or out of sight
    if record.version != row.version_after:
        raise Refused(_("It has been changed since, and stays as it is now."))
    if row.version_before:
        ImportedState.objects.filter(record_id=record.pk).delete()
        if row.version_before == row.version_after:
            row.is_done = False
            row.save(update_fields=("is_done",))
            return  # it was decided to leave it as it was
        version = Version.objects.get(record_id=record.pk, number=row.version_before)
        records.edit_record(
            record=record,
            content=version.content,
            base_version=record.version,
            by=by,
            at=at,
            note=_("Import taken back"),
        )
    elif record.published_at is None and record.state == State.DRAFT:
        records.delete_draft(record=record, by=by, at=at)
    else:
        reason = _("The import that brought it was taken back.")
        records.take_step(record=record, step="withdraw", by=by, at=at, reason=reason)
        Identifier.objects.filter(record_id=record.pk).delete()  # it may come in again, as new
    row.is_done = False
    row.save(update_fields=("is_done",))


def _remove_organisations(job: MappingImport, by: Viewer, at: datetime) -> None:
    """Organisations that the import made and nothing points to by now."""
    for organisation in Organisation.objects.filter(reference__in=job.made_organisations):
        if is_used(organisation):
            continue
        with transaction.atomic():
            reference = organisation.reference
            organisation.delete()
            write_entry(
                action="organisation.deleted",
                target_kind="organisation",
                target_key=reference,
                actor_key=by.actor_key,
                at=at,
            )
