"""How far an import is: the files, and how much of what came in can be found already."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from focal.outbox.models import Entry
from focal.records.importing.report import Arrived, ImportReport, Refusal
from focal.records.models import ImportJob, Record, State
from focal.sharing.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Item:
    """A file that arrived, and its record as far as the viewer may (still) see it."""

    arrived: Arrived
    record: Record | None


@dataclass(frozen=True, slots=True)
class JobProgress:
    """An import as its page shows it."""

    total: int
    done: int
    current: str
    new: list[Item]
    known: list[Item]
    refused: list[Refusal]
    record_count: int
    draft_count: int
    words_waiting: int
    meaning_waiting: int
    is_finished: bool
    can_be_undone: bool

    @property
    def is_moving(self) -> bool:
        """Whether there is something left to wait for."""
        return not self.is_finished or bool(self.words_waiting or self.meaning_waiting)


def read_progress(viewer: Viewer, job: ImportJob) -> JobProgress:
    """An import's state for its owner. Records they have lost sight of are not shown."""
    report = ImportReport.from_plain(job.report)
    references = {item.record for item in (*report.new, *report.known)}
    records = {
        record.reference: record
        for record in Record.objects.visible_to(viewer).filter(reference__in=references)
    }
    new_records = [records[r] for r in report.new_records if r in records]
    drafts = [record for record in new_records if record.state == State.DRAFT]
    own = [record.reference for record in new_records]
    words, meaning = count_waiting(own, "words"), count_waiting(own, "meaning")
    return JobProgress(
        total=len(job.files),
        done=job.done,
        current=job.current,
        new=[Item(item, records.get(item.record)) for item in report.new],
        known=[Item(item, records.get(item.record)) for item in report.known],
        refused=report.refused,
        record_count=len(new_records),
        draft_count=len(drafts),
        words_waiting=words,
        meaning_waiting=meaning,
        is_finished=job.finished_at is not None,
        can_be_undone=job.finished_at is not None and job.undone_at is None and bool(drafts),
    )


def count_waiting(references: Collection[str], consumer: str) -> int:
    """How many of these records a part of the index has not taken in yet.

    Of these alone: how much waits in all would tell of records that are hidden from the viewer.
    """
    entries = Entry.objects.filter(consumer=consumer, key__in=references)
    return entries.values("key").distinct().count()
