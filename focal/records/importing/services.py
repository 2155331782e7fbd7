"""The import itself: each group of files read outside, then taken in by one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from focal.directory.models import Organisation
from focal.kernel.errors import BadInput, Refused
from focal.records import persons, storage
from focal.records.attachments import add_attachment
from focal.records.content import clean_line
from focal.records.extraction import Reader, Unreadable
from focal.records.extraction.outcome import DOCX, HTML, ODT, PDF, TEXT, XML
from focal.records.extraction.reader import check_size
from focal.records.importing.report import Arrived, ImportReport, Progress, Refusal, say_nothing
from focal.records.importing.sheet import Row, Sheet
from focal.records.importing.sources import Group, Source, group_sources, parse_name
from focal.records.models import Attachment, Record
from focal.records.receiving import Document, receive
from focal.records.second_eyes import may_change_at_once
from focal.records.selectors import get_record
from focal.records.services import create_record, require, take_step
from focal.safety.files.cleaner import Cleaner
from focal.sharing import policy
from focal.sharing.markings import Marking
from focal.sharing.viewer import Viewer
from focal.vocabulary.matching import find_economies

UNKNOWN_LANGUAGE = "und"  # what BCP 47 writes when nobody can tell
_PREFERRED = (PDF, DOCX, ODT, HTML, XML, TEXT)
_MAX_PROPOSED = 4  # a text that names more economies is about none of them in particular
_OPENING = 3_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What holds for the whole import."""

    by: Viewer
    organisation: Organisation
    at: datetime
    marking: str
    publish: bool
    sheet: Sheet
    kind: str
    language: str


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a group that was read."""

    source: Source
    document: Document
    row: Row | None

    @property
    def language(self) -> str:
        if self.row is not None and self.row.language:
            return self.row.language
        return self.document.extracted.language


def import_documents(
    sources: Sequence[Source],
    *,
    by: Viewer,
    organisation: Organisation,
    at: datetime,
    marking: str = Marking.CLEAR,
    publish: bool = False,
    sheet: Sheet | None = None,
    kind: str = "publication",
    language: str = "",
    progress: Progress = say_nothing,
) -> ImportReport:
    """Take in files. Refused when the viewer may not write or publish for the organisation.

    A file that cannot be read is refused with its reason and the others go in. Files that
    the viewer can see in the library already are known and not taken in again. `language`
    is what a document is in if neither its words nor its name tell.
    """
    sheet = sheet or Sheet()
    plan = Plan(by, organisation, at, marking, publish, sheet, kind, language)
    _check_rights(plan)
    report, done = ImportReport(), 0
    with Reader() as reader, Cleaner() as cleaner:
        for group in group_sources(sources):
            for source in group.sources:
                progress(done, len(sources), source.name)
            _import_group(group, plan, reader, cleaner, report)
            done += len(group.sources)
    report.refused += sheet.list_unused({source.name for source in sources})
    progress(done, len(sources), "")
    return report


def find_known(viewer: Viewer, digest: str) -> Attachment | None:
    """The current document with this content, as kept or as it came, in a record they may see."""
    same = Q(digest=digest) | Q(original_digest=digest)
    return get_known(viewer).filter(same).order_by("pk").first()


def get_known(viewer: Viewer) -> QuerySet[Attachment]:
    """All documents in records that the viewer may see."""
    visible = Record.objects.visible_to(viewer).values("pk")
    return Attachment.objects.filter(is_current=True, record_id__in=visible)


def _check_rights(plan: Plan) -> None:
    require(policy.may_create(plan.by, plan.organisation.pk))
    if plan.marking == Marking.RED and plan.by.person_id is None:
        raise BadInput(_("TLP:RED belongs to a person: say as whom the import works."))
    if not plan.publish or plan.marking == Marking.RED:
        return
    if plan.organisation.pk not in plan.by.publishes_for:
        raise Refused(
            _(
                "Contributors cannot publish. Import without publishing and send the drafts to "
                "review."
            )
        )


def _import_group(
    group: Group, plan: Plan, reader: Reader, cleaner: Cleaner, report: ImportReport
) -> None:
    """One record. What cannot be read is refused; the rest of the group still goes in."""
    with ExitStack() as staged:
        members, known = [], []
        for source in group.sources:
            try:
                found = _look_up(source, plan)
                if found is not None:
                    known.append(found)
                    report.known.append(_describe(found, source))
                    continue
                members.append(_read(source, plan, reader, cleaner, staged))
            except Unreadable as refusal:
                report.refused.append(Refusal(source.name, str(refusal)))
        members = _drop_doubles(members, report)
        if not members:
            return
        try:
            report.new += _take_in(group, members, known, plan)
        except (BadInput, Refused) as refusal:
            report.refused += [Refusal(each.source.name, str(refusal)) for each in members]


def _look_up(source: Source, plan: Plan) -> Attachment | None:
    if fault := plan.sheet.find_fault(source.name):
        raise Unreadable(fault)
    check_size(source.path)
    return find_known(plan.by, storage.compute_digest(source.path))


def _read(
    source: Source, plan: Plan, reader: Reader, cleaner: Cleaner, staged: ExitStack
) -> Member:
    row = plan.sheet.find(source.name)
    hint = (row.language if row else "") or parse_name(source.stem).language or plan.language
    copy = staged.enter_context(storage.stage(source.path))
    name = PurePosixPath(source.name).name
    document = staged.enter_context(receive(reader, cleaner, copy, file_name=name, hint=hint))
    return Member(source, document, row)


def _drop_doubles(members: list[Member], report: ImportReport) -> list[Member]:
    """The same content twice in one group is one document."""
    kept: dict[str, Member] = {}
    for member in members:
        first = kept.setdefault(member.document.staged.digest, member)
        if first is not member:
            reason = _("It is the same file as %s.") % first.source.name
            report.refused.append(Refusal(member.source.name, reason))
    return list(kept.values())


@transaction.atomic
def _take_in(
    group: Group, members: list[Member], known: list[Attachment], plan: Plan
) -> list[Arrived]:
    """The record of a group with its documents: a new one, or the one that has the others."""
    members = sorted(members, key=_rank)
    record = _find_home(known, plan)
    is_new = record is None
    if record is None:
        record = _create(group, members, plan)
    arrived = []
    for member in members:
        attachment = add_attachment(
            record=record,
            document=member.document,
            by=plan.by,
            at=plan.at,
            title=_title_document(member, alone=len(members) == 1, record=record),
            language=member.language,
        )
        arrived.append(_describe(attachment, member.source, record))
    if found := _look_for_persons(record, plan):  # told at once, and kept from readers
        return [_note_persons(item, persons.HoldsPersons(found)) for item in arrived]
    if plan.publish and is_new:
        take_step(record=record, step="publish", by=plan.by, at=plan.at)
    return arrived


def _look_for_persons(record: Record, plan: Plan) -> list[persons.Place]:
    whole = get_record(plan.by, record.reference)
    return persons.check_record(whole) if whole is not None else []


def _note_persons(item: Arrived, finding: persons.HoldsPersons) -> Arrived:
    kept = _("Kept as a draft.")
    return replace(item, note=" ".join(filter(None, (item.note, kept, str(finding)))))


def _find_home(known: list[Attachment], plan: Plan) -> Record | None:
    """The record that holds the other languages already, if the importer may change it."""
    for attachment in known:
        record = Record.objects.visible_to(plan.by).filter(pk=attachment.record_id).first()
        if record is None or record.owner_organisation_id != plan.organisation.pk:
            continue
        if may_change_at_once(plan.by, record):
            return record
    return None


def _create(group: Group, members: list[Member], plan: Plan) -> Record:
    row = _find_row(group, members, plan)
    first = members[0]
    found = first.document.extracted
    marking = row.marking or plan.marking
    if marking == Marking.RED and plan.by.person_id is None:
        raise BadInput(_("TLP:RED belongs to a person: say as whom the import works."))
    content: dict[str, Any] = {
        "language": first.language or UNKNOWN_LANGUAGE,
        "title": row.title or _title_record(group, first),
        "summary": row.summary,
        "issued_date": row.issued or (found.issued.isoformat() if found.issued else ""),
    }
    content["economies"] = row.economies or propose_economies(content["title"], found.pages)
    content["topics"], content["target_groups"] = list(row.topics), list(row.target_groups)
    content["organisations"] = list(row.organisations)
    return create_record(
        kind=row.kind or plan.kind,
        content=content,
        owner_organisation=plan.organisation,
        by=plan.by,
        at=plan.at,
        marking=marking,
    )


def _find_row(group: Group, members: list[Member], plan: Plan) -> Row:
    """What the sheet says about the record: the row of its folder, or of its files together."""
    rows = [member.row for member in members if member.row is not None]
    if not group.is_one_file:
        folder = plan.sheet.find_for_folder(group.sources[0].folder)
        rows = ([folder] if folder is not None else []) + rows
    merged = Row(file="", number=0)
    for row in reversed(rows):
        told = {name: getattr(row, name) for name in Row.__slots__ if getattr(row, name)}
        merged = replace(merged, **told)
    return merged


def propose_economies(title: str, pages: Sequence[str]) -> list[str]:
    """The economies that the title names, or else the opening, if it names a few."""
    for text in (title, pages[0][:_OPENING] if pages else ""):
        found = find_economies(text)
        if 0 < len(found) <= _MAX_PROPOSED:
            return sorted(found)
    return []


def _rank(member: Member) -> tuple[int, int, str]:
    """English first, then the region's languages; the best copy of each language first."""
    order = ("en", "sq", "bs", "bg", "hr", "el", "mk", "cnr", "ro", "sr-Latn", "sr-Cyrl", "sl")
    language, media = member.language, member.document.extracted.media_type
    place = order.index(language) if language in order else len(order)
    return place, _PREFERRED.index(media), member.source.name


