"""Imports from beginning to end: read and preview, apply, take the whole of it back.

Each step is one outbox entry, so the worker does it, and shows how far it is. The command line
takes the same steps itself. An interrupted step goes on where it ended: a row is done once.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils import translation as languages
from django.utils.translation import gettext as _

from focal.audit.services import write_entry
from focal.directory.matching import split_acronym
from focal.directory.merging import is_used, make_matcher
from focal.directory.models import Organisation
from focal.kernel.errors import BadInput, Refused
from focal.mapping import services
from focal.mapping.asking import note_effort
from focal.mapping.importing.columns import (
    find_header,
    get_fingerprint,
    propose_columns,
)
from focal.mapping.importing.comparing import Compared, Comparer, Verdict, merge_content
from focal.mapping.importing.entries import NEW_ORGANISATION, FileNotes, Incoming
from focal.mapping.importing.iati import looks_like_iati, read_iati
from focal.mapping.importing.sheet import is_our_sheet, read_sheet
from focal.mapping.importing.table import TableReader
from focal.mapping.importing.tables import open_table
from focal.mapping.models import (
    ColumnMapping,
    Effort,
    Identifier,
    ImportedState,
    Initiative,
    MappedRecord,
    MappingImport,
    MappingImportRow,
)
from focal.mapping.selectors import get_mapped
from focal.outbox.services import emit
from focal.records import services as records
from focal.records.content import read_content
from focal.records.models import State, Translation, Version
from focal.sharing import policy
from focal.sharing.viewer import Viewer

TOPIC = "mapping_import"
Progress = Callable[[int, int], None]
Format = MappingImport.Format
ImportState = MappingImport.State
CHUNK = 200


def start_import(
    *,
    file: UploadedFile | Path,
    name: str,
    by: Viewer,
    organisation: Organisation,
    marking: str,
    publish: bool,
    at: datetime,
    form: str = "",
    mapping_name: str = "",
    queue: bool = True,
) -> MappingImport:
    """Keep a file and have it read. Refused, or BadInput for what is too large."""
    records.require(policy.may_create(by, organisation.pk))
    if publish and organisation.pk not in by.publishes_for:
        raise Refused(_("Contributors cannot publish. Bring them as drafts and send to review."))
    size = (file.stat().st_size if isinstance(file, Path) else file.size) or 0
    if size > settings.UPLOAD_MAX_BYTES:
        raise BadInput(_("The file is too large to be taken in."))
    job = MappingImport(
        person_id=by.person_id,
        organisation=organisation,
        format=form or Format.TABLE,
        file_name=name[-255:],
        marking=marking,
        publish=publish,
        mapping_name=mapping_name[:80],
        created_at=at,
    )
    _keep(job, file)
    if not form:
        job.format = guess_format(get_path(job))
    with transaction.atomic():
        job.save()
        if queue:
            emit(topic=TOPIC, keys=[f"check:{job.reference}"], at=at)
    return job


def get_path(job: MappingImport) -> Path:
    """Where the file of an import waits."""
    suffix = Path(job.file_name).suffix.lower()[:8]
    return Path(settings.DATA) / "mapping-imports" / f"{job.reference}{suffix}"


def _keep(job: MappingImport, file: UploadedFile | Path) -> None:
    path = get_path(job)
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(file, Path):
        shutil.copyfile(file, path)
        return
    with path.open("wb") as kept:
        for chunk in file.chunks():
            kept.write(chunk)


def guess_format(path: Path) -> str:
    """IATI by its first element, our own template by its mark, a table otherwise."""
    if looks_like_iati(path):
        return Format.IATI
    if is_our_sheet(path):
        return Format.SHEET
    return Format.TABLE


def get_job(viewer: Viewer, reference: str) -> MappingImport | None:
    """An import that the viewer started; nobody sees another's."""
    if viewer.person_id is None:
        return None
    return MappingImport.objects.filter(person_id=viewer.person_id, reference=reference).first()


