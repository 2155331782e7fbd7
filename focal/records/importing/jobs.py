"""Imports from the page: the files wait in a folder of their own until the worker takes them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils import translation as languages
from django.utils.translation import gettext as _

from focal.directory.models import Organisation
from focal.kernel.errors import BadInput, Refused
from focal.kernel.ids import new_reference
from focal.outbox.services import emit
from focal.records.attachments import remove_attachment
from focal.records.content import clean_line
from focal.records.importing.report import Arrived, ImportReport, Refusal
from focal.records.importing.services import import_documents
from focal.records.importing.sheet import Sheet, read_sheet
from focal.records.importing.sources import Source, is_document_name
from focal.records.models import Attachment, ImportJob, Record, State
from focal.records.services import delete_draft, require
from focal.sharing import policy
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer

TOPIC = "import"
SHEET_NAMES = ("metadata.csv", "sheet.csv")
_ABANDONED = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came, and its path on the computer that it came from."""

    file: UploadedFile
    path: str


def start_import(
    uploads: Sequence[Upload],
    *,
    by: Viewer,
    organisation: Organisation,
    marking: str,
    publish: bool,
    language: str,
    at: datetime,
) -> ImportJob:
    """Keep the files and leave the reading to the worker. Refused, or BadInput without files."""
    require(policy.may_create(by, organisation.pk))
    if by.person_id is None:
        raise Refused(_("Sign in to write."))
    if publish and marking != Marking.RED and organisation.pk not in by.publishes_for:
        raise Refused(_("Contributors cannot publish. Bring them as drafts and send to review."))
    person_id = by.person_id
    uploads = [u for u in uploads if is_document_name(PurePosixPath(u.path).name)]
    if not uploads:
        raise BadInput(_("Choose at least one file."))
    reference = new_reference()
    files = _keep_files(reference, uploads)
    with transaction.atomic():
        job = ImportJob.objects.create(
            reference=reference,
            person_id=person_id,
            organisation=organisation,
            marking=marking,
            publish=publish,
            language=language,
            files=files,
            created_at=at,
        )
        emit(topic=TOPIC, keys=[job.reference], at=at)
    return job


def get_job(viewer: Viewer, reference: str) -> ImportJob | None:
    """An import that the viewer started; nobody sees another's."""
    if viewer.person_id is None:
        return None
    return ImportJob.objects.filter(person_id=viewer.person_id, reference=reference).first()


def get_latest_jobs(viewer: Viewer, limit: int = 5) -> list[ImportJob]:
    """The viewer's last imports."""
    if viewer.person_id is None:
        return []
    return list(ImportJob.objects.filter(person_id=viewer.person_id).order_by("-id")[:limit])


def handle(references: Iterable[str]) -> None:
    """What the worker calls. A job that was interrupted goes on where it ended."""
    for reference in references:
        job = ImportJob.objects.select_related("organisation", "person").get(reference=reference)
        if job.finished_at is None:
            with languages.override(job.person.language):
                _run(job)
        shutil.rmtree(_get_folder(job.reference), ignore_errors=True)
    _clear_abandoned()


def _run(job: ImportJob) -> None:
    by = Viewer.from_person(job.person, on=timezone.localdate())
    folder = _get_folder(job.reference)
    sources, refused, sheet = [], [], Sheet()
    for number, entry in enumerate(job.files):
        path = folder / str(number)
        if entry["refused"]:
            refused.append(Refusal(entry["name"], entry["refused"]))
        elif entry["name"].lower() in SHEET_NAMES:
            sheet = _read_sheet(path, entry["name"], refused)
        else:
            sources.append(Source(path, entry["name"]))
    try:
        report = import_documents(
            sources,
            by=by,
            organisation=job.organisation,
            at=timezone.now(),
            marking=job.marking,
            publish=job.publish,
            sheet=sheet,
            language=job.language,
            progress=lambda done, _total, name: _note_progress(job, done, name),
        )
    except (Refused, BadInput) as refusal:
        report = ImportReport(refused=[Refusal(each.name, str(refusal)) for each in sources])
    report.refused = refused + report.refused
    _count_own_as_new(job, report)
    ImportJob.objects.filter(pk=job.pk).update(
        report=report.to_plain(), done=len(job.files), current="", finished_at=timezone.now()
    )