def _title_record(group: Group, first: Member) -> str:
    """The first document's own title; a text file keeps its file name; a folder gives its own."""
    found = first.document.extracted
    if found.title:
        return clean_line(found.title)[:400]
    if group.is_one_file and found.media_type == TEXT:
        return clean_line(first.source.name)[:400]
    if group.is_one_file:
        return title_from_name(first.source)
    name = group.base or PurePosixPath(group.sources[0].folder).name
    words = clean_line(name.replace("_", " ").replace("-", " "))
    return (words[:1].upper() + words[1:])[:400] or title_from_name(first.source)


def title_from_name(source: Source) -> str:
    """The file's name without its ending."""
    return clean_line(source.stem)[:400] or source.name


def _title_document(member: Member, *, alone: bool, record: Record) -> str:
    if member.row is not None and member.row.title:
        return member.row.title
    if member.document.extracted.title:
        return ""  # its own
    has_name = bool(parse_name(member.source.stem).base)
    return title_from_name(member.source) if has_name and not alone else record.title


def _describe(attachment: Attachment, source: Source, record: Record | None = None) -> Arrived:
    record = record or attachment.record
    return Arrived(
        file=source.name,
        record=record.reference,
        attachment=attachment.reference,
        title=record.title,
        language=attachment.language,
        pages=attachment.page_count,
        note=attachment.note,
    )