def list_jobs(viewer: Viewer, limit: int = 10) -> list[MappingImport]:
    """The viewer's last imports."""
    if viewer.person_id is None:
        return []
    return list(MappingImport.objects.filter(person_id=viewer.person_id).order_by("-id")[:limit])


def handle(keys: Iterable[str]) -> None:
    """What the worker calls, with `check:`, `apply:` or `undo:` before an import's reference."""
    steps = {"check": check, "apply": apply, "undo": undo}
    for key in keys:
        step, _colon, reference = key.partition(":")
        job = MappingImport.objects.select_related("person", "organisation").get(
            reference=reference
        )
        if job.person is None:
            continue
        viewer = Viewer.from_person(job.person, on=timezone.localdate())
        with languages.override(job.person.language):
            steps[step](job, by=viewer, at=timezone.now())


# Reading


def check(
    job: MappingImport,
    *,
    by: Viewer,
    at: datetime,
    progress: Progress = lambda done, total: None,
) -> None:
    """Read the file and keep what each entry would do. Nothing of the mapping changes."""
    notes = FileNotes()
    MappingImportRow.objects.filter(batch=job).delete()
    counts = dict.fromkeys(Verdict.values, 0)
    rows: list[MappingImportRow] = []
    done = 0
    try:
        for compared in iterate_compared(job, by=by, notes=notes):
            done += 1
            counts[compared.verdict] += 1
            rows.append(_make_row(job, compared))
            if len(rows) >= CHUNK:
                _flush(job, rows, done, notes, progress)
        _flush(job, rows, done, notes, progress)
    except (BadInput, Refused) as problem:
        job.state, job.problem = ImportState.FAILED, str(problem)
    else:
        job.state, job.problem = ImportState.CHECKED, ""
    job.counts, job.notes, job.checked_at = counts, notes.notes, at
    job.done = job.total = done
    job.save()


def iterate_compared(job: MappingImport, *, by: Viewer, notes: FileNotes) -> Iterator[Compared]:
    """The entries of a file with their verdicts, one at a time."""
    comparer = Comparer(by, job.organisation, language=languages.get_language() or "en")
    yield from comparer.compare(read_entries(job, notes))


def read_entries(job: MappingImport, notes: FileNotes) -> Iterator[Incoming]:
    """The entries of a file, by its format."""
    path = get_path(job)
    if job.format == Format.IATI:
        yield from read_iati(path, notes)
        return
    if job.format == Format.SHEET:
        yield from read_sheet(path, notes)
        return
    table = open_table(path, notes)
    header = find_header(table)
    notes.total = max(table.total - header.first + 1, 0)
    if not job.columns:
        job.columns, job.mapping_name = find_columns(
            job.organisation, header.columns, propose_columns(header), job.mapping_name
        )
        MappingImport.objects.filter(pk=job.pk).update(
            columns=job.columns, mapping_name=job.mapping_name
        )
    scheme = f"table:{job.organisation.reference}"
    yield from TableReader(table, header, job.columns, scheme=scheme).read()


def set_constant(job: MappingImport, field: str, value: str) -> None:
    """Say a value that holds for the whole table, such as the economy it is about."""
    if job.format in (Format.IATI, Format.SHEET):
        raise BadInput(_("Only a table can be said to be about one economy."))
    table = open_table(get_path(job), FileNotes())
    header = find_header(table)
    columns, job.mapping_name = find_columns(
        job.organisation, header.columns, propose_columns(header), job.mapping_name
    )
    columns = {name: key for name, key in columns.items() if key != field}
    job.columns = {**columns, f"={field}": value}
    MappingImport.objects.filter(pk=job.pk).update(columns=job.columns)


