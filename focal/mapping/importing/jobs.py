"""Imports from beginning to end: read and preview, apply, take the whole of it back.

Each step is one outbox entry, so the worker does it, and shows how far it is. The command line
takes the same steps itself. An interrupted step goes on where it ended: a row is done once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils import translation as languages
from django.utils.translation import gettext as _

from focal.directory.models import Organisation
from focal.kernel.errors import BadInput, Refused
from focal.mapping.importing.applying import Format, ImportState, Progress, apply
from focal.mapping.importing.columns import (
    Header,
    find_header,
    get_fingerprint,
    propose_columns,
    propose_kind,
)
from focal.mapping.importing.comparing import (
    Compared,
    Comparer,
    Verdict,
)
from focal.mapping.importing.entries import FileNotes, Incoming
from focal.mapping.importing.files import get_path, keep_file
from focal.mapping.importing.iati import looks_like_iati, read_iati
from focal.mapping.importing.sheet import is_our_sheet, read_sheet
from focal.mapping.importing.table import TableReader
from focal.mapping.importing.tables import open_table
from focal.mapping.importing.undoing import undo
from focal.mapping.models import (
    ColumnMapping,
    MappingImport,
    MappingImportRow,
)
from focal.outbox.services import emit
from focal.records import services as records
from focal.sharing import policy
from focal.sharing.viewer import Viewer

TOPIC = "mapping_import"
KIND = "=kind"
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
    kind: str = "",
    queue: bool = True,
) -> MappingImport:
    """Keep a file and have it read. Refused, or BadInput for what is too large.

    `kind` says what the rows of a table are; otherwise its headings tell.
    """
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
        columns={KIND: kind} if kind else {},
        created_at=at,
    )
    keep_file(job, file)
    if not form:
        job.format = guess_format(get_path(job))
    with transaction.atomic():
        job.save()
        if queue:
            emit(topic=TOPIC, keys=[f"check:{job.reference}"], at=at)
    return job


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
    if not set(job.columns) - {KIND}:
        _settle_columns(job, header)
    kind = job.columns.get(KIND, "initiative")
    scheme = f"table:{job.organisation.reference}" + f":{kind}" * (kind != "initiative")
    yield from TableReader(table, header, job.columns, scheme=scheme, notes=notes).read()


def _settle_columns(job: MappingImport, header: Header, **constants: str) -> None:
    """The mapping of a table's columns: what is remembered or proposed, and what was said."""
    said = {name: value for name, value in job.columns.items() if name == KIND}
    said |= {f"={field}": value for field, value in constants.items()}
    columns, job.mapping_name = find_columns(job.organisation, header, job.mapping_name)
    columns = {name: field for name, field in columns.items() if field not in constants}
    job.columns = {**columns, **said}
    MappingImport.objects.filter(pk=job.pk).update(
        columns=job.columns, mapping_name=job.mapping_name
    )


def set_constant(job: MappingImport, field: str, value: str) -> None:
    """Say a value that holds for the whole table, such as the economy it is about."""
    if job.format in (Format.IATI, Format.SHEET):
        raise BadInput(_("Only a table can be said to be about one economy."))
    table = open_table(get_path(job), FileNotes())
    _settle_columns(job, find_header(table), **{field: value})


def find_columns(
    organisation: Organisation, header: Header, name: str = ""
) -> tuple[dict[str, str], str]:
    """The mapping of that name, or one remembered for these headings, or the one proposed."""
    known = ColumnMapping.objects.filter(organisation=organisation)
    if name:
        found = known.filter(name=name).first()
    else:
        fingerprint = get_fingerprint(header.columns)
        found = known.filter(fingerprint=fingerprint).order_by("-saved_at").first()
    if found is not None:
        return dict(found.columns), found.name
    proposed = propose_columns(header)
    kind = propose_kind(proposed)
    return proposed if kind == "initiative" else {**proposed, KIND: kind}, name


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


# Step by step


def request_step(
    *, job: MappingImport, step: str, at: datetime, take_conflicts: bool = False
) -> None:
    """Have the worker apply an import, take it back, or read it again. Refused out of turn."""
    allowed = {
        "apply": {ImportState.CHECKED, ImportState.APPLIED},  # again, for rows decided since
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
