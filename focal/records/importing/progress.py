"""How far an import is: the files, and how much of what came in can be found already."""

from __future__ import annotations

from dataclasses import dataclass

from focal.records.importing.report import Arrived, ImportReport, Refusal
from focal.records.models import ImportJob, Record, State
from focal.search.services import status
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
    words, meaning = count_index_waiting()
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


def count_index_waiting() -> tuple[int, int]:
    """How many changes wait for the index of words, and how many texts for their meaning."""
    counts = status()
    return counts["words"]["waiting"], counts["meaning"]["waiting"]