def find_columns(
    organisation: Organisation,
    headings: Iterable[str],
    proposed: Mapping[str, str],
    name: str = "",
) -> tuple[dict[str, str], str]:
    """The mapping of that name, or one remembered for these headings, or the one proposed."""
    known = ColumnMapping.objects.filter(organisation=organisation)
    if name:
        found = known.filter(name=name).first()
        if found is not None:
            return dict(found.columns), found.name
        return dict(proposed), name
    found = known.filter(fingerprint=get_fingerprint(list(headings))).order_by("-saved_at").first()
    return (dict(found.columns), found.name) if found else (dict(proposed), "")


def correct_columns(
    *,
    job: MappingImport,
    headings: Iterable[str],
    columns: Mapping[str, str],
    name: str,
    at: datetime,
) -> None:
    """Read the file again by a corrected mapping, and keep that under a name, if it has one."""
    with transaction.atomic():
        job.columns, job.mapping_name = dict(columns), name[:80]
        job.save(update_fields=("columns", "mapping_name"))
        if name.strip():
            remember_columns(
                organisation=job.organisation,
                name=name.strip(),
                headings=headings,
                columns=columns,
                at=at,
            )
        request_step(job=job, step="check", at=at)


def remember_columns(
    *,
    organisation: Organisation,
    name: str,
    headings: Iterable[str],
    columns: Mapping[str, str],
    at: datetime,
) -> ColumnMapping:
    """Keep a corrected mapping under its name."""
    row, _new = ColumnMapping.objects.update_or_create(
        organisation=organisation,
        name=name[:80] or _("Our table"),
        defaults={
            "fingerprint": get_fingerprint(list(headings)),
            "columns": dict(columns),
            "saved_at": at,
        },
    )
    return row


def _make_row(job: MappingImport, compared: Compared) -> MappingImportRow:
    entry = compared.entry
    plain = asdict(entry)
    plain["confirmed"] = entry.confirmed.isoformat() if entry.confirmed else ""
    plain["digest"] = compared.digest
    del plain["problems"]
    return MappingImportRow(
        batch=job,
        row=entry.row,
        sheet=entry.sheet[:40],
        level=entry.level,
        title=entry.title[:400] or (compared.record.title if compared.record else ""),
        verdict=compared.verdict,
        kind=entry.kind,
        entry=plain,
        fields=compared.fields,
        problems=[problem.to_plain() for problem in entry.problems],
        record_reference=compared.record.reference if compared.record else "",
        version_before=compared.record.version if compared.record else 0,
    )


def _flush(
    job: MappingImport,
    rows: list[MappingImportRow],
    done: int,
    notes: FileNotes,
    progress: Progress,
) -> None:
    MappingImportRow.objects.bulk_create(rows)
    rows.clear()
    total = max(notes.total, done)
    MappingImport.objects.filter(pk=job.pk).update(done=done, total=total)
    progress(done, total)


# Applying


def request_step(
    *, job: MappingImport, step: str, at: datetime, take_conflicts: bool = False
) -> None:
    """Have the worker apply an import, take it back, or read it again. Refused out of turn."""
    allowed = {
        "apply": {ImportState.CHECKED},
        "undo": {ImportState.APPLIED},
        "check": {ImportState.CHECKED, ImportState.FAILED},
    }
    after = {
        "apply": ImportState.APPLYING,
        "undo": ImportState.UNDOING,
        "check": ImportState.WAITING,
    }
    with transaction.atomic():
        locked = MappingImport.objects.select_for_update().get(pk=job.pk)
        if locked.state not in allowed[step]:
            raise Refused(_("This cannot be done now: %s.") % locked.get_state_display())
        locked.state, locked.done, locked.take_conflicts = after[step], 0, take_conflicts
        locked.save(update_fields=("state", "done", "take_conflicts"))
        emit(topic=TOPIC, keys=[f"{step}:{job.reference}"], at=at)


