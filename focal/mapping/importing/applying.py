"""Writing what an import brings. A row is done once: an interrupted step goes on where it ended."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import translation as languages
from django.utils.translation import gettext as _

from focal.audit.services import write_entry
from focal.directory.matching import split_acronym
from focal.directory.merging import make_matcher
from focal.directory.models import Organisation
from focal.kernel.errors import BadInput, Refused
from focal.mapping import services
from focal.mapping.asking import note_effort
from focal.mapping.importing.comparing import (
    Verdict,
    is_same,
    merge_content,
    say_value,
)
from focal.mapping.importing.deciding import Decision, list_open
from focal.mapping.importing.entries import NEW_ORGANISATION, Incoming
from focal.mapping.importing.files import get_path
from focal.mapping.models import (
    Effort,
    Identifier,
    ImportedState,
    Initiative,
    MappedRecord,
    MappingImport,
    MappingImportRow,
)
from focal.mapping.selectors import get_mapped
from focal.records import services as records
from focal.records.content import read_content
from focal.records.models import Translation, Version
from focal.sharing.viewer import Viewer

Progress = Callable[[int, int], None]
Format = MappingImport.Format
ImportState = MappingImport.State


def apply(
    job: MappingImport,
    *,
    by: Viewer,
    at: datetime,
    progress: Progress = lambda done, total: None,
) -> None:
    """Write what is new and changed, and of rows that conflict what was decided about them.

    A row that cannot be written after all is refused with its reason; one that was changed here
    since the file was read conflicts. The others go on.
    """
    if job.take_conflicts:
        open_rows = list_open(job).filter(decision=Decision.NONE)
        open_rows.update(decision=Decision.FILE)
    wanted = MappingImportRow.objects.filter(batch=job, is_done=False).filter(
        Q(verdict__in=(Verdict.NEW, Verdict.CHANGED))
        | Q(verdict=Verdict.CONFLICTING) & ~Q(decision=Decision.NONE)
    )
    total = wanted.count()
    applier = _Applier(job, by, at)
    keys = list(wanted.order_by("level", "row", "pk").values_list("pk", flat=True))
    for done, key in enumerate(keys, start=1):
        row = MappingImportRow.objects.get(pk=key)
        try:
            with applier.keep_or_forget():
                applier.apply(row)
        except _ChangedMeanwhile as clash:
            _turn_into_conflict(row, clash)
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


class _ChangedMeanwhile(Exception):
    """The record was changed here, in fields that the file changes too, after the preview."""

    def __init__(self, record: MappedRecord, names: Collection[str]) -> None:
        super().__init__(record.reference)
        self.record, self.names = record, names


def _turn_into_conflict(row: MappingImportRow, clash: _ChangedMeanwhile) -> None:
    """What was shown no longer holds: it is decided anew, against what stands here now."""
    now, language = read_content(clash.record), languages.get_language() or "en"
    for field in row.fields:
        if field["name"] in clash.names:
            field["conflict"] = "yes"
        if field["name"] in now:
            field["before"] = say_value(row.kind, field["name"], now[field["name"]], language)
    reason = _("It was changed here after the file was read.")
    row.problems = [
        *row.problems,
        *(
            {"row": row.row, "column": name, "reason": reason, "level": "warning"}
            for name in clash.names
        ),
    ]
    row.verdict, row.decision, row.taken = Verdict.CONFLICTING, Decision.NONE, []
    row.version_before = clash.record.version
    row.save(update_fields=("verdict", "decision", "taken", "fields", "problems", "version_before"))


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
        entries = MappingImportRow.objects.filter(batch=job, is_done=True).count()
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

    @contextmanager
    def keep_or_forget(self) -> Iterator[None]:
        """A row is written whole; organisations made for one that fails are not there either."""
        made, told = dict(self.made), self.job.made_organisations
        try:
            with transaction.atomic():
                yield
        except Exception:
            self.made, self.job.made_organisations = made, told
            raise

    def apply(self, row: MappingImportRow) -> None:
        entry = _read_entry(row)
        content = self._settle(row, entry)
        confirmed = entry.confirmed
        record: MappedRecord | None = None
        if row.record_reference:
            record = get_mapped(self.by, row.record_reference)
            if record is None:
                raise BadInput(_("It is not here any more."))
            wanted = self._only_wanted(row, merge_content(entry, read_content(record)))
            self._require_unchanged(row, record, wanted)
            if row.decision == Decision.HERE:
                self._leave(row, record, entry)
                return
            saved = services.edit_mapped(
                record=record,
                content=wanted,
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

    def _leave(self, row: MappingImportRow, record: MappedRecord, entry: Incoming) -> None:
        """It was decided that it stays as it is here: nothing is written but that."""
        self._remember(record, row, entry)
        row.version_after, row.is_done = record.version, True
        row.save(update_fields=("version_after", "is_done"))

    def _settle(self, row: MappingImportRow, entry: Incoming) -> dict[str, Any]:
        """Organisations are made, and the whole that this is a part of is found.

        Of a row decided field by field, only those that are taken from the file.
        """
        content = entry.content
        for name in ("partners", "funding"):
            if row.decision and name not in _list_taken(row):
                continue
            cells = [
                [self._find_organisation(line[0]), *line[1:]] for line in content.get(name, ())
            ]
            if cells:
                content[name] = cells
            else:
                content.pop(name, None)
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

    def _only_wanted(self, row: MappingImportRow, content: dict[str, Any]) -> dict[str, Any]:
        """What this file changes: fields changed here alone, or decided so, stay as they are."""
        names = _list_taken(row)
        return {name: value for name, value in content.items() if name in names}

    def _require_unchanged(
        self, row: MappingImportRow, record: MappedRecord, wanted: Mapping[str, Any]
    ) -> None:
        """What was seen in the preview is what is written over."""
        if record.version == row.version_before:
            return
        seen = Version.objects.filter(record_id=record.pk, number=row.version_before).first()
        now = read_content(record)
        clash = [
            name
            for name, value in wanted.items()
            if not is_same(name, value, now.get(name))
            and (seen is None or not is_same(name, seen.content.get(name), now.get(name)))
        ]
        if clash:
            raise _ChangedMeanwhile(record, clash)

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
        """What the file said and what of it was not wanted, for when it comes again."""
        if entry.identifier is None:
            return
        scheme = entry.identifier[0]
        known = ImportedState.objects.filter(record_id=record.pk, scheme=scheme).first()
        kept = dict(known.declined) if known else {}
        taken, offered = _list_taken(row), {str(field["name"]) for field in row.fields}
        kept = {name: value for name, value in kept.items() if name not in taken}
        kept |= {name: entry.content[name] for name in offered - taken if name in entry.content}
        ImportedState.objects.update_or_create(
            record_id=record.pk,
            scheme=scheme,
            defaults={"digest": row.entry["digest"], "version": record.version, "declined": kept},
        )


def _list_taken(row: MappingImportRow) -> set[str]:
    """The fields of a row that come from the file."""
    if row.decision == Decision.HERE:
        return set()
    if row.decision == Decision.FIELDS:
        return set(row.taken)
    return {str(field["name"]) for field in row.fields}


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