def _read_sheet(path: Path, name: str, refused: list[Refusal]) -> Sheet:
    try:
        return read_sheet(path)
    except BadInput as fault:
        refused.append(Refusal(name, str(fault)))
        return Sheet()


def _note_progress(job: ImportJob, done: int, name: str) -> None:
    ImportJob.objects.filter(pk=job.pk).update(done=done, current=clean_line(name)[-300:])


def _count_own_as_new(job: ImportJob, report: ImportReport) -> None:
    """What this job took in before it was interrupted is new, not known."""
    own = dict(
        Attachment.objects.filter(
            reference__in=[item.attachment for item in report.known],
            added_by_id=job.person_id,
            added_at__gte=job.created_at,
        ).values_list("reference", "file_name")
    )
    for item in report.new:
        own.pop(item.attachment, None)  # in this very run: its doubles are known
    new: list[Arrived] = []
    known: list[Arrived] = []
    for item in report.known:
        is_own = own.get(item.attachment) == PurePosixPath(item.file).name
        if is_own:
            del own[item.attachment]
        (new if is_own else known).append(item)
    report.new, report.known = new + report.new, known


def undo_import(*, job: ImportJob, by: Viewer, at: datetime) -> list[str]:
    """Delete what an import took in, as far as it is still a draft.

    Returns a sentence for each thing that stays: what has been published is withdrawn on
    its own page, with a reason.
    """
    if job.finished_at is None:
        raise Refused(_("The import is still under way."))
    report, kept = ImportReport.from_plain(job.report), []
    for reference in report.new_records:
        items = [item for item in report.new if item.record == reference]
        if reason := _undo_record(reference, items, by=by, at=at):
            kept.append(f"{items[0].title}: {reason}")
    ImportJob.objects.filter(pk=job.pk).update(undone_at=at)
    return kept


@transaction.atomic
def _undo_record(reference: str, items: list[Arrived], *, by: Viewer, at: datetime) -> str:
    record = Record.objects.visible_to(by).filter(reference=reference).first()
    if record is None:
        return ""
    if record.state != State.DRAFT or record.published_at is not None:
        return _("It is not a draft any more.")
    wanted = [item.attachment for item in items]
    current = Attachment.objects.filter(record_id=record.pk, is_current=True)
    try:
        if not current.exclude(reference__in=wanted).exists():
            delete_draft(record=record, by=by, at=at)
            return ""
        for attachment in current.filter(reference__in=wanted):
            remove_attachment(record=record, attachment=attachment, by=by, at=at)
    except Refused as refusal:
        return str(refusal)
    return ""


def _get_folder(reference: str) -> Path:
    return Path(settings.DATA) / "imports" / reference


def _keep_files(reference: str, uploads: Sequence[Upload]) -> list[dict[str, str]]:
    """Write the files into the job's folder; those that are too large are not kept."""
    folder = _get_folder(reference)
    folder.mkdir(parents=True)
    entries = []
    for number, upload in enumerate(uploads):
        name = clean_path(upload.path)
        refused = ""
        if (upload.file.size or 0) > settings.UPLOAD_MAX_BYTES:
            refused = _("It is %(size)s; at most %(limit)s can be taken in.") % {
                "size": filesizeformat(upload.file.size or 0),
                "limit": filesizeformat(settings.UPLOAD_MAX_BYTES),
            }
        else:
            with (folder / str(number)).open("wb") as kept:
                for chunk in upload.file.chunks():
                    kept.write(chunk)
        entries.append({"name": name, "refused": refused})
    return entries


def clean_path(path: str) -> str:
    """A path from somebody's computer as a plain relative one; it is a label, never opened."""
    parts = [clean_line(part) for part in path.replace("\\", "/").split("/")]
    return "/".join(part for part in parts if part and part not in (".", ".."))[-300:] or "file"


def _clear_abandoned() -> None:
    """Folders whose job was never written, because the upload broke off."""
    folder, limit = Path(settings.DATA) / "imports", (timezone.now() - _ABANDONED).timestamp()
    waiting = set(
        ImportJob.objects.filter(finished_at__isnull=True).values_list("reference", flat=True)
    )
    for each in folder.iterdir() if folder.is_dir() else ():
        if each.name not in waiting and each.stat().st_mtime < limit:
            shutil.rmtree(each, ignore_errors=True)