def apply(
    job: MappingImport,
    *,
    by: Viewer,
    at: datetime,
    progress: Progress = lambda done, total: None,
) -> None:
    """Write what is new and changed. Conflicting rows are left, unless they are to be taken.

    A row that cannot be written after all is refused with its reason; the others go on.
    """
    verdicts = [Verdict.NEW, Verdict.CHANGED] + [Verdict.CONFLICTING] * job.take_conflicts
    wanted = MappingImportRow.objects.filter(batch=job, verdict__in=verdicts, is_done=False)
    total = wanted.count()
    applier = _Applier(job, by, at)
    keys = list(wanted.order_by("level", "row", "pk").values_list("pk", flat=True))
    for done, key in enumerate(keys, start=1):
        row = MappingImportRow.objects.get(pk=key)
        try:
            with transaction.atomic():
                applier.apply(row)
        except (BadInput, Refused, records.EditConflict, IntegrityError) as problem:
            row.verdict = Verdict.REFUSED
            is_unclear = isinstance(problem, IntegrityError)
            reason = _("It could not be written.") if is_unclear else str(problem)
            row.problems = [
                *row.problems,
                {"row": row.row, "column": "", "reason": reason, "level": "error"},
            ]
            row.save(update_fields=("verdict", "problems"))
        if done % 25 == 0 or done == total:
            MappingImport.objects.filter(pk=job.pk).update(done=done, total=total)
            progress(done, total)
    _finish(job, by, at)


def _finish(job: MappingImport, by: Viewer, at: datetime) -> None:
    counts = dict.fromkeys(Verdict.values, 0)
    for verdict in MappingImportRow.objects.filter(batch=job).values_list("verdict", flat=True):
        counts[verdict] += 1
    job.refresh_from_db()
    job.state, job.applied_at, job.counts = ImportState.APPLIED, at, counts
    with transaction.atomic():
        job.save(update_fields=("state", "applied_at", "counts"))
        write_entry(
            action="mapping.imported",
            target_kind="import",
            target_key=job.reference,
            actor_key=by.actor_key,
            at=at,
            detail={"format": job.format, **counts},
        )
        entries = counts[Verdict.NEW] + counts[Verdict.CHANGED]
        note_effort(
            job.organisation,
            Effort.What.SHEET,
            at=at,
            entries=entries,
            offered=counts[Verdict.UNCHANGED],
        )
    get_path(job).unlink(missing_ok=True)


class _Applier:
    """Writes rows one by one; organisations that are not here yet are made once."""

    def __init__(self, job: MappingImport, by: Viewer, at: datetime) -> None:
        self.job, self.by, self.at = job, by, at
        self.made: dict[str, str] = {}

    def apply(self, row: MappingImportRow) -> None:
        entry = _read_entry(row)
        content = self._settle(entry)
        confirmed = entry.confirmed
        record: MappedRecord | None = None
        if row.record_reference:
            record = get_mapped(self.by, row.record_reference)
            if record is None:
                raise BadInput(_("It is not here any more."))
            saved = services.edit_mapped(
                record=record,
                content=self._only_changed(row, merge_content(entry, read_content(record))),
                base_version=record.version,
                by=self.by,
                at=self.at,
                confirmed=confirmed,
                note=_("From %s") % self.job.file_name[:200],
            )
        else:
            saved = services.create_mapped(
                kind=entry.kind,
                content=content,
                owner_organisation=self.job.organisation,
                by=self.by,
                at=self.at,
                marking=self.job.marking,
                origin=_ORIGINS[self.job.format],
                confirmed=confirmed,
                publish=self.job.publish,
            )
        self._save_translations(saved, entry)
        self._remember(saved, row, entry)
        row.record_reference, row.version_after, row.is_done = saved.reference, saved.version, True
        row.save(update_fields=("record_reference", "version_after", "is_done"))

    def _settle(self, entry: Incoming) -> dict[str, Any]:
        """Organisations are made, and the whole that this is a part of is found."""
        content = entry.content
        content["partners"] = [
            [self._find_organisation(key), role] for key, role in content.get("partners", ())
        ]
        content["funding"] = [
            [self._find_organisation(row[0]), *row[1:]] for row in content.get("funding", ())
        ]
        for name in ("partners", "funding"):
            if not content[name]:
                del content[name]
        if entry.parent and entry.identifier:
            content["parent"] = self._find_parent(entry.identifier[0], entry.parent)
        return content

    def _find_parent(self, scheme: str, value: str) -> list[str]:
        keys = Identifier.objects.filter(scheme=scheme, value=value).values("record_id")
        found = Initiative.objects.visible_to(self.by).filter(pk__in=keys).order_by("pk").first()
        return [found.reference] if found else []

    def _find_organisation(self, key: str) -> str:
        if not key.startswith(NEW_ORGANISATION):
            return key
        name = key.removeprefix(NEW_ORGANISATION)
        if name not in self.made:
            self.made[name] = self._make_organisation(name)
        return self.made[name]

    def _make_organisation(self, name: str) -> str:
        sure = make_matcher().find_sure(name)
        if sure is not None:
            return Organisation.objects.get(pk=sure.key).reference
        long, acronym = split_acronym(name)
        if Organisation.objects.filter(name=long).exists():
            long = name
        made = Organisation.objects.create(name=long[:300], acronym=acronym[:40])
        write_entry(
            action="organisation.created",
            target_kind="organisation",
            target_key=made.reference,
            actor_key=self.by.actor_key,
            at=self.at,
            detail={"import": self.job.reference},
        )
        self.job.made_organisations = [*self.job.made_organisations, made.reference]
        MappingImport.objects.filter(pk=self.job.pk).update(
            made_organisations=self.job.made_organisations
        )
        return made.reference

    def _only_changed(self, row: MappingImportRow, content: dict[str, Any]) -> dict[str, Any]:
        """What this file changes: fields changed here alone stay as they are."""
        names = {field["name"] for field in row.fields}
        return {name: value for name, value in content.items() if name in names}

    def _save_translations(self, record: MappedRecord, entry: Incoming) -> None:
        for language, text in entry.translations.items():
            known = Translation.objects.filter(record_id=record.pk, language=language).first()
            if language == record.language or (known and known.title == text["title"]):
                continue
            records.save_translation(
                record=record,
                language=language,
                title=text["title"],
                summary=text.get("summary", ""),
                body=text.get("body", ""),
                by=self.by,
                at=self.at,
                base_version=known.version if known else 0,
            )

    def _remember(self, record: MappedRecord, row: MappingImportRow, entry: Incoming) -> None:
        if entry.identifier is None:
            return
        ImportedState.objects.update_or_create(
            record_id=record.pk,
            scheme=entry.identifier[0],
            defaults={"digest": row.entry["digest"], "version": record.version},
        )


_ORIGINS: dict[str, str] = {
    Format.IATI: MappedRecord.Origin.IATI,
    Format.WHO_WHAT_WHERE: MappedRecord.Origin.TABLE,
    Format.TABLE: MappedRecord.Origin.TABLE,
    Format.SHEET: MappedRecord.Origin.SHEET,
}


def _read_entry(row: MappingImportRow) -> Incoming:
    plain = row.entry
    return Incoming(
        row=row.row,
        kind=row.kind,
        sheet=row.sheet,
        content=dict(plain["content"]),
        identifier=tuple(plain["identifier"]) if plain["identifier"] else None,
        parent=plain["parent"],
        level=row.level,
        translations=plain["translations"],
        confirmed=date.fromisoformat(plain["confirmed"]) if plain["confirmed"] else None,
        reference=plain["reference"],
        base_version=plain["base_version"],
    )


# Taking it back


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
        version = Version.objects.get(record_id=record.pk, number=row.version_before)
        records.edit_record(
            record=record,
            content=version.content,
            base_version=record.version,
            by=by,
            at=at,
            note=_("Import taken back"),
        )
        ImportedState.objects.filter(record_id=record.pk).delete()
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
